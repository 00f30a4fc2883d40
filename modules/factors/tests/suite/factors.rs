//! Authenticator apps and recovery codes: enrolling, logging in, and proving oneself again inside a session.

use crate::common::{PASSWORD, START, TestFactors, done, password, with_factors};
use db::{WallTime, params, statements};
use factors::{FactorError, MfaChallenge, MfaMethod, MfaStatus, SecondFactor, StepUp};
use identity::{Caller, Factor, Factors, IdentityError, Login, Password};
use outsiders::totp_code;
use std::pin::pin;
use std::time::Duration;

statements! {
    GIVE_LOGINS_UP = "DELETE FROM auth_mfa_challenge WHERE user_id = $1";
}

/// Somebody with an authenticator app.
struct Enrolled {
    secret: String,
    recovery_codes: Vec<String>,
    login: Login,
}

/// A while after enrolling: the code that confirmed the app has passed.
const LATER: WallTime = START.plus_seconds(600);

fn code(secret: &str, now: WallTime) -> SecondFactor {
    SecondFactor::Code(totp_code(secret, now))
}

fn caller(test: &TestFactors, login: &Login, now: WallTime) -> Caller {
    test.identity.authenticate(&login.access_token, now).unwrap()
}

/// A code of six digits that the app shows neither now nor one step earlier or later.
fn wrong_code(secret: &str, now: WallTime) -> SecondFactor {
    let near: Vec<String> = (-1..=1).map(|step| totp_code(secret, now.plus_seconds(30 * step))).collect();
    let wrong = ["000000", "111111", "222222", "333333"].into_iter().find(|code| !near.iter().any(|one| one == code));
    SecondFactor::Code(wrong.unwrap().to_owned())
}

async fn enrol(test: &TestFactors, username: &str) -> Enrolled {
    let registered = test.register(username).await;
    let ann = caller(test, &registered, START);
    let secret = test.factors.enrol_totp(&ann, START).await.unwrap().secret;
    let enabled = test.factors.confirm_totp(&ann, &totp_code(&secret, START), START).await.unwrap();
    Enrolled { secret, recovery_codes: enabled.recovery_codes.unwrap(), login: enabled.login.unwrap() }
}

async fn challenge(test: &TestFactors, username: &str, now: WallTime) -> MfaChallenge {
    match test.factors.login(username, password(), now).await {
        Err(FactorError::Required(challenge)) => challenge,
        other => panic!("{other:?}"),
    }
}

async fn status(test: &TestFactors, login: &Login) -> MfaStatus {
    test.factors.mfa_status(login.user.id).await.unwrap()
}

#[test]
fn an_app_counts_once_its_first_code_is_right_and_every_session_begins_anew() {
    with_factors(async |test| {
        let (first, second) = (test.register("ann").await, test.factors.login("ann", password(), START).await.unwrap());
        let ann = caller(&test, &first, START);
        let pending = test.factors.enrol_totp(&ann, START).await.unwrap();
        let wrong = test.factors.confirm_totp(&ann, "000000", START).await.unwrap_err();
        assert_eq!(wrong, FactorError::Wrong);
        assert!(test.factors.login("ann", password(), START).await.is_ok(), "a pending app asks nothing");

        let enrolment = test.factors.enrol_totp(&ann, START).await.unwrap();
        assert_ne!(enrolment.secret, pending.secret);
        assert!(enrolment.uri.contains(&enrolment.secret) && enrolment.uri.starts_with("otpauth://totp/Florin:ann?"));
        let right = totp_code(&enrolment.secret, START);
        let enabled = test.factors.confirm_totp(&ann, &right, START).await.unwrap();
        assert_eq!(enabled.recovery_codes.unwrap().len(), 10);
        let login = enabled.login.unwrap();
        assert!(login.user.mfa_enabled);
        for ended in [first, second] {
            let outcome = test.identity.authenticate(&ended.access_token, START);
            assert_eq!(outcome, Err(IdentityError::SessionRevoked));
            assert_eq!(
                test.identity.refresh(&ended.refresh_token, START).await.unwrap_err(),
                IdentityError::InvalidRefreshToken
            );
        }
        let ann = caller(&test, &login, START);
        assert!(ann.has_second_factor && ann.is_freshly_proved(START));
        assert_eq!(ann.proof.factors, Factors::PASSWORD.with(Factor::OneTimeCode));
        assert_eq!(test.factors.enrol_totp(&ann, START).await.unwrap_err(), FactorError::AlreadyEnrolled);
        let again = test.factors.confirm_totp(&ann, &right, START).await.unwrap_err();
        assert_eq!(again, FactorError::AlreadyEnrolled);
    });
}

#[test]
fn an_app_that_is_confirmed_too_late_or_never_begun_is_none() {
    with_factors(async |test| {
        let ann = caller(&test, &test.register("ann").await, START);
        let none = test.factors.confirm_totp(&ann, "000000", START).await.unwrap_err();
        assert_eq!(none, FactorError::NotEnrolled);
        let secret = test.factors.enrol_totp(&ann, START).await.unwrap().secret;
        let late = START.plus_seconds(15 * 60);
        let outcome = test.factors.confirm_totp(&ann, &totp_code(&secret, late), late).await.unwrap_err();
        assert_eq!(outcome, FactorError::NotEnrolled);
        assert_eq!(test.factors.remove_totp(&ann, START).await.unwrap_err(), FactorError::NotEnrolled);
        let codes = test.factors.regenerate_recovery_codes(&ann, START).await.unwrap_err();
        assert_eq!(codes, FactorError::NotEnrolled);
    });
}

#[test]
fn a_login_needs_the_password_first_and_then_a_code() {
    with_factors(async |test| {
        let ann = enrol(&test, "ann").await;
        let wrong = test.factors.login("ann", Password::new("another password"), LATER).await.unwrap_err();
        assert_eq!(wrong, IdentityError::WrongCredentials.into());
        let challenge = challenge(&test, "ann", LATER).await;
        assert_eq!(challenge.methods, [MfaMethod::Totp, MfaMethod::Recovery]);
        assert_eq!(challenge.expires_in_seconds, 300);
        let login = test.factors.finish_login(&challenge.token, &code(&ann.secret, LATER), LATER).await.unwrap();
        let caller = caller(&test, &login, LATER);
        assert_eq!(caller.proof.factors, Factors::PASSWORD.with(Factor::OneTimeCode));
        let again = START.plus_seconds(900);
        let reused = test.factors.finish_login(&challenge.token, &code(&ann.secret, again), again).await.unwrap_err();
        assert_eq!(reused, FactorError::InvalidToken);
        assert_eq!(test.event_kinds().await.last().unwrap(), "auth.logged_in");
    });
}

#[test]
fn a_code_is_good_once_also_in_another_login_and_also_the_one_that_confirmed_the_app() {
    with_factors(async |test| {
        let ann = enrol(&test, "ann").await;
        let soon = START.plus_seconds(20);
        let first = challenge(&test, "ann", soon).await;
        let confirming = test.factors.finish_login(&first.token, &code(&ann.secret, START), soon).await.unwrap_err();
        assert_eq!(confirming, FactorError::Wrong);

        let used = code(&ann.secret, LATER);
        let (one, other) = (challenge(&test, "ann", LATER).await, challenge(&test, "ann", LATER).await);
        test.factors.finish_login(&one.token, &used, LATER).await.unwrap();
        let replayed = test.factors.finish_login(&other.token, &used, LATER).await.unwrap_err();
        assert_eq!(replayed, FactorError::Wrong);
        let earlier = code(&ann.secret, LATER.plus_seconds(-30));
        let older = test.factors.finish_login(&other.token, &earlier, LATER).await.unwrap_err();
        assert_eq!(older, FactorError::Wrong, "a step before one that was accepted is gone too");
        let next = LATER.plus_seconds(30);
        test.factors.finish_login(&other.token, &code(&ann.secret, next), next).await.unwrap();
    });
}

#[test]
fn of_two_who_present_one_code_at_once_one_gets_in() {
    with_factors(async |test| {
        let ann = enrol(&test, "ann").await;
        let (one, other) = (challenge(&test, "ann", LATER).await, challenge(&test, "ann", LATER).await);
        let used = code(&ann.secret, LATER);
        let (first, second) = tokio::join!(
            test.factors.finish_login(&one.token, &used, LATER),
            test.factors.finish_login(&other.token, &used, LATER),
        );
        let failures: Vec<FactorError> = [first, second].into_iter().filter_map(Result::err).collect();
        assert_eq!(failures, [FactorError::Wrong]);

        let next = LATER.plus_seconds(60);
        let (one, fresh) = (challenge(&test, "ann", next).await, code(&ann.secret, next));
        let (first, second) = tokio::join!(
            test.factors.finish_login(&one.token, &fresh, next),
            test.factors.finish_login(&one.token, &fresh, next),
        );
        assert_eq!([first, second].into_iter().filter(Result::is_ok).count(), 1);
    });
}

#[test]
fn clocks_may_drift_by_one_step() {
    with_factors(async |test| {
        let ann = enrol(&test, "ann").await;
        for (minutes, drift, is_right) in [(10, -30, true), (20, 30, true), (30, -60, false), (40, 60, false)] {
            let now = START.plus_seconds(60 * minutes);
            let begun = challenge(&test, "ann", now).await;
            let outcome =
                test.factors.finish_login(&begun.token, &code(&ann.secret, now.plus_seconds(drift)), now).await;
            assert_eq!(outcome.is_ok(), is_right, "{drift}");
        }
    });
}

#[test]
fn five_wrong_codes_end_a_login_and_more_of_them_have_to_wait_while_other_factors_stay_open() {
    with_factors(async |test| {
        let ann = enrol(&test, "ann").await;
        let wrong = wrong_code(&ann.secret, LATER);
        let first = challenge(&test, "ann", LATER).await;
        for _ in 0..5 {
            let outcome = test.factors.finish_login(&first.token, &wrong, LATER).await.unwrap_err();
            assert_eq!(outcome, FactorError::Wrong);
        }
        let right = code(&ann.secret, LATER);
        let dead = test.factors.finish_login(&first.token, &right, LATER).await.unwrap_err();
        assert_eq!(dead, FactorError::InvalidToken);

        let second = challenge(&test, "ann", LATER).await;
        let waiting = test.factors.finish_login(&second.token, &right, LATER).await.unwrap_err();
        assert_eq!(waiting, FactorError::TooManyAttempts { retry_after_seconds: 30 });
        let recovery = SecondFactor::RecoveryCode(ann.recovery_codes[0].clone());
        test.factors.finish_login(&second.token, &recovery, LATER).await.unwrap();
        let third = challenge(&test, "ann", LATER).await;
        test.factors.finish_login(&third.token, &right, LATER).await.unwrap();
        let failed = test.event_kinds().await.iter().filter(|kind| *kind == "auth.mfa_failed").count();
        assert_eq!(failed, 5);
    });
}

#[test]
fn a_half_done_login_is_over_after_five_minutes_and_other_tokens_are_none() {
    with_factors(async |test| {
        let ann = enrol(&test, "ann").await;
        let begun = challenge(&test, "ann", LATER).await;
        let late = LATER.plus_seconds(300);
        let outcome = test.factors.finish_login(&begun.token, &code(&ann.secret, late), late).await.unwrap_err();
        assert_eq!(outcome, FactorError::InvalidToken);
        for token in ["", "x", &ann.login.access_token, &ann.login.refresh_token] {
            let token = factors::MfaToken::new(token);
            let outcome = test.factors.finish_login(&token, &code(&ann.secret, LATER), LATER).await.unwrap_err();
            assert_eq!(outcome, FactorError::InvalidToken);
        }
        assert_eq!(test.identity.authenticate(begun.token.as_str(), LATER), Err(IdentityError::InvalidToken));
        test.factors.purge_unfinished_mfa(late).await.unwrap();
    });
}

#[test]
fn each_recovery_code_is_good_once_and_new_ones_replace_the_old() {
    with_factors(async |test| {
        let ann = enrol(&test, "ann").await;
        let login = async |code: &str| {
            let begun = challenge(&test, "ann", LATER).await;
            test.factors.finish_login(&begun.token, &SecondFactor::RecoveryCode(code.to_owned()), LATER).await
        };
        let first = login(&ann.recovery_codes[0].to_uppercase().replace('-', " ")).await.unwrap();
        assert_eq!(login(&ann.recovery_codes[0]).await.unwrap_err(), FactorError::Wrong);
        assert_eq!(login("00000-00000-00000-00000").await.unwrap_err(), FactorError::Wrong);
        assert_eq!(status(&test, &first).await.recovery_codes_left, 9);

        let new = test.factors.regenerate_recovery_codes(&caller(&test, &first, LATER), LATER).await.unwrap();
        assert_eq!(status(&test, &first).await.recovery_codes_left, 10);
        assert_eq!(login(&ann.recovery_codes[1]).await.unwrap_err(), FactorError::Wrong);
        let last = login(&new[1]).await.unwrap();
        let used = test.events_of("auth.recovery_code_used").await;
        let by: Vec<_> = used.iter().map(|event| event.actor).collect();
        assert_eq!(by, [&first, &last].map(|login| Some(caller(&test, login, LATER).actor())));
        test.expect_events(&["auth.recovery_codes_replaced"]).await;
    });
}

#[test]
fn without_the_last_factor_the_password_is_enough_again_and_no_token_promises_more() {
    with_factors(async |test| {
        let ann = enrol(&test, "ann").await;
        test.factors.remove_totp(&caller(&test, &ann.login, START), START).await.unwrap();
        assert_eq!(test.identity.authenticate(&ann.login.access_token, START), Err(IdentityError::SessionRevoked));
        assert!(test.identity.refresh(&ann.login.refresh_token, START).await.is_err());
        let login = test.factors.login("ann", password(), LATER).await.unwrap();
        assert!(!login.user.mfa_enabled && !caller(&test, &login, LATER).has_second_factor);
        let left = MfaStatus { is_enabled: false, has_totp: false, passkeys: 0, recovery_codes_left: 0 };
        assert_eq!(status(&test, &login).await, left);
        test.expect_events(&["auth.totp_added", "auth.totp_removed", "auth.mfa_enabled", "auth.mfa_disabled"]).await;
    });
}

#[test]
fn a_session_that_has_ended_changes_no_factor() {
    with_factors(async |test| {
        let ann = enrol(&test, "ann").await;
        let late = caller(&test, &ann.login, START);
        test.open_again(START).await.0.logout(&late, START).await.unwrap();
        let ended = Err(IdentityError::SessionRevoked.into());
        assert_eq!(test.factors.remove_totp(&late, START).await, ended);
        assert_eq!(test.factors.enrol_totp(&late, START).await.map(drop), ended);
        assert_eq!(test.factors.regenerate_recovery_codes(&late, START).await.map(drop), ended);
        test.factors
            .finish_login(
                &challenge(&test, "ann", LATER).await.token,
                &SecondFactor::RecoveryCode(ann.recovery_codes[0].clone()),
                LATER,
            )
            .await
            .expect("nothing has changed");
    });
}

#[test]
fn a_login_that_was_given_up_meanwhile_is_not_finished_by_the_right_code() {
    with_factors(async |test| {
        let ann = enrol(&test, "ann").await;
        for is_given_up in [false, true] {
            let now = LATER.plus_seconds(if is_given_up { 600 } else { 0 });
            let token = challenge(&test, "ann", now).await.token;
            // The challenge is found; then the person's row is held by whoever takes it away.
            let tx = test.db.begin().await.unwrap();
            test.identity.lock_user_in_tx(&tx, ann.login.user.id).await.unwrap();
            if is_given_up {
                tx.execute(&GIVE_LOGINS_UP, params![ann.login.user.id]).await.unwrap();
            }
            let right = code(&ann.secret, now);
            let mut finishing = pin!(test.factors.finish_login(&token, &right, now));
            let waited = tokio::time::timeout(Duration::from_millis(500), finishing.as_mut()).await;
            assert!(waited.is_err(), "it is finished without the lock");
            tx.commit().await.unwrap();
            let refused = finishing.await.map(drop).err();
            assert_eq!(refused, is_given_up.then_some(FactorError::InvalidToken));
        }
    });
}

#[test]
fn codes_are_read_as_people_copy_them() {
    with_factors(async |test| {
        let ann = enrol(&test, "ann").await;
        let mut now = LATER;
        let spaced: [fn(&str) -> String; 5] = [
            |code| format!("{} {}", &code[..3], &code[3..]),
            |code| format!("{}\u{a0}{}\n", &code[..3], &code[3..]),
            |code| format!("\u{200b}{}\u{202f}{}", &code[..3], &code[3..]),
            |code| format!("  {}-{}", &code[..3], &code[3..]),
            |code| code.chars().flat_map(|digit| [digit, ' ', '\u{2009}', '\u{200e}']).collect(),
        ];
        for spaced in spaced {
            let typed = spaced(&totp_code(&ann.secret, now));
            assert!(matches!(SecondFactor::typed(&typed), SecondFactor::Code(_)), "{typed:?}");
            let token = challenge(&test, "ann", now).await.token;
            test.factors
                .finish_login(&token, &SecondFactor::typed(&typed), now)
                .await
                .unwrap_or_else(|error| panic!("{typed:?}: {error}"));
            now = now.plus_seconds(90);
        }
        let typed = format!(" {}\u{a0}", ann.recovery_codes[0].to_uppercase().replace('-', " \u{2013} "));
        assert!(matches!(SecondFactor::typed(&typed), SecondFactor::RecoveryCode(_)));
        let token = challenge(&test, "ann", now).await.token;
        test.factors.finish_login(&token, &SecondFactor::typed(&typed), now).await.unwrap();
    });
}

#[test]
fn a_reset_takes_every_factor_and_session_away() {
    with_factors(async |test| {
        let ann = enrol(&test, "ann").await;
        let begun = challenge(&test, "ann", LATER).await;
        test.factors.reset_mfa(ann.login.user.id, done(LATER)).await.unwrap();
        assert_eq!(test.identity.authenticate(&ann.login.access_token, LATER), Err(IdentityError::SessionRevoked));
        let half_done = test.factors.finish_login(&begun.token, &code(&ann.secret, LATER), LATER).await.unwrap_err();
        assert_eq!(half_done, FactorError::InvalidToken);
        assert!(!test.factors.login("ann", password(), LATER).await.unwrap().user.mfa_enabled);
        assert!(test.event_kinds().await.contains(&"auth.mfa_reset".to_owned()));
    });
}

#[test]
fn without_a_second_factor_the_password_makes_a_proof_fresh() {
    with_factors(async |test| {
        let login = test.register("ann").await;
        let old = caller(&test, &login, LATER);
        assert!(!old.is_freshly_proved(LATER));
        let wrong = StepUp::Password(Password::new("another password"));
        assert_eq!(test.factors.step_up(&old, wrong, LATER).await.unwrap_err(), IdentityError::WrongCredentials.into());
        let proved = test.factors.step_up(&old, StepUp::Password(password()), LATER).await.unwrap();
        let fresh = test.identity.authenticate(&proved.access_token, LATER).unwrap();
        assert!(fresh.is_freshly_proved(LATER) && fresh.credential == old.credential);
        let renewed = test.identity.refresh(&login.refresh_token, LATER).await.unwrap();
        assert!(caller(&test, &renewed, LATER).is_freshly_proved(LATER), "the session knows, not only the token");
        let code = StepUp::SecondFactor(SecondFactor::Code("000000".to_owned()));
        assert_eq!(test.factors.step_up(&old, code, LATER).await.unwrap_err(), FactorError::Wrong);
    });
}

#[test]
fn who_has_a_second_factor_proves_themselves_with_it_and_not_with_the_password() {
    with_factors(async |test| {
        let ann = enrol(&test, "ann").await;
        let old = caller(&test, &ann.login, LATER);
        let password = test.factors.step_up(&old, StepUp::Password(password()), LATER).await.unwrap_err();
        let methods = vec![MfaMethod::Totp, MfaMethod::Recovery];
        assert_eq!(password, FactorError::PasswordIsNotEnough(methods));
        let used = code(&ann.secret, LATER);
        let proved = test.factors.step_up(&old, StepUp::SecondFactor(used), LATER).await.unwrap();
        assert!(test.identity.authenticate(&proved.access_token, LATER).unwrap().is_freshly_proved(LATER));
        let replayed = StepUp::SecondFactor(code(&ann.secret, LATER));
        assert_eq!(test.factors.step_up(&old, replayed, LATER).await.unwrap_err(), FactorError::Wrong);
        let recovery = StepUp::SecondFactor(SecondFactor::RecoveryCode(ann.recovery_codes[3].clone()));
        test.factors.step_up(&old, recovery, LATER).await.unwrap();
        test.expect_events(&["auth.stepped_up"]).await;
    });
}

#[test]
fn five_wrong_proofs_in_a_row_end_the_session_and_nobody_elses() {
    with_factors(async |test| {
        let login = test.register("ann").await;
        let other = test.factors.login("ann", password(), START).await.unwrap();
        let thief = caller(&test, &login, START);
        for number in 1..=5 {
            assert!(test.identity.authenticate(&login.access_token, START).is_ok(), "{number}");
            let wrong = StepUp::Password(Password::new(format!("{PASSWORD}{number}")));
            assert_eq!(
                test.factors.step_up(&thief, wrong, START).await.unwrap_err(),
                IdentityError::WrongCredentials.into()
            );
        }
        assert_eq!(test.identity.authenticate(&login.access_token, START), Err(IdentityError::SessionRevoked));
        let right = test.factors.step_up(&thief, StepUp::Password(password()), START).await.unwrap_err();
        assert_eq!(right, IdentityError::SessionRevoked.into());
        assert!(test.identity.authenticate(&other.access_token, START).is_ok());
        test.expect_events(&["auth.step_up_failed"]).await;
    });
}

#[test]
fn a_database_without_the_secrets_file_gives_no_second_factors() {
    with_factors(async |test| {
        let ann = enrol(&test, "ann").await;
        let begun = challenge(&test, "ann", LATER).await;
        let stolen = test.open_with_another_key(LATER).await;
        let outcome = stolen.finish_login(&begun.token, &code(&ann.secret, LATER), LATER).await.unwrap_err();
        assert_eq!(outcome, FactorError::Wrong);
        let Err(FactorError::Required(begun)) = stolen.login("ann", password(), LATER).await else { panic!("she has") };
        assert_eq!(begun.methods, [MfaMethod::Recovery]);
        assert!(!stolen.mfa_status(ann.login.user.id).await.unwrap().has_totp);
    });
}
