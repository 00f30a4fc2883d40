//! Sessions: going on with refresh tokens, being listed, and being ended by their owner.

use crate::common::{START, TestIdentity, done, password, with_identity};
use db::{Executor as _, WallTime, params, statements};
use identity::IdentityError;
use ids::{SessionId, UserId};

statements! {
    COUNT_TOKENS -> i64 = "SELECT COUNT(*) FROM auth_refresh_token";
    COUNT_SESSIONS -> i64 = "SELECT COUNT(*) FROM auth_session";
}

async fn assert_ended(test: &TestIdentity, refresh_token: &str, now: WallTime) {
    let refused = test.identity.refresh(refresh_token, now).await;
    assert_eq!(refused.unwrap_err(), IdentityError::InvalidRefreshToken);
}

async fn count(test: &TestIdentity, statement: &'static db::Select<i64>) -> i64 {
    test.db.query_one(statement, params![]).await.unwrap()
}

#[test]
fn refreshing_gives_a_new_pair_of_tokens_in_the_same_session() {
    with_identity(async |test| {
        let first = test.register("john_doe").await;
        let later = START.plus_seconds(20 * 60);
        assert_eq!(test.identity.authenticate(&first.access_token, later), Err(IdentityError::ExpiredToken));
        let second = test.identity.refresh(&first.refresh_token, later).await.unwrap();
        assert_ne!(first.refresh_token, second.refresh_token);
        let before = test.identity.authenticate(&first.access_token, START).unwrap();
        assert_eq!(test.identity.authenticate(&second.access_token, later), Ok(before));
        let third = test.identity.refresh(&second.refresh_token, later).await.unwrap();
        assert_eq!(third.user, first.user);
    });
}

#[test]
fn a_refresh_token_whose_reply_was_lost_leads_to_the_same_one_again() {
    with_identity(async |test| {
        let first = test.register("john_doe").await;
        let lost = test.identity.refresh(&first.refresh_token, START).await.unwrap();
        let elsewhere = test.open_again(START).await;
        for now in [0, 5, 9].map(|seconds| START.plus_seconds(seconds)) {
            let again = elsewhere.refresh(&first.refresh_token, now).await.unwrap();
            assert_eq!(lost.refresh_token, again.refresh_token, "whichever reply is kept goes on");
            test.identity.authenticate(&again.access_token, now).expect("each reply is good");
        }
        let next = test.identity.refresh(&lost.refresh_token, START.plus_seconds(9)).await.unwrap();
        assert_ne!(lost.refresh_token, next.refresh_token);
        test.identity.refresh(&next.refresh_token, START.plus_seconds(900)).await.expect("the session goes on");
    });
}

#[test]
fn a_refresh_token_whose_successor_was_made_with_another_key_is_refused_and_ends_nothing() {
    with_identity(async |test| {
        let first = test.register("john_doe").await;
        let second = test.identity.refresh(&first.refresh_token, START).await.unwrap();
        std::fs::remove_file(test.settings().secrets_key_path).unwrap();
        let with_another_key = test.open_again(START).await;
        let refused = with_another_key.refresh(&first.refresh_token, START).await;
        assert_eq!(refused.unwrap_err(), IdentityError::InvalidRefreshToken);
        with_another_key.refresh(&second.refresh_token, START).await.expect("the session goes on");
    });
}

#[test]
fn a_used_refresh_token_ends_the_session_when_it_comes_too_late_or_its_successor_was_used() {
    with_identity(async |test| {
        let first = test.register("john_doe").await;
        let second = test.identity.refresh(&first.refresh_token, START).await.unwrap();
        assert_ended(&test, &first.refresh_token, START.plus_seconds(10)).await;
        assert_ended(&test, &second.refresh_token, START.plus_seconds(10)).await;

        let first = test.login("john_doe", password(), START).await.expect("a new session is not affected");
        let second = test.identity.refresh(&first.refresh_token, START).await.unwrap();
        let third = test.identity.refresh(&second.refresh_token, START).await.unwrap();
        assert_ended(&test, &first.refresh_token, START).await;
        assert_ended(&test, &third.refresh_token, START).await;
        for login in [&first, &second, &third] {
            assert_eq!(test.identity.authenticate(&login.access_token, START), Err(IdentityError::SessionRevoked));
        }
    });
}

#[test]
fn of_two_refreshes_at_once_in_two_processes_both_get_the_same_token() {
    with_identity(async |test| {
        let elsewhere = test.open_again(START).await;
        for round in 0..5 {
            let first = test.register(&format!("user{round}")).await;
            let (one, other) = tokio::join!(
                test.identity.refresh(&first.refresh_token, START),
                elsewhere.refresh(&first.refresh_token, START),
            );
            let pairs = [one.unwrap(), other.unwrap()];
            assert_eq!(pairs[0].refresh_token, pairs[1].refresh_token);
            let (one, other) = tokio::join!(
                elsewhere.refresh(&pairs[0].refresh_token, START),
                test.identity.refresh(&pairs[1].refresh_token, START),
            );
            assert_eq!(one.unwrap().refresh_token, other.unwrap().refresh_token);
            for pair in &pairs {
                test.identity.authenticate(&pair.access_token, START).expect("the session goes on");
            }
        }
    });
}

#[test]
fn of_many_refreshes_at_once_with_an_old_token_none_succeeds() {
    with_identity(async |test| {
        let first = test.register("john_doe").await;
        let second = test.identity.refresh(&first.refresh_token, START).await.unwrap();
        test.identity.refresh(&second.refresh_token, START).await.unwrap();
        let stolen = || test.identity.refresh(&first.refresh_token, START);
        let (one, two, three) = tokio::join!(stolen(), stolen(), stolen());
        assert!([one, two, three].iter().all(Result::is_err));
        let ends = test.event_kinds().await.into_iter().filter(|kind| kind == "auth.logged_out").count();
        assert_eq!(ends, 1);
    });
}

#[test]
fn unknown_refresh_tokens_are_refused() {
    with_identity(async |test| {
        let login = test.register("john_doe").await;
        let swapped = login.refresh_token.to_lowercase();
        for token in ["", "nonsense", &swapped, &login.access_token] {
            let refused = test.identity.refresh(token, START).await;
            assert_eq!(refused.unwrap_err(), IdentityError::InvalidRefreshToken, "{token}");
        }
        test.identity.refresh(&login.refresh_token, START).await.expect("the true one still works");
    });
}

#[test]
fn a_session_ends_after_a_day_and_its_last_access_token_with_it() {
    with_identity(async |test| {
        let login = test.register("john_doe").await;
        let almost = START.plus_seconds(24 * 60 * 60 - 60);
        let last = test.identity.refresh(&login.refresh_token, almost).await.unwrap();
        assert_eq!(last.expires_in_seconds, 60);
        let over = START.plus_seconds(24 * 60 * 60);
        assert_eq!(test.identity.authenticate(&last.access_token, over), Err(IdentityError::ExpiredToken));
        let refused = test.identity.refresh(&last.refresh_token, over).await;
        assert_eq!(refused.unwrap_err(), IdentityError::InvalidRefreshToken);
    });
}

#[test]
fn a_person_sees_the_sessions_that_go_on_the_newest_first() {
    with_identity(async |test| {
        let john = test.register("john_doe").await.user.id;
        test.register("jane_doe").await;
        let later = START.plus_seconds(60);
        let login = test.login("john_doe", password(), later).await.unwrap();
        test.identity.refresh(&login.refresh_token, later.plus_seconds(30)).await.unwrap();
        let sessions = test.identity.sessions(john, None, 10, later).await.unwrap();
        let seen: Vec<_> = sessions.iter().map(|session| (session.started_at, session.last_seen_at)).collect();
        assert_eq!(seen, [(later, later.plus_seconds(30)), (START, START)]);
        assert!(sessions[0].id > sessions[1].id);
        let second_page = test.identity.sessions(john, Some(sessions[0].id), 10, later).await.unwrap();
        assert_eq!(second_page, sessions[1..]);
        let after_a_day = START.plus_seconds(24 * 60 * 60);
        assert_eq!(test.identity.sessions(john, None, 10, after_a_day).await.unwrap(), sessions[..1]);
        assert_eq!(test.identity.sessions(UserId::generate(), None, 10, later).await.unwrap(), []);
    });
}

#[test]
fn a_person_ends_a_session_of_their_own_and_no_other() {
    with_identity(async |test| {
        let (here, there) = (test.register("john_doe").await, test.login("john_doe", password(), START).await);
        let (there, jane) = (there.unwrap(), test.register("jane_doe").await);
        let id = |token: &str| test.identity.authenticate(token, START).unwrap().session_id().unwrap();
        let (there_id, jane_id) = (id(&there.access_token), id(&jane.access_token));
        let revoke = async |session: SessionId| test.identity.revoke_session(here.user.id, session, done(START)).await;
        assert_eq!(revoke(jane_id).await, Err(IdentityError::UnknownSession));
        assert_eq!(revoke(SessionId::generate()).await, Err(IdentityError::UnknownSession));
        assert_eq!(revoke(there_id).await, Ok(()));
        assert_eq!(revoke(there_id).await, Err(IdentityError::UnknownSession));
        assert_eq!(test.identity.authenticate(&there.access_token, START), Err(IdentityError::SessionRevoked));
        assert_ended(&test, &there.refresh_token, START).await;
        test.identity.authenticate(&here.access_token, START).expect("the other one goes on");
        test.identity.authenticate(&jane.access_token, START).expect("and so does everybody else's");
    });
}

#[test]
fn a_person_ends_all_sessions_but_the_one_at_hand() {
    with_identity(async |test| {
        let here = test.register("john_doe").await;
        let there = test.login("john_doe", password(), START).await.unwrap();
        let elsewhere = test.login("john_doe", password(), START).await.unwrap();
        let jane = test.register("jane_doe").await;
        let other_process = test.open_again(START).await;
        let caller = test.identity.authenticate(&here.access_token, START).unwrap();
        for _ in 0..2 {
            test.identity.revoke_other_sessions(&caller, START).await.unwrap();
        }
        other_process.refresh_revocations(START).await.unwrap();
        for auth in [&test.identity, &other_process] {
            for login in [&there, &elsewhere] {
                assert_eq!(auth.authenticate(&login.access_token, START), Err(IdentityError::SessionRevoked));
            }
            for login in [&here, &jane] {
                auth.authenticate(&login.access_token, START).expect("it goes on");
            }
        }
        let ends = test.event_kinds().await.into_iter().filter(|kind| kind == "auth.logged_out").count();
        assert_eq!(ends, 2);
    });
}

#[test]
fn sessions_that_are_over_are_forgotten_a_day_later_with_their_tokens() {
    with_identity(async |test| {
        let login = test.register("john_doe").await;
        test.identity.refresh(&login.refresh_token, START).await.unwrap();
        let day = 24 * 60 * 60;
        assert_eq!(test.identity.purge(START.plus_seconds(2 * day)).await, Ok(0));
        assert_eq!((count(&test, &COUNT_TOKENS).await, count(&test, &COUNT_SESSIONS).await), (2, 1));
        let still_going = test.login("john_doe", password(), START.plus_seconds(2 * day)).await.unwrap();
        assert_eq!(test.identity.purge(START.plus_seconds(2 * day + 1)).await, Ok(3));
        assert_eq!((count(&test, &COUNT_TOKENS).await, count(&test, &COUNT_SESSIONS).await), (1, 1));
        let goes_on = test.identity.refresh(&still_going.refresh_token, START.plus_seconds(2 * day + 1)).await;
        goes_on.expect("what goes on is not touched");
    });
}
