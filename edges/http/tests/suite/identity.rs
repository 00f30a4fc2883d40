//! Registering, logging in and out, and the tokens that come of it.

use crate::bank::{PASSWORD, with_bank};
use serde_json::json;

#[test]
fn somebody_registers_and_is_logged_in() {
    with_bank(async |bank| {
        let body = json!({ "username": "Ann", "password": PASSWORD, "email": "ann@example.com" });
        let session = bank.send("POST", "/api/auth/register").json(&body).await.expect(201);
        assert_eq!((&session["tokenType"], &session["expiresIn"]), (&json!("Bearer"), &json!(900)));
        assert_eq!(session["user"]["username"], "ann");
        let token = session["accessToken"].as_str().unwrap();
        let me = bank.send("GET", "/api/auth/me").header("authorization", &format!("bearer {token}"));
        assert_eq!(me.await_answer().await.expect(200), session["user"]);
        let user = session["user"].as_object().unwrap();
        let fields: Vec<&str> = user.keys().map(String::as_str).collect();
        assert_eq!(fields, ["createdAt", "email", "emailVerified", "id", "mfaEnabled", "role", "username"]);
        assert_eq!((&user["email"], &user["role"]), (&json!("ann@example.com"), &json!("customer")));
    });
}

#[test]
fn a_session_goes_on_with_its_refresh_token_and_ends_with_the_logout() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let body = json!({ "username": "ann", "password": PASSWORD });
        let session = bank.send("POST", "/api/auth/login").json(&body).await.expect(200);
        let refresh = json!({ "refreshToken": session["refreshToken"] });
        let renewed = bank.send("POST", "/api/auth/refresh").json(&refresh).await.expect(200);
        assert_ne!(renewed["refreshToken"], session["refreshToken"]);
        let next = json!({ "refreshToken": renewed["refreshToken"] });
        bank.send("POST", "/api/auth/refresh").json(&next).await.expect(200);
        bank.send("POST", "/api/auth/refresh").json(&refresh).await.expect_error(401, "INVALID_REFRESH_TOKEN");

        let logout = ann.send("DELETE", "/api/auth/logout").await_answer().await;
        logout.expect(204);
        assert!(logout.bytes.is_empty());
        ann.get("/api/auth/me").await.expect_error(401, "SESSION_ENDED");
    });
}

#[test]
fn wrong_credentials_are_all_told_the_same() {
    with_bank(async |bank| {
        bank.customer("ann").await;
        for (username, password) in [("ann", "another password"), ("nobody", PASSWORD), ("", ""), ("ann", "")] {
            let body = json!({ "username": username, "password": password });
            let answer = bank.send("POST", "/api/auth/login").json(&body).await;
            let error = answer.expect_error(401, "INVALID_CREDENTIALS");
            assert_eq!((&error["details"], answer.header("www-authenticate")), (&json!({}), Some("Bearer")));
        }
    });
}

#[test]
fn a_bad_registration_names_the_field_and_the_rule() {
    with_bank(async |bank| {
        bank.customer("ann").await;
        let register = async |username: &str, password: &str, email: Option<&str>| {
            let body = json!({ "username": username, "password": password, "email": email });
            bank.send("POST", "/api/auth/register").json(&body).await
        };
        for (username, password, email, field) in [
            ("a", PASSWORD, None, "username"),
            ("bob", "short", None, "password"),
            ("bob", "password", None, "password"),
            ("bob", PASSWORD, Some("nowhere"), "email"),
        ] {
            let error = register(username, password, email).await.expect_error(400, "INVALID_REQUEST");
            assert_eq!(error["details"]["field"], field);
            assert!(!error["details"]["reason"].as_str().unwrap().is_empty());
        }
        register("ANN", PASSWORD, None).await.expect_error(409, "USERNAME_TAKEN");
    });
}

#[test]
fn finapps_paths_answer_as_its_clients_expect() {
    with_bank(async |bank| {
        let body = json!({ "username": "john_doe", "password": PASSWORD });
        let signup = bank.send("POST", "/signup").json(&body).await.expect(201);
        assert_eq!((&signup["message"], &signup["token_type"]), (&json!("User registered"), &json!("bearer")));
        assert_eq!(signup.as_object().unwrap().len(), 3);
        let login = bank.send("POST", "/login").json(&body).await.expect(200);
        assert_eq!((&login["role"], &login["token_type"]), (&json!("user"), &json!("bearer")));
        let token = login["access_token"].as_str().unwrap();
        let me = bank.send("GET", "/api/auth/me").header("authorization", &format!("Bearer {token}"));
        assert_eq!(me.await_answer().await.expect(200)["username"], "john_doe");

        bank.admin("root").await;
        let body = json!({ "username": "root", "password": PASSWORD });
        assert_eq!(bank.send("POST", "/login").json(&body).await.expect(200)["role"], "admin");
        let wrong = json!({ "username": "root", "password": "wrong" });
        bank.send("POST", "/login").json(&wrong).await.expect_error(401, "INVALID_CREDENTIALS");
    });
}

#[test]
fn only_a_good_token_opens_the_door() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let with = |value: String| bank.send("GET", "/api/accounts").header("authorization", &value);
        for value in ["", "Bearer", "Basic YW5uOnB3", &ann.token] {
            with(value.to_owned()).await_answer().await.expect_error(401, "UNAUTHENTICATED");
        }
        bank.send("GET", "/api/accounts").await_answer().await.expect_error(401, "UNAUTHENTICATED");
        let mut forged = ann.token.clone();
        forged.replace_range(forged.len() - 4.., "AAAA");
        for token in ["x", "a.b.c", &forged, &"x".repeat(5_000)] {
            let answer = with(format!("Bearer {token}")).await_answer().await;
            answer.expect_error(401, "INVALID_TOKEN");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer error=\"invalid_token\""));
        }
        with(format!("Bearer {}", ann.token)).await_answer().await.expect(200);
    });
}
