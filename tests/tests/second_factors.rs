//! Second factors of the real binary: asked for in production, remembered through a crash, given back by the bank, and
//! worth nothing to who has only the database.

use db::{Engine, WallTime};
use outsiders::{Authenticator, totp_code};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt as _;
use stories::{Bank, Client, PASSWORD, Server, on_each_engine, run};

/// Production, on a loopback address.
const PRODUCTION: &[(&str, &str)] = &[("FLORIN_MODE", "production"), ("FLORIN_RATE_LIMIT", "on")];

fn create_admin(bank: &Bank) {
    create_admin_with(bank, &[]);
}

fn create_admin_with(bank: &Bank, settings: &[(&str, &str)]) {
    let mut command = bank.command(&["admin", "create", "--username", "root"]);
    command.env("FLORIN_ADMIN_PASSWORD", PASSWORD).envs(settings.iter().copied());
    run(command).expect_success();
}

fn begin(server: &Server) -> Value {
    let body = json!({ "username": "root", "password": PASSWORD });
    server.anonymous().post("/api/auth/login", &body).expect(200)
}

fn verify(server: &Server, given: &Value) -> stories::Answer {
    server.anonymous().post("/api/auth/mfa/verify", given)
}

/// Sets an authenticator app up; gives its secret, the recovery codes, and the session that goes on.
fn enrol(server: &Server, root: &Client) -> (String, Value, Client) {
    let secret = root.post("/api/auth/mfa/totp", &json!({})).expect(201)["secret"].clone();
    let secret = secret.as_str().expect("a secret is text").to_owned();
    let body = json!({ "code": totp_code(&secret, WallTime::now()) });
    let enabled = root.post("/api/auth/mfa/totp/confirm", &body).expect(200);
    let session = server.client(enabled["session"]["accessToken"].as_str().expect("a session has a token"));
    (secret, enabled["recoveryCodes"].clone(), session)
}

#[test]
fn an_administrator_in_production_sets_up_a_second_factor_before_anything_else() {
    on_each_engine(|bank| {
        create_admin_with(&bank, PRODUCTION);
        let server = bank.serve_with(&["serve"], PRODUCTION);
        let root = server.log_in("root", PASSWORD);
        root.get("/api/accounts").expect_error(403, "MFA_ENROLMENT_REQUIRED");
        let (secret, recovery_codes, root) = enrol(&server, &root);
        root.get("/api/accounts").expect(200);

        // The code of the next half minute is good already, and good once, also for who comes after a crash.
        let code = totp_code(&secret, WallTime::now().plus_seconds(30));
        let given = |begun: &Value| json!({ "mfaToken": begun["mfaToken"], "code": code });
        let (first, second) = (begin(&server), begin(&server));
        verify(&server, &given(&first)).expect(200);
        server.kill();
        let server = bank.serve_with(&["serve"], PRODUCTION);
        verify(&server, &given(&second)).expect_error(401, "INVALID_SECOND_FACTOR");
        let recovery = json!({ "mfaToken": second["mfaToken"], "recoveryCode": recovery_codes[0] });
        verify(&server, &recovery).expect(200);
        verify(&server, &recovery).expect_error(401, "INVALID_MFA_TOKEN");
        server.stop();

        let reset = |username: &str| {
            let mut command = bank.command(&["admin", "reset-mfa", "--username", username]);
            command.envs(PRODUCTION.iter().copied());
            run(command)
        };
        let said = reset("root").expect_success();
        assert!(said.contains("root has no second factor any more"), "{said}");
        let said = reset("nobody").expect_refusal();
        assert!(said.contains("there is no user nobody"), "{said}");
        let server = bank.serve_with(&["serve"], PRODUCTION);
        let ended = server.client(root.token().expect("root was logged in"));
        ended.get("/api/auth/me").expect_error(401, "SESSION_ENDED");
        server.log_in("root", PASSWORD).get("/api/accounts").expect_error(403, "MFA_ENROLMENT_REQUIRED");
        server.stop();
    });
}

#[test]
fn a_passkey_logs_in_after_a_restart() {
    on_each_engine(|bank| {
        let server = bank.serve();
        let ann = server.register("ann");
        let question = ann.post("/api/auth/mfa/passkeys/begin", &json!({})).expect(200);
        let mut device = Authenticator::new("http://bank.example");
        let body = json!({
            "ceremonyId": question["ceremonyId"], "credential": device.create(&question["options"]), "name": "Key",
        });
        ann.post("/api/auth/mfa/passkeys/finish", &body).expect(201);
        let asked = server.anonymous().post("/api/auth/passkey/begin", &json!({})).expect(200);
        server.kill();
        let server = bank.serve();
        let body = json!({ "ceremonyId": asked["ceremonyId"], "credential": device.get(&asked["options"]) });
        let login = server.anonymous().post("/api/auth/passkey/finish", &body).expect(200);
        assert_eq!(login["user"]["username"], "ann");
        server.stop();
    });
}

#[test]
fn the_key_of_secrets_is_private_and_the_secret_of_an_app_is_not_stored_as_it_is() {
    let bank = Bank::on(Engine::Sqlite);
    create_admin(&bank);
    let server = bank.serve();
    let (secret, _, _) = enrol(&server, &server.log_in("root", PASSWORD));
    server.stop();
    let key = bank.folder().join("secrets.key");
    let mode = std::fs::metadata(&key).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let stored = std::fs::read(bank.sqlite_file()).unwrap();
    assert!(!stored.windows(secret.len()).any(|bytes| bytes == secret.as_bytes()));

    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let said = bank.run(&["serve"]).expect_refusal();
    assert!(said.contains("others can read it"), "{said}");
}
