//! A customer who forgets their password: the address is verified from a mail, the way back in comes by mail, and old
//! sessions are dead. And the mail server: away, back, and a bank that is killed in between.

use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;
use stories::{Bank, MailServer, PASSWORD, Server, eventually, on_each_engine, until_some};

const NEW: &str = "a new horse and a new battery";
const MAIL_TIME_MAX: Duration = Duration::from_secs(30);

fn register(server: &Server, username: &str) -> (stories::Client, String) {
    let body = json!({ "username": username, "password": PASSWORD, "email": format!("{username}@example.com") });
    let session = server.anonymous().post("/api/auth/register", &body).expect(201);
    let text = |name: &str| session[name].as_str().expect("a session has tokens").to_owned();
    (server.client(&text("accessToken")), text("refreshToken"))
}

/// The files of the mails that were written so far, in the order of time.
fn files(bank: &Bank) -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(bank.folder().join("mail")).into_iter().flatten();
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "eml")).collect()
}

/// Waits for a mail about this that was not there before, and gives what it says.
fn next_mail(bank: &Bank, before: &BTreeSet<PathBuf>, subject: &str) -> String {
    until_some(subject, MAIL_TIME_MAX, || {
        let new = files(bank).into_iter().filter(|path| !before.contains(path));
        let mut mails = new.filter_map(|path| fs::read_to_string(path).ok());
        mails.find(|mail| mail.contains(&format!("Subject: {subject}")))
    })
}

/// The token in a mail: it stands alone and indented.
fn token(mail: &str) -> &str {
    mail.lines().find_map(|line| line.strip_prefix("    ")).expect("the mail holds a token").trim_end()
}

#[test]
fn whoever_forgot_their_password_gets_back_in_by_mail_and_old_sessions_are_dead() {
    on_each_engine(|bank| {
        let server = bank.serve();
        let (ann, refresh_token) = register(&server, "ann");
        let nothing = BTreeSet::new();
        let verification = next_mail(&bank, &nothing, "Confirm your e-mail address");
        assert!(verification.contains("To: <ann@example.com>"), "{verification}");
        let anonymous = server.anonymous();
        anonymous.post("/api/auth/email/verify", &json!({ "token": token(&verification) })).expect(204);
        assert_eq!(ann.get("/api/auth/me").expect(200)["emailVerified"], true);

        let before = files(&bank);
        let forgotten = anonymous.post("/api/auth/password/forgot", &json!({ "email": "ann@example.com" })).expect(202);
        let unknown = anonymous.post("/api/auth/password/forgot", &json!({ "email": "eve@example.com" })).expect(202);
        assert_eq!(forgotten, unknown);
        let mail = next_mail(&bank, &before, "Choose a new password");
        let reset = json!({ "token": token(&mail), "newPassword": NEW });
        anonymous.post("/api/auth/password/reset", &reset).expect(204);
        anonymous.post("/api/auth/password/reset", &reset).expect_error(400, "INVALID_MAIL_TOKEN");

        ann.get("/api/auth/me").expect_error(401, "SESSION_ENDED");
        let refresh = anonymous.post("/api/auth/refresh", &json!({ "refreshToken": refresh_token }));
        refresh.expect_error(401, "INVALID_REFRESH_TOKEN");
        let log_in =
            |password: &str| anonymous.post("/api/auth/login", &json!({ "username": "ann", "password": password }));
        log_in(PASSWORD).expect_error(401, "INVALID_CREDENTIALS");
        log_in(NEW).expect(200);
        let notice = next_mail(&bank, &before, "Your password was reset");
        assert!(!notice.contains(NEW), "{notice}");
        for secret in [token(&verification), token(&mail), NEW] {
            assert!(!server.log().contains(secret), "the log holds a secret");
        }
        server.stop();
    });
}

#[test]
fn mails_survive_a_mail_server_that_is_away_and_a_bank_that_is_killed_meanwhile() {
    on_each_engine(|bank| {
        let address = MailServer::free_address();
        let url = format!("smtp://{address}");
        let settings = [("FLORIN_SMTP_URL", url.as_str()), ("FLORIN_MAIL_FROM", "Florin <no-reply@bank.example>")];
        let server = bank.serve_with(&["serve"], &settings);
        for username in ["ann", "bob"] {
            register(&server, username);
        }
        eventually("a delivery has failed", MAIL_TIME_MAX, || server.log().contains("a message was not delivered"));
        server.kill();
        let server = bank.serve_with(&["serve"], &settings);
        register(&server, "eve");
        let mail_server = MailServer::start_at(&address);
        // The bank that was killed may have taken one out, which is its for two minutes.
        eventually("every mail has arrived", Duration::from_secs(240), || mail_server.mails().len() >= 3);
        for username in ["ann", "bob", "eve"] {
            let to = format!("To: <{username}@example.com>");
            let mails = mail_server.mails();
            let mail = mails.iter().find(|mail| mail.contains(&to)).expect("each gets a mail");
            server.anonymous().post("/api/auth/email/verify", &json!({ "token": token(mail) })).expect(204);
        }
        assert!(files(&bank).is_empty(), "nothing is written beside");
        server.stop();
    });
}

#[test]
fn in_production_mode_without_a_mail_server_the_bank_says_so_and_pretends_nothing() {
    on_each_engine(|bank| {
        let settings = [("FLORIN_MODE", "production"), ("FLORIN_RATE_LIMIT", "on")];
        let server = bank.serve_with(&["serve"], &settings);
        assert!(server.log().contains("FLORIN_SMTP_URL is not set"));
        register(&server, "ann");
        let forgotten = server.anonymous().post("/api/auth/password/forgot", &json!({ "username": "ann" }));
        forgotten.expect_error(503, "MAIL_UNAVAILABLE");
        assert!(files(&bank).is_empty());
        server.stop();
    });
}

#[test]
fn users_of_another_system_are_imported_and_log_in_with_their_old_passwords() {
    on_each_engine(|bank| {
        let file = bank.folder().join("users.csv");
        // The password is "U*U".
        let hash = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
        let header = "username,email,role,password_hash\n";
        let import = || bank.run(&["import", "users", file.to_str().expect("the path is UTF-8")]);
        fs::write(&file, format!("{header}ann,ann@example.com,,{hash}\nbob,,,nonsense\n")).expect("a file is written");
        let refused = import().expect_refusal();
        assert!(refused.contains("line 3: password_hash must be"), "{refused}");
        fs::write(&file, format!("{header}ann,ann@example.com,,{hash}\nbob,,teller,{hash}\n"))
            .expect("a file is written");
        assert_eq!(
            import().expect_success(),
            "2 users imported, 0 were there already.\nThis database is a sandbox's from now on.\n"
        );
        assert_eq!(import().expect_success(), "0 users imported, 2 were there already.\n");
        let server = bank.serve();
        for role in ["customer", "teller"] {
            let username = if role == "teller" { "bob" } else { "ann" };
            let log_in = |password: &str| {
                let body = json!({ "username": username, "password": password });
                server.anonymous().post("/api/auth/login", &body)
            };
            log_in("U*V").expect_error(401, "INVALID_CREDENTIALS");
            for _ in 0..2 {
                assert_eq!(log_in("U*U").expect(200)["user"]["role"], role);
            }
        }
        server.stop();
    });
}
