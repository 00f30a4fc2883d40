//! The rows of `approvals_approval`.

use super::{Approval, ApprovalStatus, Decision};
use crate::Action;
use db::{DbError, Executor, FromRow, Result, Row, Tx, Value, WallTime, params, statements};
use ids::{ApprovalId, IdempotencyKey, UserId};
use uuid::Uuid;

macro_rules! columns {
    () => {
        "id, action, details, status, requested_by, beneficiary_id, requested_at, expires_at, decided_by, decided_at, \
         comment, ended_at, failure"
    };
}

statements! {
    INSERT_APPROVAL =
        "INSERT INTO approvals_approval (id, action, details, status, requested_by, beneficiary_id, requested_at,
                                         expires_at, key_hash, fingerprint)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    UPDATE_APPROVAL =
        "UPDATE approvals_approval SET status = $2, decided_by = $3, decided_at = $4, comment = $5, ended_at = $6,
             failure = $7, beneficiary_id = $8
         WHERE id = $1";
    SELECT_APPROVAL = concat!("SELECT ", columns!(), " FROM approvals_approval WHERE id = $1");
    LOCK_APPROVAL = concat!("SELECT ", columns!(), " FROM approvals_approval WHERE id = $1 FOR UPDATE");
    SELECT_BY_KEY = concat!("SELECT ", columns!(), ", fingerprint FROM approvals_approval WHERE key_hash = $1");
    SELECT_PENDING_SAME = concat!(
        "SELECT ", columns!(), " FROM approvals_approval
         WHERE status = 'PENDING' AND expires_at > $4 AND action = $1 AND details = $2 AND requested_by = $3
         ORDER BY id LIMIT 1"
    );
    SELECT_PAGE =
        concat!("SELECT ", columns!(), " FROM approvals_approval WHERE id < $1 ORDER BY id DESC LIMIT $2");
    SELECT_PAGE_BY_STATUS = concat!(
        "SELECT ", columns!(), " FROM approvals_approval WHERE status = $3 AND id < $1 ORDER BY id DESC LIMIT $2"
    );
    SELECT_DUE =
        "SELECT id FROM approvals_approval WHERE status = 'PENDING' AND expires_at <= $1 ORDER BY expires_at LIMIT $2";
    SELECT_EXECUTING = concat!(
        "SELECT ", columns!(), " FROM approvals_approval WHERE status = 'EXECUTING' AND action = ANY($1)
           AND decided_at <= $2 ORDER BY decided_at LIMIT $3"
    );
}

/// `DbError::Duplicate` when the key was used before.
pub(crate) async fn insert_in_tx(tx: &Tx, approval: &Approval, key: Option<&IdempotencyKey>) -> Result<()> {
    let row = params![
        approval.id,
        approval.action.as_str(),
        approval.details.to_string(),
        approval.status.word(),
        approval.requested_by,
        approval.beneficiary,
        approval.requested_at,
        approval.expires_at,
        key.map(|key| key.hash().as_slice()),
        key.map(|key| key.fingerprint().as_slice()),
    ];
    tx.execute(&INSERT_APPROVAL, row).await.map(drop)
}

pub(crate) async fn update_in_tx(tx: &Tx, approval: &Approval) -> Result<()> {
    let decision = approval.decision.as_ref();
    let row = params![
        approval.id,
        approval.status.word(),
        decision.map(|decision| decision.by),
        decision.map(|decision| decision.at),
        decision.and_then(|decision| decision.comment.clone()),
        approval.ended_at,
        approval.failure.clone(),
        approval.beneficiary,
    ];
    tx.execute(&UPDATE_APPROVAL, row).await.map(drop)
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
    let rows = on.query(&SELECT_BY_KEY, params![key.hash().as_slice()]).await?;
    rows.first().map(|row| Ok((Approval::from_row(row)?, row.get(13)?))).transpose()
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
    let rows = on.query(&SELECT_DUE, params![now, limit]).await?;
    rows.iter().map(|row| Ok(ApprovalId::from_uuid(row.get(0)?))).collect()
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

impl FromRow for Approval {
    fn from_row(row: &Row) -> Result<Self> {
        let id = ApprovalId::from_uuid(row.get(0)?);
        let damaged = |what: &str| DbError::Internal(format!("approval {id} has a damaged {what}"));
        let details = serde_json::from_str(&row.get::<String>(2)?).map_err(|_| damaged("details"))?;
        let decided: (Option<Uuid>, Option<WallTime>) = (row.get(8)?, row.get(9)?);
        let comment = row.get(10)?;
        Ok(Self {
            id,
            action: row.get(1)?,
            details,
            status: ApprovalStatus::parse(&row.get::<String>(3)?).ok_or_else(|| damaged("status"))?,
            requested_by: UserId::from_uuid(row.get(4)?),
            beneficiary: row.get::<Option<_>>(5)?.map(UserId::from_uuid),
            requested_at: row.get(6)?,
            expires_at: row.get(7)?,
            decision: decided.0.zip(decided.1).map(|(by, at)| Decision { by: UserId::from_uuid(by), at, comment }),
            ended_at: row.get(11)?,
            failure: row.get(12)?,
        })
    }
}
