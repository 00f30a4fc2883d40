//! Clients and grants as their owners see them and take them back.

use super::{CALLBACK, Client, call, expect_refused};
use crate::bank::with_bank;
use serde_json::json;

#[test]
fn people_see_what_they_granted_and_take_it_back() {
    with_bank(async |bank| {
        let (ann, eve) = (bank.customer("ann").await, bank.customer("eve").await);
        let client = Client::register(&bank, &eve, true).await;
        let tokens = client.exchange(&client.code("ann").await).await.expect(200);
        let grants = ann.get("/api/auth/grants").await.expect(200);
        let grant = &grants["data"][0];
        assert_eq!((&grant["clientName"], &grant["scopes"]), (&json!("Budget <b>"), &json!(["accounts:read"])));
        let path = format!("/api/auth/grants/{}", grant["id"].as_str().unwrap());
        eve.send("DELETE", &path).await_answer().await.expect_error(404, "NOT_FOUND");
        ann.send("DELETE", &path).await_answer().await.expect(204);
        ann.send("DELETE", &path).await_answer().await.expect_error(404, "NOT_FOUND");
        call(&bank, &tokens["access_token"], "/api/accounts").await.expect_error(401, "SESSION_ENDED");
        assert_eq!(ann.get("/api/auth/grants").await.expect(200), json!({ "data": [], "nextCursor": null }));

        let clients = eve.get("/api/auth/oauth/clients").await.expect(200);
        assert_eq!((&clients["data"][0]["id"], clients["data"][0].get("secret")), (&json!(client.id), None));
        let path = format!("/api/auth/oauth/clients/{}", client.id);
        ann.send("DELETE", &path).await_answer().await.expect_error(404, "NOT_FOUND");
        eve.send("DELETE", &path).await_answer().await.expect(204);
        let refused = client.post("/oauth/token", &[("grant_type", "client_credentials")]).await;
        expect_refused(&refused, 401, "invalid_client");
    });
}

#[test]
fn a_client_that_cannot_be_registered_is_told_why() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        for (name, value) in [
            ("name", json!("")),
            ("name", json!("Fl\u{43e}rin")),
            ("name", json!("Florin\u{fe0f}")),
            ("redirectUris", json!(["http://client.example/"])),
            ("scopes", json!(["everything"])),
            ("scopes", json!([])),
        ] {
            let mut body = json!({ "name": "Budget", "redirectUris": [CALLBACK], "confidential": true, "scopes": ["accounts:read"] });
            body[name] = value;
            let error = ann.post("/api/auth/oauth/clients", &body).await.expect_error(400, "INVALID_REQUEST");
            assert_eq!(error["details"]["field"], name);
        }
    });
}
