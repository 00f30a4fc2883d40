//! Proving again who one is, inside a session (RFC 9470): with the password here, with a second factor in the module above.
//! A wrong proof counts against the session, also where a password is changed.

mod store;

use super::Session;
use super::events::{self, EndOfSession};
use crate::password::is_still;
use crate::{Caller, Factor, Factors, Identity, IdentityError, Password, Proof, Result, User, password};
use db::{Tx, WallTime};
use outbox::{Actor, Means};

/// So many wrong proofs in a row end the session: whoever holds it is not who it belongs to. The person themselves logs
/// in again, so nobody can be locked out by this.
const FAILURES_MAX: i64 = 5;

/// A session that goes on, with the person it belongs to, their row held until the transaction ends.
pub struct HeldSession {
    /// The transaction that holds the row.
    pub tx: Tx,
    /// The person, as they are now.
    pub user: User,
    pub(crate) session: Session,
}

/// The session's proof is fresh: a new access token says so.
pub struct SteppedUp {
    /// What every request carries from now on.
    pub access_token: String,
    /// How long it is good for.
    pub expires_in_seconds: i64,
}

/// What a password leads to inside a session.
pub enum PasswordProof {
    /// It is right, and enough.
    Enough(SteppedUp),
    /// There is a second factor by now: the password alone does not do.
    NotEnough,
}

impl Identity {
    /// The caller and their session as it stands now.
    ///
    /// # Errors
    /// `SessionRevoked`, also for a caller without a session; `UnknownUser`, `Disabled`, or the database failed.
    pub async fn hold_session(&self, caller: &Caller, now: WallTime) -> Result<HeldSession> {
        let session_id = caller.session_id().ok_or(IdentityError::SessionRevoked)?;
        let tx = self.db.begin().await?;
        let user = self.lock_user_in_tx(&tx, caller.user_id).await?;
        user.require_active()?;
        let session = super::store::find_in_tx(&tx, session_id).await?;
        let stands = |session: &Session| session.revoked_at.is_none() && now < session.expires_at;
        let session = session.filter(stands).ok_or(IdentityError::SessionRevoked)?;
        Ok(HeldSession { tx, user, session })
    }

    /// Proves again who the caller is, with the password.
    ///
    /// # Errors
    /// `WrongCredentials`, `SessionRevoked`, `Busy`, or the database failed.
    pub async fn prove_with_password(
        &self,
        caller: &Caller,
        password: Password,
        now: WallTime,
    ) -> Result<PasswordProof> {
        let place = self.hashing.place()?;
        let known = password::store::hash_of(&self.db, caller.user_id).await?.ok_or(IdentityError::UnknownUser)?;
        let is_right = self.hashing.verify(place, password, Some(known.clone())).await?;
        let held = self.hold_session(caller, now).await?;
        if held.user.mfa_enabled {
            return Ok(PasswordProof::NotEnough);
        }
        if !is_right || !is_still(&held.tx, &held.user, &known).await? {
            self.count_wrong_proof(held, Factor::Password, now).await?;
            return Err(IdentityError::WrongCredentials);
        }
        let proof = Proof { at: now, factors: Factors::PASSWORD };
        Ok(PasswordProof::Enough(self.renew_proof(held, proof, Factor::Password).await?))
    }

    /// Commits a proof that was right, given with a second factor beside what the session was proved with.
    ///
    /// # Errors
    /// The database failed.
    pub async fn prove_with_factor(&self, held: HeldSession, factor: Factor, now: WallTime) -> Result<SteppedUp> {
        let proof = Proof { at: now, factors: held.factors_with(factor) };
        self.renew_proof(held, proof, factor).await
    }

    async fn renew_proof(&self, held: HeldSession, proof: Proof, factor: Factor) -> Result<SteppedUp> {
        let HeldSession { tx, user, session } = held;
        let session = Session { proof, ..session };
        let act = Actor::person(user.id, Means::Session(session.id)).does(proof.at);
        store::set_proof_in_tx(&tx, &session).await?;
        outbox::append_in_tx(&tx, vec![events::stepped_up(user.id, session.id, factor, act)]).await?;
        tx.commit().await?;
        let token = self.tokens.issue(&user, &session.token_basis(), proof.at);
        Ok(SteppedUp { access_token: token.text, expires_in_seconds: token.expires_in_seconds })
    }

    /// Commits a proof that was wrong; the last one that is borne ends the session.
    ///
    /// # Errors
    /// The database failed.
    pub async fn count_wrong_proof(&self, held: HeldSession, factor: Factor, now: WallTime) -> Result<()> {
        let HeldSession { tx, session, .. } = held;
        let (user_id, id) = (session.user_id, session.id);
        let failures = store::count_failure_in_tx(&tx, id).await?;
        // Whoever holds the session; whose it is, is just what they could not show.
        let act = Actor::person(user_id, Means::Session(id)).does(now);
        let mut happened = vec![events::step_up_failed(user_id, id, factor, act)];
        let ends = failures >= FAILURES_MAX && super::store::revoke_in_tx(&tx, id, now).await?;
        if ends {
            let by_itself = Actor::ITSELF.does(now);
            happened.push(events::logged_out(user_id, id, EndOfSession::StepUpFailed, by_itself));
        }
        outbox::append_in_tx(&tx, happened).await?;
        tx.commit().await?;
        if ends {
            self.revocations.insert(id, now);
        }
        Ok(())
    }
}

impl HeldSession {
    /// What the session is proved with once this factor is given too.
    pub const fn factors_with(&self, factor: Factor) -> Factors {
        self.session.proof.factors.with(factor)
    }
}

impl std::fmt::Debug for SteppedUp {
    /// Without the token.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SteppedUp").finish_non_exhaustive()
    }
}
