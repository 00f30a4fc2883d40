//! What is there, by the engine's own catalogue.

use super::shape::{Object, Table, Trigger, normalised, sorted_words, unique_key};
use crate::dialect;
use crate::value::Kind;
use crate::{Engine, Executor, Result, Select, Snapshot, Statement, params};
use std::collections::BTreeMap;

/// What PostgreSQL has.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) tables: BTreeMap<String, Table>,
    pub(super) triggers: BTreeMap<(String, String), Trigger>,
    pub(super) functions: BTreeMap<String, String>,
}

// Only one engine understands each of these, so they are not in the registry of statements, which prepares on both.
static SQLITE_OBJECTS: Select<(String, String, String)> =
    Select::new("SQLITE_OBJECTS", "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL");
static POSTGRES_TABLES: Select<(String, bool, i64)> = Select::new(
    "POSTGRES_TABLES",
    "SELECT c.relname::text, c.relrowsecurity OR c.relhasrules,
            (SELECT COUNT(*) FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.convalidated)
     FROM pg_class c WHERE c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid)",
);
static POSTGRES_COLUMNS: Select<(String, String, bool)> = Select::new(
    "POSTGRES_COLUMNS",
    "SELECT c.relname::text, a.attname::text, a.attnotnull
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND pg_table_is_visible(c.oid)",
);
static POSTGRES_UNIQUE: Select<(String, String, bool)> = Select::new(
    "POSTGRES_UNIQUE",
    "SELECT c.relname::text,
            (SELECT string_agg(COALESCE(a.attname::text, 'expression'), ', ' ORDER BY k.place)
             FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place)
             LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
             WHERE k.place <= i.indnkeyatts),
            i.indpred IS NOT NULL
     FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
     WHERE i.indisunique AND i.indisvalid AND pg_table_is_visible(c.oid)",
);
static POSTGRES_TRIGGERS: Select<(String, String, String, String)> = Select::new(
    "POSTGRES_TRIGGERS",
    "SELECT c.relname::text, t.tgname::text, pg_get_triggerdef(t.oid, true), t.tgenabled::text
     FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
     WHERE NOT t.tgisinternal AND pg_table_is_visible(c.oid)",
);
static POSTGRES_FUNCTIONS: Select<(String, String)> = Select::new(
    "POSTGRES_FUNCTIONS",
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
    let rows = snapshot.query_as(&SQLITE_OBJECTS, params![]).await?;
    Ok(rows.into_iter().map(|(kind, name, text)| (Object { kind, name }, normalised(&text))).collect())
}

pub(super) async fn of_postgres(snapshot: &Snapshot) -> Result<Found> {
    let mut found = Found::default();
    for (name, has_rules, checks) in snapshot.query_as(&POSTGRES_TABLES, params![]).await? {
        found.tables.insert(name, Table { has_rules, checks, ..Table::default() });
    }
    for (table, column, is_required) in snapshot.query_as(&POSTGRES_COLUMNS, params![]).await? {
        found.tables.entry(table).or_default().columns.insert(column, is_required);
    }
    for (table, columns, is_partial) in snapshot.query_as(&POSTGRES_UNIQUE, params![]).await? {
        found.tables.entry(table).or_default().unique.insert(unique_key(columns, is_partial));
    }
    for (table, name, definition, enabled) in snapshot.query_as(&POSTGRES_TRIGGERS, params![]).await? {
        found.triggers.insert((table, name), Trigger { words: sorted_words(&definition), enabled });
    }
    for (name, body) in snapshot.query_as(&POSTGRES_FUNCTIONS, params![]).await? {
        found.functions.insert(name, normalised(&body));
    }
    Ok(found)
}
