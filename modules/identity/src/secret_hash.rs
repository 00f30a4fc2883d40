//! Secrets that nobody can guess, and what is stored in their place: 256 random bits need no slow hash.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// The SHA-256 of a random secret: what the database has of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretHash(pub [u8; 32]);

db::fields! {
    Bytes: SecretHash, |bytes| bytes.try_into().ok().map(SecretHash), |hash| hash.0;
}

impl SecretHash {
    /// Of a secret as it was handed out.
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret).into())
    }
}

/// 32 random bytes in base64url: 256 bits that nobody guesses.
pub fn random_token() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    URL_SAFE_NO_PAD.encode(bytes)
}
