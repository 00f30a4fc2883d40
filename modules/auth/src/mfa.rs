//! Second factors: which a person has, and what happens when the first comes and the last goes.
//! Each factor has its file; the half-done login is in `challenge.rs`, the proof inside a session in `step_up.rs`.

pub(crate) mod challenge;
mod error;
mod events;
mod known_payee;
pub(crate) mod passkey;
mod recovery;
pub(crate) mod spending;
mod step_up;
mod store;
mod throttle;
mod totp;

pub use challenge::{MfaChallenge, MfaToken};
pub use error::MfaError;
pub use passkey::{NewPasskey, Passkey, PasskeyAnswer, PasskeyQuestion, RelyingParty};
pub use spending::{ProofReason, Reservation, Spending};
pub use step_up::{StepUp, SteppedUp};
pub use totp::TotpEnrolment;

use crate::administration::end_access_in_tx;
use crate::events::EndOfSession;
use crate::notice::Change;
use crate::session::end_sessions_in_tx;
use crate::{Auth, AuthError, Caller, Factor, Login, Occasion, Result, User, user};
use db::{Timestamp, Tx};
use ids::UserId;
use outbox::Act;
use passkey::Asked;

/// A way of giving a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MfaMethod {
    /// A code of an authenticator app.
    Totp,
    /// A passkey.
    Passkey,
    /// A recovery code.
    Recovery,
}

/// What somebody shows as a second factor.
#[derive(Debug)]
pub enum SecondFactor {
    /// A code of an authenticator app, as typed.
    Code(String),
    /// A recovery code, as typed.
    RecoveryCode(String),
    /// What a passkey answered.
    Passkey(Box<PasskeyAnswer>),
}

/// Which second factors a person has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MfaStatus {
    /// Whether a login needs one.
    pub is_enabled: bool,
    /// Whether there is an authenticator app.
    pub has_totp: bool,
    /// How many passkeys there are.
    pub passkeys: i64,
    /// How many recovery codes are not used yet.
    pub recovery_codes_left: i64,
}

/// What follows from a new factor.
#[derive(Debug, Default)]
pub struct Enabled {
    /// With the first factor: the recovery codes, shown this once.
    pub recovery_codes: Option<Vec<String>>,
    /// With the first factor: the one session that goes on. Those that knew no second factor have ended.
    pub login: Option<Login>,
}

impl Auth {
    /// Which second factors the caller has.
    ///
    /// # Errors
    /// The database failed.
    pub async fn mfa_status(&self, user_id: UserId) -> Result<MfaStatus> {
        Ok(store::status(&self.db, user_id).await?)
    }

    /// New recovery codes in place of the old ones; shown this once.
    ///
    /// # Errors
    /// `NotEnrolled`, or the database failed.
    pub async fn regenerate_recovery_codes(&self, caller: &Caller, now: Timestamp) -> Result<Vec<String>> {
        let (tx, user) = self.lock_caller(caller, now).await?;
        if !user.mfa_enabled {
            return Err(MfaError::NotEnrolled.into());
        }
        let codes = recovery::replace_in_tx(&tx, user.id).await?;
        outbox::append_in_tx(&tx, vec![events::recovery_codes_replaced(user.id, caller.does(now))]).await?;
        self.tell_change_in_tx(&tx, &user, Change::recovery_codes_replaced(), now).await?;
        tx.commit().await?;
        Ok(codes)
    }

    /// Takes every second factor from somebody who has lost them, and ends all their sessions and grants: they log in with the
    /// password alone, and have to enrol again where that is required.
    ///
    /// # Errors
    /// `UnknownUser`, or the database failed.
    pub async fn reset_mfa(&self, user_id: UserId, act: Act) -> Result<()> {
        let (tx, user) = self.lock_user(user_id).await?;
        store::remove_all_in_tx(&tx, user.id).await?;
        user::store::set_mfa_enabled_in_tx(&tx, user.id, false).await?;
        let ended = end_access_in_tx(&tx, (user.id, None), EndOfSession::MfaReset, act).await?;
        outbox::append_in_tx(&tx, vec![events::mfa_reset(user.id, act)]).await?;
        self.tell_change_in_tx(&tx, &user, Change::factors_reset(), act.at).await?;
        tx.commit().await?;
        self.refuse(ended);
        Ok(())
    }

    /// Forgets logins and ceremonies that nobody finished in time. To be called every minute.
    ///
    /// # Errors
    /// The database failed; the next call catches up.
    pub async fn purge_unfinished_mfa(&self, now: Timestamp) -> Result<()> {
        let tx = self.db.begin().await?;
        store::purge_in_tx(&tx, now).await?;
        Ok(tx.commit().await?)
    }

    /// Everything about somebody's factors happens while their row is held, one after the other.
    async fn lock_user(&self, user_id: UserId) -> Result<(Tx, User)> {
        let tx = self.db.begin().await?;
        let user = user::store::lock_in_tx(&tx, user_id).await?.ok_or(AuthError::UnknownUser)?;
        Ok((tx, user))
    }

    /// The caller's row, held, if their session has not ended meanwhile.
    async fn lock_caller(&self, caller: &Caller, now: Timestamp) -> Result<(Tx, User)> {
        let session_id = caller.session_id().ok_or(AuthError::SessionRevoked)?;
        let (tx, user, _) = self.lock_session(caller, session_id, now).await?;
        Ok((tx, user))
    }

    /// Commits a new factor. With the first one every session ends, the caller's too, because their tokens promise less
    /// than is asked from now on, and so does everything that was granted with less; a new session begins, proved with the
    /// factor.
    async fn finish_enrolment(
        &self,
        tx: Tx,
        user: User,
        (caller, factor): (&Caller, Factor),
        occasion: &Occasion,
    ) -> Result<Enabled> {
        if user.mfa_enabled {
            tx.commit().await?;
            return Ok(Enabled::default());
        }
        user::store::set_mfa_enabled_in_tx(&tx, user.id, true).await?;
        let codes = recovery::replace_in_tx(&tx, user.id).await?;
        let ended = end_access_in_tx(&tx, (user.id, None), EndOfSession::MfaEnabled, caller.does(occasion.now)).await?;
        outbox::append_in_tx(&tx, vec![events::mfa_enabled(user.id, caller.does(occasion.now))]).await?;
        let user = User { mfa_enabled: true, ..user };
        let login = self.start_session_in_tx(&tx, user, caller.proof.factors.with(factor), occasion).await?;
        tx.commit().await?;
        self.refuse(ended);
        Ok(Enabled { recovery_codes: Some(codes), login: Some(login) })
    }

    /// Commits the loss of a factor; with the last one goes what only stands beside it, and every session, whose tokens
    /// promise a second factor that is no longer there.
    async fn finish_removal(&self, tx: Tx, user: &User, act: Act) -> Result<()> {
        let left = store::status(&tx, user.id).await?;
        if left.has_totp || left.passkeys > 0 {
            return Ok(tx.commit().await?);
        }
        store::remove_all_in_tx(&tx, user.id).await?;
        user::store::set_mfa_enabled_in_tx(&tx, user.id, false).await?;
        outbox::append_in_tx(&tx, vec![events::mfa_disabled(user.id, act)]).await?;
        let ended = end_sessions_in_tx(&tx, (user.id, None), EndOfSession::MfaDisabled, act).await?;
        tx.commit().await?;
        self.refuse_from_now_on(&ended);
        Ok(())
    }

    /// Checks a second factor of the person whose row is held. A wrong one is counted, so the caller commits either way.
    async fn check_in_tx(
        &self,
        tx: &Tx,
        user_id: UserId,
        given: &SecondFactor,
        act: Act,
    ) -> Result<std::result::Result<Factor, MfaError>> {
        let checked = match given {
            SecondFactor::Code(code) => totp::check_in_tx(self, tx, (user_id, code), act.at).await?,
            SecondFactor::RecoveryCode(code) => recovery::use_in_tx(tx, user_id, code, act.at).await?,
            SecondFactor::Passkey(answer) => passkey::check_in_tx(tx, Asked::Person(user_id), answer, act.at).await?,
        };
        let used = given.factor();
        if checked.is_ok() && used == Factor::RecoveryCode {
            let left = store::status(tx, user_id).await?.recovery_codes_left;
            outbox::append_in_tx(tx, vec![events::recovery_code_used(user_id, left, act)]).await?;
        }
        if checked.is_ok() {
            totp::store::forget_failures_in_tx(tx, user_id).await?;
        }
        Ok(checked.map(|()| used))
    }
}

/// A code without what people put between its groups, or copy along: spaces and dashes of any kind, and what is not seen.
fn as_typed(code: &str) -> impl Iterator<Item = char> {
    let is_between = |character: char| {
        character.is_whitespace()
            || matches!(character, '-' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2010}'..='\u{2015}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{2069}' | '\u{2212}' | '\u{feff}')
    };
    code.chars().filter(move |character| !is_between(*character))
}

/// The password that they were begun with is no longer right. Whoever calls holds the person's row.
pub(crate) async fn forget_half_done_logins_in_tx(tx: &Tx, user_id: UserId) -> Result<()> {
    Ok(store::remove_challenges_in_tx(tx, user_id).await?)
}

impl MfaMethod {
    /// The word on the wire.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Passkey => "passkey",
            Self::Recovery => "recovery",
        }
    }
}

impl MfaStatus {
    /// The ways in which the person can give a second factor.
    pub fn methods(&self) -> Vec<MfaMethod> {
        let mut methods = Vec::with_capacity(3);
        if self.has_totp {
            methods.push(MfaMethod::Totp);
        }
        if self.passkeys > 0 {
            methods.push(MfaMethod::Passkey);
        }
        if self.recovery_codes_left > 0 {
            methods.push(MfaMethod::Recovery);
        }
        methods
    }
}

impl SecondFactor {
    /// What somebody typed where both are taken: digits are a code of an app, all else is a recovery code.
    pub fn typed(text: &str) -> Self {
        if as_typed(text).all(|character| character.is_ascii_digit()) {
            Self::Code(text.to_owned())
        } else {
            Self::RecoveryCode(text.to_owned())
        }
    }

    const fn factor(&self) -> Factor {
        match self {
            Self::Code(_) => Factor::OneTimeCode,
            Self::RecoveryCode(_) => Factor::RecoveryCode,
            Self::Passkey(_) => Factor::Passkey,
        }
    }
}
