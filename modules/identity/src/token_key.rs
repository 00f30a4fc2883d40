//! The Ed25519 keys that sign access tokens: one key, and what is told of it. Where the keys lie is in
//! `token_key/folder.rs`, which of them stand at a moment in `token_key/ring.rs`.

pub(crate) mod events;
mod folder;
mod ring;

pub use folder::EARLIER_FILE as EARLIER_TOKEN_KEY_FILE;
pub(crate) use ring::TokenKeys;

use crate::{IdentityError, Result};
use db::WallTime;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use folder::{KeyFolder, StoredKey};
use jsonwebtoken::{DecodingKey, EncodingKey};
use sha2::{Digest, Sha256};
use std::path::Path;

/// How long an access token is good for, and so what a key has signed.
pub const TOKEN_SECONDS: i64 = 15 * 60;

/// A key in the forms that signing and verifying take.
pub(crate) struct TokenKey {
    pub(crate) encoding: EncodingKey,
    pub(crate) decoding: DecodingKey,
    pub(crate) public: PublicKey,
}

/// What everybody may know of a token key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// Its name in tokens, `kid`: the first 16 hexadecimal digits of the SHA-256 of the public key.
    pub key_id: String,
    /// The 32 bytes of the public key (RFC 8032).
    pub bytes: [u8; 32],
}

/// A key of the folder, as those who run the bank see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenKeyStatus {
    /// Its name in tokens, `kid`.
    pub key_id: String,
    /// When it was made.
    pub made_at: WallTime,
    /// `None`: it is the one that signs. Otherwise it verifies what it has signed, until then.
    pub verifies_until: Option<WallTime>,
}

/// Makes a new key in the folder, the one that signs from now on, and removes those whose last token has expired.
/// Running servers notice within seconds.
///
/// # Errors
/// The folder or a key in it is unusable.
pub fn rotate_token_keys(folder: &Path, now: WallTime) -> Result<Vec<TokenKeyStatus>> {
    let folder = KeyFolder::open(folder, now)?;
    folder.add(now)?;
    ring::prune(&folder, now)?;
    list(&folder)
}

/// The keys of the folder, the one that signs first. Makes the first key when there is none.
///
/// # Errors
/// The folder or a key in it is unusable.
pub fn token_keys(folder: &Path, now: WallTime) -> Result<Vec<TokenKeyStatus>> {
    list(&KeyFolder::open(folder, now)?)
}

fn list(folder: &KeyFolder) -> Result<Vec<TokenKeyStatus>> {
    let keys = folder.read()?;
    let ends = ring::ends(&keys);
    let status = |(stored, verifies_until): (StoredKey, _)| TokenKeyStatus {
        key_id: stored.key.public.key_id,
        made_at: stored.made_at,
        verifies_until,
    };
    Ok(keys.into_iter().zip(ends).map(status).collect())
}

impl TokenKey {
    /// Reads PKCS#8 PEM (RFC 8410).
    fn from_pem(pem: &str) -> Option<Self> {
        let key = ed25519_dalek::SigningKey::from_pkcs8_pem(pem).ok()?;
        let document = key.to_pkcs8_der().ok()?;
        let bytes = key.verifying_key().to_bytes();
        let key_id = Sha256::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Some(Self {
            encoding: EncodingKey::from_ed_der(document.as_bytes()),
            decoding: DecodingKey::from_ed_der(&bytes),
            public: PublicKey { key_id, bytes },
        })
    }
}

fn failed(path: &Path, reason: impl std::fmt::Display) -> IdentityError {
    IdentityError::KeyFile { path: path.to_owned(), reason: reason.to_string() }
}
