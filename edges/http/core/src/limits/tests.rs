//! The limits as the gate uses them, in one process.

use super::*;
use crate::route::Work;
use axum::http::header::RETRY_AFTER;
use factors::FactorError;
use identity::IdentityError;
use std::time::Duration;

fn class_of(work: Work) -> &'static LimitClass {
    LimitClass::of(work).unwrap()
}

fn address(text: &str) -> ClientAddress {
    ClientAddress::of_peer(text.parse().unwrap())
}

/// How many requests in a row pass at one moment, up to 10,000.
fn passing(mut take: impl FnMut(&mut Usage) -> Outcome<()>) -> usize {
    (0..10_000).take_while(|_| take(&mut Usage::default()).is_ok()).count()
}

#[test]
fn an_address_is_limited_for_each_class_by_itself() {
    let (limits, now) = (Limits::new(&RateLimits::InProcess).unwrap(), Instant::now());
    let take = |work, from: &str| passing(|usage| limits.take_of_address(usage, class_of(work), address(from), now));
    assert_eq!(take(Work::Credentials, "192.0.2.1"), 60);
    assert_eq!(take(Work::Credentials, "192.0.2.1"), 0);
    assert_eq!(take(Work::Money, "192.0.2.1"), 3_000);
    assert_eq!(take(Work::Credentials, "192.0.2.2"), 60);
    assert_eq!(take(Work::Credentials, "2001:db8::1"), 60);
    assert_eq!(take(Work::Credentials, "2001:db8::2"), 0, "it is the same household");
}

#[test]
fn time_brings_the_quota_back() {
    let (limits, now) = (Limits::new(&RateLimits::InProcess).unwrap(), Instant::now());
    let user = UserId::generate();
    let take = |now| passing(|usage| limits.take_of_user(usage, class_of(Work::Money), user, now));
    assert_eq!(take(now), 1_000);
    assert_eq!(take(now + Duration::from_millis(100)), 20);
    assert_eq!(take(now + Duration::from_secs(60)), 1_000);
}

#[test]
fn switched_off_they_count_nothing_and_say_nothing() {
    let (limits, now) = (Limits::new(&RateLimits::Off).unwrap(), Instant::now());
    assert!(!limits.are_on());
    assert_eq!(
        passing(|usage| limits.take_of_address(usage, class_of(Work::Credentials), address("::1"), now)),
        10_000
    );
    let mut headers = HeaderMap::new();
    Usage::default().write_header(&mut headers);
    assert!(headers.is_empty());
}

#[test]
fn the_header_tells_of_the_limit_that_is_reached_first() {
    let (limits, now) = (Limits::new(&RateLimits::InProcess).unwrap(), Instant::now());
    let (class, mut usage) = (class_of(Work::Money), Usage::default());
    limits.take_of_address(&mut usage, class, address("192.0.2.1"), now).unwrap();
    limits.take_of_user(&mut usage, class, UserId::generate(), now).unwrap();
    let mut headers = HeaderMap::new();
    usage.write_header(&mut headers);
    assert_eq!(headers[RATE_LIMIT], "\"money-user\";r=999;t=1");
}

#[tokio::test]
async fn a_refusal_tells_when_to_come_back() {
    let (limits, now) = (Limits::new(&RateLimits::InProcess).unwrap(), Instant::now());
    let mut take = |usage: &mut Usage| limits.take_of_address(usage, class_of(Work::Credentials), address("::1"), now);
    passing(&mut take);
    let mut usage = Usage::default();
    let problem = take(&mut usage).unwrap_err();
    let reply = problem.into_reply(&crate::request_id::RequestId::of(&HeaderMap::new()), db::WallTime::now());
    assert_eq!((reply.status().as_u16(), &reply.headers()[RETRY_AFTER]), (429, &HeaderValue::from_static("3")));
    let mut headers = HeaderMap::new();
    usage.write_header(&mut headers);
    assert_eq!(headers[RATE_LIMIT], "\"credentials-address\";r=0;t=180");
}

#[tokio::test]
async fn failed_logins_count_by_name_and_address_and_good_ones_do_not() {
    let limits = Limits::new(&RateLimits::InProcess).unwrap();
    let begin = async |from: &str, name: &str| limits.begin_login(address(from), name).await;
    for _ in 0..100 {
        begin("192.0.2.1", "ann").await.unwrap().end(Ok(())).await.unwrap();
    }
    for name in ["ann", "ANN", " ann ", "Ann", "ann"] {
        let failed: Result<(), FactorError> =
            begin("192.0.2.1", name).await.unwrap().end(Err(IdentityError::WrongCredentials.into())).await;
        assert!(failed.is_err());
    }
    let refused = begin("192.0.2.1", "ann").await.err().expect("five are enough");
    let reply =
        refused.into_reply(&crate::request_id::RequestId::of(&HeaderMap::new()), db::WallTime::from_unix_micros(0));
    let (standing, policy) = (&reply.headers()[RATE_LIMIT], &reply.headers()[RATE_LIMIT_POLICY]);
    assert!(standing.to_str().unwrap().starts_with("\"failed-logins-name-address\";r=0;t="), "{standing:?}");
    assert!(policy.to_str().unwrap().starts_with("\"failed-logins-name-address\";q=5;w="), "{policy:?}");
    assert!(begin("192.0.2.1", "bob").await.is_ok(), "dropped, which counts as failed");
    assert!(begin("192.0.2.2", "ann").await.is_ok(), "nobody is locked out from elsewhere");
    for number in 0..14 {
        assert!(begin("192.0.2.1", &format!("somebody{number}")).await.is_ok(), "{number}");
    }
    assert!(begin("192.0.2.1", "carl").await.is_err(), "an address that tries many names is stopped as well");
}
