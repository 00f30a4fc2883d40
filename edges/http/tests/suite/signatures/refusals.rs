//! What is told of refused signatures: each kind once a minute for a key, to those who look after the bank.

use super::{Program, Signed, digest};
use crate::bank::{Person, deposit, with_bank};
use identity::Role;
use serde_json::{Value, json};

async fn told(auditor: &Person<'_>) -> Vec<Value> {
    let page = auditor.get("/api/admin/events?kind=auth.signature_refused").await.expect(200);
    let events = page["data"].as_array().unwrap().clone();
    assert!(events.iter().all(|event| event["kind"] == "auth.signature_refused"));
    events
}

#[test]
fn refused_signatures_are_told_by_kind_and_not_a_thousand_times() {
    with_bank(async |bank| {
        let (ann, ada) = (bank.customer("ann").await, bank.staff("ada", Role::Auditor).await);
        let account = ann.account().await;
        let program = Program::of(&bank, &ann).await;
        let request = program.deposit(&account);
        program.send(request.clone()).await.expect(201);
        assert_eq!(told(&ada).await, Vec::<Value>::new());
        for _ in 0..3 {
            program.send(request.clone()).await.expect_error(401, "SIGNATURE_REPLAYED");
        }
        for broken in [program.deposit(&account).without("signature"), program.deposit(&account).with("host", "x")] {
            program.send(broken).await.expect_error(401, "INVALID_SIGNATURE");
        }
        for _ in 0..2 {
            let body = deposit(&account, "99.00").to_string();
            program.send(Signed { body, ..program.deposit(&account) }).await.expect_error(400, "DIGEST_MISMATCH");
        }
        let told = told(&ada).await;
        let reasons: Vec<&Value> = told.iter().map(|event| &event["details"]["reason"]).collect();
        assert_eq!(reasons, ["BODY_CHANGED", "INVALID", "REPLAYED"]);
        for event in &told {
            let details = event["details"].as_object().unwrap();
            assert_eq!((&details["apiKeyId"], &details["untold"]), (&json!(program.key_id), &json!(0)));
            assert!(!details.contains_key("address"), "these requests come from nowhere");
        }
        assert_eq!(ann.balance(&account).await, "10.00");
    });
}

#[test]
fn a_wrong_digest_without_a_signature_is_nobodys_attack() {
    with_bank(async |bank| {
        let (ann, ada) = (bank.customer("ann").await, bank.staff("ada", Role::Auditor).await);
        let scopes = json!(["transactions:write"]);
        let made = ann.post("/api/auth/api-keys", &json!({ "name": "unsigned", "scopes": scopes })).await.expect(201);
        let (account, holder) = (ann.account().await, bank.person(made["key"].as_str().unwrap()));
        for person in [&ann, &holder] {
            let sending = person.send("POST", "/api/transactions").header("content-digest", &digest("another body"));
            let sending = sending.header("idempotency-key", "key");
            sending.json(&deposit(&account, "1.00")).await.expect_error(400, "DIGEST_MISMATCH");
        }
        assert_eq!(told(&ada).await, Vec::<Value>::new());
    });
}
