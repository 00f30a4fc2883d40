//! Seeing where one is logged in, and ending it.

use crate::bank::{Bank, PASSWORD, Person, open_door, with_bank, with_front_door};
use http_edge::FrontDoorSettings;
use serde_json::json;

async fn log_in<'a>(bank: &'a Bank, username: &str) -> Person<'a> {
    let body = json!({ "username": username, "password": PASSWORD });
    let session = bank.send("POST", "/api/auth/login").json(&body).await.expect(200);
    bank.person(session["accessToken"].as_str().unwrap())
}

#[test]
fn sessions_are_listed_in_pages_the_newest_first_and_the_current_one_is_marked() {
    with_bank(async |bank| {
        let first = bank.customer("ann").await;
        for _ in 0..2 {
            log_in(&bank, "ann").await;
        }
        bank.customer("bob").await;
        let page = first.get("/api/auth/sessions?limit=2").await.expect(200);
        let cursor = page["nextCursor"].as_str().unwrap();
        assert_eq!(page["data"].as_array().unwrap().len(), 2);
        assert_eq!((&page["data"][0]["current"], &page["data"][1]["current"]), (&json!(false), &json!(false)));
        let last = first.get(&format!("/api/auth/sessions?limit=2&cursor={cursor}")).await.expect(200);
        assert_eq!((last["data"].as_array().unwrap().len(), &last["nextCursor"]), (1, &json!(null)));
        assert_eq!(last["data"][0]["current"], true);
        let fields: Vec<&String> = last["data"][0].as_object().unwrap().keys().collect();
        assert_eq!(fields, ["address", "current", "expiresAt", "id", "lastSeenAt", "startedAt", "userAgent"]);
        first.get("/api/auth/sessions?cursor=x").await.expect_error(400, "INVALID_REQUEST");
    });
}

#[test]
fn sessions_show_from_where_they_were_begun_and_last_continued() {
    let door = FrontDoorSettings { trusted_proxies: "127.0.0.1".parse().unwrap(), ..open_door() };
    with_front_door(&door, async |bank| {
        let ann = bank.customer("ann").await;
        let unknown = &ann.get("/api/auth/sessions").await.expect(200)["data"][0];
        assert_eq!((&unknown["address"], &unknown["userAgent"]), (&json!(null), &json!(null)));
        let credentials = json!({ "username": "ann", "password": PASSWORD });
        let login = bank.send("POST", "/api/auth/login").coming_from("127.0.0.1");
        let login = login.header("x-forwarded-for", "203.0.113.9").header("user-agent", "Phone\t1.0");
        let session = login.json(&credentials).await.expect(200);
        let newest = async || ann.get("/api/auth/sessions").await.expect(200)["data"][0].clone();
        let shown = newest().await;
        assert_eq!((&shown["address"], &shown["userAgent"]), (&json!("203.0.113.9"), &json!("Phone?1.0")));
        let refresh = json!({ "refreshToken": session["refreshToken"] });
        let elsewhere = bank.send("POST", "/api/auth/refresh").coming_from("2001:db8::7");
        elsewhere.header("x-forwarded-for", "203.0.113.9").json(&refresh).await.expect(200);
        let shown = newest().await;
        assert_eq!((&shown["address"], &shown["userAgent"]), (&json!("2001:db8::7"), &json!(null)));
    });
}

#[test]
fn a_session_that_its_owner_ends_is_over_at_once() {
    with_bank(async |bank| {
        let (here, there) = (bank.customer("ann").await, log_in(&bank, "ann").await);
        there.get("/api/auth/me").await.expect(200);
        let sessions = there.get("/api/auth/sessions").await.expect(200);
        assert_eq!(sessions["data"][0]["current"], true);
        let path = format!("/api/auth/sessions/{}", sessions["data"][0]["id"].as_str().unwrap());
        here.send("DELETE", &path).await_answer().await.expect(204);
        there.get("/api/auth/me").await.expect_error(401, "SESSION_ENDED");
        here.send("DELETE", &path).await_answer().await.expect_error(404, "SESSION_NOT_FOUND");
        here.get("/api/auth/me").await.expect(200);
    });
}

#[test]
fn all_other_sessions_end_together_and_the_current_one_goes_on() {
    with_bank(async |bank| {
        let (here, bob) = (bank.customer("ann").await, bank.customer("bob").await);
        let others = [log_in(&bank, "ann").await, log_in(&bank, "ann").await];
        here.send("DELETE", "/api/auth/sessions").await_answer().await.expect(204);
        for other in others {
            other.get("/api/auth/me").await.expect_error(401, "SESSION_ENDED");
        }
        here.get("/api/auth/me").await.expect(200);
        bob.get("/api/auth/me").await.expect(200);
        assert_eq!(here.get("/api/auth/sessions").await.expect(200)["data"].as_array().unwrap().len(), 1);
    });
}
