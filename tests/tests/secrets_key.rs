//! The key that seals secrets in the database: a bank does not go on without its own, and a lost one is not made anew by the
//! way.

use crate::past_the_bank::{execute, number};
use db::WallTime;
use outsiders::totp_code;
use serde_json::{Value, json};
use std::fs;
use stories::{Bank, Client, PASSWORD, Server, on_each_engine};

/// What was sealed in earlier versions, without anything in the database that says with which key.
const AS_BEFORE: &str = "DELETE FROM store_mark WHERE name = 'secrets_key'";

/// Gives what it says when the first app is confirmed, and the secret.
fn enrol_app(ann: &Client) -> (Value, String) {
    let secret = ann.post("/api/auth/mfa/totp", &json!({})).expect(201)["secret"].clone();
    let secret = secret.as_str().expect("a secret is text").to_owned();
    let code = totp_code(&secret, WallTime::now());
    (ann.post("/api/auth/mfa/totp/confirm", &json!({ "code": code })).expect(200), secret)
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

/// The key is lost while nobody serves, and replaced; gives what the command says.
fn lose_key(bank: &Bank) -> String {
    fs::remove_file(bank.folder().join("secrets.key")).expect("the key is there");
    bank.run(&["keys", "replace-secrets"]).expect_success()
}

#[test]
fn who_has_lost_the_key_says_so_and_goes_on() {
    on_each_engine(|bank| {
        let lost = seal_something(&bank);
        execute(&bank, "DELETE FROM auth_recovery_code");
        let said = lose_key(&bank);
        assert!(
            said.contains("stays closed") && said.contains("1 have nothing else") && said.contains("reset-mfa"),
            "{said}"
        );
        assert_ne!(fs::read(bank.folder().join("secrets.key")).expect("there is a new key"), lost);
        bank.run(&["admin", "reset-mfa", "--username", "ann"]).expect_success();
        let server = bank.serve();
        server.log_in("ann", PASSWORD);
        server.stop();
    });
}

#[test]
fn an_app_of_a_lost_key_counts_as_none_and_is_set_up_again_with_a_recovery_code() {
    on_each_engine(|bank| {
        let server = bank.serve();
        let (enabled, secret) = enrol_app(&server.register("ann"));
        let recovery_code = enabled["recoveryCodes"][0].as_str().expect("codes are text").to_owned();
        server.stop();
        let said = lose_key(&bank);
        assert!(said.contains("any more: 1. Of them 1 have a passkey or recovery codes"), "{said}");
        let server = bank.serve();
        let door = server.anonymous();
        let half = door.post("/api/auth/login", &json!({ "username": "ann", "password": PASSWORD })).expect(200);
        assert_eq!(half["methods"], json!(["recovery"]));
        let code = json!({ "mfaToken": half["mfaToken"], "code": totp_code(&secret, WallTime::now()) });
        door.post("/api/auth/mfa/verify", &code).expect_error(401, "INVALID_SECOND_FACTOR");
        let recovered = json!({ "mfaToken": half["mfaToken"], "recoveryCode": recovery_code });
        let token = door.post("/api/auth/mfa/verify", &recovered).expect(200)["accessToken"].clone();
        let ann = server.client(token.as_str().expect("a token is text"));
        ann.post("/api/auth/step-up", &json!({ "code": totp_code(&secret, WallTime::now()) }))
            .expect_error(401, "INVALID_SECOND_FACTOR");
        assert_eq!(ann.get("/api/auth/mfa").expect(200)["totp"], false);
        let (_, fresh) = enrol_app(&ann);
        assert_eq!(ann.get("/api/auth/mfa").expect(200)["totp"], true);
        assert_ne!(fresh, secret);
        assert_eq!(server.log().matches("sealed with another key").count(), 1, "it is told once");
        server.stop();
    });
}

#[test]
fn a_server_whose_key_is_replaced_beside_it_seals_nothing_more_and_stops() {
    if testkit::postgres_url().is_none() {
        return println!("no PostgreSQL at hand: SQLite lets no second process in");
    }
    let bank = Bank::on(db::Engine::Postgres);
    let server = bank.serve();
    let ann = server.register("ann");
    lose_key(&bank);
    // Whether it has noticed or not: it never says that it has sealed something.
    if let Ok(answer) = ann.try_send(("POST", "/api/auth/mfa/totp"), None, "{}") {
        answer.expect_unavailable();
    }
    let log = server.expect_failure();
    assert!(log.contains("was replaced (florin keys replace-secrets)"), "{log}");
    assert_eq!(number(&bank, "SELECT COUNT(*) FROM auth_totp"), 0);
    let server = bank.serve();
    enrol_app(&server.log_in("ann", PASSWORD));
    server.stop();
}
