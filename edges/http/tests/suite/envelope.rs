//! Every failure in the same envelope, those of the framework included.

use crate::bank::{PASSWORD, transfer, with_bank, with_damaged_bank};
use axum::body::{Body, Bytes};
use serde_json::json;

#[test]
fn what_is_not_json_is_told_where() {
    with_bank(async |bank| {
        for body in ["", "{", "{\"username\"", "nonsense", "{\"username\":\"a\",}", "{} {}", "{\"username\":\"\u{1}\"}"]
        {
            let error = bank.send("POST", "/api/auth/login").text(body).await.expect_error(400, "INVALID_JSON");
            assert!(error["details"]["line"].is_u64() && error["details"]["column"].is_u64(), "{body:?}");
            assert!(!error["details"]["reason"].as_str().unwrap().contains("line"), "{error}");
        }
        let broken = [b"{\"username\":\"".as_slice(), &[0xff, 0xfe], b"\"}"].concat();
        let answer = bank.send("POST", "/api/auth/login").text(broken).await;
        assert_eq!(answer.status.as_u16(), 400);
        let deep = format!("{{\"username\":{}", "[".repeat(10_000));
        assert_eq!(bank.send("POST", "/api/auth/login").text(deep).await.status.as_u16(), 400);
    });
}

#[test]
fn a_wrong_field_is_named_with_the_reason() {
    with_bank(async |bank| {
        for (body, field, reason) in [
            (r#"{"username":"ann"}"#, "password", "is required"),
            (r#"{"username":"ann","password":"p","admin":true}"#, "admin", "is not known here"),
            (r#"{"username":"ann","username":"bob","password":"p"}"#, "username", "is given twice"),
            (r#"{"username":1,"password":"p"}"#, "username", "must be text"),
            (r#"{"username":null,"password":"p"}"#, "username", "must be text"),
            (r#"["ann","secure_password"]"#, "body", "must be an object"),
            (r#""ann""#, "body", "must be an object"),
            ("null", "body", "must be an object"),
        ] {
            let error = bank.send("POST", "/api/auth/login").text(body).await.expect_error(400, "INVALID_REQUEST");
            assert_eq!(error["details"]["field"], field, "{body}");
            assert!(error["details"]["reason"].as_str().unwrap().contains(reason), "{body}: {error}");
        }
    });
}

#[test]
fn routes_and_methods_that_do_not_exist_say_so() {
    with_bank(async |bank| {
        for path in ["/api", "/api/nothing", "/api/accounts/", "/api/transactions/a/b/c", "/..", "/%ff"] {
            bank.send("GET", path).await_answer().await.expect_error(404, "NOT_FOUND");
            bank.send("POST", &format!("{path}?x=1")).await_answer().await.expect_error(404, "NOT_FOUND");
        }
        for (method, path, allowed) in [
            ("PUT", "/api/accounts", "GET,HEAD,POST"),
            ("PATCH", "/api/accounts/acct_x", "GET,HEAD,PUT,DELETE"),
            ("GET", "/api/auth/login", "POST"),
            ("DELETE", "/health", "GET,HEAD"),
            ("BREW", "/health", "GET,HEAD"),
            ("OPTIONS", "/api/transactions/transfer", "POST"),
        ] {
            let answer = bank.send(method, path).await_answer().await;
            answer.expect_error(405, "METHOD_NOT_ALLOWED");
            assert_eq!(answer.header("allow"), Some(allowed), "{method} {path}");
        }
    });
}

#[test]
fn bodies_have_a_type_and_a_size() {
    with_bank(async |bank| {
        let body = json!({ "username": "ann", "password": PASSWORD }).to_string();
        for declared in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
            let mut sending = bank.send("POST", "/api/auth/register").header("content-type", declared);
            sending = sending.body(body.clone());
            sending.await_answer().await.expect_error(415, "UNSUPPORTED_MEDIA_TYPE");
        }
        let undeclared = bank.send("POST", "/api/auth/register").body(body.clone()).await_answer().await;
        undeclared.expect_error(415, "UNSUPPORTED_MEDIA_TYPE");
        let sending = bank.send("POST", "/api/auth/register").header("content-type", "Application/JSON; charset=utf-8");
        sending.body(body).await_answer().await.expect(201);

        let large = format!("{{\"username\":\"{}\"}}", "x".repeat(1024 * 1024));
        let announced = bank.send("POST", "/api/auth/login").header("content-length", "1048600");
        announced.text(large.clone()).await.expect_error(413, "PAYLOAD_TOO_LARGE");
        let pieces: Vec<Result<Bytes, std::io::Error>> =
            large.as_bytes().chunks(10_000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let streamed = Body::from_stream(futures_util::stream::iter(pieces));
        bank.send("POST", "/api/auth/login").text(streamed).await.expect_error(413, "PAYLOAD_TOO_LARGE");
        let torn: Vec<Result<Bytes, std::io::Error>> =
            vec![Ok(Bytes::from_static(b"{")), Err(std::io::ErrorKind::ConnectionReset.into())];
        let torn = Body::from_stream(futures_util::stream::iter(torn));
        bank.send("POST", "/api/auth/login").text(torn).await.expect_error(400, "INVALID_REQUEST");
    });
}

#[test]
fn every_reply_has_the_requests_name_and_is_not_sniffed_or_stored() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        for (method, path) in
            [("GET", "/api/auth/me"), ("GET", "/api/nothing"), ("PUT", "/api/accounts"), ("POST", "/api/accounts")]
        {
            let answer = ann.send(method, path).header("x-request-id", "my.request-1_a").await_answer().await;
            assert_eq!(answer.header("x-request-id"), Some("my.request-1_a"));
            assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            if !answer.status.is_success() {
                assert_eq!(answer.json()["requestId"], "my.request-1_a");
            }
            let answer = ann.send(method, path).header("x-request-id", "<script>").await_answer().await;
            assert!(answer.header("x-request-id").unwrap().starts_with("req_"));
        }
    });
}

#[test]
fn a_defect_of_ours_is_told_without_details() {
    with_damaged_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let account = ids::AccountId::generate().to_string();
        let transfer = transfer(&account, &ids::AccountId::generate().to_string(), "1.00");
        for (answer, (status, code)) in [
            (ann.get(&format!("/api/accounts/{account}/balance")).await, (500, "INTERNAL")),
            (ann.pay("/api/transactions/transfer", &transfer).await, (500, "INTERNAL")),
            // Whatever is wrong, it is no time for work.
            (bank.send("GET", "/ready").await_answer().await, (503, "SERVICE_UNAVAILABLE")),
        ] {
            assert_eq!(answer.expect_error(status, code)["details"], json!({}));
            let text = String::from_utf8_lossy(&answer.bytes).to_lowercase();
            assert!(["ledger", "table", "relation", "sql"].iter().all(|word| !text.contains(word)), "{text}");
        }
        bank.send("GET", "/health").await_answer().await.expect(200);
    });
}
