//! Marks: what a database remembers about itself, whoever opens it. What a mark says is its keeper's business.

use crate::{Db, DbError, Executor as _, Result, Snapshot, Tx, params, statements};

statements! {
    SELECT_MARK -> String = "SELECT value FROM store_mark WHERE name = $1";
    /// Whoever changes the mark waits for those who hold it, who do not wait for each other.
    HOLD_MARK -> String = "SELECT value FROM store_mark WHERE name = $1 FOR SHARE";
    INSERT_MARK = "INSERT INTO store_mark (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    EXCHANGE_MARK = "UPDATE store_mark SET value = $3 WHERE name = $1 AND value = $2";
    PUT_MARK =
        "INSERT INTO store_mark (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
}

/// What stands under the name, if anything does; nothing in a database from before there were marks.
///
/// # Errors
/// The database cannot be read.
pub async fn mark(db: &Db, name: &str) -> Result<Option<String>> {
    if !db.has_marks().await? {
        return Ok(None);
    }
    db.query_optional(&SELECT_MARK, params![name]).await
}

/// The same as of one moment.
///
/// # Errors
/// The database cannot be read.
pub async fn mark_in(snapshot: &Snapshot, name: &str) -> Result<Option<String>> {
    snapshot.query_optional(&SELECT_MARK, params![name]).await
}

/// What stands under the name, if anything does, and goes on standing there until the transaction ends.
///
/// # Errors
/// The database failed.
pub async fn hold_mark_in_tx(tx: &Tx, name: &str) -> Result<Option<String>> {
    tx.query_optional(&HOLD_MARK, params![name]).await
}

/// Sets a mark where there is none, and returns what stands there now: of several processes one sets it.
///
/// # Errors
/// The database failed.
pub async fn mark_once(db: &Db, name: &str, value: &str) -> Result<String> {
    if let Some(known) = mark(db, name).await? {
        return Ok(known);
    }
    let tx = db.begin().await?;
    tx.execute(&INSERT_MARK, params![name, value]).await?;
    tx.commit().await?;
    let gone = || DbError::Internal(format!("the mark {name} is not where it was put"));
    mark(db, name).await?.ok_or_else(gone)
}

/// Sets a mark, whatever stood there before.
///
/// # Errors
/// The database failed.
pub async fn replace_mark(db: &Db, name: &str, value: &str) -> Result<()> {
    let tx = db.begin().await?;
    tx.execute(&PUT_MARK, params![name, value]).await?;
    tx.commit().await
}

/// Sets a mark where another value stands, and returns whether that one did: of several processes one exchanges it.
///
/// # Errors
/// The database failed.
pub async fn exchange_mark(db: &Db, name: &str, from: &str, to: &str) -> Result<bool> {
    let tx = db.begin().await?;
    let changed = tx.execute(&EXCHANGE_MARK, params![name, from, to]).await?;
    tx.commit().await?;
    Ok(changed == 1)
}
