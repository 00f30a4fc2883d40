//! The log's tree as it is stored, and whether it is still the one whose heads were signed.

use crate::error::{AuditError, Result};
use crate::rows::{StoredCheckpoint, StoredHead};
use crate::store::{self, unsigned};
use db::Executor;
use merkle::{Checkpoint, StoredHashes, Tree, VerifierKey, empty_root};

/// The head as it is stored; that of an empty log where there is none.
pub(crate) async fn head(on: &impl Executor) -> Result<StoredHead> {
    Ok(store::head(on).await?.unwrap_or_else(|| StoredHead { size: 0, root: empty_root() }))
}

/// Takes up the tree again, and holds it against the newest head that was signed.
///
/// # Errors
/// [`AuditError::Forked`]: what is stored contradicts itself or that head.
pub(crate) async fn restored(on: &impl Executor, head: &StoredHead) -> Result<Tree> {
    let size = unsigned(head.size);
    let stored = store::hashes(on, StoredHashes::for_root(size)).await?;
    let tree = Tree::restore(size, &stored, &head.root).map_err(|forked| AuditError::Forked(forked.to_string()))?;
    if let Some(checkpoint) = store::last_checkpoint(on).await? {
        require_signed(on, &checkpoint).await?;
        require_root(on, head, &checkpoint).await?;
    }
    Ok(tree)
}

/// Refuses a checkpoint that none of the log's keys signed, or whose row says something else.
pub(crate) async fn require_signed(on: &impl Executor, checkpoint: &StoredCheckpoint) -> Result<()> {
    let keys = store::keys(on).await?;
    let key = keys.into_iter().find(|key| key.number == checkpoint.key_number);
    let key = key.and_then(|key| VerifierKey::parse(&key.vkey).ok());
    let opened = key.and_then(|key| Checkpoint::open(&checkpoint.note, &key).ok());
    let says = |opened: Checkpoint| (opened.size, opened.root) == (unsigned(checkpoint.size), checkpoint.root);
    if opened.is_some_and(says) {
        return Ok(());
    }
    Err(AuditError::Forked(format!("the checkpoint of {} leaves is not signed by its key", checkpoint.size)))
}

/// Refuses a log that did not begin as the checkpoint says.
pub(crate) async fn require_root(on: &impl Executor, head: &StoredHead, checkpoint: &StoredCheckpoint) -> Result<()> {
    let size = unsigned(checkpoint.size);
    let forked = |what: &str| AuditError::Forked(format!("the checkpoint of {size} leaves {what}"));
    if checkpoint.size > head.size {
        return Err(forked(&format!("is of a longer log than the {} leaves that are stored", head.size)));
    }
    let stored = store::hashes(on, StoredHashes::for_root(size)).await?;
    if stored.root_at(size)? == checkpoint.root { Ok(()) } else { Err(forked("has another root than the leaves")) }
}
