//! The store: one SQL text per statement, run by PostgreSQL or by the embedded SQLite.
//! What a table means lives in the module that owns it; what has to differ between the engines is in `dialect.rs`.

mod columns;
mod company;
mod db;
mod dialect;
mod error;
mod executor;
mod expand;
mod field;
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
mod words;

pub use columns::{ColumnList, Columns, IfLegible, Reading, Writing, count_of, list_of, within};
pub use company::is_in_company;
pub use db::{Db, Snapshot, Tx};
pub use dialect::Engine;
pub use error::DbError;
pub use executor::{Executor, Pending};
pub use field::Field;
pub use inventory;
pub use mark::{exchange_mark, hold_mark_in_tx, mark, mark_in, mark_once, replace_mark};
pub use migrate::{Migration, MigrationReport, is_untouched, migrate, pending_migrations};
pub use row::{Cell, Row};
pub use schema::{SchemaAge, SchemaReport, compare_schema, schema_age};
pub use sqlite::{Copied, back_up_sqlite, refuse_lost_sqlite, restore_sqlite};
pub use statement::{Registered, Select, Statement, Write, all_statements};
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
