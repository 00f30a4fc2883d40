//! The rows of `approvals_approval`.

use super::{Approval, ApprovalStatus, Decision};
use crate::Action;
use db::{Executor, Result, Tx, Value, WallTime, columns, fields, params, statements};
use ids::{ApprovalId, IdempotencyKey, UserId};
use uuid::Uuid;

fields! {
    Text: ApprovalStatus, ApprovalStatus::parse, |status| status.word();
    Text: Details, |text| serde_json::from_str(text).ok().map(Details), |details| details.0.to_string();
}

/// As JSON.
struct Details(serde_json::Value);

columns! {
    Approval {
        id, action, details as Details, status, requested_by, beneficiary = beneficiary_id, requested_at, expires_at,
        decision = "*", ended_at, failure
    }
    Decision { by = decided_by, at = decided_at, comment }
    struct New { approval: Approval = "*", key_hash: Option<Vec<u8>>, fingerprint: Option<Vec<u8>> }
}

statements! {
    INSERT_APPROVAL(New) = "INSERT INTO approvals_approval ({columns}) VALUES ({values})";
    UPDATE_APPROVAL(Approval) =
        "UPDATE approvals_approval SET status = $status, decided_by = $decided_by, decided_at = $decided_at,
             comment = $comment, ended_at = $ended_at, failure = $failure, beneficiary_id = $beneficiary_id
         WHERE id = $id";
    SELECT_APPROVAL -> Approval = "SELECT {columns} FROM approvals_approval WHERE id = $1";
    LOCK_APPROVAL -> Approval = "SELECT {columns} FROM approvals_approval WHERE id = $1 FOR UPDATE";
    SELECT_BY_KEY -> (Approval, Vec<u8>) = "SELECT {columns}, fingerprint FROM approvals_approval WHERE key_hash = $1";
    SELECT_PENDING_SAME -> Approval =
        "SELECT {columns} FROM approvals_approval
         WHERE status = 'PENDING' AND expires_at > $4 AND action = $1 AND details = $2 AND requested_by = $3
         ORDER BY id LIMIT 1";
    SELECT_PAGE -> Approval = "SELECT {columns} FROM approvals_approval WHERE id < $1 ORDER BY id DESC LIMIT $2";
    SELECT_PAGE_BY_STATUS -> Approval =
        "SELECT {columns} FROM approvals_approval WHERE status = $3 AND id < $1 ORDER BY id DESC LIMIT $2";
    SELECT_DUE -> ApprovalId =
        "SELECT id FROM approvals_approval WHERE status = 'PENDING' AND expires_at <= $1 ORDER BY expires_at LIMIT $2";
    SELECT_EXECUTING -> Approval =
        "SELECT {columns} FROM approvals_approval WHERE status = 'EXECUTING' AND action = ANY($1)
           AND decided_at <= $2 ORDER BY decided_at LIMIT $3";
}

/// `DbError::Duplicate` when the key was used before.
pub(crate) async fn insert_in_tx(tx: &Tx, approval: &Approval, key: Option<&IdempotencyKey>) -> Result<()> {
    let (key_hash, fingerprint) = (key.map(|key| key.hash().to_vec()), key.map(|key| key.fingerprint().to_vec()));
    let new = New { approval: approval.clone(), key_hash, fingerprint };
    tx.execute_rows(&INSERT_APPROVAL, [new]).await.map(drop)
}

pub(crate) async fn update_in_tx(tx: &Tx, approval: &Approval) -> Result<()> {
    tx.execute_rows(&UPDATE_APPROVAL, [approval.clone()]).await.map(drop)
}

/// Whoever changes it holds its row: of two who decide at once, one sees what the other did.
pub(crate) async fn lock_in_tx(tx: &Tx, id: ApprovalId) -> Result<Option<Approval>> {
    tx.query_optional(&LOCK_APPROVAL, params![id]).await
}

pub(crate) async fn find(on: &impl Executor, id: ApprovalId) -> Result<Option<Approval>> {
    on.query_optional(&SELECT_APPROVAL, params![id]).await
}

/// What was asked for under the key, with its fingerprint.
pub(crate) async fn by_key(on: &impl Executor, key: &IdempotencyKey) -> Result<Option<(Approval, Vec<u8>)>> {
    on.query_optional(&SELECT_BY_KEY, params![key.hash().as_slice()]).await
}

/// What the person has asked for already and nobody has decided yet.
pub(crate) async fn pending_same<A: Action>(
    on: &impl Executor,
    action: &A,
    by: UserId,
    now: WallTime,
) -> Result<Option<Approval>> {
    let asked = params![A::WORD, action.details().to_string(), by, now];
    on.query_optional(&SELECT_PENDING_SAME, asked).await
}

pub(crate) async fn page(
    on: &impl Executor,
    status: Option<ApprovalStatus>,
    before: Option<ApprovalId>,
    limit: u32,
) -> Result<Vec<Approval>> {
    let before = before.unwrap_or(ApprovalId::from_uuid(Uuid::max()));
    match status {
        None => on.query_as(&SELECT_PAGE, params![before, limit]).await,
        Some(status) => on.query_as(&SELECT_PAGE_BY_STATUS, params![before, limit, status.word()]).await,
    }
}

pub(crate) async fn due(on: &impl Executor, now: WallTime, limit: u32) -> Result<Vec<ApprovalId>> {
    on.query_as(&SELECT_DUE, params![now, limit]).await
}

/// Which of these actions are being done since before the instant.
pub(crate) async fn executing(
    on: &impl Executor,
    words: impl Iterator<Item = &'static str>,
    before: WallTime,
    limit: u32,
) -> Result<Vec<Approval>> {
    on.query_as(&SELECT_EXECUTING, params![Value::list(words), before, limit]).await
}

impl From<Details> for serde_json::Value {
    fn from(Details(details): Details) -> Self {
        details
    }
}

impl From<serde_json::Value> for Details {
    fn from(details: serde_json::Value) -> Self {
        Self(details)
    }
}
