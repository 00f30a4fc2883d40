//! What the authorization server is asked: where it sends nobody, what it refuses, and what it says of itself.

use super::{CALLBACK, Client, Location, expect_refused};
use crate::bank::{PUBLIC_URL, with_bank};
use serde_json::json;

#[test]
fn nobody_is_sent_to_an_address_that_is_not_registered() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let client = Client::register(&bank, &ann, false).await;
        for (name, value) in [
            ("redirect_uri", "https://evil.example/callback"),
            ("redirect_uri", "https://client.example/callback/"),
            ("redirect_uri", "https://client.example/callback?next=https://evil.example"),
            ("redirect_uri", "https://client.example@evil.example/callback"),
            ("redirect_uri", "//evil.example"),
            ("redirect_uri", "javascript:alert(1)"),
            ("redirect_uri", ""),
            ("client_id", "client_00000000000000000000000000"),
            ("client_id", "<script>"),
            ("client_id", ""),
        ] {
            let answer = client.ask(&[(name, value)]).await;
            assert_eq!((answer.status.as_u16(), answer.header("location")), (400, None), "{name}={value}");
            assert!(answer.header("content-type").unwrap().starts_with("text/html"));
            assert!(!String::from_utf8(answer.bytes).unwrap().contains("evil"), "what was sent is not repeated");
        }
        let repeated = format!("/oauth/authorize?{}&redirect_uri=https://evil.example", client.query(&[]));
        assert_eq!(bank.send("GET", &repeated).await_answer().await.status.as_u16(), 400);
    });
}

#[test]
fn a_request_that_is_not_in_order_is_told_to_the_person_who_may_go_back_with_it() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let client = Client::register(&bank, &ann, false).await;
        for (name, value, error) in [
            ("code_challenge", "", "invalid_request"),
            ("code_challenge", "short", "invalid_request"),
            ("code_challenge_method", "", "invalid_request"),
            ("code_challenge_method", "plain", "invalid_request"),
            ("response_type", "token", "unsupported_response_type"),
            ("scope", "accounts:write", "invalid_scope"),
            ("scope", "admin", "invalid_scope"),
        ] {
            let answer = client.ask(&[(name, value)]).await;
            assert_eq!((answer.status.as_u16(), answer.header("location")), (400, None), "nobody is sent on unasked");
            let page = String::from_utf8(answer.bytes).unwrap();
            let link = page.split("<a href=\"").nth(1).unwrap().split('"').next().unwrap();
            let back = Location(link.replace("&amp;", "&"));
            assert!(back.0.starts_with(&format!("{CALLBACK}?")), "{}", back.0);
            assert_eq!(back.parameter("error").as_deref(), Some(error), "{name}={value}");
            assert_eq!(back.parameter("state").as_deref(), Some("x y&z"));
            assert_eq!(back.parameter("iss").as_deref(), Some(PUBLIC_URL));
        }
    });
}

#[test]
fn what_is_not_a_form_is_refused_in_oauths_words() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let client = Client::register(&bank, &ann, true).await;
        let json = bank.send("POST", "/oauth/token").json(&json!({ "grant_type": "client_credentials" })).await;
        expect_refused(&json, 400, "invalid_request");
        let twice = [("grant_type", "client_credentials"), ("grant_type", "authorization_code")];
        expect_refused(&client.post("/oauth/token", &twice).await, 400, "invalid_request");
        let large = "a".repeat(2 * 1024 * 1024);
        client.post("/oauth/token", &[("code", &large)]).await.expect_error(413, "PAYLOAD_TOO_LARGE");
    });
}

#[test]
fn the_metadata_names_every_endpoint_and_only_what_works() {
    with_bank(async |bank| {
        let metadata = bank.send("GET", "/.well-known/oauth-authorization-server").await_answer().await.expect(200);
        assert_eq!(metadata["issuer"], PUBLIC_URL);
        assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
        assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
        for (name, value) in metadata.as_object().unwrap().iter().filter(|(name, _)| name.ends_with("endpoint")) {
            let path = value.as_str().unwrap().strip_prefix(PUBLIC_URL).unwrap();
            assert!(http_edge::ROUTES.iter().any(|spec| spec.path == path), "{name}");
        }
    });
}
