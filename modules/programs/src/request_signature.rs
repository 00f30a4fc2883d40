//! When a signed request counts (RFC 9421): made by the key's own signer, just now, and shown only once.
//! What of a request is signed, and how it is written down for that, is the edge's matter.

mod refusal;
pub(crate) mod store;

pub(crate) use refusal::Refusals;
pub use refusal::SignatureRefusal;

use crate::{KnownKey, ProgramError, ProgramKey, Programs, Result};
use db::WallTime;
use sha2::{Digest, Sha256};

/// So far the clocks of signer and bank may be apart, the way here included.
const AGE_SECONDS_MAX: i64 = 60;
/// A nonce is remembered for longer than its signature counts: processes' clocks differ too.
const MEMORY_SECONDS: i64 = 300;
const NONCE_CHARACTERS_MAX: usize = 128;
/// Forgetting goes in steps, so that nobody waits for it; and more is forgotten in a minute than can be remembered.
const PURGE_STEP_ROWS: u32 = 1_000;
const PURGE_STEPS_MAX: u32 = 1_000;

/// A signature and what it says of itself, as it came with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestSignature {
    /// What was signed: the signature base.
    pub base: String,
    /// The signature.
    pub bytes: Vec<u8>,
    /// Whose: the parameter `keyid`, which has to be the API key's identifier.
    pub key_id: Option<String>,
    /// The parameter `alg`.
    pub algorithm: Option<String>,
    /// When it was made, in seconds since 1970: the parameter `created`.
    pub created: Option<i64>,
    /// When it ends, in seconds since 1970: the parameter `expires`.
    pub expires: Option<i64>,
    /// What makes it unique: the parameter `nonce`.
    pub nonce: Option<String>,
}

/// What is remembered of a signature that counted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Nonce {
    pub(crate) hash: [u8; 32],
    pub(crate) forget_at: WallTime,
}

impl Programs {
    /// Accepts a signed request with the key, once.
    ///
    /// # Errors
    /// `InvalidSignature` with the reason, `SignatureReplayed`, or the database failed.
    pub async fn accept_signature(&self, key: &KnownKey, signature: &RequestSignature, now: WallTime) -> Result<()> {
        let Some(signer) = &key.program_key else { return Ok(()) };
        let nonce = signature.check(&key.id.to_string(), signer, now)?;
        let tx = self.db.begin().await?;
        let is_new = store::insert_nonce_in_tx(&tx, key.id, &nonce).await?;
        tx.commit().await?;
        if is_new {
            return Ok(());
        }
        tracing::warn!(api_key_id = %key.id, "a signed request was shown again");
        Err(ProgramError::SignatureReplayed)
    }

    /// Forgets the nonces of signatures that count no longer. To be called every minute.
    ///
    /// # Errors
    /// The database failed.
    pub async fn purge_nonces(&self, now: WallTime) -> Result<()> {
        for _ in 0..PURGE_STEPS_MAX {
            let tx = self.db.begin().await?;
            let deleted = store::delete_nonces_in_tx(&tx, now, PURGE_STEP_ROWS).await?;
            tx.commit().await?;
            if deleted < u64::from(PURGE_STEP_ROWS) {
                break;
            }
        }
        Ok(())
    }
}

impl RequestSignature {
    /// Whether the signer made it, for this key and now.
    pub(crate) fn check(&self, api_key_id: &str, signer: &ProgramKey, now: WallTime) -> Result<Nonce> {
        let wrong = |reason| Err(ProgramError::InvalidSignature(reason));
        if self.key_id.as_deref() != Some(api_key_id) {
            return wrong("keyid must be the API key's identifier");
        }
        if self.algorithm.as_deref().is_some_and(|word| word != signer.algorithm().word()) {
            return wrong("alg is not the algorithm of the signing key");
        }
        let Some(created) = self.created else { return wrong("created is missing") };
        let now_seconds = now.unix_seconds();
        if created.abs_diff(now_seconds) > AGE_SECONDS_MAX.unsigned_abs() {
            return wrong("created is more than 60 seconds from now");
        }
        if self.expires.is_some_and(|expires| expires <= now_seconds) {
            return wrong("expires is over");
        }
        let nonce = self.nonce.as_deref().unwrap_or_default();
        if !(1..=NONCE_CHARACTERS_MAX).contains(&nonce.len()) {
            return wrong("nonce must have 1 to 128 characters");
        }
        if !signer.has_signed(self.base.as_bytes(), &self.bytes) {
            return wrong("the signature does not fit the request");
        }
        Ok(Nonce { hash: Sha256::digest(nonce).into(), forget_at: now.plus_seconds(MEMORY_SECONDS) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::Signer as _;

    const NOW: WallTime = WallTime::from_unix_micros(1_767_225_600_000_000);
    const NOW_SECONDS: i64 = 1_767_225_600;

    fn signing_key() -> ed25519_dalek::SigningKey {
        ed25519_dalek::SigningKey::from_bytes(&[7; 32])
    }

    fn signature() -> RequestSignature {
        let base = "\"@method\": GET".to_owned();
        RequestSignature {
            bytes: signing_key().sign(base.as_bytes()).to_bytes().to_vec(),
            base,
            key_id: Some("key_1".to_owned()),
            algorithm: Some("ed25519".to_owned()),
            created: Some(NOW_SECONDS),
            expires: Some(NOW_SECONDS + 30),
            nonce: Some("n-1".to_owned()),
        }
    }

    fn check(signature: &RequestSignature) -> Result<Nonce> {
        let signer = ProgramKey::Ed25519(Box::new(signing_key().verifying_key()));
        signature.check("key_1", &signer, NOW)
    }

    #[test]
    fn a_signature_counts_for_a_minute_on_either_side() {
        for seconds in [-60, 0, 60] {
            let created = Some(NOW_SECONDS + seconds);
            assert!(check(&RequestSignature { created, ..signature() }).is_ok(), "{seconds}");
        }
        for created in [Some(NOW_SECONDS - 61), Some(NOW_SECONDS + 61), Some(i64::MIN), Some(i64::MAX), None] {
            let refused = check(&RequestSignature { created, ..signature() });
            assert!(matches!(refused, Err(ProgramError::InvalidSignature(_))), "{created:?}");
        }
    }

    #[test]
    fn what_a_signature_may_leave_out_is_its_end_and_its_algorithm() {
        assert!(check(&RequestSignature { expires: None, algorithm: None, ..signature() }).is_ok());
    }

    #[test]
    fn anothers_stale_nameless_or_broken_signature_is_refused() {
        let other = ed25519_dalek::SigningKey::from_bytes(&[8; 32]).sign(b"\"@method\": GET");
        for wrong in [
            RequestSignature { key_id: None, ..signature() },
            RequestSignature { key_id: Some("key_2".to_owned()), ..signature() },
            RequestSignature { algorithm: Some("ecdsa-p256-sha256".to_owned()), ..signature() },
            RequestSignature { expires: Some(NOW_SECONDS), ..signature() },
            RequestSignature { nonce: None, ..signature() },
            RequestSignature { nonce: Some("n".repeat(129)), ..signature() },
            RequestSignature { base: "\"@method\": PUT".to_owned(), ..signature() },
            RequestSignature { bytes: other.to_bytes().to_vec(), ..signature() },
        ] {
            assert!(matches!(check(&wrong), Err(ProgramError::InvalidSignature(_))), "{wrong:?}");
        }
    }
}
