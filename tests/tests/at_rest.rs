//! What lies on the disk: files are for one user whatever the umask is, and nothing that is stored opens a door.

use crate::past_the_bank::stolen;
use db::Engine;
use serde_json::json;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;
use stories::{Bank, MailServer, PASSWORD, Server, eventually, on_each_engine, until_some};

const MAIL_TIME_MAX: Duration = Duration::from_secs(60);
const NEW: &str = "a new horse and a new battery";

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

/// Everything in the folder that somebody else may use.
fn open_to_others(folder: &Path) -> Vec<String> {
    let mut open = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder can be read") {
        let path = entry.expect("a folder can be read").path();
        if path.is_dir() {
            open.extend(open_to_others(&path));
        }
        if mode(&path) & 0o077 != 0 {
            open.push(format!("{} {:o}", path.display(), mode(&path)));
        }
    }
    open
}

fn register(server: &Server, username: &str) {
    let body = json!({ "username": username, "password": PASSWORD, "email": format!("{username}@example.com") });
    server.anonymous().post("/api/auth/register", &body).expect(201);
}

#[test]
fn nobody_else_can_read_what_the_bank_keeps_whatever_the_umask_is() {
    on_each_engine(|bank| {
        for umask in ["000", "022"] {
            let server = bank.serve_with_umask(umask, &["serve"]);
            register(&server, &format!("ann.{umask}"));
            let mails = bank.folder().join("mail");
            eventually("a mail was written", MAIL_TIME_MAX, || {
                fs::read_dir(&mails).is_ok_and(|mut files| files.next().is_some())
            });
            // The log is the story's own.
            fs::set_permissions(bank.folder().join("server.log"), Permissions::from_mode(0o600)).expect("it is ours");
            assert_eq!(mode(bank.folder()), 0o700);
            assert_eq!(open_to_others(bank.folder()), Vec::<String>::new(), "umask {umask}");
            server.stop();
        }
    });
}

#[test]
fn what_was_open_to_others_is_mended_and_a_folder_of_others_is_refused() {
    on_each_engine(|bank| {
        bank.serve().stop();
        let loose = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).expect("it is ours");
        loose(bank.folder(), 0o755);
        loose(&bank.folder().join("mail"), 0o755);
        if bank.engine() == Engine::Sqlite {
            loose(&bank.sqlite_file(), 0o644);
        }
        bank.run(&["migrate"]).expect_success();
        assert_eq!((mode(bank.folder()), open_to_others(bank.folder())), (0o700, vec![]));

        let shared = stories::Folder::fresh();
        shared.write("somebody.txt", "not of a bank");
        loose(shared.path(), 0o755);
        let folder = shared.path().to_str().expect("the path is UTF-8");
        let refused = bank.run(&["migrate", "--data-dir", folder]).expect_refusal();
        assert!(refused.contains("others may use") && refused.contains("a folder of its own"), "{refused}");
        assert_eq!(mode(shared.path()), 0o755, "what is not ours is left alone");
        let made = shared.file("data");
        bank.run(&["migrate", "--data-dir", made.to_str().expect("the path is UTF-8")]).expect_success();
        assert_eq!(mode(&made), 0o700);
    });
}

#[test]
fn a_database_elsewhere_is_private_too() {
    let (bank, elsewhere) = (Bank::on(Engine::Sqlite), stories::Folder::fresh());
    fs::set_permissions(elsewhere.path(), Permissions::from_mode(0o755)).expect("it is ours");
    let url = format!("sqlite:{}", elsewhere.file("books.db").display());
    let server = bank.serve_with_umask("000", &["serve", "--database-url", &url]);
    register(&server, "ann");
    assert_eq!(open_to_others(elsewhere.path()), Vec::<String>::new());
    assert_eq!(mode(elsewhere.path()), 0o755, "the folder is not Florin's");
    server.stop();
}

/// The token in a mail to this person about this; it stands alone and indented.
fn token(server: &MailServer, about: &str) -> String {
    until_some(about, Duration::from_secs(240), || {
        let mails = server.mails();
        let mail = mails.iter().find(|mail| mail.contains(&format!("Subject: {about}")))?;
        Some(mail.lines().find_map(|line| line.strip_prefix("    "))?.trim_end().to_owned())
    })
}

fn serve_with_mail(bank: &Bank, address: std::net::SocketAddr) -> Server {
    let url = format!("smtp://{address}");
    let settings = [
        ("FLORIN_SMTP_URL", url.as_str()),
        ("FLORIN_MAIL_FROM", "Florin <no-reply@bank.example>"),
        ("FLORIN_LOG", "trace"),
    ];
    bank.serve_with(&["serve"], &settings)
}

fn expect_absent(stolen: &[u8], token: &str, when: &str) {
    let hex: String = token.bytes().map(|byte| format!("{byte:02x}")).collect();
    for written in [token, hex.as_str()] {
        let is_there = stolen.windows(written.len()).any(|part| part == written.as_bytes());
        assert!(!is_there, "a token that opens a door can be read {when}");
    }
}

#[test]
fn no_token_can_be_read_from_the_database_or_the_log_before_its_mail_goes_out_or_after() {
    on_each_engine(|bank| {
        // Nobody listens at the address yet, so that the mails wait.
        let (first, second) = (MailServer::free_address(), MailServer::free_address());
        let server = serve_with_mail(&bank, first);
        register(&server, "ann");
        eventually("a delivery has failed", MAIL_TIME_MAX, || server.log().contains("a message was not delivered"));
        let waiting = stolen(&bank);
        let mail_server = MailServer::start_at(&first);
        let verification = token(&mail_server, "Confirm your e-mail address");
        expect_absent(&waiting, &verification, "while the mail waits");
        let anonymous = server.anonymous();
        anonymous.post("/api/auth/email/verify", &json!({ "token": verification })).expect(204);
        server.stop();

        let server = serve_with_mail(&bank, second);
        server.anonymous().post("/api/auth/password/forgot", &json!({ "username": "ann" })).expect(202);
        eventually("the next delivery has failed", MAIL_TIME_MAX, || {
            server.log().matches("a message was not delivered").count() > 1
        });
        let waiting = stolen(&bank);
        let mail_server = MailServer::start_at(&second);
        let reset = token(&mail_server, "Choose a new password");
        expect_absent(&waiting, &reset, "while the mail waits");
        expect_absent(&stolen(&bank), &reset, "after the mail has gone");
        let body = json!({ "token": reset, "newPassword": NEW });
        server.anonymous().post("/api/auth/password/reset", &body).expect(204);
        for secret in [&verification, &reset] {
            expect_absent(&stolen(&bank), secret, "at the end");
            expect_absent(server.log().as_bytes(), secret, "in the log");
        }
        server.stop();
        expect_absent(&stolen(&bank), &reset, "after the stop");
    });
}
