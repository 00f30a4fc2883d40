//! Many transfers in one request: all or none, or each on its own.

use crate::bank::{transfer, with_bank};
use serde_json::{Value, json};

const PATH: &str = "/api/transactions/batch";

fn batch(mode: &str, transfers: &[Value]) -> Value {
    json!({ "mode": mode, "transfers": transfers })
}

#[test]
fn an_atomic_batch_settles_as_a_whole() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let (source, destination) = (ann.account_with("10.00").await, ann.account().await);
        let transfers = [transfer(&source, &destination, "4.00"), transfer(&source, &destination, "6.00")];
        let done = ann.pay(PATH, &batch("ATOMIC", &transfers)).await.expect(201);
        let balances: Vec<&Value> = done["data"].as_array().unwrap().iter().collect();
        assert!(balances.iter().all(|item| item["status"] == "SETTLED"));
        assert_eq!(balances[0]["transaction"]["balances"]["source"]["balance"], "6.00");
        assert_eq!(balances[1]["transaction"]["balances"]["source"]["balance"], "0.00");
    });
}

#[test]
fn one_refusal_refuses_an_atomic_batch_and_names_itself() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let (source, destination) = (ann.account_with("10.00").await, ann.account().await);
        let transfers = [
            transfer(&source, &destination, "4.00"),
            transfer(&source, &destination, "7.00"),
            transfer(&source, &source, "1.00"),
        ];
        let body = batch("ATOMIC", &transfers);
        let first = ann.pay_as("key", PATH, &body).await;
        let error = first.expect_error(422, "INSUFFICIENT_FUNDS");
        let figures = json!({
            "accountId": source, "index": 1, "currency": "USD", "available": "6.00", "requested": "7.00",
        });
        assert_eq!(error["details"], figures);
        assert_eq!(ann.balance(&source).await, "10.00");
        let again = ann.pay_as("key", PATH, &body).await;
        assert_eq!((again.bytes, again.headers.get("idempotent-replayed").is_some()), (first.bytes, true));
    });
}

#[test]
fn an_atomic_batch_with_an_unknown_account_is_not_found() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let (source, destination) = (ann.account_with("10.00").await, ann.account().await);
        let unknown = ids::AccountId::generate().to_string();
        let transfers = [transfer(&source, &destination, "4.00"), transfer(&unknown, &destination, "1.00")];
        let error = ann.pay(PATH, &batch("ATOMIC", &transfers)).await.expect_error(404, "INVALID_ACCOUNT");
        assert_eq!((&error["details"]["index"], &error["details"]["accountId"]), (&json!(1), &json!(unknown)));
    });
}

#[test]
fn an_independent_batch_says_what_became_of_each() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let (source, destination) = (ann.account_with("10.00").await, ann.account().await);
        let transfers = [
            transfer(&source, &destination, "6.00"),
            transfer(&source, &destination, "6.00"),
            transfer(&ids::AccountId::generate().to_string(), &destination, "1.00"),
            transfer(&source, &destination, "4.00"),
        ];
        let body = batch("INDEPENDENT", &transfers);
        let first = ann.pay_as("key", PATH, &body).await;
        let data = first.expect(200)["data"].as_array().unwrap().clone();
        let words: Vec<_> = data.iter().map(|item| item["status"].as_str().unwrap()).collect();
        assert_eq!(words, ["SETTLED", "REFUSED", "REFUSED", "SETTLED"]);
        assert_eq!(data[1]["error"]["code"], "INSUFFICIENT_FUNDS");
        assert_eq!(data[2]["error"]["code"], "INVALID_ACCOUNT");
        assert_eq!(data[3]["transaction"]["balances"]["source"]["balance"], "0.00");
        let again = ann.pay_as("key", PATH, &body).await;
        assert_eq!((again.bytes, ann.balance(&destination).await), (first.bytes, "10.00".to_owned()));
    });
}

#[test]
fn a_batch_has_1_to_1000_transfers_and_names_the_wrong_one() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let (source, destination) = (ann.account_with("1000.00").await, ann.account().await);
        let good = transfer(&source, &destination, "1.00");
        let thousand = vec![good.clone(); 1000];
        let done = ann.pay(PATH, &batch("INDEPENDENT", &thousand)).await.expect(200);
        assert_eq!(done["data"].as_array().unwrap().len(), 1000);
        assert_eq!(ann.balance(&destination).await, "1000.00");

        let with = |field: &str, value: Value| {
            let mut wrong = good.clone();
            wrong[field] = value;
            batch("ATOMIC", &[good.clone(), wrong])
        };
        let mut lacking = good.clone();
        lacking.as_object_mut().unwrap().remove("currency");
        for (body, field) in [
            (batch("ATOMIC", &vec![good.clone(); 1001]), "transfers"),
            (batch("ATOMIC", &[]), "transfers"),
            (batch("atomic", std::slice::from_ref(&good)), "mode"),
            (with("amount", json!(0)), "transfers[1].amount"),
            (with("amount", json!({})), "transfers[1].amount"),
            (with("sourceAccountId", json!("x")), "transfers[1].sourceAccountId"),
            (with("sourceAccountId", json!(1)), "transfers[1].sourceAccountId"),
            (with("colour", json!("red")), "transfers[1].colour"),
            (batch("ATOMIC", &[good.clone(), lacking]), "transfers[1].currency"),
            (batch("ATOMIC", &[good.clone(), json!([source, destination, "1.00", "USD"])]), "transfers[1]"),
            (json!({ "mode": "ATOMIC" }), "transfers"),
        ] {
            let error = ann.pay(PATH, &body).await.expect_error(400, "INVALID_REQUEST");
            assert_eq!(error["details"]["field"], field, "{error}");
        }
    });
}
