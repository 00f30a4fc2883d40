//! Failures of second factors as clients are told them.

use crate::ErrorCode::{self, *};
use crate::policy::step_up_required;
use crate::problem::Problem;
use factors::{FactorError, MfaChallenge, MfaMethod};

impl From<FactorError> for Problem {
    fn from(error: FactorError) -> Self {
        let problem = |code: ErrorCode, message| Self::new(code, message);
        match error {
            FactorError::Required(challenge) => required(&challenge),
            FactorError::InvalidToken => {
                problem(InvalidMfaToken, "This login cannot be finished any more: start again")
            }
            FactorError::Wrong => problem(InvalidSecondFactor, "The code or passkey is wrong, or was used before"),
            FactorError::TooManyAttempts { retry_after_seconds } => {
                problem(TooManyAttempts, "Too many wrong codes: wait, or use another factor")
                    .with("retryAfterSeconds", retry_after_seconds)
                    .retry_after(retry_after_seconds)
            }
            FactorError::PasswordIsNotEnough(methods) => {
                problem(MfaRequired, "Use your second factor").with("methods", words(&methods))
            }
            FactorError::ProofRequired(reason) => step_up_required().with("reason", reason.word()),
            FactorError::AlreadyEnrolled => {
                problem(TotpAlreadyEnabled, "There is an authenticator app already: remove it first")
            }
            FactorError::NotEnrolled => problem(NotEnrolled, "There is no such factor, or it was begun too long ago"),
            FactorError::UnknownPasskey => problem(PasskeyNotFound, "Passkey not found"),
            FactorError::PasskeyRefused(reason) => {
                problem(PasskeyRefused, "The passkey cannot be taken").with("field", "passkey").with("reason", reason)
            }
            FactorError::Identity(error) => error.into(),
            FactorError::Store(error) => error.into(),
            FactorError::PasskeysUnavailable => {
                problem(PasskeysUnavailable, "Passkeys need a host name: FLORIN_PUBLIC_URL is none")
            }
        }
    }
}

/// For clients whose replies have no place for it, the way on is told in the error.
fn required(challenge: &MfaChallenge) -> Problem {
    Problem::new(MfaRequired, "The password is right; a second factor has to follow")
        .with("mfaToken", challenge.token.as_str())
        .with("methods", words(&challenge.methods))
        .with("expiresIn", challenge.expires_in_seconds)
}

fn words(methods: &[MfaMethod]) -> Vec<&'static str> {
    methods.iter().map(|method| method.word()).collect()
}
