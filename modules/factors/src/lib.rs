//! Second factors: which a person has, and what happens when the first comes and the last goes.
//! Each factor has its file; the half-done login is in `challenge.rs`, the proof inside a session in `step_up.rs`, what may
//! be paid without one in `spending.rs`. People, passwords and sessions are `identity`'s.

mod challenge;
mod change;
mod error;
mod events;
mod known_payee;
mod passkey;
mod recovery_code;
mod spending;
mod step_up;
mod store;
mod throttle;
mod totp;
mod unopened;

pub use challenge::{HalfDoneLogins, MfaChallenge, MfaToken};
pub use error::FactorError;
pub use known_payee::{new_payees, remember_payees};
pub use passkey::{AddedPasskey, NewPasskey, Passkey, PasskeyAnswer, PasskeyQuestion, RelyingParty};
pub use spending::{ProofReason, Reservation, Spending, give_back, missing_proof, reserve_spending};
pub use step_up::StepUp;
pub use totp::{TotpEnrolment, opens_apps};
pub use unopened::{UnopenedApps, count_unopened_apps};

use db::{Db, Executor, Migration, Tx, WallTime};
use events::FactorEvent;
use identity::{
    Caller, EndOfSession, Ending, Factor, Factors as Proved, HeldSession, Identity, Login, Occasion, SecondFactorNeed,
    User,
};
use ids::UserId;
use outbox::Act;
use passkey::Asked;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The outcome of anything about second factors.
pub type Result<T> = std::result::Result<T, FactorError>;

/// The tables of second factors that were made after the first ones, which came with number 4 of [`identity::MIGRATIONS`];
/// recorded under the name that all of them had.
pub const MIGRATIONS: &[Migration] = &[Migration {
    module: "auth",
    number: 10,
    sql: include_str!("../migrations/0010_unproved_spending.sql"),
    postgres: "",
    sqlite: "",
    append_only: &[],
}];

/// The second factors of everybody.
pub struct Factors {
    db: Db,
    identity: Arc<Identity>,
    /// Whether it was said that there are apps which this key does not open.
    has_told_of_unopened: AtomicBool,
}

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
    /// Whether there is an authenticator app whose codes can be checked.
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

impl Factors {
    /// Of the people of this identity, which has [`HalfDoneLogins`] among its dependents.
    pub const fn new(db: Db, identity: Arc<Identity>) -> Self {
        Self { db, identity, has_told_of_unopened: AtomicBool::new(false) }
    }

    /// Which second factors the caller has.
    ///
    /// # Errors
    /// The database failed.
    pub async fn mfa_status(&self, user_id: UserId) -> Result<MfaStatus> {
        self.status(&self.db, user_id).await
    }

    async fn status(&self, on: &impl Executor, user_id: UserId) -> Result<MfaStatus> {
        let store::Has { is_enabled, sealed_secret, passkeys, recovery_codes_left } =
            store::of_person(on, user_id).await?;
        let has_totp = sealed_secret.is_some_and(|sealed| self.opened(&sealed, user_id).is_some());
        Ok(MfaStatus { is_enabled, has_totp, passkeys, recovery_codes_left })
    }

    /// New recovery codes in place of the old ones; shown this once.
    ///
    /// # Errors
    /// `NotEnrolled`, or the database failed.
    pub async fn regenerate_recovery_codes(&self, caller: &Caller, now: WallTime) -> Result<Vec<String>> {
        let HeldSession { tx, user, .. } = self.identity.hold_session(caller, now).await?;
        if !user.mfa_enabled {
            return Err(FactorError::NotEnrolled);
        }
        let codes = recovery_code::replace_in_tx(&tx, user.id).await?;
        outbox::append_in_tx(&tx, vec![FactorEvent::RecoveryCodesReplaced {}.of(user.id, caller.does(now))]).await?;
        self.identity.mail_change_in_tx(&tx, &user, change::recovery_codes_replaced(), now).await?;
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
        self.identity.set_second_factor_in_tx(&tx, user.id, SecondFactorNeed::NotNeeded).await?;
        let ended = self.identity.end_access_in_tx(&tx, Ending::of_all(user.id, EndOfSession::MfaReset, act)).await?;
        outbox::append_in_tx(&tx, vec![FactorEvent::MfaReset {}.of(user.id, act)]).await?;
        self.identity.mail_change_in_tx(&tx, &user, change::factors_reset(), act.at).await?;
        tx.commit().await?;
        self.identity.refuse(ended);
        Ok(())
    }

    /// Forgets logins and ceremonies that nobody finished in time. To be called every minute.
    ///
    /// # Errors
    /// The database failed; the next call catches up.
    pub async fn purge_unfinished_mfa(&self, now: WallTime) -> Result<()> {
        let tx = self.db.begin().await?;
        store::purge_in_tx(&tx, now).await?;
        Ok(tx.commit().await?)
    }

    /// Everything about somebody's factors happens while their row is held, one after the other.
    async fn lock_user(&self, user_id: UserId) -> Result<(Tx, User)> {
        let tx = self.db.begin().await?;
        let user = self.identity.lock_user_in_tx(&tx, user_id).await?;
        Ok((tx, user))
    }

    /// Commits a new factor. With the first one every session ends, the caller's too, because their tokens promise less
    /// than is asked from now on, and so does everything that was granted with less; a new session begins, proved with the
    /// factor.
    async fn finish_enrolment(
        &self,
        held: HeldSession,
        caller: &Caller,
        factor: Factor,
        occasion: &Occasion,
    ) -> Result<Enabled> {
        let HeldSession { tx, user, .. } = held;
        if user.mfa_enabled {
            tx.commit().await?;
            return Ok(Enabled::default());
        }
        let act = caller.does(occasion.now);
        self.identity.set_second_factor_in_tx(&tx, user.id, SecondFactorNeed::Needed).await?;
        let codes = recovery_code::replace_in_tx(&tx, user.id).await?;
        let ended = self.identity.end_access_in_tx(&tx, Ending::of_all(user.id, EndOfSession::MfaEnabled, act)).await?;
        outbox::append_in_tx(&tx, vec![FactorEvent::MfaEnabled {}.of(user.id, act)]).await?;
        let user = User { mfa_enabled: true, ..user };
        let login = self.start_session_in_tx(&tx, user, caller.proof.factors.with(factor), occasion).await?;
        tx.commit().await?;
        self.identity.refuse(ended);
        Ok(Enabled { recovery_codes: Some(codes), login: Some(login) })
    }

    /// Logs somebody in who has just proved who they are with a second factor: what they ordered without one before counts
    /// no more. Whoever calls holds the person's row.
    async fn start_session_in_tx(&self, tx: &Tx, user: User, factors: Proved, occasion: &Occasion) -> Result<Login> {
        if factors.is_multi_factor() {
            spending::forget_in_tx(tx, user.id).await?;
        }
        Ok(self.identity.start_session_in_tx(tx, user, factors, occasion).await?)
    }

    /// Commits the loss of a factor; with the last one goes what only stands beside it, and every session, whose tokens
    /// promise a second factor that is no longer there.
    async fn finish_removal(&self, tx: Tx, user: &User, act: Act) -> Result<()> {
        let left = self.status(&tx, user.id).await?;
        if left.has_totp || left.passkeys > 0 {
            return Ok(tx.commit().await?);
        }
        store::remove_all_in_tx(&tx, user.id).await?;
        self.identity.set_second_factor_in_tx(&tx, user.id, SecondFactorNeed::NotNeeded).await?;
        outbox::append_in_tx(&tx, vec![FactorEvent::MfaDisabled {}.of(user.id, act)]).await?;
        let ended =
            self.identity.end_sessions_in_tx(&tx, Ending::of_all(user.id, EndOfSession::MfaDisabled, act)).await?;
        tx.commit().await?;
        self.identity.refuse(ended);
        Ok(())
    }

    /// Checks a second factor of the person whose row is held. A wrong one is counted, so the caller commits either way.
    async fn check_in_tx(
        &self,
        tx: &Tx,
        user_id: UserId,
        given: &SecondFactor,
        now: WallTime,
    ) -> Result<std::result::Result<Factor, FactorError>> {
        let checked = match given {
            SecondFactor::Code(code) => self.check_code_in_tx(tx, user_id, code, now).await?,
            SecondFactor::RecoveryCode(code) => recovery_code::use_in_tx(tx, user_id, code, now).await?,
            SecondFactor::Passkey(answer) => passkey::check_in_tx(tx, Asked::Person(user_id), answer, now).await?,
        };
        if checked.is_ok() {
            totp::store::forget_failures_in_tx(tx, user_id).await?;
        }
        Ok(checked.map(|()| given.factor()))
    }
}

/// A recovery code that somebody got in with is worth an event, by the session that they have.
async fn record_use_in_tx(tx: &Tx, user_id: UserId, used: Factor, act: Act) -> Result<()> {
    if used == Factor::RecoveryCode {
        let left = store::of_person(tx, user_id).await?.recovery_codes_left;
        outbox::append_in_tx(tx, vec![FactorEvent::RecoveryCodeUsed { left }.of(user_id, act)]).await?;
    }
    Ok(())
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
