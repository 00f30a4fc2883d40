//! Whether a database is what its migrations made: tables, columns, keys, checks, and the triggers and functions that keep
//! what was booked as it is. Somebody who changes rows begins with these.
//!
//! What there should be is read off a fresh SQLite in memory, migrated for this; PostgreSQL's own words for triggers and
//! functions are taken from the migrations' text.

mod expected;
mod found;
mod shape;

use crate::{Engine, Migration, Result, Snapshot, migrate};
use expected::Expected;
use found::Found;
use shape::Table;

/// What of a database is not as its migrations made it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SchemaReport {
    /// Tables and columns that are missing: nothing can be read there.
    pub missing: Vec<String>,
    /// Everything else, in words.
    pub changed: Vec<String>,
}

/// Compares the database with what the migrations make. It must not lack any.
///
/// # Errors
/// The database cannot be read.
pub async fn compare_schema(snapshot: &Snapshot, migrations: &[Migration]) -> Result<SchemaReport> {
    match snapshot.engine() {
        Engine::Sqlite => sqlite(snapshot, migrations).await,
        Engine::Postgres => postgres(snapshot, migrations).await,
    }
}

async fn sqlite(snapshot: &Snapshot, migrations: &[Migration]) -> Result<SchemaReport> {
    let expected = Expected::objects(migrations)?;
    let found = found::objects(snapshot).await?;
    let mut report = SchemaReport::default();
    for (object, text) in &expected {
        match found.get(object) {
            None if object.kind == "table" => report.missing.push(format!("{object} is missing")),
            None => report.changed.push(format!("{object} is missing")),
            Some(other) if other != text => {
                report.changed.push(format!("{object} is another than the migrations made"))
            }
            Some(_) => {}
        }
    }
    let acting = found.keys().filter(|object| matches!(object.kind.as_str(), "trigger" | "view"));
    report.changed.extend(
        acting
            .filter(|object| !expected.contains_key(*object))
            .map(|object| format!("{object} was made by no migration")),
    );
    Ok(report)
}

async fn postgres(snapshot: &Snapshot, migrations: &[Migration]) -> Result<SchemaReport> {
    let expected = Expected::of(migrations)?;
    let found = found::of_postgres(snapshot).await?;
    let mut report = SchemaReport::default();
    for (name, wanted) in &expected.tables {
        match found.tables.get(name) {
            None => report.missing.push(format!("table {name} is missing")),
            Some(there) => compare_tables(name, wanted, there, &mut report),
        }
    }
    compare_triggers(&expected, &found, &mut report);
    for (name, body) in &expected.functions {
        match found.functions.get(name) {
            None => report.changed.push(format!("function {name} is missing")),
            Some(there) if there != body => {
                report.changed.push(format!("function {name} is another than the migrations made"));
            }
            Some(_) => {}
        }
    }
    Ok(report)
}

fn compare_tables(name: &str, wanted: &Table, there: &Table, report: &mut SchemaReport) {
    for (column, must_be_set) in &wanted.columns {
        match there.columns.get(column) {
            None => report.missing.push(format!("column {column} of table {name} is missing")),
            Some(is_set) if *must_be_set && !is_set => {
                report.changed.push(format!("column {column} of table {name} may be empty"));
            }
            Some(_) => {}
        }
    }
    for columns in wanted.unique.difference(&there.unique) {
        report.changed.push(format!("table {name} has no unique key on {columns}"));
    }
    if there.checks < wanted.checks {
        report.changed.push(format!("table {name} has {} of its {} checks", there.checks, wanted.checks));
    }
    if there.has_rules {
        report.changed.push(format!("table {name} has rules or row security, which no migration made"));
    }
}

fn compare_triggers(expected: &Expected, found: &Found, report: &mut SchemaReport) {
    for (name, wanted) in &expected.triggers {
        match found.triggers.get(name) {
            None => report.changed.push(format!("trigger {} is missing", name.1)),
            Some(there) if there.words != wanted.words => {
                report.changed.push(format!("trigger {} is another than the migrations made", name.1));
            }
            Some(there) if there.enabled != wanted.enabled => {
                report.changed.push(format!("trigger {} does not act in every session, as it was made to", name.1));
            }
            Some(_) => {}
        }
    }
    let of_ours = found.triggers.keys().filter(|(table, _)| expected.tables.contains_key(table));
    for (table, name) in of_ours.filter(|name| !expected.triggers.contains_key(*name)) {
        report.changed.push(format!("trigger {name} on table {table} was made by no migration"));
    }
}

/// How far a database was brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaAge {
    /// Nothing was ever migrated here.
    Empty,
    /// So many migrations are still to be applied.
    Older(usize),
    /// As far as this program knows.
    Current,
}

/// How far the database was brought, without bringing it any further.
///
/// # Errors
/// The database cannot be read, a migration was edited after it was applied, or a newer program applied others.
pub async fn schema_age(snapshot: &Snapshot, migrations: &[Migration]) -> Result<SchemaAge> {
    if !found::has_migrations(snapshot).await? {
        return Ok(SchemaAge::Empty);
    }
    Ok(match migrate::applied(snapshot).await?.pending(migrations)?.len() {
        0 => SchemaAge::Current,
        pending => SchemaAge::Older(pending),
    })
}
