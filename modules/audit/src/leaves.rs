//! Leaves as they are stored, with what they have hashes of, for those who check them or carry them elsewhere. Nothing is read into types
//! that somebody may have spoilt: a row that cannot be read is shown as one, and does not stop who looks for it.

use crate::store::signed;
use db::{Executor, IfLegible, Result, WallTime, columns, params, statements};
use ids::{EventId, UserId};
use merkle::Hash;
use std::ops::Range;
use uuid::Uuid;

/// A leaf as it is stored, and its payload.
#[derive(Clone, Debug)]
pub(crate) struct SeenLeaf {
    pub(crate) index: i64,
    pub(crate) event_id: Option<EventId>,
    pub(crate) subject_id: Option<Uuid>,
    pub(crate) kind: Option<String>,
    pub(crate) happened_at: Option<WallTime>,
    pub(crate) actor_user_id: Option<UserId>,
    pub(crate) entry: Option<Vec<u8>>,
    pub(crate) hash: Option<Hash>,
    pub(crate) salt: Option<Vec<u8>>,
    pub(crate) payload: Option<String>,
}

columns! {
    SeenLeaf {
        index = "l.leaf_index", event_id = "l.event_id" as IfLegible<EventId>,
        subject_id = "l.subject_id" as IfLegible<Uuid>, kind = "l.kind" as IfLegible<String>,
        happened_at = "l.happened_at" as IfLegible<WallTime>,
        actor_user_id = "l.actor_user_id" as IfLegible<UserId>, entry = "l.entry" as IfLegible<Vec<u8>>,
        hash = "l.hash" as IfLegible<Hash>, salt = "p.salt" as IfLegible<Vec<u8>>,
        payload = "p.payload" as IfLegible<String>
    }
}

statements! {
    SELECT_LEAVES -> SeenLeaf =
        "SELECT {columns} FROM audit_leaf l LEFT JOIN audit_payload p ON p.leaf_index = l.leaf_index
         WHERE l.leaf_index >= $1 AND l.leaf_index < $2 ORDER BY l.leaf_index";
    SELECT_STRAY_LEAF -> i64 =
        "SELECT leaf_index FROM audit_leaf WHERE leaf_index >= $1 ORDER BY leaf_index LIMIT 1";
}

/// Those of the leaves that are there, in their order: the one way in which leaves are read that somebody checks.
pub(crate) async fn leaves(on: &impl Executor, range: Range<u64>) -> Result<Vec<SeenLeaf>> {
    on.query_as(&SELECT_LEAVES, params![signed(range.start), signed(range.end)]).await
}

/// The first leaf at or behind the index, if there is one.
pub(crate) async fn first_from(on: &impl Executor, index: u64) -> Result<Option<i64>> {
    on.query_optional(&SELECT_STRAY_LEAF, params![signed(index)]).await
}
