//! What happened to somebody's own login, as they are told it.

use crate::bank::{PASSWORD, with_bank};
use serde_json::{Value, json};

fn told(page: &Value) -> Vec<(String, String)> {
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    page["data"].as_array().unwrap().iter().map(|one| (word(&one["type"]), word(&one["by"]))).collect()
}

#[test]
fn people_see_what_happened_to_their_login_and_nothing_of_others() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        bank.customer("bob").await;
        let wrong = json!({ "username": "ann", "password": "not her password" });
        bank.send("POST", "/api/auth/login").json(&wrong).await.expect_error(401, "INVALID_CREDENTIALS");
        bank.log_in("ann").await;
        let key = json!({ "name": "till", "scopes": ["accounts:read"] });
        let made = ann.post("/api/auth/api-keys", &key).await.expect(201);
        let path = format!("/api/auth/api-keys/{}", made["apiKey"]["id"].as_str().unwrap());
        ann.send("DELETE", &path).await_answer().await.expect(204);
        let page = ann.get("/api/auth/activity").await.expect(200);
        let expected = [
            ("auth.api_key_revoked", "YOU"),
            ("auth.api_key_created", "YOU"),
            ("auth.logged_in", "YOU"),
            ("auth.login_failed", "UNKNOWN"),
            ("auth.logged_in", "YOU"),
            ("auth.user_registered", "YOU"),
        ];
        let expected = expected.map(|(kind, by)| (kind.to_owned(), by.to_owned()));
        assert_eq!(told(&page), expected);
        let fields: Vec<&String> = page["data"][0].as_object().unwrap().keys().collect();
        assert_eq!(fields, ["address", "by", "happenedAt", "id", "reason", "type"]);
        let first = ann.get("/api/auth/activity?limit=4").await.expect(200);
        let rest = format!("/api/auth/activity?limit=4&cursor={}", first["nextCursor"].as_str().unwrap());
        let rest = ann.get(&rest).await.expect(200);
        assert_eq!([told(&first), told(&rest)].concat(), expected);
        assert_eq!(rest["nextCursor"], Value::Null);
    });
}

#[test]
fn what_the_bank_did_is_said_to_be_of_the_bank_without_saying_who() {
    with_bank(async |bank| {
        let (ann, admin) = (bank.customer("ann").await, bank.admin("root").await);
        let path = format!("/api/admin/users/{}/sessions", ann.id().await);
        admin.send("DELETE", &path).await_answer().await.expect(204);
        let again = bank.log_in("ann").await;
        let page = again.get("/api/auth/activity").await.expect(200);
        let ended = page["data"].as_array().unwrap().iter().find(|one| one["by"] == "BANK").unwrap();
        assert!(!ended.to_string().contains("root"), "{ended}");
        assert!(!page.to_string().contains(PASSWORD));
        let logged_out = page["data"].as_array().unwrap().iter().find(|one| one["type"] == "auth.logged_out");
        assert_eq!(logged_out.unwrap()["reason"], "ENDED_BY_STAFF");
    });
}

#[test]
fn no_program_is_told() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let key = json!({ "name": "till", "scopes": ["profile:read", "accounts:read"] });
        let made = ann.post("/api/auth/api-keys", &key).await.expect(201);
        let program = bank.person(made["key"].as_str().unwrap());
        program.get("/api/auth/activity").await.expect_error(403, "SESSION_REQUIRED");
    });
}
