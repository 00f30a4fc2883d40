//! Migrations: numbered plain SQL of each module, applied once, in order, in one transaction.

use crate::dialect::{self, Engine};
use crate::{Db, DbError, Executor, Result, Tx, WallTime, params, statements};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// One numbered change of a module's tables, in the portable DDL (PostgreSQL's type words).
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// The module whose tables change.
    pub module: &'static str,
    /// Counts from 1 within the module.
    pub number: u32,
    /// The SQL that both engines run.
    pub sql: &'static str,
    /// What only PostgreSQL runs, after it.
    pub postgres: &'static str,
    /// What only SQLite runs, after it.
    pub sqlite: &'static str,
    /// Tables whose rows the database from now on refuses to change or delete.
    pub append_only: &'static [&'static str],
}

/// What a run of the migrations did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MigrationReport {
    /// Applied now.
    pub applied: usize,
    /// Had been applied before.
    pub already_there: usize,
}

statements! {
    SELECT_MIGRATIONS -> (String, i64, Vec<u8>) = "SELECT module, number, checksum FROM store_migration";
    INSERT_MIGRATION =
        "INSERT INTO store_migration (module, number, checksum, applied_at) VALUES ($1, $2, $3, $4)";
}

pub(crate) const OWN_TABLE: &str = "CREATE TABLE IF NOT EXISTS store_migration (
    module TEXT NOT NULL,
    number BIGINT NOT NULL,
    checksum BYTEA NOT NULL,
    applied_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (module, number)
);";

/// Brings the tables up to date: all of it or nothing. Processes that start together wait for each other. Where nothing is
/// pending nothing is written, so that a role without the right to make tables can serve.
///
/// # Errors
/// A migration failed, one that had been applied was edited since, or a newer program applied others.
pub async fn migrate(db: &Db, migrations: &[Migration], now: WallTime) -> Result<MigrationReport> {
    let waiting = pending(db, migrations).await?;
    if waiting.is_empty() {
        return Ok(MigrationReport { applied: 0, already_there: migrations.len() });
    }
    let applied = apply_pending(db, migrations, now).await.map_err(|error| explained(error, waiting.len()))?;
    Ok(MigrationReport { applied, already_there: migrations.len() - applied })
}

/// Whether nothing was ever migrated here: the database is new, or somebody else's.
///
/// # Errors
/// The database cannot be read.
pub async fn is_untouched(db: &Db) -> Result<bool> {
    Ok(!db.has_migrations().await?)
}

/// How many migrations the database lacks; a server that must not migrate asks this.
///
/// # Errors
/// The database cannot be read, an applied migration was edited since, or a newer program applied others.
pub async fn pending_migrations(db: &Db, migrations: &[Migration]) -> Result<usize> {
    Ok(pending(db, migrations).await?.len())
}

/// The migrations that a database has had.
#[derive(Default)]
pub(crate) struct Applied(HashMap<(String, i64), Vec<u8>>);

impl Applied {
    pub(crate) fn note(&mut self, module: String, number: i64, checksum: Vec<u8>) {
        self.0.insert((module, number), checksum);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those of the migrations that are not among them, if this program may use the database at all.
    pub(crate) fn pending(&self, migrations: &[Migration]) -> Result<Vec<Migration>> {
        self.refuse_newer(migrations)?;
        let mut pending = Vec::new();
        for migration in migrations {
            match self.0.get(&(migration.module.to_owned(), i64::from(migration.number))) {
                None => pending.push(*migration),
                Some(checksum) if *checksum == migration.checksum() => {}
                Some(_) => {
                    let name = format!("{} {}", migration.module, migration.number);
                    return Err(DbError::Configuration(format!("migration {name} was edited after it was applied")));
                }
            }
        }
        Ok(pending)
    }

    /// A program that does not know what its tables mean must not touch them: it would break what the newer one keeps.
    fn refuse_newer(&self, migrations: &[Migration]) -> Result<()> {
        let known = |module: &str| {
            let of_module = migrations.iter().filter(|migration| migration.module == module);
            of_module.map(|migration| i64::from(migration.number)).max().unwrap_or(0)
        };
        let newer = self
            .0
            .keys()
            .filter(|(module, number)| *number > known(module))
            .max_by_key(|(module, number)| (*number, module.as_str()));
        newer.map_or(Ok(()), |(module, number)| {
            let known = known(module);
            Err(DbError::Configuration(format!(
                "this database was brought to {module} {number} by a newer florin; this one knows {known}"
            )))
        })
    }
}

async fn pending(db: &Db, migrations: &[Migration]) -> Result<Vec<Migration>> {
    if db.has_migrations().await? { applied(db).await?.pending(migrations) } else { Ok(migrations.to_vec()) }
}

pub(crate) async fn applied(on: &impl Executor) -> Result<Applied> {
    let mut applied = Applied::default();
    for (module, number, checksum) in on.query_as(&SELECT_MIGRATIONS, params![]).await? {
        applied.note(module, number, checksum);
    }
    Ok(applied)
}

/// Gives how many were applied: another process may have been faster.
async fn apply_pending(db: &Db, migrations: &[Migration], now: WallTime) -> Result<usize> {
    let tx = db.begin().await?;
    tx.allow_long_statements().await?;
    match tx.engine() {
        Engine::Postgres => {
            tx.run_script("SELECT pg_advisory_xact_lock(7369616)").await?;
            tx.run_script(dialect::POSTGRES_REFUSE_CHANGE).await?;
            tx.run_script(OWN_TABLE).await?;
        }
        Engine::Sqlite => {
            // A table that is made anew must not leave behind what stood in the old one.
            tx.overwrite_deleted().await?;
            tx.run_script(&dialect::sqlite_ddl(OWN_TABLE)).await?;
        }
    }
    let pending = applied(&tx).await?.pending(migrations)?;
    for migration in &pending {
        apply(&tx, migration, now).await?;
    }
    tx.commit().await?;
    Ok(pending.len())
}

/// Whoever may not make tables is told who has to.
fn explained(error: DbError, pending: usize) -> DbError {
    match error {
        DbError::Internal(reason) if reason.contains(dialect::POSTGRES_NOT_ALLOWED) => DbError::Configuration(format!(
            "{pending} migrations are pending, and this role may not make tables: run `florin migrate` as their owner first ({reason})"
        )),
        other => other,
    }
}

async fn apply(tx: &Tx, migration: &Migration, now: WallTime) -> Result<()> {
    match tx.engine() {
        Engine::Postgres => {
            tx.run_script(migration.sql).await?;
            tx.run_script(migration.postgres).await?;
        }
        Engine::Sqlite => {
            tx.run_script(&dialect::sqlite_ddl(migration.sql)).await?;
            tx.run_script(migration.sqlite).await?;
        }
    }
    for table in migration.append_only {
        tx.run_script(&dialect::append_only(tx.engine(), table)).await?;
    }
    let row = params![migration.module, migration.number, migration.checksum(), now];
    tx.execute(&INSERT_MIGRATION, row).await?;
    Ok(())
}

impl Migration {
    fn checksum(&self) -> Vec<u8> {
        let mut hash = Sha256::new();
        for part in [self.sql, self.postgres, self.sqlite, &self.append_only.join(",")] {
            hash.update(part);
            hash.update([0]);
        }
        hash.finalize().to_vec()
    }
}
