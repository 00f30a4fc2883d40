//! The rows of the log as they are stored.

use db::WallTime;
use ids::{EventId, UserId};
use merkle::Hash;
use uuid::Uuid;

/// A leaf: what is hashed, and what it is found by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredLeaf {
    pub(crate) leaf_index: i64,
    pub(crate) event_id: EventId,
    pub(crate) subject_id: Uuid,
    pub(crate) kind: String,
    pub(crate) happened_at: WallTime,
    pub(crate) actor_user_id: Option<UserId>,
    pub(crate) entry: Vec<u8>,
    pub(crate) hash: Hash,
}

/// What an entry has a hash of; erased: neither.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredPayload {
    pub(crate) leaf_index: i64,
    pub(crate) salt: Option<Vec<u8>>,
    pub(crate) payload: Option<String>,
}

/// The hash of a complete part of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StoredPart {
    pub(crate) level: i64,
    pub(crate) part_index: i64,
    pub(crate) hash: Hash,
}

/// How large the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StoredHead {
    pub(crate) size: i64,
    pub(crate) root: Hash,
}

/// A key that signs heads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredKey {
    pub(crate) number: i64,
    pub(crate) vkey: String,
    pub(crate) from_size: i64,
    pub(crate) made_at: WallTime,
}

/// A head that was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredCheckpoint {
    pub(crate) size: i64,
    pub(crate) root: Hash,
    pub(crate) note: String,
    pub(crate) key_number: i64,
    pub(crate) signed_at: WallTime,
}
