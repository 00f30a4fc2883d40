//! The key that seals secrets in the database: a bank does not go on without its own, and a lost one is not made anew by the
//! way.

use crate::past_the_bank::execute;
use db::WallTime;
use outsiders::totp_code;
use serde_json::json;
use std::fs;
use stories::{Bank, Client, PASSWORD, Server, on_each_engine};

/// What was sealed in earlier versions, without anything in the database that says with which key.
const AS_BEFORE: &str = "DELETE FROM store_mark WHERE name = 'secrets_key'";

fn enrol_app(ann: &Client) {
    let secret = ann.post("/api/auth/mfa/totp", &json!({})).expect(201)["secret"].clone();
    let code = totp_code(secret.as_str().expect("a secret is text"), WallTime::now());
    ann.post("/api/auth/mfa/totp/confirm", &json!({ "code": code })).expect(200);
}

/// A bank that is not running, in which somebody has an authenticator app.
fn seal_something(bank: &Bank) -> Vec<u8> {
    let server = bank.serve();
    enrol_app(&server.register("ann"));
    server.stop();
    fs::read(bank.folder().join("secrets.key")).expect("the bank has a key")
}

fn refused(bank: &Bank) -> String {
    let said = bank.run(&["serve"]).expect_refusal();
    assert!(said.contains("secrets.key") && said.contains("docs/backup.md"), "{said}");
    said
}

fn begin_login(server: &Server) {
    let body = json!({ "username": "ann", "password": PASSWORD });
    assert_eq!(server.anonymous().post("/api/auth/login", &body).expect(200)["mfaRequired"], true);
}

#[test]
fn a_bank_does_not_start_without_its_own_secrets_key() {
    on_each_engine(|bank| {
        let key = bank.folder().join("secrets.key");
        let own = seal_something(&bank);
        let of_others = seal_something(&Bank::on(bank.engine()));
        for as_before in [false, true] {
            if as_before {
                execute(&bank, AS_BEFORE);
            }
            fs::remove_file(&key).expect("the key is there");
            assert!(refused(&bank).contains("there is no key at"), "it was used with one");
            assert!(!key.exists(), "none is made");
            fs::write(&key, &of_others).expect("the folder takes a key");
            fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("it is ours");
            assert!(refused(&bank).contains("is not the secrets key of this database"));
            fs::write(&key, &own).expect("the folder takes a key");
            let server = bank.serve();
            begin_login(&server);
            server.stop();
        }
    });
}

#[test]
fn who_has_lost_the_key_says_so_and_goes_on() {
    on_each_engine(|bank| {
        let key = bank.folder().join("secrets.key");
        let lost = seal_something(&bank);
        fs::remove_file(&key).expect("the key is there");
        refused(&bank);
        let said = bank.run(&["keys", "replace-secrets"]).expect_success();
        assert!(said.contains("stays closed") && said.contains("reset-mfa"), "{said}");
        assert_ne!(fs::read(&key).expect("there is a new key"), lost);
        bank.run(&["admin", "reset-mfa", "--username", "ann"]).expect_success();
        let server = bank.serve();
        server.log_in("ann", PASSWORD);
        server.stop();
    });
}
