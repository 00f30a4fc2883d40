//! A stranger's account in a body, and what cannot be an identifier, are answered as if they were not there.
//! Strangers' identifiers in paths are the matter of `matrix.rs`.

use crate::bank::{Answer, Person, transfer, with_bank};
use http_edge::{ROUTES, RouteSpec};
use serde_json::{Value, json};

fn with_identifier() -> impl Iterator<Item = &'static RouteSpec> {
    // API keys have their own test: not even the staff sees another's.
    let others = ROUTES.iter().filter(|spec| !spec.path.starts_with("/api/auth/api-keys/"));
    others.filter(|spec| spec.path.contains("{id}") || spec.path.contains("{accountId}"))
}

async fn try_route(person: &Person<'_>, spec: &RouteSpec, path: &str, body: &Value) -> Answer {
    let sending = person.send(spec.method, path).header("x-request-id", "same");
    match spec.method {
        "GET" | "DELETE" => sending.await_answer().await,
        _ => sending.header("idempotency-key", &uuid::Uuid::now_v7().to_string()).json(body).await,
    }
}

/// What was answered, without the time and with the identifier taken out.
fn without(answer: &Answer, id: &str) -> (u16, String) {
    let mut body = answer.json();
    body.as_object_mut().unwrap().remove("timestamp");
    (answer.status.as_u16(), body.to_string().replace(id, "{id}"))
}

#[test]
fn a_strangers_account_in_a_body_is_answered_like_an_unknown_one() {
    with_bank(async |bank| {
        let (ann, eve) = (bank.customer("ann").await, bank.customer("eve").await);
        let (theirs, mine) = (ann.account_with("100.00").await, eve.account_with("10.00").await);
        let unknown = ids::AccountId::generate().to_string();
        let order = |source: &str| transfer(source, &mine, "5.00");
        let typed =
            |kind: &str, field: &str, id: &str| json!({ "type": kind, field: id, "amount": 5, "currency": "USD" });
        let requests = |id: &str| {
            let mut payment = order(id);
            payment["type"] = "PAYMENT".into();
            [
                ("/api/transactions/transfer", order(id)),
                ("/api/transactions/hold", order(id)),
                ("/api/transactions/batch", json!({ "mode": "ATOMIC", "transfers": [order(id)] })),
                ("/api/transactions", payment),
                ("/api/transactions", typed("DEPOSIT", "destinationAccountId", id)),
                ("/api/transactions", typed("WITHDRAWAL", "sourceAccountId", id)),
            ]
        };
        for ((path, foreign), (_, missing)) in requests(&theirs).into_iter().zip(requests(&unknown)) {
            let pay = async |body: &Value| {
                let sending = eve.send("POST", path).header("x-request-id", "same");
                sending.header("idempotency-key", &uuid::Uuid::now_v7().to_string()).json(body).await
            };
            let (foreign, missing) = (pay(&foreign).await, pay(&missing).await);
            foreign.expect_error(404, "INVALID_ACCOUNT");
            assert_eq!(without(&foreign, &theirs), without(&missing, &unknown), "{path}");
        }
        let body = json!({ "mode": "INDEPENDENT", "transfers": [order(&theirs), order(&unknown)] });
        let refused = eve.pay("/api/transactions/batch", &body).await.expect(200)["data"].clone();
        assert_eq!(refused[0].to_string().replace(&theirs, "{id}"), refused[1].to_string().replace(&unknown, "{id}"));
        assert_eq!((ann.balance(&theirs).await, eve.balance(&mine).await), ("100.00".into(), "10.00".into()));
    });
}

#[test]
fn what_cannot_be_an_identifier_is_not_found_either() {
    with_bank(async |bank| {
        let root = bank.admin("root").await;
        let usual = ids::EventId::generate().to_string();
        for spec in with_identifier() {
            for id in ["x", "acct_", "%00", "%ff", "..", usual.as_str(), &"a".repeat(1000)] {
                let path = spec.path.replace("{id}", id).replace("{accountId}", id);
                let answer = try_route(&root, spec, &path, &json!({})).await;
                answer.expect(404);
                assert!(answer.json()["error"]["code"].is_string(), "{path}");
            }
        }
    });
}
