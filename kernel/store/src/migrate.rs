//! Migrations: numbered plain SQL of each module, applied once, in order, in one transaction.

use crate::dialect::{self, Engine};
use crate::{Db, Executor, Result, StoreError, Timestamp, Tx, params, statements};
use sha2::{Digest, Sha256};

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
    SELECT_MIGRATIONS = "SELECT module, number, checksum FROM store_migration";
    INSERT_MIGRATION =
        "INSERT INTO store_migration (module, number, checksum, applied_at) VALUES ($1, $2, $3, $4)";
}

const OWN_TABLE: &str = "CREATE TABLE IF NOT EXISTS store_migration (
    module TEXT NOT NULL,
    number BIGINT NOT NULL,
    checksum BYTEA NOT NULL,
    applied_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (module, number)
);";

/// Brings the tables up to date: all of it or nothing. Processes that start together wait for each other.
///
/// # Errors
/// A migration failed, or one that had been applied was edited since.
pub async fn migrate(db: &Db, migrations: &[Migration], now: Timestamp) -> Result<MigrationReport> {
    let tx = db.begin().await?;
    tx.allow_long_statements().await?;
    match tx.engine() {
        Engine::Postgres => {
            tx.run_script("SELECT pg_advisory_xact_lock(7369616)").await?;
            tx.run_script(dialect::POSTGRES_REFUSE_CHANGE).await?;
            tx.run_script(OWN_TABLE).await?;
        }
        Engine::Sqlite => tx.run_script(&dialect::sqlite_ddl(OWN_TABLE)).await?,
    }
    let pending = pending_in_tx(&tx, migrations).await?;
    for migration in &pending {
        apply(&tx, migration, now).await?;
    }
    tx.commit().await?;
    Ok(MigrationReport { applied: pending.len(), already_there: migrations.len() - pending.len() })
}

/// How many migrations the database lacks; a server that must not migrate asks this.
///
/// # Errors
/// The database cannot be read, or an applied migration was edited since.
pub async fn pending_migrations(db: &Db, migrations: &[Migration]) -> Result<usize> {
    match pending_in_tx(db, migrations).await {
        Ok(pending) => Ok(pending.len()),
        // No table of migrations yet: everything is pending.
        Err(StoreError::Internal(_)) => Ok(migrations.len()),
        Err(error) => Err(error),
    }
}

async fn pending_in_tx(on: &impl Executor, migrations: &[Migration]) -> Result<Vec<Migration>> {
    let mut applied = std::collections::HashMap::new();
    for row in on.query(&SELECT_MIGRATIONS, params![]).await? {
        applied.insert((row.get::<String>(0)?, row.get::<i64>(1)?), row.get::<Vec<u8>>(2)?);
    }
    let mut pending = Vec::new();
    for migration in migrations {
        match applied.get(&(migration.module.to_owned(), i64::from(migration.number))) {
            None => pending.push(*migration),
            Some(checksum) if *checksum == migration.checksum() => {}
            Some(_) => {
                let name = format!("{} {}", migration.module, migration.number);
                return Err(StoreError::Configuration(format!("migration {name} was edited after it was applied")));
            }
        }
    }
    Ok(pending)
}

async fn apply(tx: &Tx, migration: &Migration, now: Timestamp) -> Result<()> {
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
