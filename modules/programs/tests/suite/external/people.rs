//! Whom tokens of a trusted issuer speak for, what they may, and how that ends.

use super::{NAME, SUBJECT, trusted, with_issuer};
use crate::common::{START, by, command_line, new_user, password};
use db::WallTime;
use identity::{IdentityError, NewStaff, NewUser, Role, RoleChange};
use ids::{EventId, UserId};
use programs::{IdentityLink, ProgramError, Subject, UnknownSubjects};
use serde_json::{Value, json};

#[test]
fn the_role_is_ours_and_bounds_the_scopes() {
    with_issuer(async |_, it| {
        let auditor = NewStaff { username: "eve".to_owned(), password: Some(password()), role: Role::Auditor };
        let eve = it.process.identity.create_staff(auditor, command_line()).await.unwrap().user.id;
        it.link(eve, "eve").await.unwrap();
        let mut claims = it.issuer.claims("eve", START);
        claims["scope"] = json!("accounts:read accounts:write transactions:write admin");
        claims["role"] = json!("admin");
        claims["roles"] = json!(["admin"]);
        let caller = it.authenticate(&it.issuer.token(&claims)).await.unwrap();
        assert_eq!((caller.role, caller.scopes.to_string().as_str()), (Role::Auditor, "accounts:read"));
        let without = it.authenticate(&it.with("scope", Value::Null)).await.unwrap();
        assert!(without.scopes.is_empty());
    });
}

#[test]
fn what_proved_it_is_judged_carefully() {
    with_issuer(async |_, it| {
        let now = START.unix_seconds();
        let multi = it.authenticate(&it.with("amr", json!(["pwd", "otp"]))).await.unwrap();
        assert!(multi.proof.factors.is_multi_factor() && multi.is_freshly_proved(START));
        for (amr, acr) in [(json!(["pwd"]), "urn:mace:incommon:iap:silver"), (json!([]), "phrh"), (json!(["sms"]), "2")]
        {
            let mut claims = it.issuer.claims(SUBJECT, START);
            (claims["amr"], claims["acr"]) = (amr, json!(acr));
            let caller = it.authenticate(&it.issuer.token(&claims)).await.unwrap();
            assert!(!caller.proof.factors.is_multi_factor(), "{acr}");
        }
        let fresh = async |token: String| it.authenticate(&token).await.unwrap().proof.is_fresh(START);
        assert!(!fresh(it.with("auth_time", Value::Null)).await, "without a time it is old");
        assert!(!fresh(it.with("auth_time", json!(now - 300))).await);
        assert!(fresh(it.with("auth_time", json!(now - 299))).await);
        // From the future: the token's own time counts.
        let ahead = it.authenticate(&it.with("auth_time", json!(now + 10_000))).await.unwrap();
        assert_eq!(ahead.proof.at.unix_seconds(), now);
    });
}

#[test]
fn an_unknown_subject_is_refused() {
    with_issuer(async |test, it| {
        let before = test.event_kinds().await.len();
        for subject in ["stranger", "AUTH0|ANN'S \"ID\"", "auth0|Ann's \"id\" "] {
            let token = it.issuer.token(&it.issuer.claims(subject, START));
            assert_eq!(it.authenticate(&token).await, Err(ProgramError::UnknownSubject), "{subject}");
        }
        assert_eq!(test.event_kinds().await.len(), before);
    });
}

#[test]
fn an_unknown_subject_becomes_a_customer_once_where_the_bank_wants_it() {
    with_issuer(async |test, it| {
        let open = test.open_trusting(trusted(UnknownSubjects::Register)).await;
        open.programs.issuer_keys().unwrap().learn(&it.issuer.key_set()).unwrap();
        let mut claims = it.issuer.claims("bob", START);
        claims["preferred_username"] = json!("root");
        let token = it.issuer.token(&claims);
        let several = tokio::join!(
            open.programs.authenticate_external(&token, START),
            open.programs.authenticate_external(&token, START),
            open.programs.authenticate_external(&token, START),
        );
        let bob = several.0.unwrap();
        assert_eq!((several.1.unwrap(), several.2.unwrap()), (bob, bob));
        let user = open.identity.user(bob.user_id).await.unwrap().unwrap();
        assert_eq!((user.role, user.email.clone()), (Role::Customer, None));
        assert_eq!(user.username.as_str(), user.id.to_string().replace("usr_", "ext-"));
        let events = test.event_kinds().await;
        assert_eq!(events[events.len() - 2..], ["auth.user_registered", "auth.identity_linked"]);
        let login = open.factors.login(user.username.as_str(), password(), START).await;
        assert_eq!(login.unwrap_err(), IdentityError::WrongCredentials.into());
        // Whoever was linked stays who they are.
        assert_eq!(open.programs.authenticate_external(&it.token(), START).await.unwrap().user_id, it.ann);
        // A program of its own is no person.
        let mut claims = it.issuer.claims("robot", START);
        claims["client_id"] = json!("robot");
        let robot = it.issuer.token(&claims);
        assert_eq!(open.programs.authenticate_external(&robot, START).await, Err(ProgramError::UnknownSubject));
    });
}

#[test]
fn who_is_disabled_or_unlinked_is_out_at_once_and_within_a_second_in_other_processes() {
    with_issuer(async |test, it| {
        let other = test.open_trusting(trusted(UnknownSubjects::Refuse)).await;
        other.programs.issuer_keys().unwrap().learn(&it.issuer.key_set()).unwrap();
        let token = it.token();
        let a_second_later = START.plus_seconds(1);
        assert!(
            it.authenticate(&token).await.is_ok() && other.programs.authenticate_external(&token, START).await.is_ok()
        );
        it.process.identity.disable(it.ann, by(it.root, START)).await.unwrap();
        assert_eq!(it.authenticate(&token).await, Err(IdentityError::Disabled.into()));
        assert!(other.programs.authenticate_external(&token, START).await.is_ok(), "it has just looked");
        assert_eq!(
            other.programs.authenticate_external(&token, a_second_later).await,
            Err(IdentityError::Disabled.into())
        );

        it.process.identity.enable(it.ann, by(it.root, START)).await.unwrap();
        let now = START.plus_seconds(10);
        assert_eq!(
            it.process.programs.authenticate_external(&token, now).await,
            Err(IdentityError::SessionRevoked.into())
        );
        let newer = it.issuer.token(&it.issuer.claims(SUBJECT, now));
        assert!(it.process.programs.authenticate_external(&newer, now).await.is_ok());

        it.process.programs.unlink_identity(it.ann, by(it.root, now)).await.unwrap();
        assert_eq!(it.process.programs.authenticate_external(&newer, now).await, Err(ProgramError::UnknownSubject));
        assert_eq!(it.process.programs.unlink_identity(it.ann, by(it.root, now)).await, Err(ProgramError::NotLinked));
        assert_eq!(test.event_kinds().await.last().unwrap(), "auth.identity_unlinked");
    });
}

#[test]
fn logging_somebody_out_everywhere_ends_the_tokens_that_were_issued_before() {
    with_issuer(async |_, it| {
        let token = it.token();
        assert!(it.authenticate(&token).await.is_ok());
        let now = START.plus_seconds(5);
        it.process.identity.end_sessions(it.ann, by(it.root, now)).await.unwrap();
        assert_eq!(
            it.process.programs.authenticate_external(&token, now).await,
            Err(IdentityError::SessionRevoked.into())
        );
        let newer = it.issuer.token(&it.issuer.claims(SUBJECT, now.plus_seconds(1)));
        assert!(it.process.programs.authenticate_external(&newer, now.plus_seconds(1)).await.is_ok());
    });
}

#[test]
fn another_role_shows_at_once() {
    with_issuer(async |_, it| {
        assert_eq!(it.authenticate(&it.token()).await.unwrap().role, Role::Customer);
        let tx = it.db.begin().await.unwrap();
        let change = RoleChange { user_id: it.ann, role: Role::Teller };
        let ended = it.process.identity.change_role_in_tx(&tx, change, it.root, by(it.root, START)).await.unwrap();
        tx.commit().await.unwrap();
        it.process.identity.refuse(ended);
        let later: WallTime = START.plus_seconds(1);
        let token = it.issuer.token(&it.issuer.claims(SUBJECT, later));
        assert_eq!(it.process.programs.authenticate_external(&token, later).await.unwrap().role, Role::Teller);
    });
}

#[test]
fn a_subject_is_one_person_and_a_person_one_subject() {
    with_issuer(async |test, it| {
        let bob = test.register("bob").await.user.id;
        assert_eq!(it.link(bob, SUBJECT).await, Err(ProgramError::AlreadyLinked));
        assert_eq!(it.link(it.ann, "ann2").await, Err(ProgramError::AlreadyLinked));
        assert_eq!(it.link(UserId::generate(), "nobody").await, Err(IdentityError::UnknownUser.into()));
        it.link(bob, "bob").await.unwrap();
        let identity = it.process.programs.external_identity(bob).await.unwrap().unwrap();
        assert_eq!((identity.subject.as_str(), identity.issuer.as_str(), identity.linked_at), ("bob", NAME, START));
        assert_eq!(
            it.process.programs.require_linkable(bob, &Subject::parse("x").unwrap()).await,
            Err(ProgramError::AlreadyLinked)
        );
        assert_eq!(test.programs.external_identity(bob).await, Err(ProgramError::NoTrustedIssuer));
        assert_eq!(Subject::parse("").unwrap_err(), ProgramError::InvalidSubject);
        let tx = it.db.begin().await.unwrap();
        let meant = IdentityLink {
            issuer: "https://former.example".to_owned(),
            subject: Subject::parse("x").unwrap(),
            user_id: it.root,
        };
        let linked = it.process.programs.link_identity_in_tx(&tx, meant, it.root, by(it.root, START)).await.err();
        assert_eq!(linked, Some(ProgramError::NoTrustedIssuer));
    });
}

#[test]
fn somebody_with_an_address_gets_a_mail_of_both_and_the_outbox_never_names_the_subject() {
    with_issuer(async |test, it| {
        let email = Some("bob@example.com".to_owned());
        let bob = NewUser { email, ..new_user("bob") };
        let bob = it.process.identity.register(bob, START).await.unwrap().user.id;
        it.link(bob, "subject-of-bob").await.unwrap();
        it.process.programs.unlink_identity(bob, by(it.root, START)).await.unwrap();
        let mails = notifications::claim_mails(&test.db, test.identity.secrets(), 100, START).await.unwrap();
        let subjects: Vec<&str> = mails.iter().map(|mail| mail.subject.as_str()).collect();
        assert_eq!(
            subjects,
            [
                "Confirm your e-mail address",
                "A login elsewhere opens your accounts",
                "A login elsewhere no longer opens your accounts"
            ]
        );
        let _from_the_start = EventId::from_uuid(uuid::Uuid::nil());
        let events = outbox::numbered_after(&test.db, 0, 100).await.unwrap();
        let linked: Vec<_> = events.iter().filter(|event| event.kind.starts_with("auth.identity_")).collect();
        assert_eq!(linked.len(), 3, "ann's link, bob's, and its end");
        assert_eq!(linked[1].payload, format!(r#"{{"username":"bob","by":"{}"}}"#, it.root));
        assert!(events.iter().all(|event| !event.payload.contains("subject-of-bob")));
    });
}

#[test]
fn a_second_factor_that_somebody_sets_up_here_is_asked_for_there_too() {
    with_issuer(async |test, it| {
        let token = it.token();
        assert!(!it.authenticate(&token).await.unwrap().has_second_factor);
        let login = it.process.factors.login("ann", password(), START).await.unwrap();
        let caller = it.process.identity.authenticate(&login.access_token, START).unwrap();
        let secret = it.process.factors.enrol_totp(&caller, START).await.unwrap().secret;
        it.process.factors.confirm_totp(&caller, &outsiders::totp_code(&secret, START), START).await.unwrap();
        assert_eq!(
            it.authenticate(&token).await,
            Err(IdentityError::SessionRevoked.into()),
            "it promises less than is asked now"
        );
        let later = START.plus_seconds(1);
        let newer = it.issuer.token(&it.issuer.claims(SUBJECT, later));
        assert!(it.process.programs.authenticate_external(&newer, later).await.unwrap().has_second_factor);
        drop(test);
    });
}
