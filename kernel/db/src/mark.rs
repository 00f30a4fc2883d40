//! Marks: what a database remembers about itself, whoever opens it. What a mark says is its keeper's business.

use crate::{Db, DbError, Executor as _, Result, params, statements};

statements! {
    SELECT_MARK = "SELECT value FROM store_mark WHERE name = $1";
    INSERT_MARK = "INSERT INTO store_mark (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
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
    db.query(&SELECT_MARK, params![name]).await?.first().map(|row| row.get(0)).transpose()
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
