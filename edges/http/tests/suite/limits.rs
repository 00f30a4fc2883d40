//! Limits on requests: before bodies and modules, by address and by user, and never a way to lock somebody else out.

use crate::bank::{Answer, Bank, PASSWORD, deposit, on_sqlite, open_door, with_bank, with_front_door};
use axum::body::{Body, Bytes};
use futures_util::stream;
use http_edge::{FrontDoorSettings, RateLimits};
use serde_json::json;

const PROXY: &str = "10.0.0.1";

fn limiting_door() -> FrontDoorSettings {
    FrontDoorSettings { rate_limits: RateLimits::InProcess, trusted_proxies: PROXY.parse().unwrap(), ..open_door() }
}

async fn log_in(bank: &Bank, address: &str, (username, password): (&str, &str)) -> Answer {
    let sending = bank.send("POST", "/api/auth/login").coming_from(PROXY).header("x-forwarded-for", address);
    sending.json(&json!({ "username": username, "password": password })).await
}

#[test]
fn anonymous_requests_are_limited_by_address_before_their_bodies_are_read() {
    with_front_door(&limiting_door(), async |bank| {
        let try_to_refresh = async || {
            let body = json!({ "refreshToken": "made up" });
            bank.send("POST", "/api/auth/refresh").coming_from("192.0.2.1").json(&body).await
        };
        for left in (0..60).rev() {
            let answer = try_to_refresh().await;
            answer.expect_error(401, "INVALID_REFRESH_TOKEN");
            let told = answer.header("ratelimit").unwrap();
            assert!(told.starts_with(&format!("\"credentials-address\";r={left};t=")), "{told}");
            assert_eq!(answer.header("ratelimit-policy"), Some("\"credentials-address\";q=60;w=180"));
        }
        // The body of this one never comes, and nobody waits for it.
        let never = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
        let answer = bank.send("POST", "/api/auth/login").coming_from("192.0.2.1").text(never).await;
        let error = answer.expect_error(429, "RATE_LIMITED");
        assert_eq!(error["details"]["limit"], "credentials-address");
        let wait: u32 = answer.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=3).contains(&wait), "{wait}");
        assert!(answer.header("ratelimit").unwrap().starts_with("\"credentials-address\";r=0;t="));
        bank.send("GET", "/health").coming_from("192.0.2.1").await_answer().await.expect(200);
        bank.send("GET", "/openapi.json").coming_from("192.0.2.1").await_answer().await.expect(200);
    });
}

#[test]
fn a_user_is_limited_wherever_the_requests_come_from() {
    with_front_door(&limiting_door(), async |bank| {
        let (ann, bob) = (bank.customer("ann").await, bank.customer("bob").await);
        let account = ann.account().await;
        let mut refused = None;
        // Twenty come back in each second: what a slow machine takes is no part of the test.
        for number in 0..2_000 {
            let address = format!("192.0.{}.{}", number / 250, number % 250);
            let answer =
                ann.send("PUT", &format!("/api/accounts/{account}")).coming_from(&address).text("no json").await;
            if answer.status == 429 {
                refused = Some((number, answer));
                break;
            }
            answer.expect_error(400, "INVALID_JSON");
        }
        let (passed, answer) = refused.expect("there is a limit");
        assert!(passed >= 99, "{passed}");
        assert_eq!(answer.expect_error(429, "RATE_LIMITED")["details"]["limit"], "changing-user");
        let policy = "\"changing-address\";q=500;w=5, \"changing-user\";q=100;w=5";
        assert_eq!(answer.header("ratelimit-policy"), Some(policy));
        bob.post("/api/accounts", &json!({})).await.expect_error(400, "INVALID_REQUEST");
        // Money has a limit of its own.
        ann.pay("/api/transactions", &deposit(&account, "1.00")).await.expect(201);
    });
}

#[test]
fn bad_tokens_count_for_their_address() {
    with_front_door(&limiting_door(), async |bank| {
        let mut answers = Vec::new();
        for _ in 0..3_000 {
            let sending =
                bank.send("PUT", "/api/accounts/x").coming_from("192.0.2.1").header("authorization", "Bearer x");
            answers.push(sending.await_answer().await.status.as_u16());
        }
        assert_eq!(answers[..500], [401; 500]);
        assert!(answers.contains(&429));
    });
}

#[test]
fn a_thousand_bad_logins_from_many_addresses_do_not_lock_anybody_out() {
    // A thousand passwords are hashed: once is enough, as no engine has a part in this.
    on_sqlite(&limiting_door(), async |bank| {
        bank.customer("ann").await;
        for number in 0..1_000 {
            let address = format!("198.51.{}.{}", number / 250, number % 250);
            log_in(&bank, &address, ("ann", "a wrong password")).await.expect_error(401, "INVALID_CREDENTIALS");
        }
        log_in(&bank, "203.0.113.1", ("ann", PASSWORD)).await.expect(200);
    });
}

#[test]
fn guessing_from_one_address_is_stopped_and_tells_nothing() {
    with_front_door(&limiting_door(), async |bank| {
        bank.customer("ann").await;
        let mut told = Vec::new();
        for (address, username) in [("192.0.2.1", "ann"), ("192.0.2.2", "nobody")] {
            let mut answers = Vec::new();
            for _ in 0..8 {
                let answer = log_in(&bank, address, (username, "a wrong password")).await;
                let body = answer.json();
                answers.push((answer.status.as_u16(), body["error"].clone()));
            }
            assert_eq!(answers.iter().filter(|(status, _)| *status == 401).count(), 5);
            assert_eq!(answers.iter().filter(|(status, _)| *status == 429).count(), 3);
            // The right password does not help there any more, and still does elsewhere.
            log_in(&bank, address, (username, PASSWORD)).await.expect_error(429, "RATE_LIMITED");
            told.push(answers);
        }
        assert_eq!(told[0], told[1], "one of them exists, and the answers are the same");
        log_in(&bank, "192.0.2.3", ("ann", PASSWORD)).await.expect(200);
    });
}

#[test]
fn the_other_login_counts_the_same_failures() {
    with_front_door(&limiting_door(), async |bank| {
        bank.customer("ann").await;
        let body = json!({ "username": "ann", "password": "a wrong password" });
        for path in ["/login", "/api/auth/login", "/login", "/api/auth/login", "/login"] {
            bank.send("POST", path).coming_from("192.0.2.1").json(&body).await.expect(401);
        }
        for path in ["/login", "/api/auth/login"] {
            let answer = bank.send("POST", path).coming_from("192.0.2.1").json(&body).await;
            assert_eq!(answer.expect_error(429, "RATE_LIMITED")["details"]["limit"], "failed-logins-name-address");
        }
    });
}

#[test]
fn switched_off_nothing_is_limited() {
    with_bank(async |bank| {
        for _ in 0..200 {
            let answer = bank.send("POST", "/api/auth/refresh").json(&json!({ "refreshToken": "made up" })).await;
            answer.expect_error(401, "INVALID_REFRESH_TOKEN");
            assert_eq!((answer.header("ratelimit"), answer.header("ratelimit-policy")), (None, None));
        }
    });
}
