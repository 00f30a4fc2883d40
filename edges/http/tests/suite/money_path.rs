//! Money on its way: deposits and transfers, and what their replies say.

use crate::bank::{transfer, with_bank};
use serde_json::json;

#[test]
fn a_transfer_moves_money_and_says_what_is_left() {
    with_bank(async |bank| {
        let (ann, bob) = (bank.customer("ann").await, bank.customer("bob").await);
        let (source, destination) = (ann.account_with("100.00").await, bob.account().await);
        let answer = ann.pay("/api/transactions/transfer", &transfer(&source, &destination, "12.50")).await;
        let transaction = answer.expect(201);
        assert_eq!(transaction["sourceAccountId"], source);
        assert_eq!(transaction["destinationAccountId"], destination);
        assert_eq!((&transaction["amount"], &transaction["currency"]), (&json!("12.50"), &json!("USD")));
        assert_eq!((&transaction["type"], &transaction["status"]), (&json!("TRANSFER"), &json!("SETTLED")));
        let left = json!({ "accountId": source, "balance": "87.50", "availableBalance": "87.50" });
        assert_eq!(transaction["balances"], json!({ "source": left }));
        assert_eq!(ann.balance(&source).await, "87.50");
        assert_eq!(bob.balance(&destination).await, "12.50");

        let id = transaction["id"].as_str().unwrap();
        let received = bob.get(&format!("/api/transactions/{id}")).await.expect(200);
        let gained = json!({ "accountId": destination, "balance": "12.50", "availableBalance": "12.50" });
        assert_eq!(received["balances"], json!({ "destination": gained }));
    });
}
