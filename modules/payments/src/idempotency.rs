//! Idempotency keys: one effect and one answer for each, committed together.

use crate::receipt::Receipt;
use crate::request::Answer;
use db::{Db, Executor, Result, Rows, Statement, Value, WallTime, columns, params, statements};
use ids::IdempotencyKey;
use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

/// How long an answer is kept.
pub const RETENTION_DAYS: i64 = 30;

columns! {
    /// What was stored under a key.
    #[derive(Debug)]
    pub(crate) struct Stored {
        pub(crate) hash: Vec<u8> = key_hash,
        fingerprint: Vec<u8>,
        receipt: Receipt = "*",
    }
    struct New { stored: Stored = "*", created_at: WallTime }
    // The label is in the column that has been `status` from the start.
    Receipt { label = status, body }
}

statements! {
    SELECT_KEYS -> Stored = "SELECT {columns} FROM payments_idempotency WHERE key_hash = ANY($1)";
    INSERT_KEYS(New) = "INSERT INTO payments_idempotency ({columns}) VALUES ({values})";
    DELETE_OLD_KEYS =
        "DELETE FROM payments_idempotency WHERE key_hash IN
             (SELECT key_hash FROM payments_idempotency WHERE created_at < $1 ORDER BY created_at LIMIT $2)";
}

impl Stored {
    /// What to answer now: the receipt again, unless the key was used for something else.
    pub(crate) fn answer(&self, key: &IdempotencyKey) -> Answer {
        let is_same = self.fingerprint == key.fingerprint();
        if is_same { Answer::Replayed(self.receipt.clone()) } else { Answer::KeyReused }
    }
}

pub(crate) async fn stored(on: &impl Executor, keys: &[&IdempotencyKey]) -> Result<Vec<Stored>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    on.query_as(&SELECT_KEYS, params![Value::list(keys.iter().map(|key| key.hash().to_vec()))]).await
}

/// What each key got, as a write for the batch's commit.
pub(crate) fn as_write(kept: Vec<(&IdempotencyKey, Receipt)>, now: WallTime) -> (&'static Statement, Rows) {
    let new = |(key, receipt): (&IdempotencyKey, Receipt)| {
        let (hash, fingerprint) = (key.hash().to_vec(), key.fingerprint().to_vec());
        New { stored: Stored { hash, fingerprint, receipt }, created_at: now }
    };
    INSERT_KEYS.rows(kept.into_iter().map(new))
}

/// Forgets keys older than the retention, a bounded number at a time; returns how many.
pub(crate) async fn purge(db: &Db, now: WallTime, limit: u32) -> Result<u64> {
    let tx = db.begin().await?;
    let purged = tx.execute(&DELETE_OLD_KEYS, params![now.plus_seconds(-RETENTION_DAYS * 86_400), limit]).await?;
    tx.commit().await?;
    Ok(purged)
}

/// So many keys that were met last are remembered.
const MET_MAX: usize = 65_536;

/// The keys that this process met last, by the beginning of their hashes. Hardly any key ever comes twice; the few that do come
/// soon, and only for those the table is asked before. What it does not remember the table's own uniqueness finds.
#[derive(Debug, Default)]
pub(crate) struct Met(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    all: HashSet<u64>,
    in_order: VecDeque<u64>,
}

impl Met {
    /// Whether one of the keys was met before; all are from now on.
    pub(crate) fn any(&self, keys: &[&IdempotencyKey]) -> bool {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut any = false;
        for key in keys {
            let [a, b, c, d, e, f, g, h, ..] = *key.hash();
            let beginning = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
            if !remembered.all.insert(beginning) {
                any = true;
                continue;
            }
            remembered.in_order.push_back(beginning);
            if remembered.in_order.len() > MET_MAX
                && let Some(oldest) = remembered.in_order.pop_front()
            {
                remembered.all.remove(&oldest);
            }
        }
        any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_that_were_met_last_are_known() {
        let met = Met::default();
        let key = |number: usize| IdempotencyKey::new(&["usr"], &number.to_string(), &[]);
        let (first, second) = (key(0), key(1));
        assert!(!met.any(&[&first, &second]));
        assert!(met.any(&[&second]));
        let others: Vec<_> = (2..2 + MET_MAX).map(key).collect();
        assert!(!met.any(&others.iter().collect::<Vec<_>>()));
        assert_eq!(met.0.lock().unwrap().all.len(), MET_MAX);
        assert!(!met.any(&[&first]), "it was met too long ago");
    }
}
