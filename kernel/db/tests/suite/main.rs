//! The store as its callers see it: migrations on each engine, and the files of the embedded one.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod columns;
mod copies;
mod embedded;
mod lost_files;
mod marks;
mod migrations;

use db::Migration;

/// The tables of a module that exists in these tests only.
const fn migration(number: u32, sql: &'static str) -> Migration {
    Migration { module: "testkit", number, sql, postgres: "", sqlite: "", append_only: &[] }
}

const FIRST: Migration = migration(1, "CREATE TABLE testkit_word (\n    word TEXT NOT NULL PRIMARY KEY\n);");
const SECOND: Migration = migration(2, "ALTER TABLE testkit_word ADD COLUMN meaning TEXT;");
const THIRD: Migration = migration(3, "CREATE INDEX testkit_word_by_meaning ON testkit_word (meaning);");
