//! Carries the audit log to the vault: segments, each when the one before is there, and signed heads. One step after the other, each done
//! again until it is done: whoever is killed at any point goes on where it was, and makes the same bytes.

use crate::{Folder, Put, VaultError};
use audit::{Audit, AuditError, CHECKPOINTS, SEGMENTS, SealedSegment, SignedHead, checkpoint_key};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::MissedTickBehavior;

const PERIOD: Duration = Duration::from_secs(1);
/// Of a log that grew much meanwhile no more is carried at once.
const SEGMENTS_AT_ONCE: u32 = 8;
/// So often a head goes to the vault, while the log grows.
const HEADS_APART_SECONDS: u64 = 600;

/// Why something could not be carried to the vault.
#[derive(Debug, thiserror::Error)]
enum SealingError {
    #[error(transparent)]
    Audit(#[from] AuditError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// What is there contradicts what the database says: one of them was changed, or an older copy of the database put back.
    #[error("AUDIT_FORKED: the vault has something else under {0} (docs/audit.md)")]
    Forked(String),
    #[error("the thread that writes was lost")]
    Lost,
}

type Result<T> = std::result::Result<T, SealingError>;

/// Carries what is sealed and signed, for as long as the process lives.
pub async fn keep_sealing(audit: Audit, vault: Folder) {
    let mut sealing = Sealing { audit, vault: Arc::new(vault), is_prepared: false, carried: None, head: None };
    let mut turns = tokio::time::interval(PERIOD);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        let outcome = sealing.turn().await;
        metrics::gauge!("florin_audit_vault_failing").set(if outcome.is_ok() { 0.0 } else { 1.0 });
        match outcome {
            Ok(()) => {}
            Err(error @ (SealingError::Forked(_) | SealingError::Audit(AuditError::Forked(_)))) => {
                tracing::error!(%error, "the vault takes nothing of the audit log any more");
            }
            Err(error) => tracing::warn!(%error, "carrying the audit log to the vault will be tried again"),
        }
    }
}

struct Sealing {
    audit: Audit,
    vault: Arc<Folder>,
    is_prepared: bool,
    /// The last segment that this process knows to be in the vault.
    carried: Option<SealedSegment>,
    /// The size of the last head that this process carried, and when.
    head: Option<(u64, Instant)>,
}

impl Sealing {
    async fn turn(&mut self) -> Result<()> {
        if !self.is_prepared {
            self.vault(|vault| vault.prepare(&[SEGMENTS, CHECKPOINTS])).await?;
            self.is_prepared = true;
        }
        for _ in 0..SEGMENTS_AT_ONCE {
            self.carry_last().await?;
            if self.audit.seal().await?.is_none() {
                break;
            }
        }
        self.carry_last().await?;
        let is_due = self.head.is_none_or(|(_, at)| at.elapsed() >= heads_apart());
        if is_due { self.carry_head().await } else { Ok(()) }
    }

    /// The last segment, and a head that is of it too.
    async fn carry_last(&mut self) -> Result<()> {
        let Some(last) = self.audit.last_segment().await? else { return Ok(()) };
        if self.carried.as_ref() == Some(&last) {
            return Ok(());
        }
        let bytes = self.audit.segment_bytes(&last).await?;
        self.put(last.key(), bytes).await?;
        self.carry_head().await?;
        metrics::gauge!("florin_audit_vault_size").set(count(last.last + 1));
        self.carried = Some(last);
        Ok(())
    }

    async fn carry_head(&mut self) -> Result<()> {
        let SignedHead { size, note } = match self.audit.checkpoint().await {
            Ok(head) => head,
            Err(AuditError::NotYetLogged) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        if self.head.is_none_or(|(carried, _)| carried != size) {
            self.put(checkpoint_key(size), note.into_bytes()).await?;
            self.head = Some((size, Instant::now()));
        }
        Ok(())
    }

    async fn put(&self, key: String, bytes: Vec<u8>) -> Result<()> {
        let name = key.clone();
        match self.vault(move |vault| vault.put(&key, &bytes)).await? {
            Put::Stored | Put::AlreadyThere { is_same: true } => Ok(()),
            Put::AlreadyThere { is_same: false } => Err(SealingError::Forked(name)),
        }
    }

    /// On a thread that may wait for the disk.
    async fn vault<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Folder) -> crate::Result<T> + Send + 'static,
    ) -> Result<T> {
        let vault = Arc::clone(&self.vault);
        let done = tokio::task::spawn_blocking(move || work(&vault)).await;
        Ok(done.map_err(|_| SealingError::Lost)??)
    }
}

/// More often in tests of the whole program.
fn heads_apart() -> Duration {
    fail::fail_point!("vault::heads_apart", |millis| {
        millis.and_then(|millis| millis.parse().ok()).map_or(PERIOD, Duration::from_millis)
    });
    Duration::from_secs(HEADS_APART_SECONDS)
}

#[expect(clippy::cast_precision_loss, reason = "a gauge")]
fn count(number: u64) -> f64 {
    number as f64
}
