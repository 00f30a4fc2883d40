//! Idempotency keys: one effect and one answer for each, committed together.

use crate::receipt::Receipt;
use crate::request::Answer;
use db::{Db, DbError, Executor, FromRow, Result, Row, Rows, Statement, Value, WallTime, params, statements};
use ids::IdempotencyKey;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

/// How long an answer is kept.
pub const RETENTION_DAYS: i64 = 30;

statements! {
    SELECT_KEYS = "SELECT key_hash, fingerprint, status, body FROM payments_idempotency WHERE key_hash = ANY($1)";
    INSERT_KEYS(Bytes, Bytes, Int, Bytes, Time) =
        "INSERT INTO payments_idempotency (key_hash, fingerprint, status, body, created_at) VALUES ($1, $2, $3, $4, $5)";
    DELETE_OLD_KEYS =
        "DELETE FROM payments_idempotency WHERE key_hash IN
             (SELECT key_hash FROM payments_idempotency WHERE created_at < $1 ORDER BY created_at LIMIT $2)";
}

/// What was stored under a key.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) hash: Vec<u8>,
    fingerprint: Vec<u8>,
    receipt: Receipt,
}

impl Stored {
    /// What to answer now: the receipt again, unless the key was used for something else.
    pub(crate) fn answer(&self, key: &IdempotencyKey) -> Answer {
        let is_same = self.fingerprint == key.fingerprint();
        if is_same { Answer::Replayed(self.receipt.clone()) } else { Answer::KeyReused }
    }
}

impl FromRow for Stored {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self { hash: row.get(0)?, fingerprint: row.get(1)?, receipt: read_receipt(row, 2)? })
    }
}

/// The receipt in two columns from the given one on: its label, in the column that has been `status` from the start, and
/// its body.
pub(crate) fn read_receipt(row: &Row, first: usize) -> Result<Receipt> {
    let label = u16::try_from(row.get::<i64>(first)?)
        .map_err(|_| DbError::Internal("the label of a receipt is out of range".to_owned()))?;
    Ok(Receipt { label, body: row.get(first + 1)? })
}

pub(crate) async fn stored(on: &impl Executor, keys: &[&IdempotencyKey]) -> Result<Vec<Stored>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    on.query_as(&SELECT_KEYS, params![Value::list(keys.iter().map(|key| key.hash().to_vec()))]).await
}

/// What each key got, as a write for the batch's commit.
pub(crate) fn as_write(kept: Vec<(&IdempotencyKey, Receipt)>, now: WallTime) -> (&'static Statement, Rows) {
    let mut rows = Rows::new();
    for (key, receipt) in kept {
        rows.push([
            key.hash().as_slice().into(),
            key.fingerprint().as_slice().into(),
            i64::from(receipt.label).into(),
            receipt.body.into(),
            now.into(),
        ]);
    }
    (&INSERT_KEYS, rows)
}

/// Forgets keys older than the retention, a bounded number at a time; returns how many.
pub(crate) async fn purge(db: &Db, now: WallTime, limit: u32) -> Result<u64> {
    let tx = db.begin().await?;
    let purged = tx.execute(&DELETE_OLD_KEYS, params![now.plus_seconds(-RETENTION_DAYS * 86_400), limit]).await?;
    tx.commit().await?;
    Ok(purged)
}

/// The keys that this process is working on.
#[derive(Clone, Debug, Default)]
pub(crate) struct InProgress(Arc<Mutex<HashSet<[u8; 32]>>>);

/// Holds a key until the work on it is over, however it ends.
#[derive(Debug)]
pub(crate) struct Claim {
    hash: [u8; 32],
    claims: InProgress,
}

impl InProgress {
    /// Claims the key, unless somebody works on it already.
    pub(crate) fn claim(&self, key: &IdempotencyKey) -> Option<Claim> {
        self.lock().insert(*key.hash()).then(|| Claim { hash: *key.hash(), claims: self.clone() })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<[u8; 32]>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.claims.lock().remove(&self.hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_claimed_once_until_let_go() {
        let claims = InProgress::default();
        let key = IdempotencyKey::new(&["usr"], "key", &[]);
        let claim = claims.claim(&key);
        assert!(claim.is_some());
        assert!(claims.claim(&key).is_none());
        drop(claim);
        assert!(claims.claim(&key).is_some());
    }
}
