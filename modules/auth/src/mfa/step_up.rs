//! Proving again who one is, inside a session (RFC 9470). Whoever has a second factor does it with that.

mod store;

use super::passkey::{self, PasskeyQuestion, RelyingParty};
use super::{MfaError, SecondFactor, events, spending};
use crate::events::{self as auth_events, EndOfSession};
use crate::password::change::is_still;
use crate::session::Session;
use crate::{Auth, AuthError, Caller, Factor, Factors, Password, Proof, Result, User, session, user};
use db::{Timestamp, Tx};
use ids::SessionId;
use outbox::{Actor, Means};

/// So many wrong proofs in a row end the session: whoever holds it is not who it belongs to. The person themselves logs
/// in again, so nobody can be locked out by this.
const FAILURES_MAX: i64 = 5;

/// What somebody shows inside a session.
#[derive(Debug)]
pub enum StepUp {
    /// The password; enough as long as there is no second factor.
    Password(Password),
    /// A second factor.
    SecondFactor(SecondFactor),
}

/// The session's proof is fresh: a new access token says so.
pub struct SteppedUp {
    /// What every request carries from now on.
    pub access_token: String,
    /// How long it is good for.
    pub expires_in_seconds: i64,
}

impl Auth {
    /// Proves again who the caller is.
    ///
    /// # Errors
    /// `PasswordIsNotEnough`, `WrongCredentials`, `Wrong`, `TooManyAttempts`, `SessionRevoked`, `Busy`, or the database
    /// failed.
    pub async fn step_up(&self, caller: &Caller, given: StepUp, now: Timestamp) -> Result<SteppedUp> {
        let session_id = caller.session_id().ok_or(AuthError::SessionRevoked)?;
        match given {
            StepUp::Password(password) => self.step_up_with_password(caller, session_id, password, now).await,
            StepUp::SecondFactor(given) => {
                let (tx, user, session) = self.lock_session(caller, session_id, now).await?;
                match self.check_in_tx(&tx, user.id, &given, caller.does(now)).await? {
                    Ok(factor) => {
                        let factors = session.proof.factors.with(factor);
                        self.prove_again(tx, &user, Proof { at: now, factors }.of(session), factor).await
                    }
                    Err(refused) => {
                        self.count_failure(tx, &session, given.factor(), now).await?;
                        Err(refused.into())
                    }
                }
            }
        }
    }

    /// What to ask the caller's passkeys.
    ///
    /// # Errors
    /// `NotEnrolled` when there is none, or the database failed.
    pub async fn ask_passkeys_for_step_up(
        &self,
        caller: &Caller,
        relying_party: &RelyingParty,
        now: Timestamp,
    ) -> Result<PasskeyQuestion> {
        let tx = self.db.begin().await?;
        let question = passkey::ask_in_tx(&tx, relying_party, caller.user_id, now).await?;
        tx.commit().await?;
        Ok(question)
    }

    async fn step_up_with_password(
        &self,
        caller: &Caller,
        session_id: SessionId,
        password: Password,
        now: Timestamp,
    ) -> Result<SteppedUp> {
        let place = self.hashing.place()?;
        self.require_no_second_factor(caller).await?;
        let known = user::store::password_hash(&self.db, caller.user_id).await?.ok_or(AuthError::UnknownUser)?;
        let is_right = self.hashing.verify(place, password, Some(known.clone())).await?;
        let (tx, user, session) = self.lock_session(caller, session_id, now).await?;
        if user.mfa_enabled {
            return Err(MfaError::PasswordIsNotEnough(Vec::new()).into());
        }
        if !is_right || !is_still(&tx, &user, &known).await? {
            self.count_failure(tx, &session, Factor::Password, now).await?;
            return Err(AuthError::WrongCredentials);
        }
        let proof = Proof { at: now, factors: Factors::PASSWORD };
        self.prove_again(tx, &user, proof.of(session), Factor::Password).await
    }

    async fn require_no_second_factor(&self, caller: &Caller) -> Result<()> {
        let status = super::store::status(&self.db, caller.user_id).await?;
        if status.is_enabled { Err(MfaError::PasswordIsNotEnough(status.methods()).into()) } else { Ok(()) }
    }

    /// The caller and their session as it stands now, the person's row held.
    pub(crate) async fn lock_session(
        &self,
        caller: &Caller,
        session_id: SessionId,
        now: Timestamp,
    ) -> Result<(Tx, User, Session)> {
        let (tx, user) = self.lock_user(caller.user_id).await?;
        user.require_active()?;
        let session = session::store::find_in_tx(&tx, session_id).await?;
        let stands = |session: &Session| session.revoked_at.is_none() && now < session.expires_at;
        let session = session.filter(stands).ok_or(AuthError::SessionRevoked)?;
        Ok((tx, user, session))
    }

    async fn prove_again(&self, tx: Tx, user: &User, session: Session, factor: Factor) -> Result<SteppedUp> {
        let now = session.proof.at;
        let act = Actor::person(user.id, Means::Session(session.id)).does(now);
        store::set_proof_in_tx(&tx, &session).await?;
        if session.proof.factors.is_multi_factor() {
            spending::forget_in_tx(&tx, user.id).await?;
        }
        outbox::append_in_tx(&tx, vec![events::stepped_up(user.id, session.id, factor, act)]).await?;
        tx.commit().await?;
        let token = self.tokens.issue(user, &session, now);
        Ok(SteppedUp { access_token: token.text, expires_in_seconds: token.expires_in_seconds })
    }

    /// Commits a failure; the last one that is borne ends the session.
    pub(crate) async fn count_failure(&self, tx: Tx, session: &Session, factor: Factor, now: Timestamp) -> Result<()> {
        let (user_id, id) = (session.user_id, session.id);
        let failures = store::count_failure_in_tx(&tx, id).await?;
        // Whoever holds the session; whose it is, is just what they could not show.
        let act = Actor::person(user_id, Means::Session(id)).does(now);
        let mut told = vec![events::step_up_failed(user_id, id, factor, act)];
        let ends = failures >= FAILURES_MAX && session::store::revoke_in_tx(&tx, id, now).await?;
        if ends {
            told.push(auth_events::logged_out(user_id, id, EndOfSession::StepUpFailed, Actor::ITSELF.does(now)));
        }
        outbox::append_in_tx(&tx, told).await?;
        tx.commit().await?;
        if ends {
            self.revocations.insert(id, now);
        }
        Ok(())
    }
}

impl Proof {
    /// The session with this proof in place of its own.
    const fn of(self, session: Session) -> Session {
        Session { proof: self, ..session }
    }
}

impl std::fmt::Debug for SteppedUp {
    /// Without the token.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SteppedUp").finish_non_exhaustive()
    }
}
