//! The clock's SQL: its one row, and the answers that were given under keys.

use crate::key::CommandKey;
use crate::setting::{Advance, Setting, State};
use db::{BankTime, Executor, Result, Tx, WallTime, columns, fields, params, statements};

fields! {
    Text: State, State::parse, |state| state.word();
}

columns! {
    Setting {
        version, state, base, anchor, rate, next_rate, advance = "advance_*" as StoredAdvance, apart_seconds
    }
    struct StoredAdvance { from: Option<BankTime>, to: Option<BankTime>, done: i64 }
    /// A setting, and the version of the one that it follows.
    struct Change { was_version: i64, setting: Setting = "*" }
    /// What was answered under a key.
    pub(crate) struct Kept { pub(crate) fingerprint: Vec<u8>, pub(crate) body: Vec<u8> }
}

statements! {
    SELECT_SETTING -> Setting = "SELECT {columns} FROM clock_bank_time WHERE singleton = 1";
    INSERT_SETTING(Setting) =
        "INSERT INTO clock_bank_time (singleton, {columns}) VALUES (1, {values}) ON CONFLICT (singleton) DO NOTHING";
    UPDATE_SETTING(Change) =
        "UPDATE clock_bank_time SET version = $version, state = $state, base = $base, anchor = $anchor, rate = $rate,
             next_rate = $next_rate, advance_from = $advance_from, advance_to = $advance_to, advance_done = $advance_done,
             apart_seconds = $apart_seconds
         WHERE singleton = 1 AND version = $was_version";
    // Touches no row while the version is the one that was decided with, and so waits for nobody.
    REQUIRE_VERSION(i64) =
        "UPDATE clock_bank_time SET version = store_clock_was_set() WHERE singleton = 1 AND version <> $1";
    SELECT_KEPT -> Kept = "SELECT {columns} FROM clock_command WHERE key_hash = $1";
    INSERT_KEPT = "INSERT INTO clock_command (key_hash, fingerprint, body, created_at) VALUES ($1, $2, $3, $4)";
    DELETE_OLD_KEPT =
        "DELETE FROM clock_command WHERE key_hash IN
             (SELECT key_hash FROM clock_command WHERE created_at < $1 ORDER BY created_at LIMIT $2)";
}

pub(crate) async fn setting(on: &impl Executor) -> Result<Option<Setting>> {
    on.query_optional(&SELECT_SETTING, params![]).await
}

pub(crate) async fn insert_in_tx(tx: &Tx, setting: &Setting) -> Result<()> {
    tx.execute_rows(&INSERT_SETTING, [*setting]).await.map(drop)
}

/// Whether it was still as it was before.
pub(crate) async fn update_in_tx(tx: &Tx, before: &Setting, after: &Setting) -> Result<bool> {
    let change = Change { was_version: before.version, setting: *after };
    Ok(tx.execute_rows(&UPDATE_SETTING, [change]).await? == 1)
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

impl From<StoredAdvance> for Option<Advance> {
    fn from(StoredAdvance { from, to, done }: StoredAdvance) -> Self {
        from.zip(to).map(|(from, to)| Advance { from, to, done })
    }
}

impl From<Option<Advance>> for StoredAdvance {
    fn from(advance: Option<Advance>) -> Self {
        let done = advance.map_or(0, |advance| advance.done);
        Self { from: advance.map(|advance| advance.from), to: advance.map(|advance| advance.to), done }
    }
}
