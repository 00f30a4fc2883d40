//! Passwords that are changed, that come from another system, and that nobody may choose.

use crate::common::{START, TestIdentity, new_user, password, with_identity};
use db::{Executor as _, params, statements};
use identity::{Caller, Dependents, Identity, IdentityError, ImportError, ImportedUser, Login, Password, Role};

statements! {
    SELECT_HASHES -> (String, String, String) = "SELECT username, password_hash, password_scheme FROM auth_user ORDER BY username";
    COUNT_SCHEMES -> i64 = "SELECT COUNT(*) FROM auth_password_scheme";
    INSERT_SCHEME = "INSERT INTO auth_password_scheme (scheme) VALUES ($1)";
}

const NEW: &str = "another secure password";
/// Of `U*U` with cost 5, as OpenBSD's test vectors have it.
const BCRYPT: &str = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

fn caller(test: &TestIdentity, login: &Login) -> Caller {
    test.identity.authenticate(&login.access_token, START).unwrap()
}

fn imported(line: u64, username: &str, password_hash: &str) -> Result<ImportedUser, ImportError> {
    let (username, password_hash) = (username.to_owned(), password_hash.to_owned());
    Ok(ImportedUser { line, username, email: None, role: None, password_hash })
}

async fn hashes(test: &TestIdentity) -> Vec<(String, String, String)> {
    test.db.query_as(&SELECT_HASHES, params![]).await.unwrap()
}

#[test]
fn a_changed_password_is_the_only_one_and_ends_all_other_sessions() {
    with_identity(async |test| {
        let here = test.register("john_doe").await;
        let there = test.login("john_doe", password(), START).await.unwrap();
        test.identity.change_password(&caller(&test, &here), password(), Password::new(NEW), START).await.unwrap();
        test.identity.authenticate(&here.access_token, START).expect("the session at hand goes on");
        test.identity.refresh(&here.refresh_token, START).await.expect("and is continued");
        assert_eq!(test.identity.authenticate(&there.access_token, START), Err(IdentityError::SessionRevoked));
        let old = test.login("john_doe", password(), START).await;
        assert_eq!(old.unwrap_err(), IdentityError::WrongCredentials);
        test.login("john_doe", Password::new(NEW), START).await.expect("the new one is right");
    });
}

#[test]
fn a_password_is_not_changed_by_who_does_not_know_it_nor_to_a_bad_one() {
    with_identity(async |test| {
        let login = test.register("john_doe").await;
        let change = async |current: &str, new: &str| {
            let (current, new) = (Password::new(current), Password::new(new));
            test.identity.change_password(&caller(&test, &login), current, new, START).await
        };
        assert_eq!(change("wrong_password", NEW).await, Err(IdentityError::WrongPassword));
        for bad in ["short", "password1", "john_doe1", "Florin2026"] {
            assert!(matches!(change(crate::common::PASSWORD, bad).await, Err(IdentityError::WeakPassword(_))), "{bad}");
        }
        test.login("john_doe", password(), START).await.expect("nothing has changed");
        let kinds = test.event_kinds().await;
        assert_eq!(kinds.iter().filter(|kind| *kind == "auth.password_change_failed").count(), 1);
        assert!(!kinds.contains(&"auth.password_changed".to_owned()));
    });
}

#[test]
fn whoever_guesses_the_current_password_loses_the_session_after_five_tries() {
    with_identity(async |test| {
        let login = test.register("john_doe").await;
        let guesser = caller(&test, &login);
        let guess = async |current: &str| {
            test.identity.change_password(&guesser, Password::new(current), Password::new(NEW), START).await
        };
        for number in 0..5 {
            test.identity.authenticate(&login.access_token, START).expect("the session is still there");
            assert_eq!(guess(&format!("wrong_password_{number}")).await, Err(IdentityError::WrongPassword));
        }
        assert_eq!(test.identity.authenticate(&login.access_token, START), Err(IdentityError::SessionRevoked));
        assert_eq!(guess("wrong_password_5").await, Err(IdentityError::SessionRevoked));
        test.login("john_doe", password(), START).await.expect("only the session is lost");
    });
}

#[test]
fn the_right_password_changes_nothing_once_the_session_has_ended() {
    with_identity(async |test| {
        let login = test.register("john_doe").await;
        let caller = caller(&test, &login);
        // As when the session ends while the password is being hashed: whoever asks was let in before.
        test.open_again(START).await.logout(&caller, START).await.unwrap();
        let late = test.identity.change_password(&caller, password(), Password::new(NEW), START).await;
        assert_eq!(late, Err(IdentityError::SessionRevoked));
        test.login("john_doe", password(), START).await.expect("the password is the old one");
    });
}

#[test]
fn of_two_changes_at_once_one_wins_and_the_other_is_refused() {
    with_identity(async |test| {
        let login = test.register("john_doe").await;
        let caller = caller(&test, &login);
        let change = |new: &str| test.identity.change_password(&caller, password(), Password::new(new), START);
        let (one, other) = tokio::join!(change("the password of one"), change("the password of another"));
        assert_eq!([&one, &other].iter().filter(|outcome| outcome.is_ok()).count(), 1, "{one:?} {other:?}");
        let right = if one.is_ok() { "the password of one" } else { "the password of another" };
        test.login("john_doe", Password::new(right), START).await.expect("the winner's password is right");
    });
}

#[test]
fn an_imported_user_logs_in_with_the_old_password_which_is_then_hashed_anew() {
    with_identity(async |test| {
        let rows = [imported(2, "john_doe", BCRYPT), imported(3, "jane_doe", BCRYPT)];
        let report = test.identity.import_users(rows.into_iter(), START).await.unwrap();
        assert_eq!((report.imported, report.already_there), (2, 0));
        let wrong = test.login("john_doe", Password::new("U*V"), START).await;
        assert_eq!(wrong.unwrap_err(), IdentityError::WrongCredentials);
        for _ in 0..2 {
            let login = test.login("john_doe", Password::new("U*U"), START).await.unwrap();
            assert_eq!(login.user.role, Role::Customer);
        }
        let hashes = hashes(&test).await;
        assert_eq!((hashes[0].1.as_str(), hashes[0].2.as_str()), (BCRYPT, "$2b$05"));
        assert_eq!(hashes[1].2, "$argon2id$v=19$m=19456,t=2,p=1");
        assert!(hashes[1].1.starts_with(&hashes[1].2));
        let rehashed = test.event_kinds().await.into_iter().filter(|kind| kind == "auth.password_rehashed").count();
        assert_eq!(rehashed, 1);
    });
}

#[test]
fn weaker_argon2id_hashes_are_imported_and_hashed_anew_too() {
    with_identity(async |test| {
        // Of "password" with the salt "somesalt", from the tests of the reference implementation.
        let hash = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        test.identity.import_users([imported(2, "john_doe", hash)].into_iter(), START).await.unwrap();
        test.login("john_doe", Password::new("password"), START).await.unwrap();
        assert_eq!(hashes(&test).await[0].2, "$argon2id$v=19$m=19456,t=2,p=1");
    });
}

#[test]
fn a_scheme_is_forgotten_once_nobody_uses_it() {
    with_identity(async |test| {
        let schemes = async || test.db.query_one(&COUNT_SCHEMES, params![]).await.unwrap();
        test.identity.import_users([imported(2, "john_doe", BCRYPT)].into_iter(), START).await.unwrap();
        test.identity.purge(START).await.unwrap();
        assert_eq!(schemes().await, 2);
        test.login("john_doe", Password::new("U*U"), START).await.unwrap();
        test.identity.purge(START).await.unwrap();
        assert_eq!(schemes().await, 1);
    });
}

#[test]
fn an_import_is_repeatable_and_leaves_those_who_are_there_alone() {
    with_identity(async |test| {
        test.register("john_doe").await;
        for (imported_now, already_there) in [(1, 2), (0, 3)] {
            let rows =
                [imported(2, "John_Doe", BCRYPT), imported(3, "jane_doe", BCRYPT), imported(4, "jane_doe", BCRYPT)];
            let report = test.identity.import_users(rows.into_iter(), START).await.unwrap();
            assert_eq!((report.imported, report.already_there), (imported_now, already_there));
        }
        test.login("john_doe", password(), START).await.expect("the password is still the registered one");
        let kinds = test.event_kinds().await;
        assert_eq!(kinds.iter().filter(|kind| *kind == "auth.user_imported").count(), 1);
    });
}

#[test]
fn a_bad_row_is_named_with_its_line_and_nobody_is_imported() {
    with_identity(async |test| {
        let before = test.event_kinds().await;
        let with = |change: fn(&mut ImportedUser)| {
            let mut row = imported(1_502, "jane_doe", BCRYPT).unwrap();
            change(&mut row);
            Ok(row)
        };
        for (bad, reason) in [
            (with(|row| row.username = "j".to_owned()), "the username must have 3 to 64 characters"),
            (with(|row| row.username = "Support".to_owned()), "the username is reserved for the bank"),
            (with(|row| row.email = Some("nowhere".to_owned())), "the e-mail address is not valid"),
            (with(|row| row.role = Some("king".to_owned())), "there is no role \"king\""),
            (with(|row| row.password_hash = "secret".to_owned()), "password_hash must be a hash of argon2id"),
        ] {
            let good = (0..1_500).map(|number| imported(number + 2, &format!("user{number}"), BCRYPT));
            let error = test.identity.import_users(good.chain([bad]), START).await.unwrap_err().to_string();
            assert!(error.starts_with(&format!("line 1502: {reason}")) && !error.contains("secret"), "{error}");
        }
        assert_eq!(hashes(&test).await, []);
        assert_eq!(test.event_kinds().await, before);
    });
}

#[test]
fn who_is_imported_for_the_bank_may_have_a_name_of_the_bank() {
    with_identity(async |test| {
        let mut teller = imported(2, "support", BCRYPT).unwrap();
        teller.role = Some("teller".to_owned());
        assert_eq!(test.identity.import_users([Ok(teller)].into_iter(), START).await.unwrap().imported, 1);
    });
}

fn bcrypt_of_cost(cost: u64) -> String {
    BCRYPT.replace("$05$", &format!("${cost:02}$"))
}

#[test]
fn too_many_kinds_of_hashes_are_refused_whatever_file_they_come_from() {
    with_identity(async |test| {
        let of_cost = |cost: u64| imported(cost, &format!("user{cost}"), &bcrypt_of_cost(cost));
        test.identity.import_users((4..8).map(of_cost), START).await.unwrap();
        let refused = test.identity.import_users((8..12).map(of_cost), START).await.unwrap_err();
        assert!(refused.to_string().starts_with("line 11: password_hash is of one more kind"), "{refused}");
        test.identity.import_users((8..11).map(of_cost), START).await.expect("with our own they are eight");
    });
}

#[test]
fn the_work_of_all_kinds_of_hashes_in_the_database_is_bounded() {
    with_identity(async |test| {
        let argon2 = |memory: u64, passes: u64| {
            let salt_and_hash = "c29tZXNhbHRzb21lc2FsdA$yRZ1zFwwnOpNZKXkbz9jTtV3vjb6aUlBBG1XsT+gDhs";
            format!("$argon2id$v=19$m={memory},t={passes},p=1${salt_and_hash}")
        };
        let import = async |line: u64, hash: &str| {
            test.identity.import_users([imported(line, &format!("user{line}"), hash)].into_iter(), START).await
        };
        for too_costly in [bcrypt_of_cost(13), bcrypt_of_cost(14), argon2(65_536, 10)] {
            let refused = import(2, &too_costly).await.unwrap_err().to_string();
            assert!(refused.starts_with("line 2: password_hash costs too much"), "{refused}");
        }
        import(2, &bcrypt_of_cost(12)).await.expect("this alone is borne");
        let refused = import(3, &argon2(65_536, 3)).await.unwrap_err().to_string();
        assert!(refused.contains("that of 15 hashes of our own, and at most 13 are borne"), "{refused}");
        import(3, &bcrypt_of_cost(10)).await.expect("this fits beside it");
        import(4, &bcrypt_of_cost(12)).await.expect("a kind counts once");
        assert_eq!(hashes(&test).await.len(), 3);
    });
}

#[test]
fn two_imports_at_once_are_bounded_together() {
    with_identity(async |test| {
        let (one, other) = (
            bcrypt_of_cost(12),
            "$argon2id$v=19$m=65536,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$yRZ1zFwwnOpNZKXkbz9jTtV3vjb6aUlBBG1XsT+gDhs",
        );
        let import = |name: &str, hash: &str| {
            let row = imported(2, name, hash);
            test.identity.import_users([row].into_iter(), START)
        };
        let (one, other) = tokio::join!(import("ann_doe", &one), import("bob_doe", other));
        assert_eq!([one.is_ok(), other.is_ok()].iter().filter(|done| **done).count(), 1, "{one:?} {other:?}");
    });
}

#[test]
fn learning_of_costly_hashes_takes_no_time() {
    with_identity(async |test| {
        let tx = test.db.begin().await.unwrap();
        for cost in 12..=14 {
            tx.execute(&INSERT_SCHEME, params![format!("$2b${cost}")]).await.unwrap();
        }
        tx.commit().await.unwrap();
        let begun = std::time::Instant::now();
        test.open_again(START).await;
        // One of cost 14 alone takes about a second of a fast processor.
        assert!(begun.elapsed() < std::time::Duration::from_millis(700), "{:?}", begun.elapsed());
    });
}

#[test]
fn a_wrong_end_of_a_long_password_that_bcrypt_does_not_read_does_not_become_the_password() {
    with_identity(async |test| {
        let long = "seventy-eight bytes, of which bcrypt reads only the first seventy-two, no more".to_owned();
        assert_eq!(long.len(), 78);
        let hash = bcrypt::hash(&long, 4).unwrap();
        test.identity.import_users([imported(2, "john_doe", &hash)].into_iter(), START).await.unwrap();
        let login = async |password: &str| test.login("john_doe", Password::new(password), START).await;
        login(&format!("{}wrong", &long[..72])).await.expect("bcrypt cannot tell them apart");
        login(&long).await.expect("the true one is still right");
        let other = login(&format!("{}!{}", &long[..71], &long[72..])).await;
        assert_eq!(other.unwrap_err(), IdentityError::WrongCredentials);
        assert_eq!(hashes(&test).await[0].2, "$2b$04", "and so it is not renewed");
        // Chosen anew it is read to its end.
        let caller = caller(&test, &login(&long).await.unwrap());
        let chosen = Password::new("another password");
        test.identity.change_password(&caller, Password::new(long.clone()), chosen, START).await.unwrap();
        assert!(login(&long).await.is_err());
    });
}

#[test]
fn passwords_known_from_breaches_are_refused_when_chosen_and_the_file_must_be_one() {
    with_identity(async |test| {
        let list = test.settings().token_keys_folder.with_file_name("breached.txt");
        let (first, leaked, last) = ("0".repeat(40), sha1_of("leaked long ago"), "F".repeat(40));
        std::fs::write(&list, format!("{first}:5\r\n{leaked}:3\r\n{last}:1\r\n")).unwrap();
        let settings = identity::Settings { breached_passwords_file: Some(list.clone()), ..test.settings() };
        let strict = Identity::open(test.db.clone(), settings.clone(), Dependents::default(), START).await.unwrap();
        let leaked = identity::NewUser { password: Password::new("leaked long ago"), ..new_user("john_doe") };
        let refused = strict.register(leaked.clone(), START).await;
        assert_eq!(refused.unwrap_err(), IdentityError::WeakPassword("is known from a data breach"));
        strict.register(new_user("jane_doe"), START).await.expect("this one is not known");
        test.identity.register(leaked, START).await.expect("without the list nobody knows");
        strict
            .begin_login("john_doe", Password::new("leaked long ago"), START)
            .await
            .expect("who has it still gets in");
        std::fs::write(&list, "nothing of the kind").unwrap();
        assert!(matches!(
            Identity::open(test.db.clone(), settings, Dependents::default(), START).await,
            Err(IdentityError::BreachedFile { .. })
        ));
    });
}

fn sha1_of(password: &str) -> String {
    use sha1::{Digest as _, Sha1};
    Sha1::digest(password).iter().map(|byte| format!("{byte:02X}")).collect()
}
