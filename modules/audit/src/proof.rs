//! Proofs, from what is stored and against heads that were signed. Each is checked here before anybody gets it.

use crate::error::{AuditError, Result};
use crate::rows::{StoredCheckpoint, StoredLeaf};
use crate::store::{self, unsigned};
use db::Executor;
use ids::EventId;
use merkle::{Hash, StoredHashes, verify_consistency, verify_inclusion};

/// That an entry is in the log, as of a signed head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Where it is.
    pub index: u64,
    /// How large the log was.
    pub tree_size: u64,
    /// The bytes that were hashed.
    pub entry: Vec<u8>,
    /// What the entry has a hash of; nothing: it was erased.
    pub disclosed: Option<Disclosed>,
    /// The hash of the leaf.
    pub leaf_hash: Hash,
    /// The hashes that lead from it to the root.
    pub proof: Vec<Hash>,
    /// The signed head.
    pub checkpoint: String,
}

/// What an entry has a hash of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disclosed {
    /// What stands before the payload when it is hashed.
    pub salt: Vec<u8>,
    /// Who did it, what happened, and what the ledger booked: JSON.
    pub payload: String,
}

/// As of which head something is proved.
pub(crate) async fn checkpoint(on: &impl Executor, size: Option<u64>) -> Result<StoredCheckpoint> {
    match size {
        Some(size) => store::checkpoint(on, size).await?.ok_or(AuditError::NoCheckpoint),
        None => store::last_checkpoint(on).await?.ok_or(AuditError::NotYetLogged),
    }
}

pub(crate) async fn of_leaf(on: &impl Executor, leaf: StoredLeaf, size: Option<u64>) -> Result<Proof> {
    let head = checkpoint(on, size).await?;
    let (index, tree_size) = (unsigned(leaf.leaf_index), unsigned(head.size));
    if index >= tree_size {
        return Err(if size.is_some() { AuditError::NoCheckpoint } else { AuditError::NotYetLogged });
    }
    let stored = store::hashes(on, StoredHashes::for_inclusion(index, tree_size)).await?;
    let proof = stored.inclusion(index, tree_size)?.unwrap_or_default();
    let leaf_hash = merkle::leaf_hash(&leaf.entry);
    if !verify_inclusion(index, tree_size, &leaf_hash, &proof, &head.root) {
        return Err(AuditError::Forked(format!(
            "entry {index} is not what the checkpoint of {tree_size} leaves signed"
        )));
    }
    let disclosed = disclosed(on, leaf.leaf_index).await?;
    Ok(Proof { index, tree_size, entry: leaf.entry, disclosed, leaf_hash, proof, checkpoint: head.note })
}

pub(crate) async fn disclosed(on: &impl Executor, leaf_index: i64) -> Result<Option<Disclosed>> {
    let stored = store::payload(on, leaf_index).await?;
    let both = stored.and_then(|stored| stored.salt.zip(stored.payload));
    Ok(both.map(|(salt, payload)| Disclosed { salt, payload }))
}

/// The leaf of an event.
pub(crate) async fn leaf_of_event(on: &impl Executor, id: EventId) -> Result<StoredLeaf> {
    match store::leaf_of_event(on, id).await? {
        Some(leaf) => Ok(leaf),
        None if outbox::number_of(on, id).await?.is_some() => Err(AuditError::NotYetLogged),
        None => Err(AuditError::NotFound),
    }
}

/// That the log of the second size began as that of the first.
pub(crate) async fn consistency(on: &impl Executor, first: u64, second: u64) -> Result<Vec<Hash>> {
    let newest = store::last_checkpoint(on).await?.map_or(0, |head| unsigned(head.size));
    if first == 0 || first > second || second > newest {
        return Err(AuditError::OutOfRange);
    }
    let stored = store::hashes(on, StoredHashes::for_consistency(first, second)).await?;
    let proof = stored.consistency(first, second)?.ok_or(AuditError::OutOfRange)?;
    let (older, newer) = (StoredHashes::for_root(first), StoredHashes::for_root(second));
    let (older, newer) = (store::hashes(on, older).await?, store::hashes(on, newer).await?);
    let heads = (older.root_at(first)?, newer.root_at(second)?);
    if verify_consistency((first, &heads.0), (second, &heads.1), &proof) {
        Ok(proof)
    } else {
        Err(AuditError::Forked(format!("what is stored of {first} leaves is not how {second} leaves begin")))
    }
}
