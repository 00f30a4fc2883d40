//! Refunds in parts and reversals at most once: never more than was paid, and only by whom it becomes.

use crate::bank::{transfer, with_bank};
use serde_json::{Value, json};

fn path(transaction: &Value, command: &str) -> String {
    format!("/api/transactions/{}/{command}", transaction["id"].as_str().unwrap())
}

#[test]
fn the_receiver_refunds_in_parts_up_to_what_was_paid() {
    with_bank(async |bank| {
        let (ann, shop) = (bank.customer("ann").await, bank.customer("shop").await);
        let (source, till) = (ann.account_with("100.00").await, shop.account().await);
        let paid = ann.pay("/api/transactions/transfer", &transfer(&source, &till, "60.00")).await.expect(201);
        assert_eq!(paid["refundedAmount"], Value::Null);
        let refund = path(&paid, "refund");
        ann.pay(&refund, &json!({})).await.expect_error(403, "FORBIDDEN");
        shop.pay(&refund, &json!({ "amount": "60.01" })).await.expect_error(422, "AMOUNT_EXCEEDS_ORIGINAL");
        let first = shop.pay(&refund, &json!({ "amount": "20.00" })).await.expect(201);
        assert_eq!((&first["type"], &first["status"]), (&json!("REFUND"), &json!("SETTLED")));
        assert_eq!(first["originalTransactionId"], paid["id"]);
        assert_eq!((&first["sourceAccountId"], &first["amount"]), (&json!(till), &json!("20.00")));
        let error = shop.pay(&refund, &json!({ "amount": "40.01" })).await.expect_error(422, "AMOUNT_EXCEEDS_ORIGINAL");
        let figures = json!({
            "transactionId": paid["id"], "field": "amount", "currency": "USD",
            "requested": "40.01", "captured": "60.00", "refunded": "20.00", "limit": "40.00",
        });
        assert_eq!(error["details"], figures);
        let second = shop.pay(&refund, &json!({ "amount": "0.01" })).await.expect(201);
        let rest = shop.pay(&refund, &json!({})).await.expect(201);
        assert_eq!(rest["amount"], "39.99");
        assert_eq!((ann.balance(&source).await, shop.balance(&till).await), ("100.00".into(), "0.00".into()));
        let error = shop.pay(&refund, &json!({ "amount": "0.01" })).await.expect_error(422, "ALREADY_REFUNDED");
        let figures = json!({
            "transactionId": paid["id"], "counterId": rest["id"], "currency": "USD", "captured": "60.00", "refunded": "60.00",
        });
        assert_eq!(error["details"], figures);
        for person in [&ann, &shop] {
            let original = person.get(&format!("/api/transactions/{}", paid["id"].as_str().unwrap())).await.expect(200);
            assert_eq!((&original["status"], &original["refundedAmount"]), (&json!("SETTLED"), &json!("60.00")));
            assert_eq!(original["counterTransactionId"], rest["id"]);
            let of = format!("/api/transactions?originalTransactionId={}", paid["id"].as_str().unwrap());
            let refunds = person.get(&of).await.expect(200);
            let ids: Vec<&Value> = refunds["data"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
            assert_eq!(ids, [&rest["id"], &second["id"], &first["id"]]);
        }
        shop.pay(&path(&first, "refund"), &json!({})).await.expect_error(403, "FORBIDDEN");
        ann.pay(&path(&first, "refund"), &json!({})).await.expect_error(422, "NOT_REFUNDABLE");
    });
}

#[test]
fn what_was_refunded_in_part_is_not_reversed() {
    with_bank(async |bank| {
        let (ann, shop, root) = (bank.customer("ann").await, bank.customer("shop").await, bank.admin("root").await);
        let (source, till) = (ann.account_with("100.00").await, shop.account().await);
        let paid = ann.pay("/api/transactions/transfer", &transfer(&source, &till, "60.00")).await.expect(201);
        let refunded = shop.pay(&path(&paid, "refund"), &json!({ "amount": "20.00" })).await.expect(201);
        let error = root.pay(&path(&paid, "reverse"), &json!({})).await.expect_error(422, "ALREADY_REFUNDED");
        assert_eq!((&error["details"]["refunded"], &error["details"]["counterId"]), (&json!("20.00"), &refunded["id"]));
        assert_eq!(shop.balance(&till).await, "40.00");
    });
}

#[test]
fn of_a_hold_what_was_captured_is_refunded_in_parts() {
    with_bank(async |bank| {
        let (ann, shop) = (bank.customer("ann").await, bank.customer("shop").await);
        let (source, till) = (ann.account_with("100.00").await, shop.account().await);
        let held = ann.pay("/api/transactions/hold", &transfer(&source, &till, "60.00")).await.expect(201);
        shop.pay(&path(&held, "refund"), &json!({ "amount": "1.00" })).await.expect_error(422, "INVALID_STATUS");
        let captured = shop.pay(&path(&held, "capture"), &json!({ "amount": "30.00" })).await.expect(201);
        let told = (&captured["statusReason"], &captured["capturedAmount"]);
        assert_eq!(told, (&json!("PARTIALLY_CAPTURED"), &json!("30.00")));
        shop.pay(&path(&held, "capture"), &json!({ "amount": "30.00" })).await.expect_error(422, "INVALID_STATUS");
        shop.pay(&path(&held, "refund"), &json!({ "amount": "12.00" })).await.expect(201);
        let error = shop.pay(&path(&held, "refund"), &json!({ "amount": "18.01" })).await;
        assert_eq!(error.expect_error(422, "AMOUNT_EXCEEDS_ORIGINAL")["details"]["limit"], "18.00");
        assert_eq!(shop.pay(&path(&held, "refund"), &json!({})).await.expect(201)["amount"], "18.00");
        assert_eq!(ann.balance(&source).await, "100.00");
    });
}

#[test]
fn only_the_bank_reverses() {
    with_bank(async |bank| {
        let (ann, bob, root) = (bank.customer("ann").await, bank.customer("bob").await, bank.admin("root").await);
        let (source, destination) = (ann.account_with("100.00").await, bob.account().await);
        let paid = ann.pay("/api/transactions/transfer", &transfer(&source, &destination, "60.00")).await.expect(201);
        let reverse = path(&paid, "reverse");
        for person in [&ann, &bob] {
            person.pay(&reverse, &json!({})).await.expect_error(403, "FORBIDDEN");
        }
        let reversal = root.pay(&reverse, &json!({})).await.expect(201);
        assert_eq!((&reversal["type"], &reversal["originalTransactionId"]), (&json!("REVERSAL"), &paid["id"]));
        assert_eq!(reversal["balances"].as_object().unwrap().len(), 2);
        let original = ann.get(&format!("/api/transactions/{}", paid["id"].as_str().unwrap())).await.expect(200);
        assert_eq!((&original["status"], &original["counterTransactionId"]), (&json!("REVERSED"), &reversal["id"]));
        assert_eq!(ann.balance(&source).await, "100.00");
        root.pay(&reverse, &json!({})).await.expect_error(422, "ALREADY_REFUNDED");
        root.pay(&path(&reversal, "reverse"), &json!({})).await.expect_error(422, "NOT_REFUNDABLE");
    });
}

#[test]
fn money_that_has_gone_on_cannot_be_reversed() {
    with_bank(async |bank| {
        let (ann, bob, root) = (bank.customer("ann").await, bank.customer("bob").await, bank.admin("root").await);
        let (source, account, other) = (ann.account_with("10.00").await, bob.account().await, bob.account().await);
        let paid = ann.pay("/api/transactions/transfer", &transfer(&source, &account, "10.00")).await.expect(201);
        bob.pay("/api/transactions/transfer", &transfer(&account, &other, "10.00")).await.expect(201);
        root.pay(&path(&paid, "reverse"), &json!({})).await.expect_error(422, "INSUFFICIENT_FUNDS");
        let unknown = ids::TransactionId::generate();
        root.pay(&format!("/api/transactions/{unknown}/reverse"), &json!({}))
            .await
            .expect_error(404, "TRANSACTION_NOT_FOUND");
    });
}
