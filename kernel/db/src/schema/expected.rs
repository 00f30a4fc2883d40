//! What there should be, by the migrations alone.

use super::shape::{Object, Table, Trigger, normalised, sorted_words, unique_key};
use crate::dialect;
use crate::migrate::OWN_TABLE;
use crate::{Engine, Migration, Result};
use rusqlite::Connection;
use std::collections::BTreeMap;

/// What PostgreSQL should have.
#[derive(Debug, Default)]
pub(super) struct Expected {
    pub(super) tables: BTreeMap<String, Table>,
    /// By table and name: the words of the definition, and whether it acts in every session.
    pub(super) triggers: BTreeMap<(String, String), Trigger>,
    /// The bodies, by name.
    pub(super) functions: BTreeMap<String, String>,
}

impl Expected {
    /// The objects of an embedded database with their texts.
    pub(super) fn objects(migrations: &[Migration]) -> Result<BTreeMap<Object, String>> {
        let fresh = fresh_sqlite(migrations)?;
        let mut statement = fresh.prepare("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")?;
        let objects = statement.query_map([], |row| {
            let text: String = row.get(2)?;
            Ok((Object { kind: row.get(0)?, name: row.get(1)? }, normalised(&text)))
        })?;
        Ok(objects.collect::<rusqlite::Result<_>>()?)
    }

    pub(super) fn of(migrations: &[Migration]) -> Result<Self> {
        let mut expected = Self { tables: tables(&fresh_sqlite(migrations)?)?, ..Self::default() };
        expected.read(dialect::POSTGRES_REFUSE_CHANGE);
        for migration in migrations {
            expected.read(migration.sql);
            expected.read(migration.postgres);
            for table in migration.append_only {
                expected.read(&dialect::append_only(Engine::Postgres, table));
            }
        }
        Ok(expected)
    }

    /// Follows what a script makes and drops of triggers and functions.
    fn read(&mut self, script: &str) {
        let lines = script.lines().map(|line| line.split_once("--").map_or(line, |(code, _)| code));
        let script = lines.collect::<Vec<_>>().join("\n");
        self.read_functions(&script);
        for statement in script.split(';') {
            let words: Vec<&str> = statement.split_whitespace().collect();
            match words.as_slice() {
                ["CREATE", "TRIGGER", name, rest @ ..] => {
                    let table = rest.iter().skip_while(|word| **word != "ON").nth(1).copied().unwrap_or_default();
                    let trigger = Trigger { words: sorted_words(statement), enabled: "O".to_owned() };
                    self.triggers.insert((table.to_owned(), (*name).to_owned()), trigger);
                }
                ["DROP", "TRIGGER", name, "ON", table] => {
                    self.triggers.remove(&((*table).to_owned(), (*name).to_owned()));
                }
                ["DROP", "TABLE", table] => self.triggers.retain(|(on, _), _| on != table),
                ["ALTER", "TABLE", table, "ENABLE", "ALWAYS", "TRIGGER", name] => {
                    if let Some(trigger) = self.triggers.get_mut(&((*table).to_owned(), (*name).to_owned())) {
                        "A".clone_into(&mut trigger.enabled);
                    }
                }
                _ => {}
            }
        }
    }

    fn read_functions(&mut self, script: &str) {
        for made in script.split("FUNCTION ").skip(1) {
            let name = made.split('(').next().unwrap_or_default();
            let mut pieces = made.split("$$");
            if let (Some(head), Some(body)) = (pieces.next(), pieces.next())
                && head.contains("RETURNS")
                && head.ends_with("AS ")
            {
                self.functions.insert(name.to_owned(), normalised(body));
            }
        }
    }
}

/// An embedded database with nothing in it but what the migrations make.
fn fresh_sqlite(migrations: &[Migration]) -> Result<Connection> {
    let fresh = Connection::open_in_memory()?;
    fresh.execute_batch(&dialect::sqlite_ddl(OWN_TABLE))?;
    for migration in migrations {
        fresh.execute_batch(&dialect::sqlite_ddl(migration.sql))?;
        fresh.execute_batch(migration.sqlite)?;
        for table in migration.append_only {
            fresh.execute_batch(&dialect::append_only(Engine::Sqlite, table))?;
        }
    }
    Ok(fresh)
}

fn tables(fresh: &Connection) -> Result<BTreeMap<String, Table>> {
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    let mut statement =
        fresh.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL")?;
    for table in statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))? {
        let (name, text) = table?;
        let checks = i64::try_from(normalised(&text).matches("CHECK (").count()).unwrap_or(i64::MAX);
        tables.insert(name, Table { checks, ..Table::default() });
    }
    for (name, table) in &mut tables {
        let mut columns = fresh.prepare("SELECT name, \"notnull\" FROM pragma_table_info(?)")?;
        let columns =
            columns.query_map([name], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
        table.columns = columns;
        let mut unique = fresh.prepare(
            "SELECT (SELECT group_concat(COALESCE(name, 'expression'), ', ') FROM
                         (SELECT name FROM pragma_index_info(list.name) ORDER BY seqno)), partial
             FROM pragma_index_list(?) AS list WHERE \"unique\"",
        )?;
        let unique = unique.query_map([name], |row| Ok(unique_key(row.get(0)?, row.get(1)?)))?;
        table.unique = unique.collect::<rusqlite::Result<_>>()?;
    }
    Ok(tables)
}
