//! Proving again who one is, inside a session (RFC 9470). Whoever has a second factor does it with that. What a session
//! remembers of its proofs is `identity`'s.

use crate::passkey::{self, PasskeyQuestion, RelyingParty};
use crate::{FactorError, Factors, Result, SecondFactor, spending};
use db::WallTime;
use identity::{Caller, IdentityError, Password, PasswordProof, SteppedUp};

/// What somebody shows inside a session.
#[derive(Debug)]
pub enum StepUp {
    /// The password; enough as long as there is no second factor.
    Password(Password),
    /// A second factor.
    SecondFactor(SecondFactor),
}

impl Factors {
    /// Proves again who the caller is.
    ///
    /// # Errors
    /// `PasswordIsNotEnough`, `WrongCredentials`, `Wrong`, `TooManyAttempts`, `SessionRevoked`, `Busy`, or the database
    /// failed.
    pub async fn step_up(&self, caller: &Caller, given: StepUp, now: WallTime) -> Result<SteppedUp> {
        caller.session_id().ok_or(IdentityError::SessionRevoked)?;
        match given {
            StepUp::Password(password) => self.step_up_with_password(caller, password, now).await,
            StepUp::SecondFactor(given) => {
                let held = self.identity.hold_session(caller, now).await?;
                match self.check_in_tx(&held.tx, held.user.id, &given, now).await? {
                    Ok(factor) => {
                        crate::record_use_in_tx(&held.tx, held.user.id, factor, caller.does(now)).await?;
                        if held.factors_with(factor).is_multi_factor() {
                            spending::forget_in_tx(&held.tx, held.user.id).await?;
                        }
                        Ok(self.identity.prove_with_factor(held, factor, now).await?)
                    }
                    Err(refused) => {
                        self.identity.count_wrong_proof(held, given.factor(), now).await?;
                        Err(refused)
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
        now: WallTime,
    ) -> Result<PasskeyQuestion> {
        let tx = self.db.begin().await?;
        let question = passkey::ask_in_tx(&tx, relying_party, caller.user_id, now).await?;
        tx.commit().await?;
        Ok(question)
    }

    async fn step_up_with_password(&self, caller: &Caller, password: Password, now: WallTime) -> Result<SteppedUp> {
        let status = self.status(&self.db, caller.user_id).await?;
        if status.is_enabled {
            return Err(FactorError::PasswordIsNotEnough(status.methods()));
        }
        match self.identity.prove_with_password(caller, password, now).await? {
            PasswordProof::Enough(stepped_up) => Ok(stepped_up),
            // The first factor came a moment ago.
            PasswordProof::NotEnough => Err(FactorError::PasswordIsNotEnough(Vec::new())),
        }
    }
}
