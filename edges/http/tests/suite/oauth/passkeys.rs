//! Consent with a passkey and nothing else: asked on the page, answered once, for this page and by this browser.

use super::{Client, Page, attribute, location};
use crate::bank::{Answer, Bank, with_bank_of_second_factors};
use crate::second_factors::with_passkey;
use serde_json::{Value, json};

/// What the page asks passkeys, as its script finds it.
struct Question {
    answer: Answer,
    ceremony: String,
    bond: String,
    options: Value,
}

impl Question {
    async fn on(page: &Page, bank: &Bank) -> Self {
        let answer = page.send(bank, &[("decision", "passkey")]).await;
        answer.expect(200);
        let field = |name: &str| attribute(&answer, &format!("name=\"{name}\" value"));
        let options = serde_json::from_str(&attribute(&answer, "data-options")).unwrap();
        Self { ceremony: field("ceremony"), bond: field("bond"), options, answer }
    }

    async fn answered(&self, page: &Page, bank: &Bank, credential: &Value) -> Answer {
        let credential = credential.to_string();
        let fields = [
            ("decision", "allow"),
            ("ceremony", self.ceremony.as_str()),
            ("bond", self.bond.as_str()),
            ("credential", credential.as_str()),
        ];
        page.send(bank, &fields).await
    }
}

#[track_caller]
fn refused(answer: &Answer) {
    assert_eq!((answer.status.as_u16(), answer.header("location")), (403, None));
    assert!(String::from_utf8_lossy(&answer.bytes).contains("use your passkey"));
}

#[test]
fn who_has_only_a_passkey_consents_with_it() {
    with_bank_of_second_factors(async |bank| {
        let (ann, mut device, _) = with_passkey(&bank, &bank.customer("ann").await).await;
        let client = Client::register(&bank, &ann, false).await;
        let page = client.page().await;
        let question = Question::on(&page, &bank).await;
        let credential = device.get(&question.options);
        let code = location(&question.answered(&page, &bank, &credential).await).parameter("code").unwrap();
        let tokens = client.exchange(&code).await.expect(200);
        let token = tokens["access_token"].as_str().unwrap();
        bank.person(token).get("/api/accounts").await.expect(200);
        let sessions = ann.get("/api/auth/sessions").await.expect(200);
        assert_eq!(sessions["data"].as_array().unwrap().len(), 1, "nothing keeps them logged in: {sessions}");
        refused(&question.answered(&page, &bank, &credential).await);
    });
}

#[test]
fn an_answer_counts_on_the_page_that_asked_and_of_a_known_key_only() {
    with_bank_of_second_factors(async |bank| {
        let (ann, mut device, _) = with_passkey(&bank, &bank.customer("ann").await).await;
        let client = Client::register(&bank, &ann, false).await;
        let (page, other) = (client.page().await, client.page().await);
        let question = Question::on(&page, &bank).await;
        let credential = device.get(&question.options);
        refused(&question.answered(&other, &bank, &credential).await);

        let asked_elsewhere = bank.send("POST", "/api/auth/passkey/begin").json(&json!({})).await.expect(200);
        let ceremony = asked_elsewhere["ceremonyId"].as_str().unwrap().to_owned();
        let elsewhere = Question { ceremony, ..Question::on(&page, &bank).await };
        refused(&elsewhere.answered(&page, &bank, &device.get(&asked_elsewhere["options"])).await);

        let another = Question::on(&page, &bank).await;
        refused(&another.answered(&page, &bank, &credential).await);
        let mut stranger = device.clone();
        stranger.origin = "http://evil.example".to_owned();
        let posed = Question::on(&page, &bank).await;
        refused(&posed.answered(&page, &bank, &stranger.get(&posed.options)).await);
        let nothing = Question::on(&page, &bank).await;
        for nonsense in [json!({}), json!("x"), json!({ "id": "x", "type": "public-key" })] {
            assert_ne!(nothing.answered(&page, &bank, &nonsense).await.status.as_u16(), 303, "{nonsense}");
        }
        location(&question.answered(&page, &bank, &credential).await).parameter("code").expect("it was not used up");
    });
}

#[test]
fn the_page_may_load_our_script_only_while_it_asks_passkeys() {
    with_bank_of_second_factors(async |bank| {
        let (ann, _, _) = with_passkey(&bank, &bank.customer("ann").await).await;
        let page = Client::register(&bank, &ann, false).await.page().await;
        assert!(page.answer.header("content-security-policy").unwrap().contains("script-src 'none'"));
        let question = Question::on(&page, &bank).await;
        let policy = question.answer.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'; script-src 'self'; ") && !policy.contains("unsafe"), "{policy}");
        let text = String::from_utf8(question.answer.bytes.clone()).unwrap();
        assert_eq!(text.matches("<script").count(), 1);
        let path = attribute(&question.answer, "<script src");
        let script = bank.send("GET", &path).await_answer().await;
        assert_eq!(script.status.as_u16(), 200);
        assert_eq!(script.header("content-type"), Some("text/javascript; charset=utf-8"));
        assert_eq!(script.header("x-content-type-options"), Some("nosniff"));
        let denied = location(&page.send(&bank, &[("decision", "deny")]).await);
        assert_eq!(denied.parameter("error").as_deref(), Some("access_denied"));
    });
}
