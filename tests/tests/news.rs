//! News by mail and by text: in the language of whoever asked for it, at most one mail and one text a minute, and what comes
//! meanwhile in the next one.

use serde_json::json;
use std::fs;
use std::time::Duration;
use stories::{Bank, Client, PASSWORD, Server, on_each_engine, transfer, until_some};

const MAIL_TIME_MAX: Duration = Duration::from_secs(30);
const QUIET: Duration = Duration::from_secs(60);

/// The mails to an address that have this subject, the oldest first.
fn mails(bank: &Bank, address: &str, subject: &str) -> Vec<String> {
    let entries = fs::read_dir(bank.folder().join("mail")).into_iter().flatten();
    let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
    files.sort();
    let mails = files.into_iter().filter_map(|path| fs::read_to_string(path).ok());
    mails
        .filter(|mail| mail.contains(&format!("<{address}>")) && mail.contains(&format!("Subject: {subject}")))
        .collect()
}

/// Somebody whose address is verified.
fn reader(bank: &Bank, server: &Server, username: &str) -> Client {
    let address = format!("{username}@example.com");
    let body = json!({ "username": username, "password": PASSWORD, "email": address });
    let session = server.anonymous().post("/api/auth/register", &body).expect(201);
    let mail = until_some("the address is to be verified", MAIL_TIME_MAX, || {
        mails(bank, &address, "Confirm your e-mail address").pop()
    });
    let token = mail.lines().find_map(|line| line.strip_prefix("    ")).expect("the mail holds a token").trim_end();
    server.anonymous().post("/api/auth/email/verify", &json!({ "token": token })).expect(204);
    server.client(session["accessToken"].as_str().expect("a session has a token"))
}

/// The texts to a number, the oldest first.
fn texts(bank: &Bank, number: &str) -> Vec<String> {
    let entries = fs::read_dir(bank.folder().join("sms")).into_iter().flatten();
    let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    let texts = files.into_iter().filter_map(|path| fs::read_to_string(path).ok());
    texts.filter_map(|text| Some(text.strip_prefix(&format!("To: {number}\n\n"))?.to_owned())).collect()
}

#[test]
fn texts_go_to_the_number_that_somebody_has_shown_and_say_nothing_of_what_happened() {
    const NUMBER: &str = "+491701234567";
    on_each_engine(|bank| {
        let server = bank.serve();
        let (ann, bob) = (server.register("ann"), server.register("bob"));
        let (source, of_bob) = (ann.open_account_with("100.00"), bob.open_account("USD"));
        bob.put("/api/notifications/phone", &json!({ "number": NUMBER })).expect(200);
        let code = until_some("the code is texted", MAIL_TIME_MAX, || texts(&bank, NUMBER).pop());
        let confirmation = json!({ "code": &code[..6] });
        // A server that is killed has lost nothing.
        server.kill();
        let server = bank.serve();
        let (ann, bob) = (server.log_in("ann", PASSWORD), server.log_in("bob", PASSWORD));
        bob.post("/api/notifications/phone/confirm", &confirmation).expect(200);
        let wish = json!({ "type": "payments.transaction_settled", "channel": "SMS", "enabled": true });
        bob.put("/api/notifications/preferences", &json!({ "preferences": [wish] })).expect(200);
        ann.pay("/api/transactions/transfer", &transfer(&source, &of_bob, "1.11")).expect(201);
        let news = until_some("the news is texted", MAIL_TIME_MAX, || texts(&bank, NUMBER).get(1).cloned());
        assert!(news.starts_with("Florin: there is news") && !news.contains("1.11"), "{news}");
        server.stop();
    });
}

#[test]
fn news_comes_by_mail_to_who_asked_for_it_and_not_more_than_once_a_minute() {
    on_each_engine(|bank| {
        let server = bank.serve();
        let (ann, bob, eve) = (server.register("ann"), reader(&bank, &server, "bob"), reader(&bank, &server, "eve"));
        let (source, of_bob, of_eve) =
            (ann.open_account_with("100.00"), bob.open_account("USD"), eve.open_account("USD"));
        let wish = json!({
            "language": "de",
            "preferences": [{ "type": "payments.transaction_settled", "channel": "MAIL", "enabled": true }]
        });
        assert_eq!(bob.put("/api/notifications/preferences", &wish).expect(200)["language"], "de");
        let pay = |destination: &str, amount: &str| {
            ann.pay("/api/transactions/transfer", &transfer(&source, destination, amount)).expect(201);
        };
        pay(&of_bob, "1.11");
        pay(&of_eve, "1.11");
        let news = || mails(&bank, "bob@example.com", "Neues von Ihren Konten");
        let first = until_some("Bob is mailed", MAIL_TIME_MAX, || news().pop());
        assert!(first.contains("Sie haben 1.11 USD erhalten."), "{first}");
        assert!(first.contains("text/plain") && first.contains("text/html"), "{first}");
        pay(&of_bob, "2.22");
        pay(&of_bob, "3.33");
        std::thread::sleep(Duration::from_secs(5));
        assert_eq!(news().len(), 1, "a minute is not over");
        let all = until_some("the next mail", QUIET + MAIL_TIME_MAX, || Some(news()).filter(|news| news.len() == 2));
        assert!(all.iter().any(|mail| mail.contains("2.22 USD") && mail.contains("3.33 USD")), "{all:?}");
        assert!(mails(&bank, "eve@example.com", "News of your accounts").is_empty(), "Eve asked for nothing");
        server.stop();
    });
}
