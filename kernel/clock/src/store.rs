//! The clock's SQL: its one row, and the answers that were given under keys.

use crate::command::CommandKey;
use crate::setting::{Advance, Setting, State};
use db::{DbError, Executor, FromRow, Result, Row, Statement, Tx, WallTime, params, statements};

statements! {
    SELECT_SETTING =
        "SELECT version, state, base, anchor, rate, next_rate, advance_from, advance_to, advance_done, apart_seconds
         FROM clock_bank_time WHERE singleton = 1";
    INSERT_SETTING =
        "INSERT INTO clock_bank_time (singleton, version, state, base, anchor, rate, advance_done, apart_seconds)
         VALUES (1, 0, 'RUNNING', $1, $2, 1, 0, 0) ON CONFLICT (singleton) DO NOTHING";
    UPDATE_SETTING =
        "UPDATE clock_bank_time SET version = $2, state = $3, base = $4, anchor = $5, rate = $6, next_rate = $7,
             advance_from = $8, advance_to = $9, advance_done = $10, apart_seconds = $11
         WHERE singleton = 1 AND version = $1";
    // Touches no row while the version is the one that was decided with, and so waits for nobody.
    REQUIRE_VERSION(Int) =
        "UPDATE clock_bank_time SET version = store_clock_was_set() WHERE singleton = 1 AND version <> $1";
    SELECT_KEPT = "SELECT fingerprint, body FROM clock_command WHERE key_hash = $1";
    INSERT_KEPT = "INSERT INTO clock_command (key_hash, fingerprint, body, created_at) VALUES ($1, $2, $3, $4)";
    DELETE_OLD_KEPT =
        "DELETE FROM clock_command WHERE key_hash IN
             (SELECT key_hash FROM clock_command WHERE created_at < $1 ORDER BY created_at LIMIT $2)";
}

/// What was answered under a key.
pub(crate) struct Kept {
    pub(crate) fingerprint: Vec<u8>,
    pub(crate) body: Vec<u8>,
}

/// The statement that refuses a commit when the clock has another version.
pub(crate) fn require_version() -> &'static Statement {
    &REQUIRE_VERSION
}

pub(crate) async fn setting(on: &impl Executor) -> Result<Option<Setting>> {
    on.query_optional(&SELECT_SETTING, params![]).await
}

pub(crate) async fn insert_in_tx(tx: &Tx, setting: &Setting) -> Result<()> {
    tx.execute(&INSERT_SETTING, params![setting.base, setting.anchor]).await.map(drop)
}

/// Whether it was still as it was before.
pub(crate) async fn update_in_tx(tx: &Tx, before: &Setting, after: &Setting) -> Result<bool> {
    let parameters = params![
        before.version,
        after.version,
        after.state.word(),
        after.base,
        after.anchor,
        after.rate,
        after.next_rate,
        after.advance.map(|advance| advance.from),
        after.advance.map(|advance| advance.to),
        after.advance.map_or(0, |advance| advance.done),
        after.apart_seconds
    ];
    Ok(tx.execute(&UPDATE_SETTING, parameters).await? == 1)
}

pub(crate) async fn kept(on: &impl Executor, key: CommandKey<'_>) -> Result<Option<Kept>> {
    on.query_optional(&SELECT_KEPT, params![key.hash]).await
}

pub(crate) async fn keep_in_tx(tx: &Tx, key: CommandKey<'_>, body: &[u8], now: WallTime) -> Result<()> {
    tx.execute(&INSERT_KEPT, params![key.hash, key.fingerprint, body, now]).await.map(drop)
}

pub(crate) async fn purge_in_tx(tx: &Tx, before: WallTime, limit: u32) -> Result<u64> {
    tx.execute(&DELETE_OLD_KEPT, params![before, limit]).await
}

impl FromRow for Setting {
    fn from_row(row: &Row) -> Result<Self> {
        let word: String = row.get(1)?;
        let state = State::parse(&word).ok_or_else(|| DbError::Internal(format!("the clock is {word:?}")))?;
        let advance = match (row.get(6)?, row.get(7)?) {
            (Some(from), Some(to)) => Some(Advance { from, to, done: row.get(8)? }),
            _ => None,
        };
        Ok(Self {
            version: row.get(0)?,
            state,
            base: row.get(2)?,
            anchor: row.get(3)?,
            rate: row.get(4)?,
            next_rate: row.get(5)?,
            advance,
            apart_seconds: row.get(9)?,
        })
    }
}

impl FromRow for Kept {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self { fingerprint: row.get(0)?, body: row.get(1)? })
    }
}
