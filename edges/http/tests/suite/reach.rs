//! How far a credential sees: figures and balances for those that read, and kept answers for those who might read them.

use crate::bank::{Bank, Person, deposit, transfer, with_bank};
use identity::Role;
use serde_json::{Value, json};

const PATH: &str = "/api/transactions/transfer";

/// A program with a key of the person's for these scopes.
async fn program<'a>(bank: &'a Bank, owner: &Person<'_>, scopes: &[&str]) -> Person<'a> {
    let made = owner.post("/api/auth/api-keys", &json!({ "name": "program", "scopes": scopes })).await.expect(201);
    bank.person(made["key"].as_str().unwrap())
}

fn id(reply: &Value) -> String {
    reply["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_program_that_only_moves_money_learns_no_figures_from_refusals() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let (source, destination) = (ann.account_with("12.34").await, ann.account().await);
        let key = program(&bank, &ann, &["transactions:write"]).await;
        let order = transfer(&source, &destination, "99.00");
        let error = key.pay(PATH, &order).await.expect_error(422, "INSUFFICIENT_FUNDS");
        assert_eq!(error["details"], json!({ "accountId": source }));
        let batch = json!({ "mode": "INDEPENDENT", "transfers": [order] });
        let answer = key.pay("/api/transactions/batch", &batch).await;
        assert!(!String::from_utf8_lossy(&answer.bytes).contains("12.34"), "{}", answer.json());
        // Who reads is shown what there is, and a repetition shows no more than the credential does.
        let first = ann.pay_as("key", PATH, &order).await;
        assert_eq!(first.expect_error(422, "INSUFFICIENT_FUNDS")["details"]["available"], "12.34");
        let again = key.pay_as("key", PATH, &order).await;
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!(again.expect_error(422, "INSUFFICIENT_FUNDS")["details"], json!({ "accountId": source }));
    });
}

#[test]
fn a_program_that_only_changes_accounts_is_shown_no_balances() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let path = format!("/api/accounts/{}", ann.account_with("12.34").await);
        let (writing, reading) = (
            program(&bank, &ann, &["accounts:write"]).await,
            program(&bank, &ann, &["accounts:write", "accounts:read"]).await,
        );
        let rename = json!({ "name": "Named" });
        let new = json!({ "type": "CHECKING", "currency": "USD" });
        let opened = writing.post("/api/accounts", &new).await.expect(201);
        let closed = writing.send("DELETE", &format!("/api/accounts/{}", id(&opened))).await_answer().await.expect(200);
        for reply in [writing.send("PUT", &path).json(&rename).await.expect(200), opened, closed] {
            for field in ["balance", "availableBalance", "heldBalance"] {
                assert_eq!(reply.get(field), None, "{reply}");
            }
        }
        assert_eq!(reading.send("PUT", &path).json(&rename).await.expect(200)["balance"], "12.34");
    });
}

#[test]
fn a_kept_answer_shows_balances_to_credentials_that_read_only() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let (source, destination) = (ann.account_with("12.34").await, ann.account().await);
        let key = program(&bank, &ann, &["transactions:write"]).await;
        let order = transfer(&source, &destination, "1.00");
        let first = ann.pay_as("key", PATH, &order).await;
        let first_reply = first.expect(201);
        assert_eq!(first_reply["balances"]["source"]["balance"], "11.34");
        let again = key.pay_as("key", PATH, &order).await;
        let mut expected = first_reply;
        expected["balances"] = json!({});
        assert_eq!((again.header("idempotent-replayed"), again.expect(201)), (Some("true"), expected));
        assert_eq!(ann.pay_as("key", PATH, &order).await.bytes, first.bytes);

        let batch = json!({ "mode": "ATOMIC", "transfers": [order] });
        ann.pay_as("batch", "/api/transactions/batch", &batch).await.expect(201);
        let again = key.pay_as("batch", "/api/transactions/batch", &batch).await.expect(201);
        assert_eq!(again["data"][0]["transaction"]["balances"], json!({}));
        assert_eq!(ann.balance(&source).await, "10.34");
    });
}

#[test]
fn a_kept_answer_about_a_strangers_payment_is_not_there_for_a_program_of_who_got_it() {
    with_bank(async |bank| {
        let [ann, bob] = [bank.customer("ann").await, bank.customer("bob").await];
        let (source, destination) = (ann.account_with("100.00").await, bob.account_with("5.00").await);
        let root = bank.admin("root").await;
        let all = ["transactions:write", "transactions:read", "accounts:read"];
        let key = program(&bank, &root, &all).await;
        let paid = id(&ann.pay(PATH, &transfer(&source, &destination, "10.00")).await.expect(201));
        let refund = format!("/api/transactions/{paid}/refund");
        let done = root.pay_as("refund", &refund, &json!({})).await;
        done.expect(201);
        key.pay_as("refund", &refund, &json!({})).await.expect_error(404, "TRANSACTION_NOT_FOUND");
        assert_eq!(root.pay_as("refund", &refund, &json!({})).await.bytes, done.bytes);
        // Nor is a refusal, with how much the receiver has.
        let paid = id(&ann.pay(PATH, &transfer(&source, &destination, "10.00")).await.expect(201));
        bob.pay(PATH, &transfer(&destination, &source, "14.00")).await.expect(201);
        let refund = format!("/api/transactions/{paid}/refund");
        root.pay_as("refused", &refund, &json!({})).await.expect_error(422, "INSUFFICIENT_FUNDS");
        key.pay_as("refused", &refund, &json!({})).await.expect_error(404, "TRANSACTION_NOT_FOUND");
        // Nor is cash that they took in for a customer.
        let cash = deposit(&source, "5.00");
        root.pay_as("cash", "/api/transactions", &cash).await.expect(201);
        key.pay_as("cash", "/api/transactions", &cash).await.expect_error(404, "INVALID_ACCOUNT");
        assert_eq!((ann.balance(&source).await, bob.balance(&destination).await), ("109.00".into(), "1.00".into()));
    });
}

#[test]
fn a_kept_answer_of_staff_says_no_more_to_their_program_than_a_fresh_one() {
    with_bank(async |bank| {
        let (ann, root) = (bank.customer("ann").await, bank.admin("root").await);
        let (mine, theirs) = (root.account_with("30.00").await, ann.account_with("77.00").await);
        let key = program(&bank, &root, &["transactions:write", "transactions:read"]).await;
        let order = transfer(&mine, &theirs, "1.00");
        let first = root.pay_as("paid", PATH, &order).await.expect(201);
        assert_eq!(first["balances"]["destination"]["balance"], "78.00");
        let again = key.pay_as("paid", PATH, &order).await.expect(201);
        assert_eq!(again["balances"], json!({ "source": first["balances"]["source"] }));
        assert_eq!((again.get("startedBy"), &again["id"]), (None, &first["id"]));

        let frozen = json!({ "status": "FROZEN" });
        root.send("PUT", &format!("/api/accounts/{theirs}")).json(&frozen).await.expect(200);
        let refused = root.pay_as("frozen", PATH, &order).await.expect_error(422, "INVALID_ACCOUNT");
        assert_eq!(refused["details"]["reason"], "FROZEN");
        let again = key.pay_as("frozen", PATH, &order).await.expect_error(422, "INVALID_ACCOUNT");
        assert_eq!(again["details"], json!({ "accountId": theirs, "reason": "UNAVAILABLE" }));
    });
}

#[test]
fn whoever_no_longer_works_for_the_bank_gets_no_kept_answer_about_others() {
    with_bank(async |bank| {
        let (ann, tom) = (bank.customer("ann").await, bank.staff("tom", Role::Teller).await);
        let account = ann.account().await;
        let cash = deposit(&account, "5.00");
        tom.pay_as("cash", "/api/transactions", &cash).await.expect(201);
        let root = bank.admin("root").await;
        let change = json!({ "role": "customer" });
        let asked =
            root.send("PUT", &format!("/api/admin/users/{}/role", tom.id().await)).json(&change).await.expect(202);
        let path = format!("/api/admin/approvals/{}/approve", id(&asked));
        bank.admin("other").await.post(&path, &json!({})).await.expect(200);
        let tom = bank.log_in("tom").await;
        tom.pay_as("cash", "/api/transactions", &cash).await.expect_error(404, "INVALID_ACCOUNT");
        assert_eq!(ann.balance(&account).await, "5.00");
    });
}
