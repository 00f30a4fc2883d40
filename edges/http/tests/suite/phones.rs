//! The number at which somebody is texted, over HTTP: whose it is, what goes there, and how often.

use crate::bank::{Answer, Bank, PASSWORD, Person, with_bank};
use db::WallTime;
use notifications::Outcome;
use serde_json::{Value, json};

const PATH: &str = "/api/notifications/phone";
const NUMBER: &str = "+491701234567";
const OTHER: &str = "+441632960961";

/// The texts that wait, as number and what they say; they are taken as sent.
async fn texts(bank: &Bank) -> Vec<(String, String)> {
    let now = WallTime::now();
    let texts = notifications::claim_texts(&bank.db, bank.identity.secrets(), 100, now).await.unwrap();
    for text in &texts {
        notifications::settle_message(&bank.db, text, Outcome::Sent, now).await.unwrap();
    }
    texts.into_iter().map(|text| (text.recipient, text.body)).collect()
}

async fn ask(person: &Person<'_>, number: &str) -> Answer {
    person.send("PUT", PATH).json(&json!({ "number": number })).await
}

async fn confirm(person: &Person<'_>, code: &str) -> Answer {
    person.post("/api/notifications/phone/confirm", &json!({ "code": code })).await
}

/// The code that was texted to a number just now.
async fn code(bank: &Bank, number: &str) -> String {
    let texts = texts(bank).await;
    let (_, said) = texts.iter().rev().find(|(to, _)| to == number).unwrap();
    said.chars().take_while(char::is_ascii_digit).collect()
}

/// Another code than the right one.
fn wrong(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    format!("{:06}", (number + 1) % 1_000_000)
}

async fn with_phone(bank: &Bank, person: &Person<'_>, number: &str) {
    ask(person, number).await.expect(200);
    let code = code(bank, number).await;
    confirm(person, &code).await.expect(200);
}

#[test]
fn a_number_is_somebodys_once_they_type_the_code_that_went_there() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let none = json!({ "number": Value::Null, "unconfirmed": Value::Null });
        assert_eq!(ann.get(PATH).await.expect(200), none);
        let asked = ask(&ann, " +49 (170) 123-45.67").await.expect(200);
        assert_eq!(asked, json!({ "number": Value::Null, "unconfirmed": NUMBER }));
        let code = code(&bank, NUMBER).await;
        assert_eq!(code.len(), 6);
        confirm(&ann, &wrong(&code)).await.expect_error(400, "INVALID_PHONE_CODE");
        // As people copy it.
        let confirmed = confirm(&ann, &format!(" {} {}\n", &code[..3], &code[3..])).await.expect(200);
        assert_eq!(confirmed, json!({ "number": NUMBER, "unconfirmed": Value::Null }));
        confirm(&ann, &code).await.expect_error(400, "INVALID_PHONE_CODE");
        assert_eq!(ann.get(PATH).await.expect(200), confirmed);
        let bob = bank.customer("bob").await;
        assert_eq!(bob.get(PATH).await.expect(200), none);
    });
}

#[test]
fn what_is_no_number_is_told_so_and_nothing_is_texted() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        for number in ["", "0170 1234567", "+49", "+4917012345678901234", "a number"] {
            let refused = ask(&ann, number).await;
            assert_eq!(refused.expect_error(400, "INVALID_REQUEST")["details"]["field"], "number", "{number}");
        }
        assert!(texts(&bank).await.is_empty());
    });
}

#[test]
fn codes_are_guessed_five_times_and_texted_five_times_an_hour() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        ask(&ann, NUMBER).await.expect(200);
        let first = code(&bank, NUMBER).await;
        for _ in 0..5 {
            confirm(&ann, &wrong(&first)).await.expect_error(400, "INVALID_PHONE_CODE");
        }
        confirm(&ann, &first).await.expect_error(400, "INVALID_PHONE_CODE");
        for number in [OTHER, NUMBER, NUMBER, NUMBER] {
            ask(&ann, number).await.expect(200);
        }
        // She is through with hers, whatever the number; and the number with its own, whoever asks.
        ask(&ann, OTHER).await.expect_error(429, "TOO_MANY_TEXTS");
        ann.send("DELETE", PATH).await_answer().await.expect(204);
        ask(&ann, OTHER).await.expect_error(429, "TOO_MANY_TEXTS");
        let bob = bank.customer("bob").await;
        ask(&bob, NUMBER).await.expect(200);
        ask(&bob, NUMBER).await.expect_error(429, "TOO_MANY_TEXTS");
        with_phone(&bank, &bob, OTHER).await;
    });
}

#[test]
fn the_number_of_before_is_told_that_it_changes_and_goes_on_until_then() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        with_phone(&bank, &ann, NUMBER).await;
        ask(&ann, OTHER).await.expect(200);
        assert_eq!(ann.get(PATH).await.expect(200), json!({ "number": NUMBER, "unconfirmed": OTHER }));
        let code = code(&bank, OTHER).await;
        confirm(&ann, &code).await.expect(200);
        let told = texts(&bank).await;
        assert!(told.len() == 1 && told[0].0 == NUMBER && told[0].1.contains("another number"), "{told:?}");
        ann.send("DELETE", PATH).await_answer().await.expect(204);
        let told = texts(&bank).await;
        assert!(told.len() == 1 && told[0].0 == OTHER && told[0].1.contains("no more texts"), "{told:?}");
        ann.send("DELETE", PATH).await_answer().await.expect(204);
        assert!(texts(&bank).await.is_empty());
        let events = outbox::numbered_after(&bank.db, 0, 1_000).await.unwrap();
        let of_phones = events.into_iter().filter(|event| event.kind.starts_with("notifications.phone_"));
        let told: Vec<(String, String)> = of_phones.map(|event| (event.kind, event.payload)).collect();
        let of = |kind: &str, last4: &str| (kind.to_owned(), format!(r#"{{"numberLast4":"{last4}"}}"#));
        let (confirmed, removed) = ("notifications.phone_confirmed", "notifications.phone_removed");
        assert_eq!(told, [of(confirmed, "4567"), of(confirmed, "0961"), of(removed, "0961")]);
    });
}

#[test]
fn what_protects_a_login_is_texted_in_short_and_in_their_language() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        ann.send("PUT", "/api/notifications/preferences").json(&json!({ "language": "de" })).await.expect(200);
        with_phone(&bank, &ann, NUMBER).await;
        let change = json!({ "currentPassword": PASSWORD, "newPassword": "another secure password" });
        ann.post("/api/auth/password", &change).await.expect(204);
        let told = texts(&bank).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].0, NUMBER);
        assert!(told[0].1.starts_with("Florin: Ihr Passwort wurde geändert."), "{told:?}");
    });
}

#[test]
fn somebody_asks_for_texts_of_news_and_cannot_have_those_of_their_login_switched_off() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let prefer = async |kind: &str, enabled: bool| {
            let one = json!({ "type": kind, "channel": "SMS", "enabled": enabled });
            ann.send("PUT", "/api/notifications/preferences").json(&json!({ "preferences": [one] })).await
        };
        let preferred = prefer("payments.transaction_settled", true).await.expect(200);
        assert_eq!(preferred["data"][0]["channel"], "SMS");
        prefer("auth.password_changed", false).await.expect_error(400, "INVALID_REQUEST");
    });
}
