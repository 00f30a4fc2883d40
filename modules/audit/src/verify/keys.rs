//! Whose signature counts: the keys that the database knows, the one in its file, and those that were published.

use super::{KEY, db_error};
use crate::signing::has_replaced;
use crate::store;
use db::{Executor, Result, WallTime};
use ed25519_dalek::SigningKey;
use ledger::verify::{Finding, find};
use merkle::{Checkpoint, SignerKey, VerifierKey};

/// What is known of the keys that may sign, besides what the database says.
#[derive(Clone, Default)]
pub struct Keys {
    /// The bank's own, if it is at hand.
    pub own: Option<[u8; 32]>,
    /// As they were published. With any of them, no other key counts.
    pub published: Vec<String>,
    /// What the bank's own said when it was put in the place of another, and what time it is now.
    pub replaced: Option<(String, WallTime)>,
}

impl std::fmt::Debug for Keys {
    /// Without the key.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Keys").field("published", &self.published).finish_non_exhaustive()
    }
}

/// A key with its number, and from which size on it signs.
struct Known {
    number: i64,
    from_size: i64,
    key: VerifierKey,
}

/// The keys that signatures are checked with.
pub(super) struct Checking {
    known: Vec<Known>,
    published: Vec<VerifierKey>,
}

impl Checking {
    /// Those of the database, the newest first, as far as they count.
    pub(super) async fn open(on: &impl Executor, given: &Keys, findings: &mut Vec<Finding>) -> Result<Self> {
        let published: Vec<VerifierKey> =
            given.published.iter().filter_map(|text| VerifierKey::parse(text).ok()).collect();
        let mut known = Vec::new();
        for row in store::keys(on).await.map_err(crate::AuditError::from).map_err(db_error)? {
            let place = || format!("audit_key {}", row.number);
            let key = VerifierKey::parse(&row.vkey).ok();
            let counts = key.filter(|key| published.is_empty() || published.contains(key));
            match counts {
                Some(key) => known.push(Known { number: row.number, from_size: row.from_size, key }),
                None => find(findings, KEY, || format!("{}, {}", place(), row.vkey)),
            }
        }
        if let (Some(own), Some(newest)) = (given.own, known.first()) {
            let signer = SignerKey::new(newest.key.name(), SigningKey::from_bytes(&own));
            // Until servers are started anew, the one before signs.
            let text = newest.key.text();
            let has_replaced = given.replaced.as_ref().is_some_and(|(said, now)| has_replaced(&own, &text, said, *now));
            if !has_replaced && signer.is_none_or(|signer| signer.verifier() != newest.key) {
                let number = newest.number;
                find(findings, KEY, || format!("audit_key {number}: it is not the key in its file"));
            }
        }
        Ok(Self { known, published })
    }

    /// What a head says that the key with the number signed, while it was that one's turn.
    pub(super) fn open_numbered(&self, note: &str, number: i64) -> Option<Checkpoint> {
        let at = self.known.iter().position(|known| known.number == number)?;
        let opened = Checkpoint::open(note, &self.known[at].key).ok()?;
        let size = i64::try_from(opened.size).ok()?;
        let until = at.checked_sub(1).map(|next| self.known[next].from_size);
        (self.known[at].from_size <= size && until.is_none_or(|until| size <= until)).then_some(opened)
    }

    /// What a head says that any of the keys signed.
    pub(super) fn open_any(&self, note: &str) -> Option<Checkpoint> {
        let known = self.known.iter().map(|known| &known.key);
        known.chain(&self.published).find_map(|key| Checkpoint::open(note, key).ok())
    }
}
