//! Addresses that are verified and changed, and the way back in for who forgot their password.

use crate::common::{PASSWORD, START, TestIdentity, command_line, new_user, password, with_identity};
use db::{Executor as _, WallTime, params, statements};
use identity::{Caller, Dependents, Forgetful, Identity, IdentityError, Login, Mailing, NewUser, Password, Settings};
use notifications::{Delivery, Outcome};

statements! {
    COUNT_MAIL_TOKENS -> i64 = "SELECT COUNT(*) FROM auth_mail_token";
}

const NEW: &str = "another secure password";
const DAY: i64 = 24 * 60 * 60;

/// The mails that wait; they are taken as sent.
async fn mails(test: &TestIdentity, now: WallTime) -> Vec<Delivery> {
    let mails = notifications::claim_mails(&test.db, test.identity.secrets(), 100, now).await.unwrap();
    for mail in &mails {
        notifications::settle_message(&test.db, mail, Outcome::Sent, now).await.unwrap();
    }
    mails
}

/// The token in a mail: it stands alone and indented.
fn token(mail: &Delivery) -> String {
    mail.body.lines().find_map(|line| line.strip_prefix("    ")).unwrap().to_owned()
}

async fn register(test: &TestIdentity, username: &str, email: &str) -> Login {
    test.identity.register(NewUser { email: Some(email.to_owned()), ..new_user(username) }, START).await.unwrap()
}

/// Somebody whose address is verified, and no mail waits.
async fn verified(test: &TestIdentity, username: &str, email: &str) -> Login {
    let login = register(test, username, email).await;
    let mail = mails(test, START).await.pop().unwrap();
    test.identity.verify_email(&token(&mail), START).await.unwrap();
    login
}

fn caller(test: &TestIdentity, login: &Login) -> Caller {
    test.identity.authenticate(&login.access_token, START).unwrap()
}

/// Asks for a new password and gives the mails that go out for it.
async fn forget(test: &TestIdentity, who: Forgetful, now: WallTime) -> Vec<Delivery> {
    test.identity.request_reset(who, now).await.unwrap();
    assert_eq!(test.identity.answer_reset_requests(now).await, Ok(1));
    mails(test, now).await
}

fn john() -> Forgetful {
    Forgetful::Username("john_doe".to_owned())
}

#[test]
fn whoever_registers_with_an_address_is_mailed_a_token_that_verifies_it_once() {
    with_identity(async |test| {
        let login = register(&test, "john_doe", "John@example.com").await;
        assert_eq!(login.user.email_verified_at, None);
        let mails = mails(&test, START).await;
        assert_eq!((mails.len(), mails[0].recipient.as_str()), (1, "John@example.com"));
        let token = token(&mails[0]);
        let later = START.plus_seconds(60);
        test.identity.verify_email(&token, later).await.unwrap();
        assert_eq!(test.identity.user(login.user.id).await.unwrap().unwrap().email_verified_at, Some(later));
        assert_eq!(test.identity.verify_email(&token, later).await, Err(IdentityError::InvalidMailToken));
        test.identity.request_verification(&caller(&test, &login), later).await.expect("there is nothing to do");
        assert!(self::mails(&test, later).await.is_empty());
        assert!(test.event_kinds().await.contains(&"auth.email_verified".to_owned()));
    });
}

#[test]
fn a_verification_token_dies_with_its_time_and_with_another_that_was_used() {
    with_identity(async |test| {
        let login = register(&test, "john_doe", "john@example.com").await;
        let first = token(&mails(&test, START).await[0]);
        test.identity.request_verification(&caller(&test, &login), START).await.unwrap();
        let second = token(&mails(&test, START).await[0]);
        for (token, now) in [(&second, START.plus_seconds(DAY)), (&"x".repeat(43), START)] {
            assert_eq!(test.identity.verify_email(token, now).await, Err(IdentityError::InvalidMailToken));
        }
        test.identity.verify_email(&first, START.plus_seconds(DAY - 1)).await.expect("the older one is good as well");
        assert_eq!(test.identity.verify_email(&second, START).await, Err(IdentityError::InvalidMailToken));
    });
}

#[test]
fn a_token_is_read_as_it_is_copied_out_of_a_mail() {
    with_identity(async |test| {
        register(&test, "john_doe", "john@example.com").await;
        let verification = token(&mails(&test, START).await[0]);
        let (front, back) = verification.split_at(20);
        test.identity.verify_email(&format!("\u{a0} {front}\r\n{back}\t"), START).await.unwrap();
        let reset = token(&forget(&test, john(), START).await[0]);
        test.identity.reset_password(&format!(" {reset}\n"), Password::new(NEW), START).await.unwrap();
    });
}

#[test]
fn of_two_who_use_one_token_at_once_one_succeeds() {
    with_identity(async |test| {
        verified(&test, "john_doe", "john@example.com").await;
        let token = token(&forget(&test, john(), START).await[0]);
        let reset = || test.identity.reset_password(&token, Password::new(NEW), START);
        let (one, other) = tokio::join!(reset(), reset());
        assert_eq!([one, other].iter().filter(|outcome| outcome.is_ok()).count(), 1);
    });
}

#[test]
fn mails_to_one_person_and_to_one_address_are_bounded_within_the_hour() {
    with_identity(async |test| {
        let login = register(&test, "john_doe", "john@example.com").await;
        let request = async |now: WallTime| test.identity.request_verification(&caller(&test, &login), now).await;
        for _ in 0..4 {
            request(START).await.unwrap();
        }
        assert_eq!(request(START).await, Err(IdentityError::TooManyMails));
        let moved = test.identity.change_email(&caller(&test, &login), "new@example.com", START).await;
        assert_eq!(moved.unwrap_err(), IdentityError::TooManyMails);
        assert_eq!(mails(&test, START).await.len(), 5);
        for number in 0..20 {
            register(&test, &format!("mallory{number}"), "JOHN@example.com").await;
        }
        assert_eq!(mails(&test, START).await.len(), 15, "others get one each, up to twenty in all");
        let caller = caller(&test, &login);
        test.identity.request_verification(&caller, START.plus_seconds(3601)).await.expect("an hour is over");
    });
}

#[test]
fn another_address_has_to_be_verified_anew_and_the_old_one_is_told() {
    with_identity(async |test| {
        let login = verified(&test, "john_doe", "john@example.com").await;
        let old_way_in = token(&forget(&test, john(), START).await[0]);
        let user = test.identity.change_email(&caller(&test, &login), " new@example.com ", START).await.unwrap();
        assert_eq!((user.email.unwrap().as_str(), user.email_verified_at), ("new@example.com", None));
        let sent = mails(&test, START).await;
        let mut to: Vec<(&str, bool)> =
            sent.iter().map(|mail| (mail.recipient.as_str(), mail.body.contains("new@example.com"))).collect();
        to.sort_unstable();
        assert_eq!(to, [("john@example.com", false), ("new@example.com", false)]);
        let refused = test.identity.reset_password(&old_way_in, Password::new(NEW), START).await;
        assert_eq!(refused, Err(IdentityError::InvalidMailToken));
        assert!(forget(&test, john(), START).await.is_empty(), "an address that nobody verified is no way in");
        let new = sent.iter().find(|mail| mail.recipient == "new@example.com").unwrap();
        test.identity.verify_email(&token(new), START).await.unwrap();
        assert_eq!(forget(&test, john(), START).await[0].recipient, "new@example.com");
        let same = test.identity.change_email(&caller(&test, &login), "new@example.com", START).await.unwrap();
        assert!(same.email_verified_at.is_some(), "the same address changes nothing");
        test.expect_events(&["auth.email_changed"]).await;
    });
}

#[test]
fn a_forgotten_password_is_replaced_with_a_mailed_token_and_all_sessions_end() {
    with_identity(async |test| {
        let login = verified(&test, "john_doe", "john@example.com").await;
        let mails = forget(&test, john(), START).await;
        assert_eq!((mails.len(), mails[0].recipient.as_str()), (1, "john@example.com"));
        let token = token(&mails[0]);
        let weak = test.identity.reset_password(&token, Password::new("john_doe1"), START).await;
        assert!(matches!(weak, Err(IdentityError::WeakPassword(_))));
        test.identity.reset_password(&token, Password::new(NEW), START).await.expect("the token is still good");
        assert_eq!(test.identity.authenticate(&login.access_token, START), Err(IdentityError::SessionRevoked));
        assert!(test.identity.refresh(&login.refresh_token, START).await.is_err());
        let old = test.login("john_doe", password(), START).await;
        assert_eq!(old.unwrap_err(), IdentityError::WrongCredentials);
        test.login("john_doe", Password::new(NEW), START).await.expect("the new one is right");
        let again = test.identity.reset_password(&token, password(), START).await;
        assert_eq!(again, Err(IdentityError::InvalidMailToken));
        let notice = self::mails(&test, START).await;
        assert!(notice.len() == 1 && notice[0].subject.contains("reset"));
        let kinds = test.event_kinds().await;
        for kind in ["auth.password_reset_requested", "auth.password_reset", "auth.logged_out"] {
            assert_eq!(kinds.iter().filter(|told| *told == kind).count(), 1, "{kind}");
        }
    });
}

#[test]
fn a_way_back_in_dies_after_half_an_hour_and_with_a_changed_password() {
    with_identity(async |test| {
        let login = verified(&test, "john_doe", "john@example.com").await;
        let reset =
            async |token: &str, now: WallTime| test.identity.reset_password(token, Password::new(NEW), now).await;
        let first = token(&forget(&test, john(), START).await[0]);
        let second = token(&forget(&test, Forgetful::Email("JOHN@example.com".to_owned()), START).await[0]);
        assert_ne!(first, second);
        assert_eq!(reset(&second, START.plus_seconds(1800)).await, Err(IdentityError::InvalidMailToken));
        test.identity
            .change_password(&caller(&test, &login), password(), Password::new("a third good one"), START)
            .await
            .unwrap();
        for token in [&first, &second] {
            assert_eq!(reset(token, START).await, Err(IdentityError::InvalidMailToken));
        }
        assert_eq!(test.identity.verify_email(&second, START).await, Err(IdentityError::InvalidMailToken));
    });
}

#[test]
fn nobody_is_mailed_who_is_unknown_unverified_disabled_or_has_had_enough() {
    with_identity(async |test| {
        register(&test, "jane_doe", "jane@example.com").await;
        let disabled = verified(&test, "jack_doe", "jack@example.com").await;
        test.identity.disable(disabled.user.id, command_line()).await.unwrap();
        mails(&test, START).await;
        for who in ["jane_doe", "jack_doe", "nobody"] {
            assert!(forget(&test, Forgetful::Username(who.to_owned()), START).await.is_empty(), "{who}");
        }
        for who in ["jane@example.com", "jack@example.com", "nobody@example.com"] {
            assert!(forget(&test, Forgetful::Email(who.to_owned()), START).await.is_empty(), "{who}");
        }
        verified(&test, "john_doe", "john@example.com").await;
        for expected in [1, 1, 1, 0, 0] {
            assert_eq!(forget(&test, john(), START).await.len(), expected);
        }
        assert_eq!(forget(&test, john(), START.plus_seconds(1800)).await.len(), 1);
    });
}

#[test]
fn who_asks_in_anothers_name_keeps_nobody_from_a_way_back_in() {
    with_identity(async |test| {
        verified(&test, "john_doe", "john@example.com").await;
        let own = token(&forget(&test, john(), START).await[0]);
        let mut strangers = Vec::new();
        for second in 0..1_799 {
            if second % 100 == 0 {
                strangers.extend(forget(&test, john(), START.plus_seconds(second)).await);
            }
        }
        assert_eq!(strangers.len(), 2, "nobody is flooded");
        // Whenever no mail goes out, one that went out is still good.
        let late = START.plus_seconds(1_799);
        assert!(forget(&test, john(), late).await.is_empty());
        test.identity.reset_password(&own, Password::new(NEW), late).await.expect("the owner's is still good");
        for stranger in &strangers {
            let refused = test.identity.reset_password(&token(stranger), password(), late).await;
            assert_eq!(refused, Err(IdentityError::InvalidMailToken), "any use ends all");
        }
        assert_eq!(mails(&test, late).await.len(), 1, "the owner is told");
        assert_eq!(forget(&test, john(), late).await.len(), 1, "and there is room for others");
    });
}

#[test]
fn several_people_with_one_address_get_a_mail_each() {
    with_identity(async |test| {
        for username in ["john_doe", "jane_doe"] {
            verified(&test, username, "family@example.com").await;
        }
        let mails = forget(&test, Forgetful::Email("family@example.com".to_owned()), START).await;
        let names: Vec<bool> =
            ["john_doe", "jane_doe"].map(|name| mails.iter().any(|mail| mail.body.contains(name))).into();
        assert_eq!((mails.len(), names), (2, vec![true, true]));
    });
}

#[test]
fn two_processes_answer_each_request_once() {
    with_identity(async |test| {
        verified(&test, "john_doe", "john@example.com").await;
        let other = test.open_again(START).await;
        for _ in 0..3 {
            test.identity.request_reset(john(), START).await.unwrap();
        }
        let (one, another) =
            tokio::join!(test.identity.answer_reset_requests(START), other.answer_reset_requests(START));
        assert_eq!(one.unwrap() + another.unwrap(), 3);
        assert_eq!(mails(&test, START).await.len(), 3);
    });
}

#[test]
fn without_a_mail_server_nothing_is_pretended() {
    with_identity(async |test| {
        let settings = Settings { mailing: Mailing::Off, ..test.settings() };
        let auth = Identity::open(test.db.clone(), settings, Dependents::default(), START).await.unwrap();
        let new_user = NewUser { email: Some("john@example.com".to_owned()), ..new_user("john_doe") };
        let login = auth.register(new_user, START).await.expect("registering needs no mail");
        let caller = auth.authenticate(&login.access_token, START).unwrap();
        assert_eq!(auth.request_reset(john(), START).await, Err(IdentityError::NoMail));
        assert_eq!(auth.request_verification(&caller, START).await, Err(IdentityError::NoMail));
        assert_eq!(auth.change_email(&caller, "new@example.com", START).await, Err(IdentityError::NoMail));
        let (current, new) = (Password::new(PASSWORD), Password::new(NEW));
        auth.change_password(&caller, current, new, START).await.expect("changing the password needs none either");
        assert!(mails(&test, START).await.is_empty());
    });
}

#[test]
fn who_has_no_address_cannot_verify_it_and_what_is_no_address_is_refused() {
    with_identity(async |test| {
        let login = test.register("john_doe").await;
        let caller = caller(&test, &login);
        assert_eq!(test.identity.request_verification(&caller, START).await, Err(IdentityError::NoEmail));
        assert_eq!(test.identity.change_email(&caller, "nowhere", START).await, Err(IdentityError::InvalidEmail));
        let refused = test.identity.request_reset(Forgetful::Email("nowhere".to_owned()), START).await;
        assert_eq!(refused, Err(IdentityError::InvalidEmail));
    });
}

#[test]
fn mailed_tokens_are_forgotten_after_two_days() {
    with_identity(async |test| {
        verified(&test, "john_doe", "john@example.com").await;
        let count = async || test.db.query_one(&COUNT_MAIL_TOKENS, params![]).await.unwrap();
        test.identity.purge(START.plus_seconds(2 * DAY)).await.unwrap();
        assert_eq!(count().await, 1);
        test.identity.purge(START.plus_seconds(2 * DAY + 1)).await.unwrap();
        assert_eq!(count().await, 0);
    });
}
