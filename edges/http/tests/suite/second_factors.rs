//! Second factors over HTTP: setting them up, logging in with them, and what opens only to a fresh proof.

use crate::bank::{Bank, PASSWORD, PUBLIC_URL, Person, transfer, with_bank, with_bank_of_second_factors};
use db::WallTime;
use factors::{FactorError, SecondFactor};
use http_edge::{Needs, ROUTES, Who};
use identity::{NewUser, Password};
use outsiders::{Authenticator, totp_code};
use serde_json::{Value, json};

/// Long enough ago that a proof is not fresh, and short enough that an access token is still good.
const AGO_SECONDS: i64 = 600;

fn ago() -> WallTime {
    WallTime::now().plus_seconds(-AGO_SECONDS)
}

/// Somebody with an authenticator app, who logged in a while ago.
pub(crate) async fn customer_with_app<'a>(bank: &'a Bank, username: &str) -> (Person<'a>, String) {
    let new_user = NewUser { username: username.to_owned(), password: Password::new(PASSWORD), email: None };
    let login = bank.identity.register(new_user, ago()).await.unwrap();
    let caller = bank.identity.authenticate(&login.access_token, ago()).unwrap();
    let secret = bank.factors.enrol_totp(&caller, ago()).await.unwrap().secret;
    let enabled = bank.factors.confirm_totp(&caller, &totp_code(&secret, ago()), ago()).await.unwrap();
    (bank.person(&enabled.login.unwrap().access_token), secret)
}

pub(crate) async fn step_up<'a>(bank: &'a Bank, person: &Person<'_>, secret: &str) -> Person<'a> {
    let body = json!({ "code": totp_code(secret, WallTime::now()) });
    let proved = person.post("/api/auth/step-up", &body).await.expect(200);
    assert_eq!((&proved["tokenType"], &proved["expiresIn"]), (&json!("Bearer"), &json!(900)));
    bank.person(proved["accessToken"].as_str().unwrap())
}

/// Registers a passkey as the person's first factor; they go on with the session that comes of it.
pub(crate) async fn with_passkey<'a>(bank: &'a Bank, person: &Person<'_>) -> (Person<'a>, Authenticator, String) {
    let question = person.post("/api/auth/mfa/passkeys/begin", &json!({})).await.expect(200);
    let mut device = Authenticator::new(PUBLIC_URL);
    let credential = device.create(&question["options"]);
    let body = json!({ "ceremonyId": question["ceremonyId"], "credential": credential, "name": "Telephone" });
    let added = person.post("/api/auth/mfa/passkeys/finish", &body).await.expect(201);
    assert_eq!(added["recoveryCodes"].as_array().unwrap().len(), 10);
    let id = added["passkey"]["id"].as_str().unwrap().to_owned();
    (bank.person(added["session"]["accessToken"].as_str().unwrap()), device, id)
}

async fn login(bank: &Bank, username: &str) -> Value {
    let body = json!({ "username": username, "password": PASSWORD });
    bank.send("POST", "/api/auth/login").json(&body).await.expect(200)
}

#[test]
fn an_app_is_set_up_and_then_logins_have_two_steps() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let none = json!({
            "enabled": false, "totp": false, "passkeys": 0, "recoveryCodesLeft": 0, "methods": []
        });
        assert_eq!(ann.get("/api/auth/mfa").await.expect(200), none);
        let enrolment = ann.post("/api/auth/mfa/totp", &json!({})).await.expect(201);
        let secret = enrolment["secret"].as_str().unwrap();
        let body = json!({ "code": totp_code(secret, WallTime::now()) });
        let enabled = ann.post("/api/auth/mfa/totp/confirm", &body).await.expect(200);
        ann.get("/api/auth/me").await.expect_error(401, "SESSION_ENDED");
        assert_eq!(enabled["session"]["user"]["mfaEnabled"], true);
        let ann = bank.person(enabled["session"]["accessToken"].as_str().unwrap());
        assert_eq!(ann.get("/api/auth/me").await.expect(200)["mfaEnabled"], true);
        assert_eq!(ann.get("/api/auth/mfa").await.expect(200)["methods"], json!(["totp", "recovery"]));

        let begun = login(&bank, "ann").await;
        assert_eq!((&begun["mfaRequired"], &begun["expiresIn"]), (&json!(true), &json!(300)));
        assert_eq!(begun.as_object().unwrap().len(), 4, "no tokens");
        let verify = async |given: Value| bank.send("POST", "/api/auth/mfa/verify").json(&given).await;
        let token = &begun["mfaToken"];
        verify(json!({ "mfaToken": token, "code": "12345" })).await.expect_error(401, "INVALID_SECOND_FACTOR");
        verify(json!({ "mfaToken": "x", "code": "123456" })).await.expect_error(401, "INVALID_MFA_TOKEN");
        for both in [json!({ "mfaToken": token }), json!({ "mfaToken": token, "code": "1", "recoveryCode": "1" })] {
            verify(both).await.expect_error(400, "INVALID_REQUEST");
        }
        let recovery = json!({ "mfaToken": token, "recoveryCode": enabled["recoveryCodes"][0] });
        let session = verify(recovery.clone()).await.expect(200);
        assert_eq!(session["user"]["username"], "ann");
        verify(recovery).await.expect_error(401, "INVALID_MFA_TOKEN");
        assert_eq!(ann.get("/api/auth/mfa").await.expect(200)["recoveryCodesLeft"], 9);
    });
}

#[test]
fn finapps_login_tells_the_way_on_in_its_error() {
    with_bank(async |bank| {
        let (_, secret) = customer_with_app(&bank, "ann").await;
        let body = json!({ "username": "ann", "password": PASSWORD });
        let error = bank.send("POST", "/login").json(&body).await.expect_error(401, "MFA_REQUIRED");
        assert_eq!(error["details"]["methods"], json!(["totp", "recovery"]));
        let given = json!({ "mfaToken": error["details"]["mfaToken"], "code": totp_code(&secret, WallTime::now()) });
        bank.send("POST", "/api/auth/mfa/verify").json(&given).await.expect(200);
    });
}

#[test]
fn a_passkey_logs_in_after_the_password_or_alone() {
    with_bank(async |bank| {
        let (ann, mut device, id) = with_passkey(&bank, &bank.customer("ann").await).await;
        let begun = login(&bank, "ann").await;
        let body = json!({ "mfaToken": begun["mfaToken"] });
        let question = bank.send("POST", "/api/auth/mfa/verify/passkey").json(&body).await.expect(200);
        let passkey = json!({ "ceremonyId": question["ceremonyId"], "credential": device.get(&question["options"]) });
        let given = json!({ "mfaToken": begun["mfaToken"], "passkey": passkey });
        bank.send("POST", "/api/auth/mfa/verify").json(&given).await.expect(200);

        let question = bank.send("POST", "/api/auth/passkey/begin").json(&json!({})).await.expect(200);
        let answer = json!({ "ceremonyId": question["ceremonyId"], "credential": device.get(&question["options"]) });
        let session = bank.send("POST", "/api/auth/passkey/finish").json(&answer).await.expect(200);
        assert_eq!(session["user"]["username"], "ann");
        let again = bank.send("POST", "/api/auth/passkey/finish").json(&answer).await;
        again.expect_error(401, "INVALID_SECOND_FACTOR");

        let question = ann.post("/api/auth/step-up/passkey", &json!({})).await.expect(200);
        let passkey = json!({ "ceremonyId": question["ceremonyId"], "credential": device.get(&question["options"]) });
        ann.post("/api/auth/step-up", &json!({ "passkey": passkey })).await.expect(200);
        let password = ann.post("/api/auth/step-up", &json!({ "password": PASSWORD })).await;
        assert_eq!(password.expect_error(401, "MFA_REQUIRED")["details"]["methods"], json!(["passkey", "recovery"]));

        let path = format!("/api/auth/mfa/passkeys/{id}");
        let renamed = ann.send("PUT", &path).json(&json!({ "name": "Key" })).await.expect(200);
        assert_eq!(ann.get("/api/auth/mfa/passkeys").await.expect(200)["data"][0]["name"], renamed["name"]);
        ann.send("DELETE", &path).await_answer().await.expect(204);
        assert!(login(&bank, "ann").await["accessToken"].is_string());
    });
}

#[test]
fn a_password_is_changed_with_the_second_factor_and_ends_half_done_logins() {
    with_bank(async |bank| {
        let (old, secret) = customer_with_app(&bank, "ann").await;
        let body = json!({ "currentPassword": PASSWORD, "newPassword": "another long password" });
        old.post("/api/auth/password", &body).await.expect_error(401, "STEP_UP_REQUIRED");
        let begun = login(&bank, "ann").await;
        step_up(&bank, &old, &secret).await.post("/api/auth/password", &body).await.expect(204);
        let code = totp_code(&secret, WallTime::now().plus_seconds(30));
        let given = json!({ "mfaToken": begun["mfaToken"], "code": code });
        bank.send("POST", "/api/auth/mfa/verify").json(&given).await.expect_error(401, "INVALID_MFA_TOKEN");
    });
}

#[test]
fn a_strangers_passkey_is_answered_like_an_unknown_one() {
    with_bank(async |bank| {
        let (_, _, foreign) = with_passkey(&bank, &bank.customer("ann").await).await;
        let (eve, unknown) = (bank.customer("eve").await, ids::PasskeyId::generate().to_string());
        for method in ["PUT", "DELETE"] {
            for id in [&foreign, &unknown] {
                let sending = eve.send(method, &format!("/api/auth/mfa/passkeys/{id}"));
                let answer = sending.json(&json!({ "name": "Mine now" })).await;
                assert_eq!(answer.expect_error(404, "PASSKEY_NOT_FOUND")["details"], json!({}));
            }
        }
    });
}

#[test]
fn what_is_sensitive_opens_to_a_fresh_proof_only() {
    with_bank(async |bank| {
        let (old, secret) = customer_with_app(&bank, "ann").await;
        let without = NewUser { username: "bob".to_owned(), password: Password::new(PASSWORD), email: None };
        let bob = bank.identity.register(without, ago()).await.unwrap();
        let bob = bank.person(&bob.access_token);
        let sensitive = || {
            let of_everyone = |spec: &&http_edge::RouteSpec| matches!(spec.who, Who::Everyone | Who::Enrolling);
            ROUTES.iter().filter(of_everyone).filter(|spec| spec.needs == Needs::FreshSession)
        };
        assert!(sensitive().count() > 5);
        for spec in sensitive() {
            for person in [&old, &bob] {
                let answer = person.send(spec.method, spec.path).json(&json!({})).await;
                let error = answer.expect_error(401, "STEP_UP_REQUIRED");
                assert_eq!(error["details"]["maxAgeSeconds"], 300);
                let challenge = answer.header("www-authenticate").unwrap();
                assert!(challenge.contains("insufficient_user_authentication"), "{challenge}");
            }
        }
        let wrong = old.post("/api/auth/step-up", &json!({ "password": PASSWORD })).await;
        wrong.expect_error(401, "MFA_REQUIRED");
        old.post("/api/auth/mfa/recovery-codes", &json!({})).await.expect_error(401, "STEP_UP_REQUIRED");
        let fresh = step_up(&bank, &old, &secret).await;
        fresh.post("/api/auth/mfa/recovery-codes", &json!({})).await.expect(201);
        let proved = bob.post("/api/auth/step-up", &json!({ "password": PASSWORD })).await.expect(200);
        let bob = bank.person(proved["accessToken"].as_str().unwrap());
        bob.post("/api/auth/mfa/totp", &json!({})).await.expect(201);
    });
}

#[test]
fn five_wrong_proofs_end_the_session_and_codes_have_to_wait() {
    with_bank(async |bank| {
        let (ann, secret) = customer_with_app(&bank, "ann").await;
        for _ in 0..5 {
            ann.post("/api/auth/step-up", &json!({ "code": "x" })).await.expect_error(401, "INVALID_SECOND_FACTOR");
        }
        ann.get("/api/auth/me").await.expect_error(401, "SESSION_ENDED");
        let begun = login(&bank, "ann").await;
        let given = json!({ "mfaToken": begun["mfaToken"], "code": totp_code(&secret, WallTime::now()) });
        let waiting = bank.send("POST", "/api/auth/mfa/verify").json(&given).await;
        waiting.expect_error(429, "TOO_MANY_ATTEMPTS");
        let seconds: i64 = waiting.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=30).contains(&seconds), "{seconds}");
    });
}

#[test]
fn where_everybody_needs_a_second_factor_a_session_without_one_leads_only_there() {
    with_bank_of_second_factors(async |bank| {
        let (ann, root) = (bank.customer("ann").await, bank.admin("root").await);
        let open = |path: &str| {
            path.starts_with("/api/auth/mfa") || path.starts_with("/api/auth/step-up") || path == "/api/auth/me"
        };
        for spec in ROUTES.iter().filter(|spec| spec.who != Who::Public && spec.path != "/api/auth/logout") {
            for person in [&ann, &root] {
                let answer = person.send(spec.method, spec.path).json(&json!({})).await;
                if open(spec.path) {
                    assert_ne!(answer.json()["error"]["code"], "MFA_ENROLMENT_REQUIRED", "{}", spec.path);
                } else {
                    answer.expect_error(403, "MFA_ENROLMENT_REQUIRED");
                }
            }
        }
        for person in [bank.customer("bob").await, root] {
            let (person, _, _) = with_passkey(&bank, &person).await;
            person.get("/api/accounts").await.expect(200);
        }
        ann.send("DELETE", "/api/auth/logout").await_answer().await.expect(204);
    });
}

#[test]
fn large_and_first_payments_need_a_fresh_proof_of_who_has_a_second_factor() {
    with_bank(async |bank| {
        let (old, secret) = customer_with_app(&bank, "ann").await;
        let bob = bank.customer("bob").await;
        let (source, savings) = (old.account_with("9000.00").await, old.account().await);
        let theirs = bob.account_with("9000.00").await;
        let pay = async |person: &Person<'_>, order: &Value| person.pay("/api/transactions/transfer", order).await;
        let reason = |answer: crate::bank::Answer| {
            answer.expect_error(401, "STEP_UP_REQUIRED")["details"]["reason"].as_str().unwrap().to_owned()
        };

        pay(&old, &transfer(&source, &savings, "1000.00")).await.expect(201);
        assert_eq!(reason(pay(&old, &transfer(&source, &savings, "1000.01")).await), "AMOUNT");
        assert_eq!(reason(pay(&old, &transfer(&source, &theirs, "1.00")).await), "NEW_PAYEE");
        let hold = old.pay("/api/transactions/hold", &transfer(&source, &theirs, "1.00")).await;
        assert_eq!(reason(hold), "NEW_PAYEE");
        let halves = [transfer(&source, &savings, "600.00"), transfer(&source, &savings, "600.00")];
        let batch = json!({ "mode": "ATOMIC", "transfers": halves });
        assert_eq!(reason(old.pay("/api/transactions/batch", &batch).await), "AMOUNT");
        assert_eq!(old.balance(&source).await, "8000.00");

        // A refused order may be repeated under its key once the proof is there.
        let order = transfer(&source, &theirs, "2000.00");
        assert_eq!(reason(old.pay_as("key", "/api/transactions/transfer", &order).await), "AMOUNT");
        let fresh = step_up(&bank, &old, &secret).await;
        fresh.pay_as("key", "/api/transactions/transfer", &order).await.expect(201);
        // From now on the payee is known, also to the older token; a large amount stays large.
        pay(&old, &transfer(&source, &theirs, "5.00")).await.expect(201);
        assert_eq!(reason(pay(&old, &transfer(&source, &theirs, "2000.00")).await), "AMOUNT");

        // Who has no second factor is not asked for one.
        pay(&bob, &transfer(&theirs, &source, "5000.00")).await.expect(201);
    });
}

#[test]
fn a_refused_first_payment_makes_no_payee_known() {
    with_bank(async |bank| {
        let (old, secret) = customer_with_app(&bank, "ann").await;
        let bob = bank.customer("bob").await;
        let (source, theirs) = (old.account_with("10.00").await, bob.account().await);
        let fresh = step_up(&bank, &old, &secret).await;
        let order = transfer(&source, &theirs, "50.00");
        fresh.pay("/api/transactions/transfer", &order).await.expect_error(422, "INSUFFICIENT_FUNDS");
        let order = transfer(&source, &theirs, "1.00");
        old.pay("/api/transactions/transfer", &order).await.expect_error(401, "STEP_UP_REQUIRED");
    });
}

#[test]
fn an_old_token_that_knows_no_second_factor_is_worth_nothing_once_there_is_one() {
    with_bank(async |bank| {
        let ann = bank.customer("ann").await;
        let other = login(&bank, "ann").await;
        let other = bank.person(other["accessToken"].as_str().unwrap());
        with_passkey(&bank, &ann).await;
        for person in [ann, other] {
            person.get("/api/accounts").await.expect_error(401, "SESSION_ENDED");
        }
        let outcome = bank.factors.login("ann", Password::new(PASSWORD), WallTime::now()).await;
        let Err(FactorError::Required(challenge)) = outcome else { panic!("{outcome:?}") };
        let wrong = SecondFactor::RecoveryCode("x".to_owned());
        let refused = bank.factors.finish_login(&challenge.token, &wrong, WallTime::now()).await.unwrap_err();
        assert_eq!(refused, FactorError::Wrong);
    });
}
