//! The store: one SQL text per statement, run by PostgreSQL or by the embedded SQLite.
//! What a table means lives in the module that owns it; what has to differ between the engines is in `dialect.rs`.

mod db;
mod dialect;
mod error;
mod mark;
mod migrate;
mod postgres;
mod readiness;
mod row;
mod schema;
mod sqlite;
mod statement;
mod time;
mod value;

pub use db::{Db, Executor, Pending, Snapshot, Tx};
pub use dialect::Engine;
pub use error::DbError;
pub use inventory;
pub use mark::{mark, mark_once, replace_mark};
pub use migrate::{Migration, MigrationReport, migrate, pending_migrations};
pub use row::{Field, FromRow, Row};
pub use schema::{SchemaAge, SchemaReport, compare_schema, schema_age};
pub use sqlite::{Copied, back_up_sqlite, restore_sqlite};
pub use statement::{Registered, Statement, all_statements};
pub use time::{BankTime, Clock, Date, ParseTimeError, WallTime};
pub use value::{Kind, Rows, Type, Value};

/// The store's own tables.
pub const MIGRATIONS: &[Migration] = &[
    migration(1, include_str!("../migrations/0001_readiness.sql")),
    migration(2, include_str!("../migrations/0002_mark.sql")),
];

const fn migration(number: u32, sql: &'static str) -> Migration {
    Migration { module: "store", number, sql, postgres: "", sqlite: "", append_only: &[] }
}

/// The outcome of anything that touches the database.
pub type Result<T> = std::result::Result<T, DbError>;

/// The values of a statement's parameters, in order: `params![id, amount_minor]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { vec![$($crate::Value::from($value)),*] };
}
