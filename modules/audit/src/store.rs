//! The log's SQL.

use crate::rows::{StoredCheckpoint, StoredHead, StoredKey, StoredLeaf, StoredPart, StoredPayload};
use db::{Executor, Result, Statement, Tx, WallTime, columns, params, statements};
use ids::EventId;
use merkle::{Hash, Node, StoredHashes, TILE_WIDTH, TileId};
use std::collections::BTreeSet;
use uuid::Uuid;

columns! {
    StoredLeaf { leaf_index, event_id, subject_id, kind, happened_at, actor_user_id, entry, hash }
    StoredPayload { leaf_index, salt, payload }
    StoredPart { level, part_index, hash }
    StoredHead { size, root }
    StoredKey { number, vkey, from_size, made_at }
    StoredCheckpoint { size, root, note, key_number, signed_at }
}

/// A search: $1 the cursor, $2 what the kind begins with, $3 from and $4 to when, $5 from which identifier on, $6 how many.
macro_rules! searched {
    ($condition:literal) => {
        concat!(
            "SELECT {columns} FROM audit_leaf WHERE event_id < $1 ",
            "AND (CAST($2 AS TEXT) IS NULL OR substr(kind, 1, length(CAST($2 AS TEXT))) = CAST($2 AS TEXT)) ",
            "AND (CAST($3 AS TIMESTAMPTZ) IS NULL OR happened_at >= CAST($3 AS TIMESTAMPTZ)) ",
            "AND (CAST($4 AS TIMESTAMPTZ) IS NULL OR happened_at < CAST($4 AS TIMESTAMPTZ)) ",
            "AND event_id >= $5 ",
            $condition,
            " ORDER BY event_id DESC LIMIT $6"
        )
    };
}

statements! {
    SELECT_HEAD -> StoredHead = "SELECT {columns} FROM audit_head";
    PUT_HEAD =
        "INSERT INTO audit_head (id, size, root) VALUES (0, $1, $2)
         ON CONFLICT (id) DO UPDATE SET size = excluded.size, root = excluded.root";
    INSERT_LEAVES(StoredLeaf) = "INSERT INTO audit_leaf ({columns}) VALUES ({values})";
    INSERT_PAYLOADS(StoredPayload) = "INSERT INTO audit_payload ({columns}) VALUES ({values})";
    INSERT_PARTS(StoredPart) = "INSERT INTO audit_part ({columns}) VALUES ({values})";
    SELECT_LEAF_HASHES -> Hash =
        "SELECT hash FROM audit_leaf WHERE leaf_index >= $1 AND leaf_index < $2 ORDER BY leaf_index";
    SELECT_PART_HASHES -> Hash =
        "SELECT hash FROM audit_part WHERE level = $1 AND part_index >= $2 AND part_index < $3 ORDER BY part_index";
    SELECT_LEAF_OF_EVENT -> StoredLeaf = "SELECT {columns} FROM audit_leaf WHERE event_id = $1";
    SELECT_LEAF_OF_SUBJECT -> StoredLeaf =
        "SELECT {columns} FROM audit_leaf WHERE subject_id = $1 AND kind = $2 ORDER BY event_id LIMIT 1";
    SELECT_PAYLOAD -> StoredPayload = "SELECT {columns} FROM audit_payload WHERE leaf_index = $1";
    SELECT_LAST_KEY -> StoredKey = "SELECT {columns} FROM audit_key ORDER BY number DESC LIMIT 1";
    SELECT_KEYS -> StoredKey = "SELECT {columns} FROM audit_key ORDER BY number DESC LIMIT 1000";
    INSERT_KEY(StoredKey) = "INSERT INTO audit_key ({columns}) VALUES ({values})";
    SELECT_LAST_CHECKPOINT -> StoredCheckpoint = "SELECT {columns} FROM audit_checkpoint ORDER BY size DESC LIMIT 1";
    SELECT_CHECKPOINT -> StoredCheckpoint = "SELECT {columns} FROM audit_checkpoint WHERE size = $1";
    SELECT_LAST_RECENT_CHECKPOINT -> StoredCheckpoint =
        "SELECT {columns} FROM audit_recent_checkpoint ORDER BY size DESC LIMIT 1";
    SELECT_RECENT_CHECKPOINT -> StoredCheckpoint = "SELECT {columns} FROM audit_recent_checkpoint WHERE size = $1";
    INSERT_RECENT_CHECKPOINT(StoredCheckpoint) =
        "INSERT INTO audit_recent_checkpoint ({columns}) VALUES ({values})";
    // Never the newest: what was added since the one before is proved against it.
    DELETE_RECENT_CHECKPOINTS =
        "DELETE FROM audit_recent_checkpoint WHERE size IN (
             SELECT size FROM audit_recent_checkpoint
             WHERE signed_at < $1 AND size < (SELECT MAX(size) FROM audit_recent_checkpoint)
             ORDER BY signed_at LIMIT $2
         )";
    INSERT_CHECKPOINT(StoredCheckpoint) = "INSERT INTO audit_checkpoint ({columns}) VALUES ({values})";
    SEARCH -> StoredLeaf = searched!("");
    SEARCH_SUBJECT -> StoredLeaf = searched!("AND subject_id = $7");
    SEARCH_ACTOR -> StoredLeaf = searched!("AND actor_user_id = $7");
    SEARCH_ACTOR_AND_SUBJECT -> StoredLeaf = searched!("AND actor_user_id = $7 AND subject_id = $8");
}

pub(crate) async fn head(on: &impl Executor) -> Result<Option<StoredHead>> {
    on.query_optional(&SELECT_HEAD, params![]).await
}

/// What a batch adds.
#[derive(Default)]
pub(crate) struct Addition {
    pub(crate) leaves: Vec<StoredLeaf>,
    pub(crate) payloads: Vec<StoredPayload>,
    pub(crate) parts: Vec<(Node, Hash)>,
}

pub(crate) async fn add_in_tx(tx: &Tx, addition: Addition, head: StoredHead) -> Result<()> {
    let Addition { leaves, payloads, parts } = addition;
    let part =
        |(node, hash): (Node, Hash)| StoredPart { level: i64::from(node.level), part_index: signed(node.index), hash };
    let mut writes: Vec<(&'static Statement, db::Rows)> =
        vec![INSERT_LEAVES.rows(leaves), INSERT_PAYLOADS.rows(payloads)];
    if !parts.is_empty() {
        writes.push(INSERT_PARTS.rows(parts.into_iter().map(part)));
    }
    tx.write(writes).await?;
    tx.execute(&PUT_HEAD, params![head.size, head.root]).await.map(drop)
}

/// The hashes of these tiles, as many as there are.
pub(crate) async fn hashes(on: &impl Executor, tiles: BTreeSet<TileId>) -> Result<StoredHashes> {
    let mut stored = StoredHashes::default();
    for id in tiles {
        stored.insert(id, tile(on, id).await?);
    }
    Ok(stored)
}

pub(crate) async fn tile(on: &impl Executor, id: TileId) -> Result<Vec<Hash>> {
    let (first, end) = (signed(id.first()), signed(id.first().saturating_add(TILE_WIDTH)));
    match id.level {
        0 => on.query_as(&SELECT_LEAF_HASHES, params![first, end]).await,
        level => {
            let level = i64::from(level.saturating_mul(8));
            on.query_as(&SELECT_PART_HASHES, params![level, first, end]).await
        }
    }
}

pub(crate) async fn leaf_of_event(on: &impl Executor, id: EventId) -> Result<Option<StoredLeaf>> {
    on.query_optional(&SELECT_LEAF_OF_EVENT, params![id]).await
}

/// The first leaf of the kind about the subject.
pub(crate) async fn leaf_of_subject(on: &impl Executor, subject: Uuid, kind: &str) -> Result<Option<StoredLeaf>> {
    on.query_optional(&SELECT_LEAF_OF_SUBJECT, params![subject, kind]).await
}

pub(crate) async fn payload(on: &impl Executor, leaf_index: i64) -> Result<Option<StoredPayload>> {
    on.query_optional(&SELECT_PAYLOAD, params![leaf_index]).await
}

pub(crate) async fn last_key(on: &impl Executor) -> Result<Option<StoredKey>> {
    on.query_optional(&SELECT_LAST_KEY, params![]).await
}

/// The newest first.
pub(crate) async fn keys(on: &impl Executor) -> Result<Vec<StoredKey>> {
    on.query_as(&SELECT_KEYS, params![]).await
}

pub(crate) async fn insert_key_in_tx(tx: &Tx, key: StoredKey) -> Result<()> {
    tx.execute_rows(&INSERT_KEY, [key]).await.map(drop)
}

/// The newest of all.
pub(crate) async fn last_checkpoint(on: &impl Executor) -> Result<Option<StoredCheckpoint>> {
    let kept = last_kept_checkpoint(on).await?;
    let recent = on.query_optional(&SELECT_LAST_RECENT_CHECKPOINT, params![]).await?;
    Ok(kept.into_iter().chain(recent).max_by_key(|checkpoint: &StoredCheckpoint| checkpoint.size))
}

/// The newest of those that are kept for good.
pub(crate) async fn last_kept_checkpoint(on: &impl Executor) -> Result<Option<StoredCheckpoint>> {
    on.query_optional(&SELECT_LAST_CHECKPOINT, params![]).await
}

pub(crate) async fn checkpoint(on: &impl Executor, size: u64) -> Result<Option<StoredCheckpoint>> {
    match on.query_optional(&SELECT_CHECKPOINT, params![signed(size)]).await? {
        Some(kept) => Ok(Some(kept)),
        None => on.query_optional(&SELECT_RECENT_CHECKPOINT, params![signed(size)]).await,
    }
}

pub(crate) async fn insert_recent_checkpoint_in_tx(tx: &Tx, checkpoint: StoredCheckpoint) -> Result<()> {
    tx.execute_rows(&INSERT_RECENT_CHECKPOINT, [checkpoint]).await.map(drop)
}

/// Forgets some that were signed before; gives how many.
pub(crate) async fn delete_recent_in_tx(tx: &Tx, before: WallTime, limit: u32) -> Result<u64> {
    tx.execute(&DELETE_RECENT_CHECKPOINTS, params![before, limit]).await
}

pub(crate) async fn insert_checkpoint_in_tx(tx: &Tx, checkpoint: StoredCheckpoint) -> Result<()> {
    tx.execute_rows(&INSERT_CHECKPOINT, [checkpoint]).await.map(drop)
}

/// What a statement counts with. No log has more leaves than that.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What a statement counted.
pub(crate) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
