//! What can go wrong with second factors. No variant carries a secret that is worth more than one login.

use crate::{MfaChallenge, MfaMethod, ProofReason};
use db::DbError;
use identity::IdentityError;

/// Why a second factor was refused or is needed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FactorError {
    /// The password was right, and a second factor has to follow before there is a session.
    #[error("a second factor is needed")]
    Required(MfaChallenge),
    /// The token of a half-done login is unknown, used, too old, or was tried too often: log in again.
    #[error("the login has to be started again")]
    InvalidToken,
    /// The code, recovery code or passkey is not right, or was used before.
    #[error("the second factor is wrong")]
    Wrong,
    /// Too many wrong codes in a row: wait, or use another factor.
    #[error("too many wrong codes")]
    TooManyAttempts {
        /// When the next code is looked at.
        retry_after_seconds: u32,
    },
    /// Whoever has a second factor proves who they are with it; the password alone does not do.
    #[error("a second factor has to be used")]
    PasswordIsNotEnough(Vec<MfaMethod>),
    /// A payment needs a fresh proof of who orders it.
    #[error("the payment needs a fresh proof")]
    ProofRequired(ProofReason),
    /// There is an authenticator app already: remove it first.
    #[error("there is an authenticator app already")]
    AlreadyEnrolled,
    /// There is nothing of the kind to confirm, renew or remove.
    #[error("there is no such factor")]
    NotEnrolled,
    /// No such passkey, or it is another's.
    #[error("there is no such passkey")]
    UnknownPasskey,
    /// A passkey cannot be registered, for the reason that is given.
    #[error("the passkey {0}")]
    PasskeyRefused(&'static str),
    /// Browsers bind passkeys to a name, and the bank is only reachable under a number.
    #[error("passkeys need a public URL with a host name")]
    PasskeysUnavailable,
    /// About the person, their password or their session.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] DbError),
}
