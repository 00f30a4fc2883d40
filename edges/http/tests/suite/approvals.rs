//! What takes two people, as the staff meets it.

use crate::bank::{Answer, Bank, Person, transfer, with_bank};
use identity::Role;
use serde_json::{Value, json};

async fn staff(bank: &Bank) -> (Person<'_>, Person<'_>) {
    (bank.admin("one").await, bank.admin("two").await)
}

fn adjustment(account: &str, amount: &str) -> Value {
    json!({ "accountId": account, "amount": amount, "currency": "USD", "reason": "A fee that was wrong" })
}

async fn decide(person: &Person<'_>, approval: &Value, decision: &str) -> Answer {
    let path = format!("/api/admin/approvals/{}/{decision}", approval["id"].as_str().unwrap());
    person.post(&path, &json!({ "comment": "Seen" })).await
}

#[test]
fn a_teller_asks_for_an_adjustment_and_an_administrator_approves_it() {
    with_bank(async |bank| {
        let (tom, root) = (bank.staff("tom", Role::Teller).await, bank.admin("root").await);
        let ann = bank.customer("ann").await;
        let account = ann.account().await;
        let asked = tom.pay("/api/admin/adjustments", &adjustment(&account, "12.50")).await.expect(202);
        assert_eq!((&asked["status"], &asked["action"]), (&json!("PENDING"), &json!("ADJUSTMENT")));
        assert_eq!(asked["details"], adjustment(&account, "12.50"));
        assert_eq!(ann.balance(&account).await, "0.00");
        decide(&tom, &asked, "approve").await.expect_error(403, "FORBIDDEN");
        for _ in 0..2 {
            let done = decide(&root, &asked, "approve").await.expect(200);
            assert_eq!((&done["status"], &done["comment"]), (&json!("EXECUTED"), &json!("Seen")));
            assert_eq!(ann.balance(&account).await, "12.50");
        }
        let transaction = asked["id"].as_str().unwrap().replace("appr_", "txn_");
        let moved = ann.get(&format!("/api/transactions/{transaction}")).await.expect(200);
        assert_eq!((&moved["type"], &moved["description"]), (&json!("ADJUSTMENT"), &json!("A fee that was wrong")));
        // What two people put right, one does not undo.
        let reverse = format!("/api/transactions/{transaction}/reverse");
        root.pay(&reverse, &json!({})).await.expect_error(422, "NOT_REFUNDABLE");
    });
}

#[test]
fn an_adjustment_takes_money_too_but_not_what_is_not_there() {
    with_bank(async |bank| {
        let (one, two) = staff(&bank).await;
        let ann = bank.customer("ann").await;
        let account = ann.account_with("10.00").await;
        for (amount, status, balance) in [("-4.00", "EXECUTED", "6.00"), ("-6.01", "FAILED", "6.00")] {
            let asked = one.pay("/api/admin/adjustments", &adjustment(&account, amount)).await.expect(202);
            let done = decide(&two, &asked, "approve").await.expect(200);
            assert_eq!((&done["status"], done["failure"].is_null()), (&json!(status), status == "EXECUTED"));
            assert_eq!(ann.balance(&account).await, balance);
        }
    });
}

#[test]
fn who_asks_does_not_decide_and_neither_does_whom_it_is_for() {
    with_bank(async |bank| {
        let (one, two) = staff(&bank).await;
        let account = two.account().await;
        let asked = one.pay("/api/admin/adjustments", &adjustment(&account, "1000.00")).await.expect(202);
        for person in [&one, &two] {
            for decision in ["approve", "reject"] {
                decide(person, &asked, decision).await.expect_error(403, "SECOND_PERSON_REQUIRED");
            }
        }
        let three = bank.admin("three").await;
        decide(&three, &asked, "reject").await.expect(200);
        let refused = decide(&three, &asked, "approve").await.expect_error(422, "INVALID_STATUS");
        assert_eq!(refused["details"]["status"], "REJECTED");
        assert_eq!(two.balance(&account).await, "0.00");
    });
}

#[test]
fn an_adjustment_is_asked_for_once_per_key() {
    with_bank(async |bank| {
        let (one, two) = staff(&bank).await;
        let account = bank.customer("ann").await.account().await;
        let body = adjustment(&account, "1.00");
        let missing = one.post("/api/admin/adjustments", &body).await;
        missing.expect_error(400, "IDEMPOTENCY_KEY_MISSING");
        let first = one.pay_as("key", "/api/admin/adjustments", &body).await;
        decide(&two, &first.expect(202), "approve").await.expect(200);
        let again = one.pay_as("key", "/api/admin/adjustments", &body).await;
        assert_eq!((again.status, again.header("idempotent-replayed")), (first.status, Some("true")));
        assert_eq!(again.bytes, first.bytes);
        let other = one.pay_as("key", "/api/admin/adjustments", &adjustment(&account, "2.00")).await;
        other.expect_error(422, "IDEMPOTENCY_KEY_REUSED");
        // Another person's key of the same name is another key.
        two.pay_as("key", "/api/admin/adjustments", &body).await.expect(202);
    });
}

#[test]
fn a_bad_adjustment_names_what_is_wrong() {
    with_bank(async |bank| {
        let one = bank.admin("one").await;
        let account = bank.customer("ann").await.account().await;
        for (field, value) in [
            ("amount", json!("0.00")),
            ("amount", json!("1.001")),
            ("amount", json!("--1")),
            ("reason", json!(" ")),
            ("reason", json!("a\nb")),
            ("reason", json!("x".repeat(141))),
            ("currency", json!("usd")),
            ("accountId", json!("ann")),
        ] {
            let mut body = adjustment(&account, "1.00");
            body[field] = value;
            let error = one.pay("/api/admin/adjustments", &body).await.expect_error(400, "INVALID_REQUEST");
            assert_eq!(error["details"]["field"], field);
        }
        let nowhere = adjustment(&ids::AccountId::generate().to_string(), "1.00");
        one.pay("/api/admin/adjustments", &nowhere).await.expect_error(404, "INVALID_ACCOUNT");
        let mut yen = adjustment(&account, "1");
        yen["currency"] = "JPY".into();
        one.pay("/api/admin/adjustments", &yen).await.expect_error(422, "CURRENCY_MISMATCH");
    });
}

#[test]
fn a_raise_of_an_overdraft_waits_for_a_second_administrator_and_comes_alone() {
    with_bank(async |bank| {
        let (one, two) = staff(&bank).await;
        let ann = bank.customer("ann").await;
        let (account, other) = (ann.account().await, ann.account().await);
        let path = format!("/api/accounts/{account}");
        let both = json!({ "overdraftLimit": "50.00", "status": "FROZEN" });
        let error = one.send("PUT", &path).json(&both).await.expect_error(400, "INVALID_REQUEST");
        assert_eq!(error["details"]["field"], "overdraftLimit");
        assert_eq!(ann.get(&path).await.expect(200)["status"], "ACTIVE");
        let asked = one.send("PUT", &path).json(&json!({ "overdraftLimit": "50.00" })).await.expect(202);
        assert_eq!(asked["details"], json!({ "accountId": account, "overdraftLimit": "50.00", "currency": "USD" }));
        let pay = json!(transfer(&account, &other, "50.00"));
        ann.pay("/api/transactions/transfer", &pay).await.expect_error(422, "INSUFFICIENT_FUNDS");
        decide(&two, &asked, "approve").await.expect(200);
        ann.pay("/api/transactions/transfer", &pay).await.expect(201);
    });
}

#[test]
fn a_role_changes_when_a_second_administrator_agrees_and_old_sessions_end() {
    with_bank(async |bank| {
        let (one, two) = staff(&bank).await;
        let ann = bank.customer("ann").await;
        let path = format!("/api/admin/users/{}/role", ann.id().await);
        let asked = one.send("PUT", &path).json(&json!({ "role": "teller" })).await.expect(202);
        ann.get("/api/admin/users").await.expect_error(403, "FORBIDDEN");
        decide(&two, &asked, "approve").await.expect(200);
        ann.get("/api/admin/users").await.expect_error(401, "SESSION_ENDED");
        bank.log_in("ann").await.get("/api/admin/users").await.expect(200);
        one.send("PUT", &path).json(&json!({ "role": "teller" })).await.expect_error(400, "INVALID_REQUEST");
        one.send("PUT", &path).json(&json!({ "role": "king" })).await.expect_error(400, "INVALID_REQUEST");
        let nobody = format!("/api/admin/users/{}/role", ids::UserId::generate());
        one.send("PUT", &nobody).json(&json!({ "role": "teller" })).await.expect_error(404, "NOT_FOUND");
    });
}

#[test]
fn approvals_are_listed_by_status_and_shown_one_by_one() {
    with_bank(async |bank| {
        let (one, two) = staff(&bank).await;
        let account = bank.customer("ann").await.account().await;
        let mut asked = Vec::new();
        for amount in ["1.00", "2.00", "3.00"] {
            asked.push(one.pay("/api/admin/adjustments", &adjustment(&account, amount)).await.expect(202));
        }
        let rejected = decide(&two, &asked[1], "reject").await.expect(200);
        let list = async |query: &str| two.get(&format!("/api/admin/approvals?{query}")).await.expect(200);
        assert_eq!(list("status=PENDING").await["data"], json!([asked[2], asked[0]]));
        assert_eq!(list("status=REJECTED").await["data"], json!([rejected]));
        let first = list("limit=2").await;
        assert_eq!(first["data"], json!([asked[2], rejected]));
        let cursor = first["nextCursor"].as_str().unwrap();
        assert_eq!(list(&format!("limit=2&cursor={cursor}")).await["data"], json!([asked[0]]));
        let path = format!("/api/admin/approvals/{}", asked[0]["id"].as_str().unwrap());
        assert_eq!(two.get(&path).await.expect(200), asked[0]);
        two.get("/api/admin/approvals?status=pending").await.expect_error(400, "INVALID_REQUEST");
        let nowhere = format!("/api/admin/approvals/{}", ids::ApprovalId::generate());
        two.get(&nowhere).await.expect_error(404, "NOT_FOUND");
    });
}
