//! Refunds and reversals: at most once, never more than was paid, and only by whom it becomes.

use crate::bank::{deposit, transfer, with_bank};
use serde_json::{Value, json};

fn path(transaction: &Value, command: &str) -> String {
    format!("/api/transactions/{}/{command}", transaction["id"].as_str().unwrap())
}

#[test]
fn the_receiver_refunds_a_part_once() {
    with_bank(async |bank| {
        let (ann, shop) = (bank.customer("ann").await, bank.customer("shop").await);
        let (source, till) = (ann.account_with("100.00").await, shop.account().await);
        let paid = ann.pay("/api/transactions/transfer", &transfer(&source, &till, "60.00")).await.expect(201);
        let refund = path(&paid, "refund");
        ann.pay(&refund, &json!({})).await.expect_error(403, "FORBIDDEN");
        shop.pay(&refund, &json!({ "amount": "60.01" })).await.expect_error(422, "AMOUNT_EXCEEDS_ORIGINAL");
        let refunded = shop.pay(&refund, &json!({ "amount": "20.00" })).await.expect(201);
        assert_eq!((&refunded["type"], &refunded["status"]), (&json!("REFUND"), &json!("SETTLED")));
        assert_eq!(refunded["originalTransactionId"], paid["id"]);
        assert_eq!((&refunded["sourceAccountId"], &refunded["amount"]), (&json!(till), &json!("20.00")));
        assert_eq!((ann.balance(&source).await, shop.balance(&till).await), ("60.00".into(), "40.00".into()));
        let error = shop.pay(&refund, &json!({})).await.expect_error(422, "ALREADY_REFUNDED");
        assert_eq!(error["details"]["counterId"], refunded["id"]);
        shop.pay(&path(&refunded, "refund"), &json!({})).await.expect_error(403, "FORBIDDEN");
        ann.pay(&path(&refunded, "refund"), &json!({})).await.expect_error(422, "NOT_REFUNDABLE");
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
        let (ann, root) = (bank.customer("ann").await, bank.admin("root").await);
        let (account, other) = (ann.account().await, ann.account().await);
        let paid_in = ann.pay("/api/transactions", &deposit(&account, "10.00")).await.expect(201);
        ann.pay("/api/transactions/transfer", &transfer(&account, &other, "10.00")).await.expect(201);
        root.pay(&path(&paid_in, "reverse"), &json!({})).await.expect_error(422, "INSUFFICIENT_FUNDS");
        let unknown = ids::TransactionId::generate();
        root.pay(&format!("/api/transactions/{unknown}/reverse"), &json!({}))
            .await
            .expect_error(404, "TRANSACTION_NOT_FOUND");
    });
}
