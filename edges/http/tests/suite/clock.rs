//! The clock of a sandbox: who may set it, once for each key, and that production has none of it.

use crate::bank::{transfer, with_bank, with_bank_in};
use http_edge::Mode;
use serde_json::{Value, json};

const CLOCK: &str = "/api/simulations/clock";

#[test]
fn an_administrator_freezes_and_resumes_the_banks_time() {
    with_bank(async |bank| {
        let (boss, ann) = (bank.admin("boss").await, bank.customer("ann").await);
        let (source, destination) = (ann.account_with("10.00").await, ann.account().await);
        let frozen = boss.pay(&format!("{CLOCK}/freeze"), &json!({})).await.expect(200);
        assert_eq!(
            (&frozen["status"], &frozen["isFrozen"], &frozen["rate"]),
            (&"READY".into(), &true.into(), &1.into())
        );
        let pay = async || {
            let body = transfer(&source, &destination, "1.00");
            ann.pay("/api/transactions/transfer", &body).await.expect(201)["createdAt"].clone()
        };
        assert_eq!((pay().await, pay().await), (frozen["bankTime"].clone(), frozen["bankTime"].clone()));
        let shown = boss.get(CLOCK).await.expect(200);
        assert_eq!((&shown["bankTime"], &shown["advance"]), (&frozen["bankTime"], &Value::Null));
        assert_ne!(shown["wallTime"], frozen["wallTime"]);
        assert_eq!(boss.pay(&format!("{CLOCK}/resume"), &json!({})).await.expect(200)["isFrozen"], false);
        assert!(pay().await.as_str() > frozen["bankTime"].as_str());
        let events = boss.get("/api/admin/events?kind=clock.").await.expect(200);
        let kinds: Vec<&Value> = events["data"].as_array().unwrap().iter().map(|event| &event["kind"]).collect();
        assert_eq!(kinds, ["clock.resumed", "clock.frozen"]);
    });
}

#[test]
fn a_command_under_its_key_has_one_effect_and_one_answer() {
    with_bank(async |bank| {
        let boss = bank.admin("boss").await;
        boss.pay(&format!("{CLOCK}/freeze"), &json!({})).await.expect(200);
        let (path, hour) = (format!("{CLOCK}/advance"), json!({ "seconds": 3_600 }));
        let first = boss.pay_as("key", &path, &hour).await;
        let body = first.expect(202);
        assert_eq!((&body["status"], &body["advance"]["done"]), (&"ADVANCING".into(), &0.into()));
        let again = boss.pay_as("key", &path, &hour).await;
        assert_eq!((again.status, again.header("idempotent-replayed")), (first.status, Some("true")));
        assert_eq!(again.bytes, first.bytes);
        boss.pay_as("key", &path, &json!({ "seconds": 3_601 })).await.expect_error(422, "IDEMPOTENCY_KEY_REUSED");
        boss.pay(&path, &hour).await.expect_error(422, "INVALID_STATUS");
        boss.pay(&format!("{CLOCK}/resume"), &json!({})).await.expect_error(422, "INVALID_STATUS");
        boss.pay(&format!("{CLOCK}/freeze"), &json!({})).await.expect(200);
        assert_eq!(boss.get(CLOCK).await.expect(200)["status"], "READY");
        boss.post(&path, &hour).await.expect_error(400, "IDEMPOTENCY_KEY_MISSING");
    });
}

#[test]
fn what_the_clock_cannot_do_is_refused_with_its_reason() {
    with_bank(async |bank| {
        let boss = bank.admin("boss").await;
        let advance = format!("{CLOCK}/advance");
        let running = boss.pay(&advance, &json!({ "seconds": 60 })).await;
        assert_eq!(running.expect_error(422, "INVALID_STATUS")["details"]["status"], "RUNNING");
        boss.pay(&format!("{CLOCK}/freeze"), &json!({})).await.expect(200);
        for body in [
            json!({}),
            json!({ "to": "2030-01-01T00:00:00Z", "seconds": 1 }),
            json!({ "to": "tomorrow" }),
            json!({ "to": "2020-02-29T00:00:00Z" }),
            json!({ "to": "2199-01-01T00:00:00Z" }),
            json!({ "seconds": 0 }),
            json!({ "seconds": -1 }),
            json!({ "seconds": 62 * 86_400 + 1 }),
            json!({ "days": 1 }),
        ] {
            boss.pay(&advance, &body).await.expect_error(400, "INVALID_REQUEST");
        }
        for rate in [json!(0), json!(-1), json!(10_001)] {
            let refused = boss.pay(&format!("{CLOCK}/rate"), &json!({ "rate": rate })).await;
            assert_eq!(refused.expect_error(400, "INVALID_REQUEST")["details"]["field"], "rate");
        }
        assert_eq!(boss.pay(&format!("{CLOCK}/rate"), &json!({ "rate": 1_000 })).await.expect(200)["rate"], 1_000);
    });
}

#[test]
fn in_production_there_is_no_such_route() {
    with_bank_in(Mode::Production, async |bank| {
        for (method, path) in [
            ("GET", CLOCK.to_owned()),
            ("POST", CLOCK.to_owned()),
            ("POST", format!("{CLOCK}/freeze")),
            ("GET", format!("{CLOCK}/freeze")),
            ("POST", format!("{CLOCK}/advance")),
            ("POST", format!("{CLOCK}/rate")),
            ("POST", format!("{CLOCK}/resume")),
        ] {
            let answer = bank.send(method, &path).await_answer().await;
            answer.expect_error(404, "NOT_FOUND");
            let nowhere = bank.send(method, "/api/nowhere").await_answer().await;
            assert_eq!(answer.json()["error"], nowhere.json()["error"]);
        }
    });
}
