//! What the staff does: people, owners of accounts, and what happened.

use crate::bank::{PASSWORD, Person, transfer, with_bank};
use identity::Role;
use serde_json::{Value, json};

#[test]
fn two_administrators_make_staff_who_log_in_with_a_password_told_once() {
    with_bank(async |bank| {
        let (root, second) = (bank.admin("root").await, bank.admin("second").await);
        let body = json!({ "username": "Tom", "role": "teller" });
        let created = root.post("/api/admin/users", &body).await.expect(202);
        assert_eq!((&created["user"]["username"], &created["user"]["role"]), (&json!("tom"), &json!("teller")));
        assert_eq!(
            (&created["user"]["status"], &created["approval"]["status"]),
            (&json!("DISABLED"), &json!("PENDING"))
        );
        let details = json!({ "userId": created["user"]["id"], "role": "teller" });
        assert_eq!(
            (&created["approval"]["action"], &created["approval"]["details"]),
            (&json!("STAFF_ENABLE"), &details)
        );
        let login = json!({ "username": "tom", "password": created["initialPassword"] });
        bank.send("POST", "/api/auth/login").json(&login).await.expect_error(403, "USER_DISABLED");
        let approve = approval_path(&created["approval"], "approve");
        root.post(&approve, &json!({})).await.expect_error(403, "SECOND_PERSON_REQUIRED");
        assert_eq!(second.post(&approve, &json!({})).await.expect(200)["status"], "EXECUTED");
        bank.send("POST", "/api/auth/login").json(&login).await.expect(200);
        root.post("/api/admin/users", &body).await.expect_error(409, "USERNAME_TAKEN");

        let chosen = json!({ "username": "ada", "password": PASSWORD, "role": "admin" });
        assert_eq!(root.post("/api/admin/users", &chosen).await.expect(202)["initialPassword"], Value::Null);
        for role in ["customer", "king"] {
            let body = json!({ "username": "eve", "role": role });
            let error = root.post("/api/admin/users", &body).await.expect_error(400, "INVALID_REQUEST");
            assert_eq!(error["details"]["field"], "role");
        }
    });
}

#[test]
fn staff_that_was_kept_out_is_let_in_again_by_two_administrators() {
    with_bank(async |bank| {
        let (root, second) = (bank.admin("root").await, bank.admin("second").await);
        let tom = bank.staff("tom", Role::Teller).await;
        let path = format!("/api/admin/users/{}", tom.id().await);
        let enable = async || root.send("POST", &format!("{path}/enable")).await_answer().await;
        assert_eq!(enable().await.expect(200)["status"], "ACTIVE");
        root.send("POST", &format!("{path}/disable")).await_answer().await.expect(200);
        let asked = enable().await.expect(202);
        assert_eq!(enable().await.expect(202), asked);
        assert_eq!(root.get(&path).await.expect(200)["status"], "DISABLED");
        second.post(&approval_path(&asked, "approve"), &json!({})).await.expect(200);
        bank.log_in("tom").await;
    });
}

fn approval_path(approval: &Value, decision: &str) -> String {
    format!("/api/admin/approvals/{}/{decision}", approval["id"].as_str().unwrap())
}

#[test]
fn people_are_listed_page_by_page_and_filtered() {
    with_bank(async |bank| {
        let root = bank.admin("root").await;
        for username in ["ann", "anna", "bob"] {
            bank.customer(username).await;
        }
        let names = |page: &Value| -> Vec<String> {
            let data = page["data"].as_array().unwrap();
            data.iter().map(|user| user["username"].as_str().unwrap().to_owned()).collect()
        };
        let first = root.get("/api/admin/users?role=customer&limit=2").await.expect(200);
        assert_eq!(names(&first), ["ann", "anna"]);
        let cursor = first["nextCursor"].as_str().unwrap();
        let second = root.get(&format!("/api/admin/users?role=customer&limit=2&cursor={cursor}")).await.expect(200);
        assert_eq!((names(&second), &second["nextCursor"]), (vec!["bob".to_owned()], &Value::Null));
        assert_eq!(names(&root.get("/api/admin/users?username=An").await.expect(200)), ["ann", "anna"]);
        for (field, query) in [("role", "role=king"), ("status", "status=active"), ("username", "username=")] {
            let answer = root.get(&format!("/api/admin/users?{query}")).await;
            assert_eq!(answer.expect_error(400, "INVALID_REQUEST")["details"]["field"], field);
        }
    });
}

#[test]
fn a_disabled_user_is_out_at_once_until_enabled() {
    with_bank(async |bank| {
        let (root, ann) = (bank.admin("root").await, bank.customer("ann").await);
        let path = format!("/api/admin/users/{}", ann.id().await);
        for _ in 0..2 {
            let disabled = root.send("POST", &format!("{path}/disable")).await_answer().await.expect(200);
            assert_eq!(disabled["status"], "DISABLED");
        }
        ann.get("/api/auth/me").await.expect_error(401, "SESSION_ENDED");
        let login = json!({ "username": "ann", "password": PASSWORD });
        bank.send("POST", "/api/auth/login").json(&login).await.expect_error(403, "USER_DISABLED");
        root.send("POST", &format!("{path}/enable")).await_answer().await.expect(200);
        assert_eq!(root.get(&path).await.expect(200)["status"], "ACTIVE");
        let ann = bank.log_in("ann").await;
        root.send("DELETE", &format!("{path}/sessions")).await_answer().await.expect(204);
        ann.get("/api/auth/me").await.expect_error(401, "SESSION_ENDED");
    });
}

#[test]
fn administrators_leave_two_of_them() {
    with_bank(async |bank| {
        let root = bank.admin("root").await;
        let path = format!("/api/admin/users/{}/disable", root.id().await);
        root.send("POST", &path).await_answer().await.expect_error(409, "LAST_ADMIN");
        let other = bank.admin("other").await;
        for person in [&root, &other] {
            person.send("POST", &path).await_answer().await.expect_error(409, "TOO_FEW_ADMINS");
        }
        bank.admin("third").await;
        root.send("POST", &path).await_answer().await.expect(200);
        root.get("/api/auth/me").await.expect_error(401, "SESSION_ENDED");
        other.get("/api/auth/me").await.expect(200);
    });
}

#[test]
fn an_imported_account_finds_its_owner_once_with_all_that_moved_on_it() {
    with_bank(async |bank| {
        let (root, ann, bob) = (bank.admin("root").await, bank.customer("ann").await, bank.customer("bob").await);
        let second = bank.admin("second").await;
        let account = bank.imported_account().await;
        let path = format!("/api/accounts/{account}");
        ann.get(&path).await.expect_error(404, "INVALID_ACCOUNT");
        let owner = format!("/api/admin/accounts/{account}/owner");
        let to =
            async |person: &Person<'_>| root.send("PUT", &owner).json(&json!({ "userId": person.id().await })).await;
        let asked = to(&ann).await.expect(202);
        assert_eq!(asked["details"], json!({ "accountId": account, "userId": ann.id().await }));
        assert_eq!(to(&ann).await.expect(202), asked);
        ann.get(&path).await.expect_error(404, "INVALID_ACCOUNT");
        root.post(&approval_path(&asked, "approve"), &json!({})).await.expect_error(403, "SECOND_PERSON_REQUIRED");
        assert_eq!(second.post(&approval_path(&asked, "approve"), &json!({})).await.expect(200)["status"], "EXECUTED");
        assert_eq!(ann.get(&path).await.expect(200)["userId"], ann.id().await);
        to(&bob).await.expect_error(409, "ACCOUNT_HAS_OWNER");
        to(&ann).await.expect_error(400, "INVALID_REQUEST");
        assert_eq!(ann.balance(&account).await, "70.00");
        let listed = ann.get("/api/transactions").await.expect(200);
        let moved = listed["data"].as_array().unwrap();
        assert_eq!(moved.len(), 2);
        for transaction in moved {
            let id = transaction["id"].as_str().unwrap();
            let seen = ann.get(&format!("/api/transactions/{id}")).await.expect(200);
            assert_eq!(seen["balances"].as_object().unwrap().len(), 1);
            bob.get(&format!("/api/transactions/{id}")).await.expect_error(404, "TRANSACTION_NOT_FOUND");
        }
        let to_bob = bob.account().await;
        ann.pay("/api/transactions/transfer", &transfer(&account, &to_bob, "70.00")).await.expect(201);
        let unknown = json!({ "userId": ids::UserId::generate().to_string() });
        root.send("PUT", &owner).json(&unknown).await.expect_error(404, "NOT_FOUND");
        let nowhere = format!("/api/admin/accounts/{}/owner", ids::AccountId::generate());
        let body = json!({ "userId": ann.id().await });
        root.send("PUT", &nowhere).json(&body).await.expect_error(404, "INVALID_ACCOUNT");
    });
}

#[test]
fn auditors_see_what_happened_and_to_whom() {
    with_bank(async |bank| {
        let (root, ada) = (bank.admin("root").await, bank.staff("ada", Role::Auditor).await);
        let ann = bank.customer("ann").await;
        ann.account_with("5.00").await;
        let id = ann.id().await;
        root.send("POST", &format!("/api/admin/users/{id}/disable")).await_answer().await.expect(200);
        let kinds = async |query: &str| -> Vec<String> {
            let page = ada.get(&format!("/api/admin/events?{query}")).await.expect(200);
            page["data"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
        };
        let told = kinds(&format!("subject={id}")).await;
        assert_eq!(told, ["auth.logged_out", "auth.user_disabled", "auth.logged_in", "auth.user_registered"]);
        assert_eq!(
            kinds(&format!("subject={id}&kind=auth.user_")).await,
            ["auth.user_disabled", "auth.user_registered"]
        );
        assert_eq!(kinds("kind=accounts.").await, ["accounts.opened"]);
        assert!(kinds("limit=100").await.iter().all(|kind| !kind.starts_with("payments.")));
        let disabled = ada.get("/api/admin/events?kind=auth.user_disabled").await.expect(200)["data"][0].clone();
        assert_eq!(disabled["details"], json!({ "username": "ann", "by": root.id().await }));
        let first = ada.get("/api/admin/events?limit=1").await.expect(200);
        let cursor = first["nextCursor"].as_str().unwrap();
        let second = ada.get(&format!("/api/admin/events?limit=1&cursor={cursor}")).await.expect(200);
        assert_ne!(first["data"][0]["id"], second["data"][0]["id"]);
        for query in ["kind=Auth", "kind=", "subject=ann"] {
            ada.get(&format!("/api/admin/events?{query}")).await.expect_error(400, "INVALID_REQUEST");
        }
    });
}

#[test]
fn tellers_freeze_accounts_and_neither_name_nor_close_them() {
    with_bank(async |bank| {
        let (tom, ann) = (bank.staff("tom", Role::Teller).await, bank.customer("ann").await);
        let path = format!("/api/accounts/{}", ann.account().await);
        assert_eq!(tom.send("PUT", &path).json(&json!({ "status": "FROZEN" })).await.expect(200)["status"], "FROZEN");
        assert_eq!(tom.send("PUT", &path).json(&json!({ "status": "ACTIVE" })).await.expect(200)["status"], "ACTIVE");
        tom.send("PUT", &path).json(&json!({ "name": "Mine" })).await.expect_error(403, "FORBIDDEN");
        tom.send("DELETE", &path).await_answer().await.expect_error(403, "FORBIDDEN");
    });
}
