//! Passkeys, with an authenticator in software: registering, logging in with and without a password, and copies.

use crate::common::{START, TestFactors, password, with_factors};
use db::WallTime;
use factors::{
    AddedPasskey, FactorError, MfaMethod, NewPasskey, PasskeyAnswer, PasskeyQuestion, RelyingParty, SecondFactor,
    StepUp,
};
use identity::{Caller, Factor, Factors, Login};
use outsiders::Authenticator;
use serde_json::Value;

const ORIGIN: &str = "https://bank.example";
const LATER: WallTime = START.plus_seconds(600);

pub(crate) fn bank() -> RelyingParty {
    RelyingParty::of(ORIGIN).unwrap()
}

pub(crate) fn device() -> Authenticator {
    Authenticator::new(ORIGIN)
}

fn options(question: &PasskeyQuestion) -> Value {
    serde_json::from_str(&question.options).unwrap()
}

/// What the device says to the question.
fn answer(device: &mut Authenticator, question: &PasskeyQuestion) -> PasskeyAnswer {
    let credential = device.get(&options(question)).to_string();
    PasskeyAnswer { relying_party: bank(), ceremony: question.ceremony, credential }
}

pub(crate) fn new(device: &mut Authenticator, question: &PasskeyQuestion) -> NewPasskey {
    let credential = device.create(&options(question)).to_string();
    let answer = PasskeyAnswer { relying_party: bank(), ceremony: question.ceremony, credential };
    NewPasskey { answer, name: " Telephone ".to_owned() }
}

fn caller(test: &TestFactors, login: &Login, now: WallTime) -> Caller {
    test.identity.authenticate(&login.access_token, now).unwrap()
}

/// Somebody whose first second factor is a passkey.
async fn enrol(test: &TestFactors, username: &str) -> (Authenticator, Login) {
    let ann = caller(test, &test.register(username).await, START);
    let question = test.factors.begin_passkey(&ann, &bank(), START).await.unwrap();
    let mut device = device();
    let AddedPasskey { passkey, enabled } =
        test.factors.add_passkey(&ann, new(&mut device, &question), START).await.unwrap();
    assert_eq!(passkey.name, "Telephone");
    assert_eq!(enabled.recovery_codes.unwrap().len(), 10);
    (device, enabled.login.unwrap())
}

const WRONG: FactorError = FactorError::Wrong;

#[test]
fn a_passkey_logs_in_without_a_name_or_a_password_and_is_two_factors() {
    with_factors(async |test| {
        let (mut device, first) = enrol(&test, "ann").await;
        assert!(caller(&test, &first, START).proof.factors.contains(Factor::Passkey));
        let question = test.factors.ask_passkeys_of_anybody(&bank(), LATER).await.unwrap();
        assert_eq!(options(&question)["publicKey"]["allowCredentials"], serde_json::json!([]));
        let login = test.factors.login_with_passkey(&answer(&mut device, &question), LATER).await.unwrap();
        assert_eq!(login.user.username.as_str(), "ann");
        let ann = caller(&test, &login, LATER);
        assert_eq!(ann.proof.factors, Factors::of(Factor::Passkey));
        assert!(ann.is_freshly_proved(LATER));
        assert_eq!(test.factors.passkeys(ann.user_id).await.unwrap()[0].last_used_at, Some(LATER));
    });
}

#[test]
fn each_question_is_answered_once_and_soon() {
    with_factors(async |test| {
        let (mut device, _) = enrol(&test, "ann").await;
        let question = test.factors.ask_passkeys_of_anybody(&bank(), LATER).await.unwrap();
        let answered = answer(&mut device, &question);
        test.factors.login_with_passkey(&answered, LATER).await.unwrap();
        assert_eq!(test.factors.login_with_passkey(&answered, LATER).await.unwrap_err(), WRONG);
        let again = answer(&mut device, &question);
        assert_eq!(test.factors.login_with_passkey(&again, LATER).await.unwrap_err(), WRONG);

        let question = test.factors.ask_passkeys_of_anybody(&bank(), LATER).await.unwrap();
        let late = answer(&mut device, &question);
        assert_eq!(test.factors.login_with_passkey(&late, LATER.plus_seconds(300)).await.unwrap_err(), WRONG);

        let question = test.factors.ask_passkeys_of_anybody(&bank(), LATER).await.unwrap();
        let other = test.factors.ask_passkeys_of_anybody(&bank(), LATER).await.unwrap();
        let crossed = PasskeyAnswer { ceremony: other.ceremony, ..answer(&mut device, &question) };
        assert_eq!(test.factors.login_with_passkey(&crossed, LATER).await.unwrap_err(), WRONG);
    });
}

#[test]
fn a_copied_device_gives_itself_away_by_its_counter() {
    with_factors(async |test| {
        let (mut device, _) = enrol(&test, "ann").await;
        let mut copy = device.clone();
        let login = async |device: &mut Authenticator| {
            let question = test.factors.ask_passkeys_of_anybody(&bank(), LATER).await.unwrap();
            test.factors.login_with_passkey(&answer(device, &question), LATER).await
        };
        device.counter = 10;
        login(&mut device).await.unwrap();
        copy.counter = 10;
        assert_eq!(login(&mut copy).await.unwrap_err(), WRONG);
        copy.counter = 3;
        assert_eq!(login(&mut copy).await.unwrap_err(), WRONG);
        login(&mut device).await.unwrap();
        let cloned = test.event_kinds().await.iter().filter(|kind| *kind == "auth.passkey_cloned").count();
        assert_eq!(cloned, 2);
    });
}

#[test]
fn a_device_that_asks_nobody_or_stands_on_another_page_is_refused() {
    with_factors(async |test| {
        let (device, _) = enrol(&test, "ann").await;
        let bob = caller(&test, &test.register("bob").await, START);
        let (mut phished, mut plain, mut unattended) = (device.clone(), device.clone(), device);
        phished.origin = "https://bank.example.evil".to_owned();
        plain.origin = "http://bank.example".to_owned();
        unattended.verifies_user = false;
        for mut device in [phished, plain, unattended] {
            let question = test.factors.ask_passkeys_of_anybody(&bank(), LATER).await.unwrap();
            let outcome = test.factors.login_with_passkey(&answer(&mut device, &question), LATER).await;
            assert_eq!(outcome.unwrap_err(), WRONG, "{}", device.origin);
            let question = test.factors.begin_passkey(&bob, &bank(), LATER).await.unwrap();
            let outcome = test.factors.add_passkey(&bob, new(&mut device, &question), LATER).await;
            assert!(matches!(outcome, Err(FactorError::PasskeyRefused(_))), "{}", device.origin);
        }
    });
}

#[test]
fn after_the_password_only_ones_own_passkey_finishes_the_login() {
    with_factors(async |test| {
        let (mut of_ann, _) = enrol(&test, "ann").await;
        let (mut of_eve, _) = enrol(&test, "eve").await;
        let begin = async || match test.factors.login("ann", password(), LATER).await {
            Err(FactorError::Required(challenge)) => challenge,
            other => panic!("{other:?}"),
        };
        let challenge = begin().await;
        assert_eq!(challenge.methods, [MfaMethod::Passkey, MfaMethod::Recovery]);
        let question = test.factors.ask_passkeys_for_login(&challenge.token, &bank(), LATER).await.unwrap();
        let allowed = options(&question)["publicKey"]["allowCredentials"].as_array().unwrap().len();
        assert_eq!(allowed, 1);
        let mut for_anybody = question.clone();
        let mut open = options(&question);
        open["publicKey"]["allowCredentials"] = serde_json::json!([]);
        for_anybody.options = open.to_string();
        let given = SecondFactor::Passkey(Box::new(answer(&mut of_eve, &for_anybody)));
        assert_eq!(test.factors.finish_login(&challenge.token, &given, LATER).await.unwrap_err(), WRONG);

        let anybody = test.factors.ask_passkeys_of_anybody(&bank(), LATER).await.unwrap();
        let given = SecondFactor::Passkey(Box::new(answer(&mut of_ann, &anybody)));
        let outcome = test.factors.finish_login(&challenge.token, &given, LATER).await.unwrap_err();
        assert_eq!(outcome, WRONG, "an answer to another question");

        let question = test.factors.ask_passkeys_for_login(&challenge.token, &bank(), LATER).await.unwrap();
        let given = SecondFactor::Passkey(Box::new(answer(&mut of_ann, &question)));
        let login = test.factors.finish_login(&challenge.token, &given, LATER).await.unwrap();
        let factors = caller(&test, &login, LATER).proof.factors;
        assert_eq!(factors, Factors::PASSWORD.with(Factor::Passkey));
    });
}

#[test]
fn a_passkey_makes_a_proof_fresh_and_a_strangers_does_not() {
    with_factors(async |test| {
        let (mut of_ann, login) = enrol(&test, "ann").await;
        let (_, of_eve) = enrol(&test, "eve").await;
        let (ann, eve) = (caller(&test, &login, LATER), caller(&test, &of_eve, LATER));
        let question = test.factors.ask_passkeys_for_step_up(&ann, &bank(), LATER).await.unwrap();
        let given = |answer| StepUp::SecondFactor(SecondFactor::Passkey(Box::new(answer)));
        let stolen = given(answer(&mut of_ann, &question));
        assert_eq!(test.factors.step_up(&eve, stolen, LATER).await.unwrap_err(), WRONG);
        let question = test.factors.ask_passkeys_for_step_up(&ann, &bank(), LATER).await.unwrap();
        let proved = test.factors.step_up(&ann, given(answer(&mut of_ann, &question)), LATER).await.unwrap();
        assert!(test.identity.authenticate(&proved.access_token, LATER).unwrap().is_freshly_proved(LATER));
    });
}

#[test]
fn passkeys_are_named_counted_and_removed_by_their_owner_only() {
    with_factors(async |test| {
        let (mut of_ann, login) = enrol(&test, "ann").await;
        let (_, of_eve) = enrol(&test, "eve").await;
        let (ann, eve) = (caller(&test, &login, START), caller(&test, &of_eve, START));
        let id = test.factors.passkeys(ann.user_id).await.unwrap()[0].id;
        let unknown = FactorError::UnknownPasskey;
        assert_eq!(test.factors.rename_passkey(&eve, id, "Mine").await.unwrap_err(), unknown);
        assert_eq!(test.factors.remove_passkey(&eve, id, START).await.unwrap_err(), unknown);
        assert_eq!(test.factors.rename_passkey(&ann, id, " Key ").await.unwrap().name, "Key");
        for name in ["", " ", "a\u{7}b", "a\u{200b}b", "K\u{435}y", "Key\u{fe0f}", &"x".repeat(65)] {
            assert!(test.factors.rename_passkey(&ann, id, name).await.is_err());
        }
        for _ in 1..10 {
            let question = test.factors.begin_passkey(&ann, &bank(), START).await.unwrap();
            let AddedPasskey { enabled, .. } =
                test.factors.add_passkey(&ann, new(&mut of_ann, &question), START).await.unwrap();
            assert!(enabled.login.is_none() && enabled.recovery_codes.is_none(), "only the first one starts anew");
        }
        let eleventh = test.factors.begin_passkey(&ann, &bank(), START).await.map(drop);
        assert!(matches!(eleventh, Err(FactorError::PasskeyRefused(_))));
        for passkey in test.factors.passkeys(ann.user_id).await.unwrap() {
            assert!(test.factors.mfa_status(ann.user_id).await.unwrap().is_enabled);
            test.factors.remove_passkey(&ann, passkey.id, START).await.unwrap();
        }
        assert!(test.factors.login("ann", password(), START).await.is_ok());
        let question = test.factors.ask_passkeys_of_anybody(&bank(), START).await.unwrap();
        let gone = test.factors.login_with_passkey(&answer(&mut of_ann, &question), START).await.unwrap_err();
        assert_eq!(gone, WRONG);
        test.expect_events(&["auth.passkey_added", "auth.passkey_removed"]).await;
    });
}

#[test]
fn what_is_no_credential_at_all_is_refused_without_a_trace() {
    with_factors(async |test| {
        enrol(&test, "ann").await;
        for credential in ["", "{}", "[]", "null", r#"{"id":"","rawId":"","type":"public-key","response":{}}"#] {
            let question = test.factors.ask_passkeys_of_anybody(&bank(), LATER).await.unwrap();
            let credential = credential.to_owned();
            let given = PasskeyAnswer { relying_party: bank(), ceremony: question.ceremony, credential };
            assert_eq!(test.factors.login_with_passkey(&given, LATER).await.unwrap_err(), WRONG);
        }
    });
}
