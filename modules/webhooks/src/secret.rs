//! What calls are signed with, in the forms of Standard Webhooks 1.0.0.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

const SYMMETRIC: &str = "whsec_";
const PRIVATE: &str = "whsk_";
const PUBLIC: &str = "whpk_";
const NEW_BYTES: usize = 32;
const SYMMETRIC_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// How calls are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// `v1`: bank and receiver hold the same secret.
    HmacSha256,
    /// `v1a`: the receiver holds what recognises signatures and makes none.
    Ed25519,
}

impl Algorithm {
    /// The word that is stored and shown.
    pub const fn word(self) -> &'static str {
        match self {
            Self::HmacSha256 => "hmac-sha256",
            Self::Ed25519 => "ed25519",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::HmacSha256, Self::Ed25519].into_iter().find(|algorithm| algorithm.word() == word)
    }
}

/// The text is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no secret of Standard Webhooks: whsec_ with 24 to 64 bytes in base64, or whsk_ with 32")]
pub struct SecretError;

/// Signs calls.
#[derive(Clone)]
pub struct SigningSecret(Kind);

#[derive(Clone)]
enum Kind {
    Symmetric(Vec<u8>),
    Pair(Box<SigningKey>),
}

impl SigningSecret {
    /// A new one, guessed by nobody.
    ///
    /// # Panics
    /// The operating system gives no random bytes.
    pub fn generate(algorithm: Algorithm) -> Self {
        let mut bytes = [0; NEW_BYTES];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        Self(match algorithm {
            Algorithm::HmacSha256 => Kind::Symmetric(bytes.to_vec()),
            Algorithm::Ed25519 => Kind::Pair(Box::new(SigningKey::from_bytes(&bytes))),
        })
    }

    /// Reads one that was kept.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let bytes_of = |encoded: &str| STANDARD.decode(encoded).map_err(|_| SecretError);
        if let Some(encoded) = text.strip_prefix(SYMMETRIC) {
            let bytes = bytes_of(encoded)?;
            return if SYMMETRIC_BYTES.contains(&bytes.len()) {
                Ok(Self(Kind::Symmetric(bytes)))
            } else {
                Err(SecretError)
            };
        }
        let bytes = bytes_of(text.strip_prefix(PRIVATE).ok_or(SecretError)?)?;
        let seed = bytes.try_into().map_err(|_| SecretError)?;
        Ok(Self(Kind::Pair(Box::new(SigningKey::from_bytes(&seed)))))
    }

    /// To be kept sealed.
    pub fn to_text(&self) -> String {
        match &self.0 {
            Kind::Symmetric(bytes) => format!("{SYMMETRIC}{}", STANDARD.encode(bytes)),
            Kind::Pair(key) => format!("{PRIVATE}{}", STANDARD.encode(key.to_bytes())),
        }
    }

    /// What the receiver checks signatures with: the secret itself (`whsec_`), or the public key (`whpk_`).
    pub fn for_receiver(&self) -> String {
        match &self.0 {
            Kind::Symmetric(_) => self.to_text(),
            Kind::Pair(key) => format!("{PUBLIC}{}", STANDARD.encode(key.verifying_key().to_bytes())),
        }
    }

    /// The signature, with the version of its kind before it.
    pub(crate) fn sign(&self, signed: &[u8]) -> String {
        match &self.0 {
            Kind::Symmetric(bytes) => {
                let mut mac = Hmac::<Sha256>::new_from_slice(bytes).expect("HMAC takes keys of any length");
                mac.update(signed);
                format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
            }
            Kind::Pair(key) => format!("v1a,{}", STANDARD.encode(key.sign(signed).to_bytes())),
        }
    }
}

impl std::fmt::Debug for SigningSecret {
    /// Without the secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SigningSecret")
    }
}
