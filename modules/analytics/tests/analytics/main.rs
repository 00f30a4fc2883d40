//! The counters on a real database: whoever is killed, they are what the events add up to, and a rebuild finds what is not.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use analytics::{Counting, Metric, RebuildError};
use db::{Date, Db, Migration, WallTime};
use ids::{SessionId, UserId};
use outbox::{Act, Actor, Event, Means};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use stream::Stream;
use uuid::Uuid;

const NOON: WallTime = WallTime::from_unix_micros(1_767_268_800_000_000);

fn migrations() -> Vec<Migration> {
    [db::MIGRATIONS, outbox::MIGRATIONS, stream::MIGRATIONS, analytics::MIGRATIONS].concat()
}

fn event(kind: &str, payload: &str, number: i64) -> Event {
    let user = Actor::person(UserId::generate(), Means::Session(SessionId::generate()));
    Event::new(Uuid::now_v7(), kind, payload.to_owned(), Act { by: Some(user), at: NOON.plus_seconds(number * 40_000) })
}

/// One thing of each kind that is counted, and one that is not.
fn happen(number: i64) -> Vec<Event> {
    let day = Date::from_unix_days(20_454 + i32::try_from(number % 3).unwrap());
    let (kind, currency) = if number % 2 == 0 { ("TRANSFER", "USD") } else { ("DEPOSIT", "JPY") };
    let settled = format!(
        r#"{{"transactionId":"x","type":"{kind}","amount":"{number}","currency":"{currency}","valueDate":"{day}","new":1}}"#
    );
    let registered = number % 4 == 0;
    let login = format!(r#"{{"username":"user.{}","byRegistering":{registered}}}"#, number % 5);
    vec![
        event("payments.transaction_settled", &settled, number),
        event("payments.refused", r#"{"reason":"INSUFFICIENT_FUNDS","command":"TRANSFER"}"#, number),
        event("auth.logged_in", &login, number),
        event("auth.logged_out", r#"{"reason":"LOGOUT"}"#, number),
    ]
}

async fn append(db: &Db, events: Vec<Event>) {
    let tx = db.begin().await.unwrap();
    outbox::append_in_tx(&tx, events).await.unwrap();
    tx.commit().await.unwrap();
}

async fn counted_to(db: &Db, position: i64) {
    for _ in 0..2_400 {
        if stream::subscriptions(db).await.unwrap().contains(&("analytics".to_owned(), position)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (reached, parked) = (stream::subscriptions(db).await.unwrap(), stream::parked(db, 9).await.unwrap());
    panic!("the events up to {position} were not counted: {reached:?}, {parked:?}");
}

async fn start(db: &Db) -> stream::Running {
    Stream::new(db, Arc::new(WallTime::now)).start(vec![Arc::new(Counting)]).await.unwrap()
}

async fn volumes(db: &Db) -> BTreeMap<(Date, String, String), (i64, i64)> {
    let all = (Date::from_unix_days(0), Date::from_unix_days(100_000));
    let days = analytics::daily(db, Metric::Settled, all.0, all.1).await.unwrap();
    days.into_iter().map(|one| ((one.day, one.key1, one.currency), (one.count, one.sum_minor))).collect()
}

async fn expect_counted(db: &Db, rounds: i64) {
    let mut expected: BTreeMap<(Date, String, String), (i64, i64)> = BTreeMap::new();
    for number in 1..=rounds {
        let day = Date::from_unix_days(20_454 + i32::try_from(number % 3).unwrap());
        let (kind, currency, minor) =
            if number % 2 == 0 { ("TRANSFER", "USD", number * 100) } else { ("DEPOSIT", "JPY", number) };
        let sum = expected.entry((day, kind.to_owned(), currency.to_owned())).or_default();
        *sum = (sum.0 + 1, sum.1 + minor);
    }
    assert_eq!(volumes(db).await, expected);
    assert_eq!(analytics::total(db, Metric::Refused).await.unwrap(), rounds);
    assert_eq!(analytics::total(db, Metric::Login).await.unwrap(), rounds - rounds / 4);
    let people = analytics::by_person(db, Metric::Login).await.unwrap();
    assert_eq!(people.iter().map(|(_, count)| count).sum::<i64>(), rounds - rounds / 4);
    assert!(people.len() == 5 && people.windows(2).all(|two| two[0].1 >= two[1].1), "{people:?}");
}

#[test]
fn each_event_counts_once_though_who_counts_is_killed_and_a_rebuild_finds_the_same() {
    testkit::on_each_engine(&migrations(), async |db| {
        let writing = async {
            for number in 1..=120 {
                append(&db, happen(number)).await;
                tokio::time::sleep(Duration::from_millis(4)).await;
            }
        };
        let killing = async {
            for round in 0..10_u64 {
                let running = start(&db).await;
                tokio::time::sleep(Duration::from_millis(20 + 11 * round)).await;
                // What is under way is left as it stands; to give back the lease is all that a stop does more.
                if round % 4 == 3 { drop(running) } else { running.stop().await }
            }
        };
        tokio::join!(writing, killing);
        let running = start(&db).await;
        counted_to(&db, 480).await;
        expect_counted(&db, 120).await;
        // Beside who counts, on both engines.
        let rebuilt = analytics::rebuild(&db).await.unwrap();
        assert_eq!((rebuilt.events, rebuilt.differing), (480, 0));
        expect_counted(&db, 120).await;
        append(&db, happen(121)).await;
        counted_to(&db, 484).await;
        expect_counted(&db, 121).await;
        running.stop().await;
    });
}

/// What the events that are stored add up to, one by one, in the simplest words: how often and how much, by day, type and currency.
async fn recounted(db: &Db) -> BTreeMap<(Date, String, String), (i64, i64)> {
    let (mut after, mut sums) = (0, BTreeMap::new());
    loop {
        let written = outbox::written_after(db, after, 10_000).await.unwrap();
        let Some(last) = written.last() else { return sums };
        after = last.number;
        for event in written.iter().map(|written| &written.event) {
            if event.kind != "payments.transaction_settled" {
                continue;
            }
            let said: serde_json::Value = serde_json::from_str(&event.payload).unwrap();
            let text = |member: &str| said[member].as_str().unwrap().to_owned();
            let minor = text("amount").parse::<i64>().unwrap() * if text("currency") == "USD" { 100 } else { 1 };
            let key = (Date::parse(&text("valueDate")).unwrap(), text("type"), text("currency"));
            let sum: &mut (i64, i64) = sums.entry(key).or_default();
            *sum = (sum.0 + 1, sum.1 + minor);
        }
    }
}

/// A whole day of a busy bank on the embedded engine, and an hour of it on the other.
#[test]
fn what_was_counted_is_what_a_recount_and_a_rebuild_find_after_a_busy_day_with_kills() {
    testkit::on_each_engine(&migrations(), async |db| {
        let rounds: i64 = if db.engine() == db::Engine::Sqlite { 25_000 } else { 5_000 };
        let writing = async {
            for first in (1..=rounds).step_by(500) {
                append(&db, (first..first + 500).flat_map(happen).collect()).await;
            }
        };
        let killing = async {
            for round in 0..8_u64 {
                let running = start(&db).await;
                tokio::time::sleep(Duration::from_millis(40 + 97 * round)).await;
                if round % 2 == 0 { drop(running) } else { running.stop().await }
            }
        };
        tokio::join!(writing, killing);
        let running = start(&db).await;
        counted_to(&db, rounds * 4).await;
        running.stop().await;
        let counted = volumes(&db).await;
        assert_eq!(counted, recounted(&db).await);
        expect_counted(&db, rounds).await;
        let rebuilt = analytics::rebuild(&db).await.unwrap();
        assert_eq!((rebuilt.events, rebuilt.differing), (rounds * 4, 0));
        assert_eq!(volumes(&db).await, counted);
    });
}

#[test]
fn a_rebuild_says_how_many_counters_were_wrong_and_mends_them() {
    testkit::on_each_engine(&migrations(), async |db| {
        for number in 1..=20 {
            append(&db, happen(number)).await;
        }
        let running = start(&db).await;
        counted_to(&db, 80).await;
        let tx = db.begin().await.unwrap();
        tx.run_script("UPDATE analytics_daily SET count = count + 1 WHERE metric = 'login'").await.unwrap();
        tx.run_script("DELETE FROM analytics_person WHERE username = 'user.1'").await.unwrap();
        tx.commit().await.unwrap();
        let logins = Date::from_unix_days(0);
        let days = analytics::daily(&db, Metric::Login, logins, Date::from_unix_days(100_000)).await.unwrap().len();
        // A counter that was altered differs on both sides.
        let rebuilt = analytics::rebuild(&db).await.unwrap();
        assert_eq!(rebuilt.differing, i64::try_from(2 * days + 1).unwrap());
        expect_counted(&db, 20).await;
        running.stop().await;
    });
}

#[test]
fn what_cannot_be_counted_is_not_rebuilt_over() {
    testkit::on_each_engine(&migrations(), async |db| {
        append(&db, happen(1)).await;
        append(&db, vec![event("payments.transaction_settled", r#"{"type":"TRANSFER"}"#, 1)]).await;
        append(&db, happen(2)).await;
        let running = start(&db).await;
        counted_to(&db, 9).await;
        assert!(matches!(analytics::rebuild(&db).await, Err(RebuildError::Uncountable(_))));
        assert_eq!(volumes(&db).await.len(), 2);
        running.stop().await;
    });
}
