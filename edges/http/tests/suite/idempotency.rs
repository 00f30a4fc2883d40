//! One key, one effect, one answer.

use crate::bank::{deposit, transfer, with_bank};
use ids::AccountId;
use payments::{IdempotencyKey, Pack, Payments, Receipt, Request};
use serde_json::json;

const PATH: &str = "/api/transactions/transfer";

#[test]
fn the_same_request_gets_the_same_bytes_again() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let (source, destination) = (ann.account_with("10.00").await, ann.account().await);
        let first = ann.pay_as("key", PATH, &transfer(&source, &destination, "1.00")).await;
        first.expect(201);
        assert_eq!(first.header("idempotent-replayed"), None);
        for key in ["key", "\"key\""] {
            let again = ann.pay_as(key, PATH, &transfer(&source, &destination, "1.00")).await;
            assert_eq!((again.status, again.header("idempotent-replayed")), (first.status, Some("true")));
            assert_eq!(again.bytes, first.bytes);
            assert_ne!(again.header("x-request-id"), first.header("x-request-id"));
        }
        assert_eq!(ann.balance(&destination).await, "1.00");
    });
}

#[test]
fn another_spelling_is_the_same_request() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let (source, destination) = (ann.account_with("10.00").await, ann.account().await);
        let spellings = [
            format!(
                r#"{{"sourceAccountId":"{source}","destinationAccountId":"{destination}","amount":1,"currency":"USD","metadata":{{"a":1}}}}"#
            ),
            format!(
                r#"{{ "currency":"USD", "amount":"1.00", "metadata" : {{ "a" : 1 }}, "destinationAccountId":"{destination}", "sourceAccountId":"{source}", "description":null }}"#
            ),
            format!(
                r#"{{"sourceAccountId":"{source}","destinationAccountId":"{destination}","amount":1.0,"currency":"\u0055SD","description":"","metadata":{{"a":1}}}}"#
            ),
        ];
        let mut answers = Vec::new();
        for body in spellings {
            answers.push(ann.send("POST", PATH).header("idempotency-key", "key").text(body).await.bytes);
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]));
        assert_eq!(ann.balance(&destination).await, "1.00");
    });
}

#[test]
fn another_request_under_the_same_key_is_refused() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let (source, destination) = (ann.account_with("10.00").await, ann.account().await);
        let good = transfer(&source, &destination, "1.00");
        ann.pay_as("key", PATH, &good).await.expect(201);
        for (field, value) in [
            ("amount", json!("1.01")),
            ("description", json!("x")),
            ("metadata", json!({})),
            ("destinationAccountId", json!(source)),
        ] {
            let mut other = good.clone();
            other[field] = value;
            ann.pay_as("key", PATH, &other).await.expect_error(422, "IDEMPOTENCY_KEY_REUSED");
        }
        assert_eq!(ann.balance(&destination).await, "1.00");
    });
}

#[test]
fn a_key_belongs_to_a_caller_and_a_route() {
    with_bank(async |bank| {
        let (ann, bob) = (bank.customer("ann").await, bank.customer("bob").await);
        let (mine, theirs) = (ann.account_with("10.00").await, bob.account_with("10.00").await);
        ann.pay_as("key", PATH, &transfer(&mine, &theirs, "1.00")).await.expect(201);
        bob.pay_as("key", PATH, &transfer(&theirs, &mine, "2.00")).await.expect(201);
        ann.pay_as("key", "/api/transactions", &deposit(&mine, "3.00")).await.expect(201);
        assert_eq!((ann.balance(&mine).await, bob.balance(&theirs).await), ("14.00".into(), "9.00".into()));
    });
}

#[test]
fn a_refusal_is_kept_like_a_success_and_a_missing_account_is_not() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let (source, destination) = (ann.account().await, ann.account().await);
        let body = transfer(&source, &destination, "1.00");
        let sending = ann.send("POST", PATH).header("idempotency-key", "key").header("x-request-id", "first-try");
        let first = sending.json(&body).await;
        first.expect_error(422, "INSUFFICIENT_FUNDS");
        assert_eq!(first.json()["requestId"], "first-try");
        ann.pay("/api/transactions", &deposit(&source, "5.00")).await.expect(201);
        let again = ann.pay_as("key", PATH, &body).await;
        assert_eq!((again.header("idempotent-replayed"), &again.bytes), (Some("true"), &first.bytes));

        let unknown = transfer(&ids::AccountId::generate().to_string(), &destination, "1.00");
        ann.pay_as("other", PATH, &unknown).await.expect_error(404, "INVALID_ACCOUNT");
        ann.pay_as("other", PATH, &body).await.expect(201);
    });
}

#[test]
fn every_route_that_moves_money_needs_a_key() {
    with_bank(async |bank| {
        let root = bank.admin("root").await;
        for spec in http_edge::ROUTES.iter().filter(|spec| spec.moves_money()) {
            let path = spec.path.replace("{id}", &ids::TransactionId::generate().to_string());
            let send = || root.send(spec.method, &path);
            send().json(&json!({})).await.expect_error(400, "IDEMPOTENCY_KEY_MISSING");
            for wrong in ["", "\"\"", "two words", "\"half", &"k".repeat(256)] {
                let error = send().header("idempotency-key", wrong).json(&json!({})).await;
                assert_eq!(error.expect_error(400, "INVALID_REQUEST")["details"]["field"], "Idempotency-Key");
            }
            let twice = send().header("idempotency-key", "one").header("idempotency-key", "two").json(&json!({})).await;
            twice.expect_error(400, "INVALID_REQUEST");
        }
    });
}

#[test]
fn a_key_is_asked_for_on_the_routes_that_say_so_and_on_no_others() {
    with_bank(async |bank| {
        bank.admin("root").await;
        for spec in http_edge::ROUTES {
            // Some end the session.
            let root = bank.log_in("root").await;
            let path = spec.path.replace("{id}", &ids::TransactionId::generate().to_string());
            let answer = root.send(spec.method, &path).json(&json!({})).await;
            let is_asked_for = answer.json()["error"]["code"] == "IDEMPOTENCY_KEY_MISSING";
            assert_eq!(is_asked_for, spec.needs_key(), "{} {}: {}", spec.method, spec.path, answer.json());
        }
    });
}

/// What those who may pay ask before they do. That nothing moves by it is tried in other_sides.rs.
const ASKED_BEFORE: [&str; 2] = ["/api/transactions/transfer/preview", "/api/payees/lookup"];

#[test]
fn whatever_a_scope_of_payments_lets_do_moves_money_but_what_is_asked_before() {
    let paying = http_edge::Needs::Scope(identity::Scope::TransactionsWrite);
    let (asking, moving): (Vec<&http_edge::RouteSpec>, Vec<&http_edge::RouteSpec>) = http_edge::ROUTES
        .iter()
        .filter(|spec| spec.needs == paying)
        .partition(|spec| ASKED_BEFORE.contains(&spec.path));
    for spec in moving {
        assert!(spec.moves_money(), "{} {}", spec.method, spec.path);
    }
    assert_eq!(asking.len(), ASKED_BEFORE.len());
    assert!(asking.iter().all(|spec| !spec.moves_money()));
}

#[test]
fn many_at_once_under_one_key_have_one_effect() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let (source, destination) = (ann.account_with("10.00").await, ann.account().await);
        let body = transfer(&source, &destination, "1.00");
        let tries = (0..20).map(|_| ann.pay_as("key", PATH, &body));
        let answers = futures_util::future::join_all(tries).await;
        for answer in &answers {
            if answer.status.as_u16() == 409 {
                answer.expect_error(409, "IDEMPOTENCY_KEY_IN_PROGRESS");
                assert_eq!(answer.header("retry-after"), Some("1"));
            } else {
                answer.expect(201);
            }
        }
        assert!(answers.iter().any(|answer| answer.status.as_u16() == 201));
        assert_eq!(ann.balance(&destination).await, "1.00");
    });
}

/// Keeps a reply under a key as if it had been given before.
async fn keep(payments: &Payments, key: IdempotencyKey, status: u16, body: &'static str) {
    let pack: Pack = Box::new(move |_| Receipt { label: status, body: body.as_bytes().to_vec() });
    let request = Request { commands: Vec::new(), is_atomic: true, key: Some(key), pack, request_id: None };
    payments.submit(None, request).await.unwrap();
}

/// What a transfer of 1.00 USD without a description asks for, in the layout of every version so far.
fn asked_for(source: &str, destination: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for account in [source, destination] {
        bytes.extend_from_slice(AccountId::parse(account).unwrap().uuid().as_bytes());
    }
    bytes.push(1);
    bytes.extend_from_slice(&100_i64.to_be_bytes());
    for text in ["USD", "TRANSFER", ""] {
        bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes.extend_from_slice(&u64::MAX.to_be_bytes());
    bytes
}

#[test]
fn a_reply_that_an_older_version_kept_is_given_again_to_the_byte() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let (source, destination) = (ann.account_with("10.00").await, ann.account().await);
        let (user, payments) = (ann.id().await, bank.app().payments);
        let request = asked_for(&source, &destination);
        for (key, status, body) in [
            ("done", 201, r#"{"id": "as it was", "status":"SETTLED" }"#),
            ("refused", 422, r#"{ "error":{"code":"INSUFFICIENT_FUNDS"}}"#),
        ] {
            keep(&payments, IdempotencyKey::new(&[&user, "POST", PATH], key, &[&request]), status, body).await;
            let again = ann.pay_as(key, PATH, &transfer(&source, &destination, "1.00")).await;
            assert_eq!((again.status.as_u16(), again.header("idempotent-replayed")), (status, Some("true")));
            assert_eq!(String::from_utf8(again.bytes).unwrap(), body);
            let other = ann.pay_as(key, PATH, &transfer(&source, &destination, "1.01")).await;
            other.expect_error(422, "IDEMPOTENCY_KEY_REUSED");
        }
        assert_eq!(ann.balance(&destination).await, "0.00", "nothing of it was done again");
    });
}
