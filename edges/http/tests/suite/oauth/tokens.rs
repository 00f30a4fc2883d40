//! Codes and tokens in the hands of programs: good once, for whom they are meant, until they are given back.

use super::{CHALLENGE, Client, VERIFIER, call, expect_refused, post_form};
use crate::bank::{PUBLIC_URL, with_bank};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

#[test]
fn a_code_is_only_good_once_for_its_client_with_its_verifier() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let client = Client::register(&bank, &ann, false).await;
        let other = Client::register(&bank, &ann, true).await;
        let code = client.code("ann").await;
        expect_refused(&other.exchange(&code).await, 400, "invalid_grant");
        let exchange = async |changes: (&str, &str)| {
            let usual = [("grant_type", "authorization_code"), ("code", code.as_str()), ("code_verifier", VERIFIER)];
            let fields = usual.map(|(name, value)| (name, if name == changes.0 { changes.1 } else { value }));
            client.post("/oauth/token", &fields).await
        };
        expect_refused(&exchange(("code_verifier", CHALLENGE)).await, 400, "invalid_grant");
        expect_refused(&exchange(("code_verifier", "")).await, 400, "invalid_request");
        expect_refused(&exchange(("code", "guessed")).await, 400, "invalid_grant");
        expect_refused(&exchange(("grant_type", "password")).await, 400, "unsupported_grant_type");
        expect_refused(&exchange(("grant_type", "")).await, 400, "invalid_request");
        let tokens = client.exchange(&code).await.expect(200);
        expect_refused(&client.exchange(&code).await, 400, "invalid_grant");
        let call = call(&bank, &tokens["access_token"], "/api/accounts").await;
        call.expect_error(401, "SESSION_ENDED");
    });
}

#[test]
fn a_client_proves_itself_in_the_header_or_in_the_form() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let client = Client::register(&bank, &ann, true).await;
        let (id, secret) = (client.id.as_str(), client.secret.as_deref().unwrap());
        let basic = async |id: &str, secret: &str| {
            let value = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
            let sending = bank.send("POST", "/oauth/token").header("authorization", &value);
            let sending = sending.header("content-type", "application/x-www-form-urlencoded");
            sending.body("grant_type=client_credentials&scope=accounts%3Aread").await_answer().await
        };
        let tokens = basic(id, secret).await.expect(200);
        assert_eq!((&tokens["scope"], tokens.get("refresh_token")), (&json!("accounts:read"), None));
        call(&bank, &tokens["access_token"], "/api/accounts").await.expect(200);
        client.post("/oauth/token", &[("grant_type", "client_credentials")]).await.expect(200);
        for refused in [
            basic(id, "wrong").await,
            basic(id, "").await,
            basic("client_00000000000000000000000000", secret).await,
            post_form(&bank, "/oauth/token", &[("grant_type", "client_credentials"), ("client_id", id)]).await,
            post_form(&bank, "/oauth/introspect", &[("token", "x")]).await,
            post_form(&bank, "/oauth/revoke", &[("token", "x"), ("client_id", id)]).await,
        ] {
            expect_refused(&refused, 401, "invalid_client");
            assert!(refused.header("www-authenticate").unwrap().starts_with("Basic realm="));
        }
        let wider = [("grant_type", "client_credentials"), ("scope", "transactions:write")];
        expect_refused(&client.post("/oauth/token", &wider).await, 400, "invalid_scope");
        let public = Client::register(&bank, &ann, false).await;
        let refused = public.post("/oauth/token", &[("grant_type", "client_credentials")]).await;
        expect_refused(&refused, 400, "unauthorized_client");
    });
}

#[test]
fn tokens_are_looked_into_and_given_back() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let client = Client::register(&bank, &ann, true).await;
        let other = Client::register(&bank, &ann, true).await;
        let tokens = client.exchange(&client.code("ann").await).await.expect(200);
        let token = tokens["access_token"].as_str().unwrap();
        let known = client.post("/oauth/introspect", &[("token", token)]).await.expect(200);
        assert_eq!(
            (&known["active"], &known["scope"], &known["username"]),
            (&json!(true), &json!("accounts:read"), &json!("ann"))
        );
        assert_eq!((&known["client_id"], &known["iss"]), (&json!(client.id), &json!(PUBLIC_URL)));
        let inactive = json!({ "active": false });
        assert_eq!(other.post("/oauth/introspect", &[("token", token)]).await.expect(200), inactive);
        assert_eq!(client.post("/oauth/introspect", &[("token", &ann.token)]).await.expect(200), inactive);
        expect_refused(&other.post("/oauth/revoke", &[("token", token)]).await, 400, "invalid_grant");
        client.post("/oauth/revoke", &[("token", "unknown")]).await.expect(200);
        client.post("/oauth/revoke", &[("token", token), ("token_type_hint", "access_token")]).await.expect(200);
        assert_eq!(client.post("/oauth/introspect", &[("token", token)]).await.expect(200), inactive);
        call(&bank, &tokens["access_token"], "/api/accounts").await.expect_error(401, "SESSION_ENDED");
    });
}
