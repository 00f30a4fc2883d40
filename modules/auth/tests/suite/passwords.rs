//! Passwords that are changed, that come from another system, and that nobody may choose.

use crate::common::{START, TestAuth, new_user, password, with_auth};
use auth::{Auth, AuthError, Caller, ImportError, ImportedUser, Login, Password, Role};
use store::{Executor as _, params, statements};

statements! {
    SELECT_HASHES = "SELECT username, password_hash, password_scheme FROM auth_user ORDER BY username";
    COUNT_SCHEMES = "SELECT COUNT(*) FROM auth_password_scheme";
}

const NEW: &str = "another secure password";
/// Of `U*U` with cost 5, as OpenBSD's test vectors have it.
const BCRYPT: &str = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

fn caller(test: &TestAuth, login: &Login) -> Caller {
    test.auth.authenticate(&login.access_token, START).unwrap()
}

fn imported(line: u64, username: &str, password_hash: &str) -> Result<ImportedUser, ImportError> {
    let (username, password_hash) = (username.to_owned(), password_hash.to_owned());
    Ok(ImportedUser { line, username, email: None, role: None, password_hash })
}

async fn hashes(test: &TestAuth) -> Vec<(String, String, String)> {
    let rows = test.db.query(&SELECT_HASHES, params![]).await.unwrap();
    rows.iter().map(|row| (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap())).collect()
}

#[test]
fn a_changed_password_is_the_only_one_and_ends_all_other_sessions() {
    with_auth(async |test| {
        let here = test.register("john_doe").await;
        let there = test.auth.login("john_doe", password(), START).await.unwrap();
        test.auth.change_password(&caller(&test, &here), password(), Password::new(NEW), START).await.unwrap();
        test.auth.authenticate(&here.access_token, START).expect("the session at hand goes on");
        test.auth.refresh(&here.refresh_token, START).await.expect("and is continued");
        assert_eq!(test.auth.authenticate(&there.access_token, START), Err(AuthError::SessionRevoked));
        let old = test.auth.login("john_doe", password(), START).await;
        assert_eq!(old.unwrap_err(), AuthError::WrongCredentials);
        test.auth.login("john_doe", Password::new(NEW), START).await.expect("the new one is right");
    });
}

#[test]
fn a_password_is_not_changed_by_who_does_not_know_it_nor_to_a_bad_one() {
    with_auth(async |test| {
        let login = test.register("john_doe").await;
        let change = async |current: &str, new: &str| {
            let (current, new) = (Password::new(current), Password::new(new));
            test.auth.change_password(&caller(&test, &login), current, new, START).await
        };
        assert_eq!(change("wrong_password", NEW).await, Err(AuthError::WrongPassword));
        for bad in ["short", "password1", "john_doe1", "Florin2026"] {
            assert!(matches!(change(crate::common::PASSWORD, bad).await, Err(AuthError::WeakPassword(_))), "{bad}");
        }
        test.auth.login("john_doe", password(), START).await.expect("nothing has changed");
        let kinds = test.event_kinds().await;
        assert_eq!(kinds.iter().filter(|kind| *kind == "auth.password_change_failed").count(), 1);
        assert!(!kinds.contains(&"auth.password_changed".to_owned()));
    });
}

#[test]
fn whoever_guesses_the_current_password_loses_the_session_after_five_tries() {
    with_auth(async |test| {
        let login = test.register("john_doe").await;
        let guesser = caller(&test, &login);
        let guess = async |current: &str| {
            test.auth.change_password(&guesser, Password::new(current), Password::new(NEW), START).await
        };
        for number in 0..5 {
            test.auth.authenticate(&login.access_token, START).expect("the session is still there");
            assert_eq!(guess(&format!("wrong_password_{number}")).await, Err(AuthError::WrongPassword));
        }
        assert_eq!(test.auth.authenticate(&login.access_token, START), Err(AuthError::SessionRevoked));
        assert_eq!(guess("wrong_password_5").await, Err(AuthError::SessionRevoked));
        test.auth.login("john_doe", password(), START).await.expect("only the session is lost");
    });
}

#[test]
fn of_two_changes_at_once_one_wins_and_the_other_is_refused() {
    with_auth(async |test| {
        let login = test.register("john_doe").await;
        let caller = caller(&test, &login);
        let change = |new: &str| test.auth.change_password(&caller, password(), Password::new(new), START);
        let (one, other) = tokio::join!(change("the password of one"), change("the password of another"));
        assert_eq!([&one, &other].iter().filter(|outcome| outcome.is_ok()).count(), 1, "{one:?} {other:?}");
        let right = if one.is_ok() { "the password of one" } else { "the password of another" };
        test.auth.login("john_doe", Password::new(right), START).await.expect("the winner's password is right");
    });
}

#[test]
fn an_imported_user_logs_in_with_the_old_password_which_is_then_hashed_anew() {
    with_auth(async |test| {
        let rows = [imported(2, "john_doe", BCRYPT), imported(3, "jane_doe", BCRYPT)];
        let report = test.auth.import_users(rows.into_iter(), START).await.unwrap();
        assert_eq!((report.imported, report.already_there), (2, 0));
        let wrong = test.auth.login("john_doe", Password::new("U*V"), START).await;
        assert_eq!(wrong.unwrap_err(), AuthError::WrongCredentials);
        for _ in 0..2 {
            let login = test.auth.login("john_doe", Password::new("U*U"), START).await.unwrap();
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
    with_auth(async |test| {
        // Of "password" with the salt "somesalt", from the tests of the reference implementation.
        let hash = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        test.auth.import_users([imported(2, "john_doe", hash)].into_iter(), START).await.unwrap();
        test.auth.login("john_doe", Password::new("password"), START).await.unwrap();
        assert_eq!(hashes(&test).await[0].2, "$argon2id$v=19$m=19456,t=2,p=1");
    });
}

#[test]
fn a_scheme_is_forgotten_once_nobody_uses_it() {
    with_auth(async |test| {
        let schemes = async || -> i64 { test.db.query(&COUNT_SCHEMES, params![]).await.unwrap()[0].get(0).unwrap() };
        test.auth.import_users([imported(2, "john_doe", BCRYPT)].into_iter(), START).await.unwrap();
        test.auth.purge(START).await.unwrap();
        assert_eq!(schemes().await, 2);
        test.auth.login("john_doe", Password::new("U*U"), START).await.unwrap();
        test.auth.purge(START).await.unwrap();
        assert_eq!(schemes().await, 1);
    });
}

#[test]
fn an_import_is_repeatable_and_leaves_those_who_are_there_alone() {
    with_auth(async |test| {
        test.register("john_doe").await;
        for (imported_now, already_there) in [(1, 2), (0, 3)] {
            let rows =
                [imported(2, "John_Doe", BCRYPT), imported(3, "jane_doe", BCRYPT), imported(4, "jane_doe", BCRYPT)];
            let report = test.auth.import_users(rows.into_iter(), START).await.unwrap();
            assert_eq!((report.imported, report.already_there), (imported_now, already_there));
        }
        test.auth.login("john_doe", password(), START).await.expect("the password is still the registered one");
        let kinds = test.event_kinds().await;
        assert_eq!(kinds.iter().filter(|kind| *kind == "auth.user_imported").count(), 1);
    });
}

#[test]
fn a_bad_row_is_named_with_its_line_and_nobody_is_imported() {
    with_auth(async |test| {
        let before = test.event_kinds().await;
        let with = |change: fn(&mut ImportedUser)| {
            let mut row = imported(1_502, "jane_doe", BCRYPT).unwrap();
            change(&mut row);
            Ok(row)
        };
        for (bad, reason) in [
            (with(|row| row.username = "j".to_owned()), "the username must have 3 to 64 characters"),
            (with(|row| row.email = Some("nowhere".to_owned())), "the e-mail address is not valid"),
            (with(|row| row.role = Some("king".to_owned())), "there is no role \"king\""),
            (with(|row| row.password_hash = "secret".to_owned()), "password_hash must be a hash of argon2id"),
        ] {
            let good = (0..1_500).map(|number| imported(number + 2, &format!("user{number}"), BCRYPT));
            let error = test.auth.import_users(good.chain([bad]), START).await.unwrap_err().to_string();
            assert!(error.starts_with(&format!("line 1502: {reason}")) && !error.contains("secret"), "{error}");
        }
        assert_eq!(hashes(&test).await, []);
        assert_eq!(test.event_kinds().await, before);
    });
}

#[test]
fn a_file_with_too_many_kinds_of_hashes_is_refused() {
    with_auth(async |test| {
        let rows = (4..10)
            .map(|cost| imported(cost, &format!("user{cost}"), &BCRYPT.replace("$05$", &format!("${cost:02}$"))));
        let refused = test.auth.import_users(rows, START).await.unwrap_err();
        assert!(refused.to_string().starts_with("line 8: has the 5th kind of hash"), "{refused}");
    });
}

#[test]
fn passwords_known_from_breaches_are_refused_when_chosen_and_the_file_must_be_one() {
    with_auth(async |test| {
        let list = test.settings().signing_keys_folder.with_file_name("breached.txt");
        let (first, leaked, last) = ("0".repeat(40), sha1_of("leaked long ago"), "F".repeat(40));
        std::fs::write(&list, format!("{first}:5\r\n{leaked}:3\r\n{last}:1\r\n")).unwrap();
        let settings = auth::Settings { breached_passwords_file: Some(list.clone()), ..test.settings() };
        let auth = Auth::open(test.db.clone(), settings.clone(), START).await.unwrap();
        let leaked = auth::NewUser { password: Password::new("leaked long ago"), ..new_user("john_doe") };
        let refused = auth.register(leaked.clone(), START).await;
        assert_eq!(refused.unwrap_err(), AuthError::WeakPassword("is known from a data breach"));
        auth.register(new_user("jane_doe"), START).await.expect("this one is not known");
        test.auth.register(leaked, START).await.expect("without the list nobody knows");
        auth.login("john_doe", Password::new("leaked long ago"), START).await.expect("who has it still gets in");
        std::fs::write(&list, "nothing of the kind").unwrap();
        assert!(matches!(Auth::open(test.db.clone(), settings, START).await, Err(AuthError::BreachedFile { .. })));
    });
}

fn sha1_of(password: &str) -> String {
    use sha1::{Digest as _, Sha1};
    Sha1::digest(password).iter().map(|byte| format!("{byte:02X}")).collect()
}
