//! What changes while a password is being hashed: what was read before it is read again under the lock of the person's row.

use crate::common::{START, TestIdentity, password, with_identity};
use db::{Tx, params, statements};
use identity::{BegunLogin, Caller, Identity, IdentityError, Login, PasswordProof};
use ids::UserId;
use std::pin::pin;
use std::time::{Duration, Instant};

statements! {
    DISABLE = "UPDATE auth_user SET status = 'DISABLED' WHERE id = $1";
    REQUIRE_SECOND_FACTOR = "UPDATE auth_user SET mfa_enabled = TRUE WHERE id = $1";
    REPLACE_PASSWORD = "UPDATE auth_user SET password_hash = $2 WHERE id = $1";
    END_SESSIONS = "UPDATE auth_session SET revoked_at = $2 WHERE user_id = $1";
}

/// Of "password", from the tests of the reference implementation.
const ANOTHER_HASH: &str = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

#[derive(Clone, Copy)]
enum Change {
    Nothing,
    Disabled,
    OtherPassword,
    SecondFactor,
    SessionsEnded,
}

impl Change {
    async fn make(self, tx: &Tx, user: UserId) {
        match self {
            Self::Nothing => Ok(0),
            Self::Disabled => tx.execute(&DISABLE, params![user]).await,
            Self::OtherPassword => tx.execute(&REPLACE_PASSWORD, params![user, ANOTHER_HASH]).await,
            Self::SecondFactor => tx.execute(&REQUIRE_SECOND_FACTOR, params![user]).await,
            Self::SessionsEnded => tx.execute(&END_SESSIONS, params![user, START]).await,
        }
        .unwrap();
    }
}

/// Ann, in a bank that she has just come to, and how long hashing her password took at most.
struct Ann {
    test: TestIdentity,
    login: Login,
    hashing: Duration,
}

impl Ann {
    async fn come(test: TestIdentity) -> Self {
        let began = Instant::now();
        let login = test.register("ann").await;
        Self { login, hashing: began.elapsed(), test }
    }

    /// Holds her row until the work has come to waiting for it, changes something, lets go, and gives what came of the
    /// work. What is changed is not seen before.
    async fn change_amid<T>(&self, change: Change, work: impl Future<Output = T>) -> T {
        let tx = self.test.db.begin().await.unwrap();
        self.test.identity.lock_user_in_tx(&tx, self.login.user.id).await.unwrap();
        change.make(&tx, self.login.user.id).await;
        let mut work = pin!(work);
        let enough_to_hash = self.hashing * 2 + Duration::from_millis(100);
        let waited = tokio::time::timeout(enough_to_hash, work.as_mut()).await;
        assert!(waited.is_err(), "the work is done without the lock");
        tx.commit().await.unwrap();
        work.await
    }
}

/// The kind of a login, or why there is none.
async fn log_in(identity: &Identity) -> Result<&'static str, IdentityError> {
    let begun = identity.begin_login("ann", password(), START).await?;
    Ok(match begun {
        BegunLogin::Complete(_) => "complete",
        BegunLogin::NeedsSecondFactor(_) => "half",
    })
}

async fn step_up(identity: &Identity, caller: &Caller) -> Result<&'static str, IdentityError> {
    let proved = identity.prove_with_password(caller, password(), START).await?;
    Ok(match proved {
        PasswordProof::Enough(_) => "enough",
        PasswordProof::NotEnough => "not enough",
    })
}

#[test]
fn a_login_goes_by_what_is_so_when_it_ends_and_not_by_what_was_when_it_began() {
    for (change, expected) in [
        (Change::Nothing, Ok("complete")),
        (Change::Disabled, Err(IdentityError::Disabled)),
        (Change::OtherPassword, Err(IdentityError::WrongCredentials)),
        (Change::SecondFactor, Ok("half")),
    ] {
        with_identity(async |test| {
            let ann = Ann::come(test).await;
            let outcome = ann.change_amid(change, log_in(&ann.test.identity)).await;
            assert_eq!(outcome, expected);
        });
    }
}

#[test]
fn a_proof_goes_by_what_is_so_when_it_ends_and_not_by_what_was_when_it_began() {
    for (change, expected) in [
        (Change::Nothing, Ok("enough")),
        (Change::Disabled, Err(IdentityError::Disabled)),
        (Change::OtherPassword, Err(IdentityError::WrongCredentials)),
        (Change::SecondFactor, Ok("not enough")),
        (Change::SessionsEnded, Err(IdentityError::SessionRevoked)),
    ] {
        with_identity(async |test| {
            let ann = Ann::come(test).await;
            let caller = ann.test.identity.authenticate(&ann.login.access_token, START).unwrap();
            let outcome = ann.change_amid(change, step_up(&ann.test.identity, &caller)).await;
            assert_eq!(outcome, expected);
        });
    }
}
