//! One member of staff who wants to enrich somebody alone, with several logins and with accounts that are nobody's.

use crate::bank::{Bank, PASSWORD, Person, with_bank};
use identity::Role;
use serde_json::{Value, json};

fn adjustment(account: &str) -> Value {
    json!({ "accountId": account, "amount": "1000000.00", "currency": "USD", "reason": "correction" })
}

async fn decide(person: &Person<'_>, approval: &Value, decision: &str) -> crate::bank::Answer {
    let path = format!("/api/admin/approvals/{}/{decision}", approval["id"].as_str().unwrap());
    person.post(&path, &json!({})).await
}

/// Somebody whom one administrator made and another let in.
async fn hire<'a>(bank: &'a Bank, (by, second): (&Person<'_>, &Person<'_>), username: &str, role: &str) -> Person<'a> {
    let body = json!({ "username": username, "role": role, "password": PASSWORD });
    let made = by.post("/api/admin/users", &body).await.expect(202);
    decide(second, &made["approval"], "approve").await.expect(200);
    bank.log_in(username).await
}

#[test]
fn one_administrator_with_a_teller_of_their_own_making_makes_no_money() {
    with_bank(async |bank| {
        let (root, second) = (bank.admin("root").await, bank.admin("second").await);
        let mule = bank.customer("mule").await;
        let account = mule.account().await;
        // Alone there is no teller.
        let body = json!({ "username": "puppet", "role": "teller", "password": PASSWORD });
        let made = root.post("/api/admin/users", &body).await.expect(202);
        let login = json!({ "username": "puppet", "password": PASSWORD });
        bank.send("POST", "/api/auth/login").json(&login).await.expect_error(403, "USER_DISABLED");
        let enable = format!("/api/admin/users/{}/enable", made["user"]["id"].as_str().unwrap());
        assert_eq!(root.post(&enable, &json!({})).await.expect(202), made["approval"]);
        decide(&root, &made["approval"], "approve").await.expect_error(403, "SECOND_PERSON_REQUIRED");
        // And with one that somebody else agreed on, nobody who had a hand in it decides what it asks for.
        decide(&second, &made["approval"], "approve").await.expect(200);
        let puppet = bank.log_in("puppet").await;
        let asked = puppet.pay("/api/admin/adjustments", &adjustment(&account)).await.expect(202);
        for decision in ["approve", "reject"] {
            let told = decide(&root, &asked, decision).await.expect_error(403, "DECIDER_TIED")["details"].clone();
            assert_eq!((&told["tiedTo"], &told["until"]), (&json!("requester"), &Value::Null));
            let told = decide(&second, &asked, decision).await.expect_error(403, "DECIDER_TIED")["details"].clone();
            assert!(told["until"].as_str().is_some(), "{told}");
        }
        // The reverse, and two hats beside each other.
        let double = hire(&bank, (&root, &second), "double", "admin").await;
        let by_root = root.pay("/api/admin/adjustments", &adjustment(&account)).await.expect(202);
        for asked in [&asked, &by_root] {
            decide(&double, asked, "approve").await.expect_error(403, "DECIDER_TIED");
        }
        assert_eq!(mule.balance(&account).await, "0.00");
        decide(&bank.admin("third").await, &asked, "approve").await.expect(200);
        assert_eq!(mule.balance(&account).await, "1000000.00");
    });
}

#[test]
fn whoever_ended_somebodys_sessions_does_not_decide_for_them() {
    with_bank(async |bank| {
        let (root, tom) = (bank.admin("root").await, bank.staff("tom", Role::Teller).await);
        let account = bank.customer("mule").await.account().await;
        let path = format!("/api/admin/users/{}/sessions", tom.id().await);
        root.send("DELETE", &path).await_answer().await.expect(204);
        let tom = bank.log_in("tom").await;
        let asked = tom.pay("/api/admin/adjustments", &adjustment(&account)).await.expect(202);
        decide(&root, &asked, "approve").await.expect_error(403, "DECIDER_TIED");
    });
}

#[test]
fn one_administrator_does_not_end_four_eyes_by_tying_the_others_to_themselves() {
    with_bank(async |bank| {
        let (root, second, third) = (bank.admin("root").await, bank.admin("second").await, bank.admin("third").await);
        let [second_path, third_path] =
            [second.id().await, third.id().await].map(|id| format!("/api/admin/users/{id}"));
        let end_sessions = |path: &str| root.send("DELETE", &format!("{path}/sessions")).await_answer();
        end_sessions(&second_path).await.expect(204);
        // Who stays could not decide for each other: not disabled, not demoted.
        let disable = format!("{third_path}/disable");
        root.post(&disable, &json!({})).await.expect_error(409, "TOO_FEW_ADMINS");
        let demote = json!({ "role": "customer" });
        let asked = root.send("PUT", &format!("{third_path}/role")).json(&demote).await.expect(202);
        let second = bank.log_in("second").await;
        decide(&third, &asked, "approve").await.expect_error(403, "SECOND_PERSON_REQUIRED");
        // Logging the third out as well leaves second and third, who may.
        end_sessions(&third_path).await.expect(204);
        let third = bank.log_in("third").await;
        let account = bank.customer("ann").await.account().await;
        let asked = second.pay("/api/admin/adjustments", &adjustment(&account)).await.expect(202);
        decide(&third, &asked, "approve").await.expect(200);
        let (again, path) = (bank.admin("fourth").await, disable);
        again.post(&path, &json!({})).await.expect(200);
    });
}

#[test]
fn of_two_administrators_neither_logs_the_other_out_over_the_api() {
    with_bank(async |bank| {
        let (root, second) = (bank.admin("root").await, bank.admin("second").await);
        let path = format!("/api/admin/users/{}/sessions", second.id().await);
        root.send("DELETE", &path).await_answer().await.expect_error(409, "TOO_FEW_ADMINS");
        // Nothing has ended, and nobody is tied.
        let account = bank.customer("ann").await.account().await;
        let asked = second.pay("/api/admin/adjustments", &adjustment(&account)).await.expect(202);
        decide(&root, &asked, "approve").await.expect(200);
        // Once there is a third, it is possible.
        bank.admin("third").await;
        root.send("DELETE", &path).await_answer().await.expect(204);
    });
}

#[test]
fn one_administrator_takes_no_account_that_is_nobodys() {
    with_bank(async |bank| {
        let (root, second) = (bank.admin("root").await, bank.admin("second").await);
        let account = bank.imported_account().await;
        let owner = format!("/api/admin/accounts/{account}/owner");
        let for_themselves = root.send("PUT", &owner).json(&json!({ "userId": root.id().await })).await;
        for_themselves.expect_error(403, "CONFLICT_OF_INTEREST");
        let asked = root.send("PUT", &owner).json(&json!({ "userId": second.id().await })).await.expect(202);
        // Neither who asked, nor who would gain.
        for decider in [&root, &second] {
            decide(decider, &asked, "approve").await.expect_error(403, "SECOND_PERSON_REQUIRED");
        }
        let shown = root.get(&format!("/api/accounts/{account}")).await.expect(200);
        assert_eq!(shown["userId"], Value::Null);
    });
}

#[test]
fn whose_an_account_is_by_the_time_of_the_decision_does_not_decide() {
    with_bank(async |bank| {
        let (root, second, third) = (bank.admin("root").await, bank.admin("second").await, bank.admin("third").await);
        let account = bank.imported_account().await;
        let credit = root.pay("/api/admin/adjustments", &adjustment(&account)).await.expect(202);
        let path = format!("/api/accounts/{account}");
        let raise = root.send("PUT", &path).json(&json!({ "overdraftLimit": "50.00" })).await.expect(202);
        let owner = format!("/api/admin/accounts/{account}/owner");
        let given = root.send("PUT", &owner).json(&json!({ "userId": second.id().await })).await.expect(202);
        decide(&third, &given, "approve").await.expect(200);
        for asked in [&credit, &raise] {
            for decision in ["approve", "reject"] {
                decide(&second, asked, decision).await.expect_error(403, "SECOND_PERSON_REQUIRED");
            }
        }
        assert_eq!(second.balance(&account).await, "70.00");
        decide(&third, &credit, "approve").await.expect(200);
        assert_eq!(second.balance(&account).await, "1000070.00");
    });
}

#[test]
fn what_somebody_asked_for_who_was_kept_out_since_is_not_done() {
    with_bank(async |bank| {
        let (root, second) = (bank.admin("root").await, bank.admin("second").await);
        let (third, mule) = (bank.admin("third").await, bank.customer("mule").await);
        let account = mule.account().await;
        let asked = third.pay("/api/admin/adjustments", &adjustment(&account)).await.expect(202);
        let disable = format!("/api/admin/users/{}/disable", third.id().await);
        root.post(&disable, &json!({})).await.expect(200);
        decide(&second, &asked, "approve").await.expect_error(409, "REQUESTER_NOT_ENTITLED");
        assert_eq!(decide(&second, &asked, "reject").await.expect(200)["status"], "REJECTED");
        assert_eq!(mule.balance(&account).await, "0.00");
        // One more, and nothing that takes two would ever be done again.
        let disable = format!("/api/admin/users/{}/disable", second.id().await);
        root.post(&disable, &json!({})).await.expect_error(409, "TOO_FEW_ADMINS");
    });
}
