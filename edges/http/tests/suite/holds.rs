//! Holds: money set aside, captured, released, and who may do which.

use crate::bank::{Person, transfer, with_bank};
use serde_json::{Value, json};

const HOLD: &str = "/api/transactions/hold";

async fn held(payer: &Person<'_>, source: &str, destination: &str, amount: &str) -> Value {
    payer.pay(HOLD, &transfer(source, destination, amount)).await.expect(201)
}

fn path(transaction: &Value, command: &str) -> String {
    format!("/api/transactions/{}/{command}", transaction["id"].as_str().unwrap())
}

#[test]
fn a_hold_sets_money_aside_and_a_capture_takes_a_part() {
    with_bank(async |bank| {
        let (ann, shop) = (bank.customer("ann").await, bank.customer("shop").await);
        let (source, till) = (ann.account_with("100.00").await, shop.account().await);
        let pending = held(&ann, &source, &till, "60.00").await;
        assert_eq!((&pending["status"], &pending["settledAt"]), (&json!("PENDING"), &Value::Null));
        assert!(pending["expiresAt"].is_string());
        assert_eq!(pending["balances"]["source"]["balance"], "100.00");
        assert_eq!(pending["balances"]["source"]["availableBalance"], "40.00");
        let balance = ann.get(&format!("/api/accounts/{source}/balance")).await.expect(200);
        assert_eq!((&balance["heldBalance"], &balance["availableBalance"]), (&json!("60.00"), &json!("40.00")));
        let more = ann.pay("/api/transactions/transfer", &transfer(&source, &till, "40.01")).await;
        more.expect_error(422, "INSUFFICIENT_FUNDS");

        let error = shop.pay(&path(&pending, "capture"), &json!({ "amount": "60.01" })).await;
        error.expect_error(422, "AMOUNT_EXCEEDS_HOLD");
        let captured = shop.pay(&path(&pending, "capture"), &json!({ "amount": 45 })).await.expect(201);
        assert_eq!((&captured["status"], &captured["capturedAmount"]), (&json!("SETTLED"), &json!("45.00")));
        assert_eq!(captured["balances"]["destination"]["balance"], "45.00");
        assert_eq!(captured["balances"].as_object().unwrap().len(), 1);
        assert_eq!(ann.balance(&source).await, "55.00");
        shop.pay(&path(&pending, "capture"), &json!({})).await.expect_error(422, "INVALID_STATUS");
        shop.pay(&path(&pending, "release"), &json!({})).await.expect_error(422, "INVALID_STATUS");
    });
}

#[test]
fn a_hold_is_released_without_a_body_too() {
    with_bank(async |bank| {
        let (ann, shop) = (bank.customer("ann").await, bank.customer("shop").await);
        let (source, till) = (ann.account_with("100.00").await, shop.account().await);
        let pending = held(&ann, &source, &till, "60.00").await;
        let sending = ann.send("POST", &path(&pending, "release")).header("idempotency-key", "release");
        let released = sending.await_answer().await.expect(201);
        assert_eq!((&released["status"], &released["statusReason"]), (&json!("CANCELLED"), &json!("RELEASED")));
        assert_eq!(released["balances"]["source"]["availableBalance"], "100.00");
        ann.pay(&path(&pending, "capture"), &json!({})).await.expect_error(422, "INVALID_STATUS");
    });
}

#[test]
fn a_hold_that_is_over_cannot_be_captured() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let (source, till) = (ann.account_with("10.00").await, ann.account().await);
        let mut body = transfer(&source, &till, "10.00");
        for wrong in [0, -1, 2_678_401] {
            body["expiresInSeconds"] = wrong.into();
            let error = ann.pay(HOLD, &body).await.expect_error(400, "INVALID_REQUEST");
            assert_eq!(error["details"]["field"], "expiresInSeconds");
        }
        body["expiresInSeconds"] = 1.into();
        let pending = ann.pay(HOLD, &body).await.expect(201);
        tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
        let error = ann.pay(&path(&pending, "capture"), &json!({})).await.expect_error(422, "HOLD_NOT_OPEN");
        assert_eq!(error["details"]["reason"], "EXPIRED");
    });
}

#[test]
fn an_administrator_releases_but_does_not_capture_for_others() {
    with_bank(async |bank| {
        let (ann, root) = (bank.customer("ann").await, bank.admin("root").await);
        let (source, till) = (ann.account_with("10.00").await, ann.account().await);
        let pending = held(&ann, &source, &till, "10.00").await;
        root.pay(&path(&pending, "capture"), &json!({})).await.expect_error(403, "FORBIDDEN");
        assert_eq!(root.pay(&path(&pending, "release"), &json!({})).await.expect(201)["status"], "CANCELLED");
    });
}

#[test]
fn the_part_to_capture_is_an_amount_of_the_holds_currency() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let (source, till) = (ann.account_with("10.00").await, ann.account().await);
        let pending = held(&ann, &source, &till, "10.00").await;
        for amount in [json!("1.005"), json!(0), json!("-1")] {
            let error = ann.pay(&path(&pending, "capture"), &json!({ "amount": amount })).await;
            assert_eq!(error.expect_error(400, "INVALID_REQUEST")["details"]["field"], "amount");
        }
        let error = ann.pay(&path(&pending, "capture"), &json!({ "currency": "USD" })).await;
        assert_eq!(error.expect_error(400, "INVALID_REQUEST")["details"]["field"], "currency");
        let captured = ann.pay(&path(&pending, "capture"), &json!({ "amount": null })).await.expect(201);
        assert_eq!(captured["capturedAmount"], "10.00");
    });
}
