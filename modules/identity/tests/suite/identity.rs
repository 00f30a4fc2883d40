//! Registering, logging in, staying logged in and logging out, as callers of the module see it.

use crate::common::{START, command_line, new_user, password, with_identity};
use identity::{IdentityError, NewUser, Password, Role, UserStatus};
use ids::UserId;
use uuid::Uuid;

#[test]
fn customers_cannot_take_names_of_the_bank_and_staff_can() {
    with_identity(async |test| {
        for name in ["root", "Admin", "support", "florin-help"] {
            let refused = test.identity.register(new_user(name), START).await.unwrap_err();
            assert_eq!(refused, IdentityError::InvalidUsername("is reserved for the bank"), "{name}");
        }
        test.identity.create_admin("root", password(), START).await.expect("the command line may");
    });
}

#[test]
fn a_registered_customer_is_logged_in_and_found() {
    with_identity(async |test| {
        let email = Some(" john@example.com ".to_owned());
        let new_user = NewUser { email, ..new_user(" John_Doe ") };
        let login = test.identity.register(new_user, START).await.unwrap();
        assert_eq!(login.user.username.as_str(), "john_doe");
        assert_eq!(login.user.email.as_ref().unwrap().as_str(), "john@example.com");
        assert_eq!((login.user.role, login.user.status), (Role::Customer, UserStatus::Active));
        assert_eq!(login.expires_in_seconds, 15 * 60);
        let caller = test.identity.authenticate(&login.access_token, START).unwrap();
        assert_eq!((caller.user_id, caller.role), (login.user.id, Role::Customer));
        assert_eq!(test.identity.user(caller.user_id).await.unwrap().as_ref(), Some(&login.user));
        assert_eq!(test.identity.find_by_username("JOHN_DOE").await.unwrap(), Some(login.user));
        assert_eq!(test.identity.find_by_username("jane_doe").await.unwrap(), None);
        assert_eq!(test.identity.find_by_username("no name").await.unwrap(), None);
        assert_eq!(test.identity.user(UserId::generate()).await.unwrap(), None);
    });
}

#[test]
fn a_taken_username_is_refused_and_changes_nothing() {
    with_identity(async |test| {
        test.register("john_doe").await;
        let before = test.event_kinds().await;
        let again = test.identity.register(new_user("JOHN_DOE"), START).await;
        assert_eq!(again.unwrap_err(), IdentityError::UsernameTaken);
        let admin = test.identity.create_admin("john_doe", password(), START).await;
        assert_eq!(admin.unwrap_err(), IdentityError::UsernameTaken);
        assert_eq!(test.event_kinds().await, before);
    });
}

#[test]
fn of_two_who_want_the_same_username_at_once_one_gets_it() {
    with_identity(async |test| {
        let (one, other) = tokio::join!(
            test.identity.register(new_user("john_doe"), START),
            test.identity.register(new_user("john_doe"), START),
        );
        let refused = [one, other].into_iter().filter_map(Result::err).collect::<Vec<_>>();
        assert_eq!(refused, [IdentityError::UsernameTaken]);
    });
}

#[test]
fn what_breaks_the_rules_is_not_registered() {
    with_identity(async |test| {
        let outcome = test.identity.register(new_user("john doe"), START).await;
        assert!(matches!(outcome, Err(IdentityError::InvalidUsername(_))));
        let weak = NewUser { password: Password::new("password1"), ..new_user("john_doe") };
        assert!(matches!(test.identity.register(weak, START).await, Err(IdentityError::WeakPassword(_))));
        let unreachable = NewUser { email: Some("nowhere".to_owned()), ..new_user("john_doe") };
        assert_eq!(test.identity.register(unreachable, START).await.unwrap_err(), IdentityError::InvalidEmail);
        assert_eq!(test.event_kinds().await, [""; 0]);
    });
}

#[test]
fn the_right_password_logs_in_and_anything_else_is_the_same_refusal() {
    with_identity(async |test| {
        let registered = test.register("john_doe").await;
        let login = test.login(" John_Doe", password(), START).await.unwrap();
        assert_eq!(login.user, registered.user);
        let refusals = [
            test.login("john_doe", Password::new("Secure_password"), START).await,
            test.login("john_doe", Password::new(""), START).await,
            test.login("jane_doe", password(), START).await,
            test.login("'; DROP TABLE auth_user; --", password(), START).await,
        ];
        for refusal in refusals {
            assert_eq!(refusal.unwrap_err(), IdentityError::WrongCredentials);
        }
    });
}

#[test]
fn an_administrator_logs_in_as_one() {
    with_identity(async |test| {
        let admin = test.identity.create_admin("root.admin", password(), START).await.unwrap();
        assert_eq!(admin.role, Role::Admin);
        let login = test.login("root.admin", password(), START).await.unwrap();
        assert_eq!(test.identity.authenticate(&login.access_token, START).unwrap().role, Role::Admin);
        let weak = test.identity.create_admin("second.admin", Password::new("admin123"), START).await;
        assert!(matches!(weak, Err(IdentityError::WeakPassword(_))));
    });
}

#[test]
fn logout_ends_the_session_at_once_although_its_token_is_cached() {
    with_identity(async |test| {
        let login = test.register("john_doe").await;
        let elsewhere = test.login("john_doe", password(), START).await.unwrap();
        let caller = test.identity.authenticate(&login.access_token, START).unwrap();
        assert_eq!(test.identity.authenticate(&login.access_token, START), Ok(caller));
        test.identity.logout(&caller, START).await.unwrap();
        assert_eq!(test.identity.authenticate(&login.access_token, START), Err(IdentityError::SessionRevoked));
        let refused = test.identity.refresh(&login.refresh_token, START).await;
        assert_eq!(refused.unwrap_err(), IdentityError::InvalidRefreshToken);
        test.identity.authenticate(&elsewhere.access_token, START).expect("another session goes on");
        test.identity.logout(&caller, START).await.expect("a second logout changes nothing");
        let logouts = test.event_kinds().await.into_iter().filter(|kind| kind == "auth.logged_out").count();
        assert_eq!(logouts, 1);
    });
}

#[test]
fn another_process_refuses_a_logged_out_session_with_its_next_poll() {
    with_identity(async |test| {
        let other = test.open_again(START).await;
        let login = test.register("john_doe").await;
        let caller = other.authenticate(&login.access_token, START).expect("both know the key");
        let later = START.plus_seconds(5);
        test.identity.logout(&caller, later).await.unwrap();
        other.refresh_revocations(later).await.unwrap();
        assert_eq!(other.authenticate(&login.access_token, later), Err(IdentityError::SessionRevoked));
    });
}

#[test]
fn a_restart_does_not_forget_a_logout() {
    with_identity(async |test| {
        let login = test.register("john_doe").await;
        let caller = test.identity.authenticate(&login.access_token, START).unwrap();
        test.identity.logout(&caller, START).await.unwrap();
        let later = START.plus_seconds(14 * 60);
        let restarted = test.open_again(later).await;
        assert_eq!(restarted.authenticate(&login.access_token, later), Err(IdentityError::SessionRevoked));
    });
}

#[test]
fn disabling_somebody_ends_their_sessions_and_keeps_them_out() {
    with_identity(async |test| {
        let login = test.register("john_doe").await;
        let bystander = test.register("jane_doe").await;
        test.identity.disable(login.user.id, command_line()).await.unwrap();
        test.identity.disable(login.user.id, command_line()).await.expect("a second time changes nothing");
        assert_eq!(test.identity.authenticate(&login.access_token, START), Err(IdentityError::SessionRevoked));
        assert!(test.identity.refresh(&login.refresh_token, START).await.is_err());
        let right = test.login("john_doe", password(), START).await;
        assert_eq!(right.unwrap_err(), IdentityError::Disabled);
        let wrong = test.login("john_doe", Password::new("wrong_password"), START).await;
        assert_eq!(wrong.unwrap_err(), IdentityError::WrongCredentials);
        test.identity.authenticate(&bystander.access_token, START).expect("others go on");
        assert_eq!(test.identity.disable(UserId::generate(), command_line()).await, Err(IdentityError::UnknownUser));
    });
}

#[test]
fn what_happened_is_told_to_the_outbox_without_secrets() {
    with_identity(async |test| {
        let login = test.register("john_doe").await;
        test.login("john_doe", Password::new("wrong_password"), START).await.unwrap_err();
        test.login("A typed Password!", Password::new("wrong_password"), START).await.unwrap_err();
        let caller = test.identity.authenticate(&login.access_token, START).unwrap();
        test.identity.logout(&caller, START).await.unwrap();
        test.identity.create_admin("root.admin", password(), START).await.unwrap();
        let events = outbox::numbered_after(&test.db, 0, 100).await.unwrap();
        let told: Vec<_> = events.iter().map(|event| (event.kind.as_str(), event.payload.as_str())).collect();
        let session = caller.session_id().unwrap();
        assert_eq!(
            told,
            [
                ("auth.user_registered", r#"{"username":"john_doe"}"#),
                (
                    "auth.logged_in",
                    &format!(r#"{{"username":"john_doe","sessionId":"{session}","byRegistering":true}}"#)
                ),
                ("auth.login_failed", r#"{"username":"john_doe"}"#),
                ("auth.login_failed", "{}"),
                ("auth.logged_out", &format!(r#"{{"sessionId":"{session}","reason":"LOGOUT"}}"#)),
                ("auth.staff_created", r#"{"username":"root.admin","role":"admin","by":null}"#),
            ]
        );
        let themselves = Some(caller.actor());
        assert_eq!([events[0].actor, events[1].actor], [themselves; 2]);
        assert_eq!(events[2].subject_id, login.user.id.uuid());
        assert_eq!(events[3].subject_id, Uuid::nil());
    });
}

#[test]
fn a_login_is_printed_without_its_tokens() {
    with_identity(async |test| {
        let login = test.register("john_doe").await;
        let printed = format!("{login:?}");
        assert!(!printed.contains(&login.access_token) && !printed.contains(&login.refresh_token), "{printed}");
    });
}
