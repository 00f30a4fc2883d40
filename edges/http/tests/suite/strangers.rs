//! Nobody reaches what is another's: every route with an identifier, with a stranger's, is answered as if it were
//! not there, to the letter.

use crate::bank::{Answer, Person, transfer, with_bank};
use http_edge::{ROUTES, RouteSpec, Who};
use serde_json::{Value, json};

fn with_identifier() -> impl Iterator<Item = &'static RouteSpec> {
    // API keys have their own test: not even the staff sees another's.
    let others = ROUTES.iter().filter(|spec| !spec.path.starts_with("/api/auth/api-keys/"));
    others.filter(|spec| spec.path.contains("{id}") || spec.path.contains("{accountId}"))
}

/// The prefix of the identifier in the route's path, and the answer to an unknown one.
fn what_it_names(spec: &RouteSpec) -> (&'static str, &'static str) {
    if spec.path.contains("/accounts/") || spec.path.contains("{accountId}") {
        ("acct_", "INVALID_ACCOUNT")
    } else if spec.path.contains("/sessions/") {
        ("ses_", "SESSION_NOT_FOUND")
    } else if spec.path.contains("/clients/") {
        ("client_", "NOT_FOUND")
    } else if spec.path.contains("/grants/") {
        ("grant_", "NOT_FOUND")
    } else {
        ("txn_", "TRANSACTION_NOT_FOUND")
    }
}

fn unknown(prefix: &str) -> String {
    ids::TransactionId::generate().to_string().replace("txn_", prefix)
}

/// What requests of the route carry, so that nothing but the identifier can be wrong with them.
fn bodies(spec: &RouteSpec) -> Vec<Value> {
    match (spec.method, spec.path) {
        ("PUT", "/api/accounts/{id}") => vec![json!({ "name": "Mine now" }), json!({ "status": "FROZEN" })],
        ("POST", "/api/transactions/{id}/capture" | "/api/transactions/{id}/refund") => {
            vec![json!({ "amount": "1.00" }), json!({})]
        }
        _ => vec![json!({})],
    }
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
fn a_strangers_identifier_is_answered_like_an_unknown_one_on_every_route() {
    with_bank(async |bank| {
        let (ann, bob, eve) = (bank.customer("ann").await, bank.customer("bob").await, bank.customer("eve").await);
        let (source, destination) = (ann.account_with("100.00").await, bob.account_with("10.00").await);
        eve.account_with("50.00").await;
        let paid = ann.pay("/api/transactions/transfer", &transfer(&source, &destination, "5.00")).await.expect(201);
        let held = ann.pay("/api/transactions/hold", &transfer(&source, &destination, "5.00")).await.expect(201);
        let sessions = ann.get("/api/auth/sessions").await.expect(200);
        let session = sessions["data"][0]["id"].as_str().unwrap();
        let foreign = [source.as_str(), paid["id"].as_str().unwrap(), held["id"].as_str().unwrap(), session];
        let mut tried = 0;
        for spec in with_identifier().filter(|spec| matches!(spec.who, Who::Everyone | Who::Movers)) {
            let (prefix, code) = what_it_names(spec);
            for id in foreign.iter().filter(|id| id.starts_with(prefix)) {
                let unknown = unknown(prefix);
                let path = |id: &str| spec.path.replace("{id}", id).replace("{accountId}", id);
                for body in bodies(spec) {
                    let foreign = try_route(&eve, spec, &path(id), &body).await;
                    let missing = try_route(&eve, spec, &path(&unknown), &body).await;
                    foreign.expect_error(404, code);
                    assert_eq!(without(&foreign, id), without(&missing, &unknown), "{} {}", spec.method, spec.path);
                    tried += 1;
                }
            }
        }
        // Five routes of accounts, one with two bodies; four of transactions, two with two bodies, for two of them; and
        // one of sessions.
        assert_eq!(tried, 6 + 2 * 6 + 1);
        assert_eq!((ann.balance(&source).await, bob.balance(&destination).await), ("95.00".into(), "15.00".into()));
        let account = ann.get(&format!("/api/accounts/{source}")).await.expect(200);
        assert_eq!((&account["name"], &account["status"]), (&json!("Everyday"), &json!("ACTIVE")));
        assert_eq!(account["heldBalance"], "5.00");
    });
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
        let usual = ids::UserId::generate().to_string();
        for spec in with_identifier() {
            for id in ["x", "acct_", "%00", "%ff", "..", usual.as_str(), &"a".repeat(1000)] {
                let path = spec.path.replace("{id}", id).replace("{accountId}", id);
                let answer = try_route(&root, spec, &path, &bodies(spec)[0]).await;
                answer.expect(404);
                assert!(answer.json()["error"]["code"].is_string(), "{path}");
            }
        }
    });
}

#[test]
fn every_route_needs_what_the_table_says() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        for spec in ROUTES {
            let path = spec.path.replace("{id}", "x").replace("{accountId}", "x").replace("{file}", "index.css");
            let anonymous = bank.send(spec.method, &path).await_answer().await;
            if spec.who == Who::Public {
                assert_ne!(anonymous.status.as_u16(), 403, "{path}");
                assert_ne!(anonymous.json()["error"]["code"], "UNAUTHENTICATED", "{path}");
            } else {
                anonymous.expect_error(401, "UNAUTHENTICATED");
            }
            if spec.who == Who::Admins {
                ann.send(spec.method, &path).await_answer().await.expect_error(403, "FORBIDDEN");
            }
        }
    });
}
