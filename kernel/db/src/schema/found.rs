//! What is there, by the engine's own catalogue.

use super::expected::{Table, Trigger, sorted_words, unique_key};
use crate::dialect;
use crate::value::Kind;
use crate::{Engine, Executor, Result, Snapshot, Statement, params};
use std::collections::BTreeMap;

/// An object of an embedded database.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Object {
    pub(super) kind: String,
    pub(super) name: String,
}

impl std::fmt::Display for Object {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}", self.kind, self.name)
    }
}

/// What PostgreSQL has.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) tables: BTreeMap<String, Table>,
    pub(super) triggers: BTreeMap<(String, String), Trigger>,
    pub(super) functions: BTreeMap<String, String>,
}

// Only one engine understands each of these, so they are not in the registry of statements, which prepares on both.
static SQLITE_OBJECTS: Statement =
    Statement::new("SQLITE_OBJECTS", Kind::Single, "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL");
static POSTGRES_TABLES: Statement = Statement::new(
    "POSTGRES_TABLES",
    Kind::Single,
    "SELECT c.relname::text, c.relrowsecurity OR c.relhasrules,
            (SELECT COUNT(*) FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.convalidated)
     FROM pg_class c WHERE c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid)",
);
static POSTGRES_COLUMNS: Statement = Statement::new(
    "POSTGRES_COLUMNS",
    Kind::Single,
    "SELECT c.relname::text, a.attname::text, a.attnotnull
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND pg_table_is_visible(c.oid)",
);
static POSTGRES_UNIQUE: Statement = Statement::new(
    "POSTGRES_UNIQUE",
    Kind::Single,
    "SELECT c.relname::text,
            (SELECT string_agg(COALESCE(a.attname::text, 'expression'), ', ' ORDER BY k.place)
             FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place)
             LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
             WHERE k.place <= i.indnkeyatts),
            i.indpred IS NOT NULL
     FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
     WHERE i.indisunique AND i.indisvalid AND pg_table_is_visible(c.oid)",
);
static POSTGRES_TRIGGERS: Statement = Statement::new(
    "POSTGRES_TRIGGERS",
    Kind::Single,
    "SELECT c.relname::text, t.tgname::text, pg_get_triggerdef(t.oid, true), t.tgenabled::text
     FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
     WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid)",
);
static POSTGRES_FUNCTIONS: Statement = Statement::new(
    "POSTGRES_FUNCTIONS",
    Kind::Single,
    "SELECT p.proname::text, p.prosrc FROM pg_proc p
     WHERE p.proname LIKE 'store%' AND p.prosrc IS NOT NULL AND pg_function_is_visible(p.oid)",
);

static POSTGRES_HAS_MIGRATIONS: Statement =
    Statement::new("POSTGRES_HAS_MIGRATIONS", Kind::Single, dialect::has_migrations(Engine::Postgres));
static SQLITE_HAS_MIGRATIONS: Statement =
    Statement::new("SQLITE_HAS_MIGRATIONS", Kind::Single, dialect::has_migrations(Engine::Sqlite));

pub(super) async fn has_migrations(snapshot: &Snapshot) -> Result<bool> {
    let statement = match snapshot.engine() {
        Engine::Postgres => &POSTGRES_HAS_MIGRATIONS,
        Engine::Sqlite => &SQLITE_HAS_MIGRATIONS,
    };
    Ok(!snapshot.query(statement, params![]).await?.is_empty())
}

pub(super) async fn objects(snapshot: &Snapshot) -> Result<BTreeMap<Object, String>> {
    let rows = snapshot.query(&SQLITE_OBJECTS, params![]).await?;
    let object = |row: &crate::Row| {
        let text: String = row.get(2)?;
        Ok((Object { kind: row.get(0)?, name: row.get(1)? }, normalised(&text)))
    };
    rows.iter().map(object).collect()
}

pub(super) async fn of_postgres(snapshot: &Snapshot) -> Result<Found> {
    let mut found = Found::default();
    for row in snapshot.query(&POSTGRES_TABLES, params![]).await? {
        let table = Table { has_rules: row.get(1)?, checks: row.get(2)?, ..Table::default() };
        found.tables.insert(row.get(0)?, table);
    }
    for row in snapshot.query(&POSTGRES_COLUMNS, params![]).await? {
        let table = found.tables.entry(row.get(0)?).or_default();
        table.columns.insert(row.get(1)?, row.get(2)?);
    }
    for row in snapshot.query(&POSTGRES_UNIQUE, params![]).await? {
        let table = found.tables.entry(row.get(0)?).or_default();
        table.unique.insert(unique_key(row.get(1)?, row.get(2)?));
    }
    for row in snapshot.query(&POSTGRES_TRIGGERS, params![]).await? {
        let definition: String = row.get(2)?;
        let trigger = Trigger { words: sorted_words(&definition), enabled: row.get(3)? };
        found.triggers.insert((row.get(0)?, row.get(1)?), trigger);
    }
    for row in snapshot.query(&POSTGRES_FUNCTIONS, params![]).await? {
        let body: String = row.get(1)?;
        found.functions.insert(row.get(0)?, normalised(&body));
    }
    Ok(found)
}

/// A text as it is whoever wrote it: with single spaces, without quotes around names.
pub(super) fn normalised(text: &str) -> String {
    text.replace('"', "").split_whitespace().collect::<Vec<_>>().join(" ")
}
