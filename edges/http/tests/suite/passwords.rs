//! Changing a password, verifying an address, and getting back in by mail, over HTTP.

use crate::bank::{Answer, Bank, PASSWORD, with_bank, with_bank_in};
use db::WallTime;
use http_edge::Mode;
use notifications::Outcome;
use serde_json::{Value, json};

const NEW: &str = "another secure password";

/// The tokens in the mails that wait; the mails are taken as sent.
async fn tokens(bank: &Bank) -> Vec<String> {
    let now = WallTime::now();
    bank.identity.answer_reset_requests(now).await.unwrap();
    let mails = notifications::claim_mails(&bank.db, bank.identity.secrets(), 100, now).await.unwrap();
    for mail in &mails {
        notifications::settle_message(&bank.db, mail, Outcome::Sent, now).await.unwrap();
    }
    let token = |body: &str| body.lines().find_map(|line| line.strip_prefix("    ")).map(ToOwned::to_owned);
    mails.iter().filter_map(|mail| token(&mail.body)).collect()
}

async fn register(bank: &Bank, username: &str) -> Value {
    let body = json!({ "username": username, "password": PASSWORD, "email": format!("{username}@example.com") });
    bank.send("POST", "/api/auth/register").json(&body).await.expect(201)
}

async fn post(bank: &Bank, path: &str, body: Value) -> Answer {
    bank.send("POST", path).json(&body).await
}

async fn log_in(bank: &Bank, username: &str, password: &str) -> Answer {
    post(bank, "/api/auth/login", json!({ "username": username, "password": password })).await
}

#[test]
fn a_password_is_changed_with_the_current_one_and_named_fields_tell_what_is_wrong() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let change = async |current: &str, new: &str| {
            ann.post("/api/auth/password", &json!({ "currentPassword": current, "newPassword": new })).await
        };
        let wrong = change("wrong password", NEW).await;
        assert_eq!(wrong.expect_error(401, "INVALID_CREDENTIALS")["details"]["field"], "currentPassword");
        let weak = change(PASSWORD, "password").await;
        assert_eq!(weak.expect_error(400, "INVALID_REQUEST")["details"]["field"], "newPassword");
        change(PASSWORD, NEW).await.expect(204);
        ann.get("/api/auth/me").await.expect(200);
        log_in(&bank, "ann", PASSWORD).await.expect_error(401, "INVALID_CREDENTIALS");
        log_in(&bank, "ann", NEW).await.expect(200);
    });
}

#[test]
fn an_address_is_verified_with_the_mailed_token() {
    with_bank(async |bank| {
        let session = register(&bank, "ann").await;
        assert_eq!(session["user"]["emailVerified"], false);
        let ann = bank.person(session["accessToken"].as_str().unwrap());
        ann.send("POST", "/api/auth/email/verification").await_answer().await.expect(202);
        let tokens = tokens(&bank).await;
        assert_eq!(tokens.len(), 2);
        let verify = async |token: &str| post(&bank, "/api/auth/email/verify", json!({ "token": token })).await;
        verify("x").await.expect_error(400, "INVALID_MAIL_TOKEN");
        verify(&format!(" {}\n", tokens[0])).await.expect(204);
        verify(&tokens[1]).await.expect_error(400, "INVALID_MAIL_TOKEN");
        assert_eq!(ann.get("/api/auth/me").await.expect(200)["emailVerified"], true);
        let moved = ann.send("PUT", "/api/auth/email").json(&json!({ "email": "new@example.com" })).await.expect(200);
        assert_eq!((&moved["email"], &moved["emailVerified"]), (&json!("new@example.com"), &json!(false)));
    });
}

#[test]
fn an_address_that_is_not_there_or_asked_for_too_often_is_told_so() {
    with_bank(async |bank| {
        let bob = bank.customer("bob").await;
        let request = async |person: &crate::bank::Person<'_>| {
            person.send("POST", "/api/auth/email/verification").await_answer().await
        };
        request(&bob).await.expect_error(422, "EMAIL_MISSING");
        let session = register(&bank, "ann").await;
        let ann = bank.person(session["accessToken"].as_str().unwrap());
        for _ in 0..4 {
            request(&ann).await.expect(202);
        }
        let enough = request(&ann).await;
        enough.expect_error(429, "TOO_MANY_MAILS");
        assert_eq!(enough.header("retry-after"), Some("3600"));
    });
}

#[test]
fn whoever_forgot_their_password_gets_back_in_and_the_answer_tells_nothing() {
    with_bank(async |bank| {
        let session = register(&bank, "ann").await;
        let verification = tokens(&bank).await;
        post(&bank, "/api/auth/email/verify", json!({ "token": verification[0] })).await.expect(204);
        let mut answers = Vec::new();
        for who in [
            json!({ "username": "ann" }),
            json!({ "username": "nobody" }),
            json!({ "email": "ann@example.com" }),
            json!({ "email": "nobody@example.com" }),
        ] {
            answers.push(post(&bank, "/api/auth/password/forgot", who).await.expect(202));
        }
        assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
        let tokens = tokens(&bank).await;
        assert_eq!(tokens.len(), 2);
        let reset = async |token: &str, new: &str| {
            post(&bank, "/api/auth/password/reset", json!({ "token": token, "newPassword": new })).await
        };
        let weak = reset(&tokens[0], "short").await;
        assert_eq!(weak.expect_error(400, "INVALID_REQUEST")["details"]["field"], "newPassword");
        reset(&tokens[0], NEW).await.expect(204);
        reset(&tokens[1], PASSWORD).await.expect_error(400, "INVALID_MAIL_TOKEN");
        bank.person(session["accessToken"].as_str().unwrap())
            .get("/api/auth/me")
            .await
            .expect_error(401, "SESSION_ENDED");
        log_in(&bank, "ann", PASSWORD).await.expect_error(401, "INVALID_CREDENTIALS");
        log_in(&bank, "ann", NEW).await.expect(200);
    });
}

#[test]
fn asking_for_a_new_password_takes_a_name_or_an_address_and_not_both() {
    with_bank(async |bank| {
        for body in [json!({}), json!({ "username": "ann", "email": "ann@example.com" }), json!({ "email": "nowhere" })]
        {
            post(&bank, "/api/auth/password/forgot", body).await.expect_error(400, "INVALID_REQUEST");
        }
    });
}

#[test]
fn a_bank_without_a_mail_server_says_so() {
    with_bank_in(Mode::Production, async |bank| {
        let session = register(&bank, "ann").await;
        let ann = bank.person(session["accessToken"].as_str().unwrap());
        let answers = [
            post(&bank, "/api/auth/password/forgot", json!({ "username": "ann" })).await,
            ann.send("POST", "/api/auth/email/verification").await_answer().await,
            ann.send("PUT", "/api/auth/email").json(&json!({ "email": "new@example.com" })).await,
        ];
        for answer in answers {
            answer.expect_error(503, "MAIL_UNAVAILABLE");
        }
    });
}
