//! A login between the password and the second factor: what stands for it, and how it is finished.

mod store;

use crate::passkey::{self, PasskeyQuestion, RelyingParty};
use crate::{FactorError, Factors, MfaMethod, Result, SecondFactor, events};
use db::{Tx, WallTime};
use identity::{
    AccessChange, AccessChangeKind, BegunLogin, Dependent, Followed, Following, HalfLogin, Login, Occasion, Password,
    SecretHash, User,
};
use ids::UserId;
use outbox::{Act, Actor, Means};

/// So long somebody may look for their telephone.
const LIFETIME_SECONDS: i64 = 300;
const ATTEMPTS_MAX: i64 = 5;

/// The password was right: what the client needs to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MfaChallenge {
    /// Stands for the password that was right.
    pub token: MfaToken,
    /// The ways in which this person can give a second factor.
    pub methods: Vec<MfaMethod>,
    /// For how long the token is good.
    pub expires_in_seconds: i64,
}

/// What stands for a password that was right: 32 random bytes, of which only the hash is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct MfaToken(String);

/// Logins between the password and the second factor: they end with the password. To be given to [`identity::Identity`].
pub struct HalfDoneLogins;

/// A challenge as it is stored.
#[derive(Clone, Copy)]
pub(super) struct Stored {
    pub(super) user_id: UserId,
    pub(super) expires_at: WallTime,
    pub(super) attempts: i64,
}

impl Factors {
    /// Logs somebody in by name and password, or half so: who has a second factor gets what the next step needs.
    ///
    /// # Errors
    /// `Required` when the second factor has to follow, `WrongCredentials`, `Disabled`, `Busy`, or the database failed.
    pub async fn login(&self, username: &str, password: Password, occasion: impl Into<Occasion>) -> Result<Login> {
        let occasion = occasion.into();
        let now = occasion.now;
        match self.identity.begin_login(username, password, occasion).await? {
            BegunLogin::Complete(login) => Ok(login),
            BegunLogin::NeedsSecondFactor(HalfLogin { tx, user }) => {
                let challenge = self.challenge_in_tx(&tx, &user, now).await?;
                tx.commit().await?;
                Err(FactorError::Required(challenge))
            }
        }
    }

    /// Finishes a login with the second factor. The token is used up by success, and by five failures.
    ///
    /// # Errors
    /// `InvalidToken`, `Wrong`, `TooManyAttempts`, `Disabled`, or the database failed.
    pub async fn finish_login(
        &self,
        token: &MfaToken,
        given: &SecondFactor,
        occasion: impl Into<Occasion>,
    ) -> Result<Login> {
        let occasion = occasion.into();
        let now = occasion.now;
        let (tx, user) = self.lock_challenged(token, now).await?;
        match self.check_in_tx(&tx, user.id, given, now).await? {
            Ok(factor) => {
                store::remove_in_tx(&tx, &token.hash()).await?;
                let login =
                    self.start_session_in_tx(&tx, user, identity::Factors::PASSWORD.with(factor), &occasion).await?;
                let act = Actor::person(login.user.id, Means::Session(login.session_id)).does(now);
                crate::record_use_in_tx(&tx, login.user.id, factor, act).await?;
                tx.commit().await?;
                Ok(login)
            }
            Err(refused) => {
                store::count_attempt_in_tx(&tx, &token.hash()).await?;
                outbox::append_in_tx(&tx, vec![events::mfa_failed(user.id, given.method(), Act::of_nobody(now))])
                    .await?;
                tx.commit().await?;
                Err(refused)
            }
        }
    }

    /// What to ask the person's passkeys during a login.
    ///
    /// # Errors
    /// `InvalidToken`, `NotEnrolled` when there is no passkey, or the database failed.
    pub async fn ask_passkeys_for_login(
        &self,
        token: &MfaToken,
        relying_party: &RelyingParty,
        now: WallTime,
    ) -> Result<PasskeyQuestion> {
        let (tx, user) = self.lock_challenged(token, now).await?;
        let question = passkey::ask_in_tx(&tx, relying_party, user.id, now).await?;
        tx.commit().await?;
        Ok(question)
    }

    /// The person who is half logged in, their row held: two with one token come one after the other.
    async fn lock_challenged(&self, token: &MfaToken, now: WallTime) -> Result<(Tx, User)> {
        let seen = store::find(&self.db, &token.hash()).await?.ok_or(FactorError::InvalidToken)?;
        let (tx, user) = self.lock_user(seen.user_id).await?;
        let stored = store::find(&tx, &token.hash()).await?;
        stored.filter(|stored| stored.is_open(now)).ok_or(FactorError::InvalidToken)?;
        user.require_active()?;
        Ok((tx, user))
    }

    /// What stands for a login with the right password: no session yet.
    async fn challenge_in_tx(&self, tx: &Tx, user: &User, now: WallTime) -> Result<MfaChallenge> {
        let token = MfaToken(identity::random_token());
        let stored = Stored { user_id: user.id, expires_at: now.plus_seconds(LIFETIME_SECONDS), attempts: 0 };
        store::insert_in_tx(tx, &token.hash(), &stored, now).await?;
        let methods = self.status(tx, user.id).await?.methods();
        Ok(MfaChallenge { token, methods, expires_in_seconds: LIFETIME_SECONDS })
    }
}

impl Dependent for HalfDoneLogins {
    /// The password that they were begun with is no longer right.
    fn follow_in_tx<'a>(&'a self, tx: &'a Tx, change: AccessChange) -> Following<'a, Followed> {
        Box::pin(async move {
            if matches!(change.kind, AccessChangeKind::PasswordReplaced) {
                crate::store::remove_challenges_in_tx(tx, change.user_id).await?;
            }
            Ok(Followed::default())
        })
    }
}

impl Stored {
    fn is_open(&self, now: WallTime) -> bool {
        now < self.expires_at && self.attempts < ATTEMPTS_MAX
    }
}

impl MfaToken {
    /// Takes it as it came.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The token itself, for the one who logs in.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn hash(&self) -> [u8; 32] {
        SecretHash::of(&self.0).0
    }
}

impl std::fmt::Debug for MfaToken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("MfaToken(…)")
    }
}

impl SecondFactor {
    const fn method(&self) -> MfaMethod {
        match self {
            Self::Code(_) => MfaMethod::Totp,
            Self::RecoveryCode(_) => MfaMethod::Recovery,
            Self::Passkey(_) => MfaMethod::Passkey,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: WallTime = WallTime::from_unix_micros(1_767_225_600_000_000);

    #[test]
    fn a_half_done_login_is_open_for_five_minutes_and_five_mistakes() {
        let stored = |attempts| Stored {
            user_id: UserId::generate(),
            expires_at: START.plus_seconds(LIFETIME_SECONDS),
            attempts,
        };
        assert!(stored(0).is_open(START.plus_seconds(299)));
        assert!(!stored(0).is_open(START.plus_seconds(300)));
        assert!(stored(4).is_open(START));
        assert!(!stored(5).is_open(START));
    }

    #[test]
    fn the_token_is_not_shown_by_debug() {
        assert_eq!(format!("{:?}", MfaToken::new("secret")), "MfaToken(…)");
    }
}
