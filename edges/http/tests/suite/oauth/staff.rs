//! What people of the bank grant reaches what is theirs and nothing more; a change of role ends what was made before it.

use super::{Client, call, expect_refused};
use crate::bank::{Bank, Person, with_bank};
use identity::Role;
use serde_json::{Value, json};

const EVERYTHING: &str = "accounts:read accounts:write transactions:read transactions:write";

async fn registered<'a>(bank: &'a Bank, owner: &Person<'_>) -> Client<'a> {
    let scopes: Vec<&str> = EVERYTHING.split(' ').collect();
    Client::register_for(bank, owner, (true, &scopes)).await
}

async fn as_program<'a>(bank: &'a Bank, token: &Value) -> Person<'a> {
    bank.person(token.as_str().unwrap())
}

#[test]
fn a_client_that_staff_allows_sees_and_changes_their_own_accounts_only() {
    with_bank(async |bank| {
        let (mallory, victim) = (bank.customer("mallory").await, bank.customer("victim").await);
        let theirs = victim.account_with("777.00").await;
        let client = registered(&bank, &mallory).await;
        for (username, role) in [("root", Role::Admin), ("tom", Role::Teller), ("ada", Role::Auditor)] {
            bank.staff(username, role).await;
            let page = client.ask(&[("scope", EVERYTHING)]).await;
            assert!(String::from_utf8(page.bytes).unwrap().contains("your own accounts"));
            let code = client.code_for(username, EVERYTHING).await;
            let tokens = client.exchange(&code).await.expect(200);
            let program = as_program(&bank, &tokens["access_token"]).await;
            assert_eq!(program.get("/api/accounts").await.expect(200)["data"], json!([]));
            assert_eq!(program.get("/api/transactions").await.expect(200)["data"], json!([]));
            let path = format!("/api/accounts/{theirs}");
            program.get(&path).await.expect_error(404, "INVALID_ACCOUNT");
            if role != Role::Auditor {
                let frozen = program.send("PUT", &path).json(&json!({ "status": "FROZEN" })).await;
                frozen.expect_error(404, "INVALID_ACCOUNT");
            }
        }
    });
}

#[test]
fn a_change_of_role_ends_keys_grants_and_what_own_clients_do() {
    with_bank(async |bank| {
        let (root, second) = (bank.admin("root").await, bank.admin("second").await);
        let (eve, ann) = (bank.customer("eve").await, bank.customer("ann").await);
        let others = ann.account_with("5.00").await;
        let client = registered(&bank, &eve).await;
        let own = client.post("/oauth/token", &[("grant_type", "client_credentials")]).await.expect(200);
        let granted = client.exchange(&client.code_for("eve", EVERYTHING).await).await.expect(200);
        let of_ann = client.exchange(&client.code_for("ann", EVERYTHING).await).await.expect(200);
        let made = json!({ "name": "old", "scopes": ["accounts:read", "transactions:write"] });
        let key = eve.post("/api/auth/api-keys", &made).await.expect(201);

        let path = format!("/api/admin/users/{}/role", eve.id().await);
        let asked = root.send("PUT", &path).json(&json!({ "role": "admin" })).await.expect(202);
        let approve = format!("/api/admin/approvals/{}/approve", asked["id"].as_str().unwrap());
        assert_eq!(second.post(&approve, &json!({})).await.expect(200)["status"], "EXECUTED");

        call(&bank, &key["key"], "/api/accounts").await.expect_error(401, "INVALID_TOKEN");
        for tokens in [&own, &granted] {
            call(&bank, &tokens["access_token"], "/api/accounts").await.expect_error(401, "SESSION_ENDED");
        }
        let refresh = [("grant_type", "refresh_token"), ("refresh_token", granted["refresh_token"].as_str().unwrap())];
        expect_refused(&client.post("/oauth/token", &refresh).await, 400, "invalid_grant");
        let again = client.post("/oauth/token", &[("grant_type", "client_credentials")]).await;
        expect_refused(&again, 400, "unauthorized_client");
        // What somebody else granted to the client is theirs.
        call(&bank, &of_ann["access_token"], "/api/accounts").await.expect(200);

        // What is made from now on works, and reaches what is theirs.
        let eve = bank.log_in("eve").await;
        let listed = eve.get("/api/auth/api-keys").await.expect(200);
        assert_eq!(listed["data"][0]["status"], "REVOKED");
        let newer = registered(&bank, &eve).await;
        let own = newer.post("/oauth/token", &[("grant_type", "client_credentials")]).await.expect(200);
        let program = as_program(&bank, &own["access_token"]).await;
        program.get(&format!("/api/accounts/{others}")).await.expect_error(404, "INVALID_ACCOUNT");
        eve.get(&format!("/api/accounts/{others}")).await.expect(200);
    });
}
