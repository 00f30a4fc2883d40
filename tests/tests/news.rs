//! News by mail: in the language of whoever asked for it, at most one mail a minute, and what comes meanwhile in the next one.

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
