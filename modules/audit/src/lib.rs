//! The audit log: every event that matters as a leaf of a Merkle tree whose heads are signed with a key that is not in the
//! database (ADR 12, docs/adr/0012-an-audit-log-that-proves-itself.md). Whoever rewrites history, with all rights over the
//! database, contradicts a head that somebody may have kept. Hashes and formats are in `kernel/merkle`.

mod error;
mod events;
mod kinds;
mod leaves;
mod payload;
mod proof;
mod rows;
mod search;
mod segment;
mod sequencer;
mod signing;
mod store;
mod tree;
pub mod verify;

pub use error::{AuditError, Result};
pub use kinds::is_logged;
pub use proof::{Disclosed, Proof};
pub use search::{Found, Search};
pub use segment::{CHECKPOINTS, SEGMENTS, SealedSegment, checkpoint_key, segment_key};
pub use sequencer::SUBSCRIPTION;
pub use signing::{fingerprint, is_vkey, origin, replacement};

use db::{Clock, Db, Migration};
use ids::{EventId, TransactionId, UserId};
use merkle::{Hash, TileId};
use outbox::Act;
use signing::Signing;
use std::sync::Arc;
use store::unsigned;
use stream::Consumer;

/// The tables of the log.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        module: "audit",
        number: 1,
        sql: include_str!("../migrations/0001_log.sql"),
        postgres: "",
        sqlite: "",
        append_only: &["audit_leaf", "audit_part", "audit_key", "audit_checkpoint"],
    },
    Migration {
        module: "audit",
        number: 2,
        sql: "",
        postgres: include_str!("../migrations/0002_append_only.postgres.sql"),
        sqlite: include_str!("../migrations/0002_append_only.sqlite.sql"),
        append_only: &[],
    },
    Migration {
        module: "audit",
        number: 3,
        sql: include_str!("../migrations/0003_segments.sql"),
        postgres: "",
        sqlite: "",
        append_only: &["audit_segment"],
    },
    Migration {
        module: "audit",
        number: 4,
        sql: "",
        postgres: include_str!("../migrations/0004_segments_append_only.postgres.sql"),
        sqlite: include_str!("../migrations/0004_segments_append_only.sqlite.sql"),
        append_only: &[],
    },
    Migration {
        module: "audit",
        number: 5,
        sql: include_str!("../migrations/0005_recent_heads.sql"),
        postgres: "",
        sqlite: "",
        append_only: &[],
    },
];

/// Under this name a database remembers the key of its log.
pub const MARK: &str = "audit_key";

/// The log. Cloning shares it.
#[derive(Clone)]
pub struct Audit {
    db: Db,
    clock: Clock,
    signing: Arc<Signing>,
}

/// A head that was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedHead {
    /// How large the log was.
    pub size: u64,
    /// The note.
    pub note: String,
}

/// A key that signs heads, or did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownKey {
    /// As it is published.
    pub vkey: String,
    /// The size from which on it signs.
    pub from_size: u64,
    /// The size from which on another does; nothing: it still does.
    pub to_size: Option<u64>,
}

impl Audit {
    /// The log of this database, under the name, with the key that signs its heads.
    ///
    /// # Errors
    /// The database failed, or the name is none that a log can have.
    pub async fn open(db: &Db, clock: Clock, origin: &str, key: &[u8; 32]) -> Result<Self> {
        let signing = Arc::new(Signing::open(db, &clock, origin, key).await?);
        Ok(Self { db: db.clone(), clock, signing })
    }

    /// What puts events into the log, to be called by the stream.
    pub fn sequencer(&self) -> Arc<dyn Consumer> {
        Arc::new(sequencer::Sequencer::default())
    }

    /// Signs the head if the log grew; to be called once a second.
    ///
    /// # Errors
    /// The database failed, or what is stored contradicts a head that was signed: then nothing is signed.
    pub async fn sign_head(&self) -> Result<()> {
        signing::told(self.signing.sign(&self.db, &self.clock).await)
    }

    /// Forgets heads of more than a week ago, but one of each ten minutes, and the newest; gives how many. To be called every
    /// minute.
    ///
    /// # Errors
    /// The database failed; the next call goes on.
    pub async fn forget_heads(&self) -> Result<u64> {
        signing::forget_heads(&self.db, (self.clock)()).await
    }

    /// The key that signs, as it is published.
    pub fn vkey(&self) -> String {
        self.signing.verifier().text()
    }

    /// The newest signed head.
    ///
    /// # Errors
    /// Nothing was signed yet, or the database failed.
    pub async fn checkpoint(&self) -> Result<SignedHead> {
        let head = proof::checkpoint(&self.db, None).await?;
        Ok(SignedHead { size: unsigned(head.size), note: head.note })
    }

    /// The keys, the newest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn keys(&self) -> Result<Vec<KnownKey>> {
        let mut to_size = None;
        let mut known = Vec::new();
        for key in store::keys(&self.db).await? {
            let from_size = unsigned(key.from_size);
            known.push(KnownKey { vkey: key.vkey, from_size, to_size });
            to_size = Some(from_size);
        }
        Ok(known)
    }

    /// So many hashes of a tile.
    ///
    /// # Errors
    /// There are not so many in the newest head, or the database failed.
    pub async fn tile(&self, id: TileId, width: u64) -> Result<Vec<Hash>> {
        let head = proof::checkpoint(&self.db, None).await?;
        if id.width(unsigned(head.size)) < width {
            return Err(AuditError::NotFound);
        }
        let mut hashes = store::tile(&self.db, id).await?;
        let width = usize::try_from(width).unwrap_or(usize::MAX);
        if hashes.len() < width {
            return Err(AuditError::Forked(format!("tile {} has lost hashes", id.path(merkle::TILE_WIDTH))));
        }
        hashes.truncate(width);
        Ok(hashes)
    }

    /// That the event is in the log: as of the newest signed head, or of that with the size.
    ///
    /// # Errors
    /// [`AuditError`].
    pub async fn proof_of_event(&self, id: EventId, size: Option<u64>) -> Result<Proof> {
        let leaf = proof::leaf_of_event(&self.db, id).await?;
        proof::of_leaf(&self.db, leaf, size).await
    }

    /// Whether the person brought the event about, as far as it is logged.
    ///
    /// # Errors
    /// The database failed.
    pub async fn is_of(&self, id: EventId, user: UserId) -> Result<bool> {
        let leaf = store::leaf_of_event(&self.db, id).await?;
        Ok(leaf.is_some_and(|leaf| leaf.actor_user_id == Some(user)))
    }

    /// That the settlement of a transaction is in the log.
    ///
    /// # Errors
    /// [`AuditError::NotYetLogged`] also where it did not settle.
    pub async fn proof_of_transaction(&self, id: TransactionId) -> Result<Proof> {
        let leaf = store::leaf_of_subject(&self.db, id.uuid(), kinds::SETTLED).await?;
        proof::of_leaf(&self.db, leaf.ok_or(AuditError::NotYetLogged)?, None).await
    }

    /// That the log of the second size began as that of the first.
    ///
    /// # Errors
    /// [`AuditError`].
    pub async fn consistency(&self, first: u64, second: u64) -> Result<Vec<Hash>> {
        proof::consistency(&self.db, first, second).await
    }

    /// The segment that was sealed last. It may still have to be carried to the vault; those before it are there.
    ///
    /// # Errors
    /// The database failed.
    pub async fn last_segment(&self) -> Result<Option<SealedSegment>> {
        segment::last(&self.db).await
    }

    /// The bytes of a segment: entries behind each other, each with its length in two bytes before it.
    ///
    /// # Errors
    /// [`AuditError::Forked`]: the leaves are not those that were sealed. Or the database failed.
    pub async fn segment_bytes(&self, segment: &SealedSegment) -> Result<Vec<u8>> {
        segment::bytes(&self.db, segment).await
    }

    /// Seals what follows the last segment, if there is enough of it or its day is over; to be called when that one is in the
    /// vault. Nothing: there is nothing to be sealed yet.
    ///
    /// # Errors
    /// [`AuditError::Forked`]: a leaf is lost. Or the database failed.
    pub async fn seal(&self) -> Result<Option<SealedSegment>> {
        segment::seal(&self.db, (self.clock)()).await
    }

    /// Entries, the newest first, at most `limit` of them from before an event on. That somebody looked is logged.
    ///
    /// # Errors
    /// The database failed.
    pub async fn search(&self, search: &Search, before: Option<EventId>, limit: u32, by: Act) -> Result<Vec<Found>> {
        search::search(&self.db, search, (before, limit), by).await
    }
}
