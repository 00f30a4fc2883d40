//! The consent page as a browser meets it: who may say yes, with what, and what does not count as a yes.

use super::{CALLBACK, Client, Page, call, expect_refused, form, location};
use crate::bank::{PUBLIC_URL, with_bank, with_bank_of_second_factors};
use crate::second_factors::with_passkey;
use db::WallTime;
use outsiders::totp_code;
use serde_json::json;

#[test]
fn a_person_consents_and_the_program_reaches_what_they_allowed() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let client = Client::register(&bank, &ann, false).await;
        assert_eq!(client.secret, None);
        let answer = client.page().await.decide(&bank, &[]).await;
        let location = location(&answer);
        assert!(location.0.starts_with(&format!("{CALLBACK}?")), "{}", location.0);
        assert_eq!(location.parameter("state").as_deref(), Some("x y&z"));
        assert_eq!(location.parameter("iss").as_deref(), Some(PUBLIC_URL));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        let answer = client.exchange(&location.parameter("code").unwrap()).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let tokens = answer.expect(200);
        assert_eq!(
            (&tokens["token_type"], &tokens["expires_in"], &tokens["scope"]),
            (&json!("Bearer"), &json!(900), &json!("accounts:read"))
        );
        call(&bank, &tokens["access_token"], "/api/accounts").await.expect(200);
        let beyond = call(&bank, &tokens["access_token"], "/api/transactions").await;
        beyond.expect_error(403, "INSUFFICIENT_SCOPE");
        call(&bank, &tokens["access_token"], "/api/auth/grants").await.expect_error(403, "SESSION_REQUIRED");

        let refreshing =
            [("grant_type", "refresh_token"), ("refresh_token", tokens["refresh_token"].as_str().unwrap())];
        let renewed = client.post("/oauth/token", &refreshing).await.expect(200);
        call(&bank, &renewed["access_token"], "/api/accounts").await.expect(200);
        // The reply may have been lost; once what it led to is used, it was not.
        let again = client.post("/oauth/token", &refreshing).await.expect(200);
        assert_eq!(again["refresh_token"], renewed["refresh_token"]);
        let onwards = [("grant_type", "refresh_token"), ("refresh_token", again["refresh_token"].as_str().unwrap())];
        let newest = client.post("/oauth/token", &onwards).await.expect(200);
        expect_refused(&client.post("/oauth/token", &refreshing).await, 400, "invalid_grant");
        call(&bank, &newest["access_token"], "/api/accounts").await.expect_error(401, "SESSION_ENDED");
    });
}

#[test]
fn the_consent_keeps_nobody_logged_in() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let client = Client::register(&bank, &ann, false).await;
        client.code("ann").await;
        let sessions = ann.get("/api/auth/sessions").await.expect(200);
        assert_eq!(sessions["data"].as_array().unwrap().len(), 1, "only the one of the test itself: {sessions}");
    });
}

#[test]
fn the_page_shows_who_asks_for_what_and_nothing_can_be_put_into_or_around_it() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let page = Client::register(&bank, &ann, false).await.page().await;
        let text = String::from_utf8(page.answer.bytes.clone()).unwrap();
        assert!(text.contains("Budget &lt;b&gt;") && !text.contains("Budget <b>"), "{text}");
        assert!(text.contains("see your accounts") && text.contains("client.example"), "{text}");
        assert!(!text.contains("<script"), "it works without scripts");
        let policy = page.answer.header("content-security-policy").unwrap();
        for part in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self' https://client.example",
        ] {
            assert!(policy.contains(part), "{part} in {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(page.answer.header("x-frame-options"), Some("DENY"));
        assert_eq!(page.answer.header("cache-control"), Some("no-store"));
        let cookie = page.answer.header("set-cookie").unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    });
}

#[test]
fn no_answer_counts_that_does_not_come_from_the_page() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let client = Client::register(&bank, &ann, false).await;
        let (page, other) = (client.page().await, client.page().await);
        let other_request = page.request.replace("accounts%3Aread", "transactions%3Aread");
        assert_ne!(other_request, page.request);
        for changes in [
            [("csrf", "")],
            [("csrf", other.csrf.as_str())],
            [("csrf", "guessed")],
            [("request", other_request.as_str())],
        ] {
            let refused = page.decide(&bank, &changes).await;
            assert_eq!(refused.status.as_u16(), 403, "{changes:?}");
            assert!(refused.header("location").is_none());
        }
        let forged = Page { cookie: "florin_consent=".to_owned(), ..client.page().await };
        assert_eq!(forged.decide(&bank, &[]).await.status.as_u16(), 403, "without the cookie");
        let sending = bank.send("POST", "/oauth/authorize").header("cookie", &page.cookie);
        let fields = [("request", page.request.as_str()), ("csrf", &page.csrf), ("decision", "allow")];
        let sending = sending.header("content-type", "application/x-www-form-urlencoded");
        let refused = sending.header("sec-fetch-site", "cross-site").body(form(&fields)).await_answer().await;
        assert_eq!(refused.status.as_u16(), 403, "from another site");
    });
}

#[test]
fn whoever_is_not_the_person_or_says_no_gives_no_code() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let client = Client::register(&bank, &ann, false).await;
        let page = client.page().await;
        for changes in [[("password", "another password")], [("username", "nobody")], [("password", "")]] {
            let refused = page.decide(&bank, &changes).await;
            assert_eq!(refused.status.as_u16(), 403, "{changes:?}");
            let text = String::from_utf8(refused.bytes).unwrap();
            assert!(text.contains("The username or the password is wrong."), "{text}");
        }
        let denied = location(&page.decide(&bank, &[("decision", "deny")]).await);
        assert_eq!((denied.parameter("error").as_deref(), denied.parameter("code")), (Some("access_denied"), None));
        assert_eq!(denied.parameter("iss").as_deref(), Some(PUBLIC_URL));
        location(&page.decide(&bank, &[]).await).parameter("code").expect("the page is still good");
    });
}

#[test]
fn who_has_a_second_factor_consents_with_it() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let client = Client::register(&bank, &ann, false).await;
        let secret = ann.post("/api/auth/mfa/totp", &json!({})).await.expect(201)["secret"].clone();
        let now = WallTime::now();
        let code = json!({ "code": totp_code(secret.as_str().unwrap(), now) });
        let enabled = ann.post("/api/auth/mfa/totp/confirm", &code).await.expect(200);
        let recovery_code = enabled["recoveryCodes"][0].as_str().unwrap();
        let page = client.page().await;
        for wrong in ["", "12345", "nonsense", code["code"].as_str().unwrap()] {
            let refused = page.decide(&bank, &[("second_factor", wrong)]).await;
            assert_eq!(refused.status.as_u16(), 403, "{wrong}");
            assert!(String::from_utf8(refused.bytes).unwrap().contains("Type the code of your app"));
        }
        let next = totp_code(secret.as_str().unwrap(), now.plus_seconds(30));
        for right in [next.as_str(), recovery_code] {
            location(&page.decide(&bank, &[("second_factor", right)]).await).parameter("code").unwrap();
        }
    });
}

#[test]
fn nobody_without_a_second_factor_consents_where_everybody_needs_one() {
    with_bank_of_second_factors(async |bank| {
        let owner = bank.customer("owner").await;
        let (owner, _, _) = with_passkey(&bank, &owner).await;
        let client = Client::register(&bank, &owner, false).await;
        bank.customer("ann").await;
        let refused = client.page().await.decide(&bank, &[]).await;
        assert_eq!(refused.status.as_u16(), 403);
        assert!(String::from_utf8(refused.bytes).unwrap().contains("Set up a second factor first"));
    });
}
