//! The façade: a database, transactions on it, and consistent snapshots for long reads.

use crate::columns::Columns;
use crate::dialect::{self, Engine};
use crate::executor::{Executor, Pending};
use crate::postgres::{Postgres, PostgresTx};
use crate::readiness::{self, Readiness};
use crate::row::Row;
use crate::sqlite::{Inspection, Sqlite, SqliteSnapshot, SqliteTx};
use crate::statement::{Select, Statement, Write};
use crate::value::{Rows, Value};
use crate::{DbError, Result, WallTime};
use std::sync::Arc;
use tokio::sync::Notify;

/// A database that is open. Cloning shares it.
#[derive(Clone)]
pub struct Db(Arc<Opened>);

struct Opened {
    connection: Connection,
    readiness: Readiness,
    committed: Arc<Notify>,
}

enum Connection {
    Postgres(Postgres),
    Sqlite(Sqlite),
}

/// A transaction. Dropped without a commit it is rolled back.
pub struct Tx {
    connection: TxConnection,
    /// Wakes whoever waits for something to be committed.
    committed: Arc<Notify>,
}

enum TxConnection {
    Postgres(Box<PostgresTx>),
    Sqlite(SqliteTx),
}

/// The database as it was at one moment.
pub struct Snapshot(SnapshotConnection);

enum SnapshotConnection {
    Postgres(Box<PostgresTx>),
    Sqlite(SqliteSnapshot),
    /// Of a file that is only looked at.
    Inspection(Inspection),
}

impl Snapshot {
    /// Opens a database only to look at it: it makes no file, no table and no change, and a server may work beside it.
    ///
    /// # Errors
    /// There is no database, it cannot be read, or the URL is impossible.
    pub async fn open(url: &str) -> Result<Self> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            return Ok(Self(SnapshotConnection::Inspection(Inspection::open(std::path::Path::new(path))?)));
        }
        Db::open(url).await?.snapshot().await
    }

    /// Which engine it is of.
    pub const fn engine(&self) -> Engine {
        match &self.0 {
            SnapshotConnection::Postgres(_) => Engine::Postgres,
            SnapshotConnection::Sqlite(_) | SnapshotConnection::Inspection(_) => Engine::Sqlite,
        }
    }

    /// Ends the look.
    ///
    /// # Errors
    /// What was read may not all be of one moment: somebody wrote whom nothing could keep out.
    pub fn end(self) -> Result<()> {
        match self.0 {
            SnapshotConnection::Inspection(inspection) => inspection.end(),
            SnapshotConnection::Postgres(_) | SnapshotConnection::Sqlite(_) => Ok(()),
        }
    }

    /// Takes the rows one by one, as they come, into a state, without gathering them.
    ///
    /// # Errors
    /// The read failed, or the step ended it with an error.
    pub async fn fold<T: Columns, S: Send + 'static>(
        &self,
        statement: &'static Select<T>,
        parameters: Vec<Value>,
        state: S,
        mut step: impl FnMut(&mut S, T) -> Result<()> + Send + 'static,
    ) -> Result<S> {
        let step = move |state: &mut S, row: &Row| step(state, row.read()?);
        let statement = statement.statement();
        match &self.0 {
            SnapshotConnection::Postgres(tx) => tx.fold(statement.sql(Engine::Postgres), parameters, state, step).await,
            SnapshotConnection::Sqlite(snapshot) => {
                snapshot.fold(statement.sql(Engine::Sqlite), parameters, state, step).await
            }
            SnapshotConnection::Inspection(inspection) => {
                inspection.fold(statement.sql(Engine::Sqlite), parameters, state, step).await
            }
        }
    }
}

impl Db {
    /// Opens `sqlite:PATH` or `postgres://…`.
    ///
    /// # Errors
    /// An impossible URL, an unsafe setting of the server, a file in use, or no answer.
    pub async fn open(url: &str) -> Result<Self> {
        let connection = if let Some(path) = url.strip_prefix("sqlite:") {
            Connection::Sqlite(Sqlite::open(std::path::Path::new(path))?)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Connection::Postgres(Postgres::open(url).await?)
        } else {
            let wanted = "the database URL must start with sqlite: or postgres://";
            return Err(DbError::Configuration(wanted.to_owned()));
        };
        Ok(Self(Arc::new(Opened { connection, readiness: Readiness::default(), committed: Arc::default() })))
    }

    /// Which engine it is.
    pub fn engine(&self) -> Engine {
        match &self.0.connection {
            Connection::Postgres(_) => Engine::Postgres,
            Connection::Sqlite(_) => Engine::Sqlite,
        }
    }

    /// Whether the database takes work just now: its sessions are as they must be, a write is committed, and there is space
    /// for more. Whoever asks
    /// within a second of somebody else gets the same answer. `now` is what the write says.
    ///
    /// # Errors
    /// `Unavailable`, whatever the reason.
    pub fn ready(&self, now: WallTime) -> Pending<'_, ()> {
        Box::pin(async move {
            let question = || {
                let db = self.clone();
                async move {
                    readiness::write(db.begin().await?, now).await?;
                    match &db.0.connection {
                        Connection::Postgres(postgres) => postgres.look().await,
                        Connection::Sqlite(sqlite) => sqlite.look().await,
                    }
                }
            };
            self.0.readiness.ask(question).await
        })
    }

    /// Starts a transaction that may write. On SQLite it waits for its turn as the one writer.
    ///
    /// # Errors
    /// No connection, or no turn, within a few seconds.
    pub fn begin(&self) -> Pending<'_, Tx> {
        self.begin_as("BEGIN")
    }

    /// Starts a transaction whose commit does not wait for the disk, only for what is not told to anybody and is done again
    /// when it is lost: a crash of the database server may undo the newest of such commits, each as a whole, and none that a
    /// later ordinary commit came after. The embedded engine waits all the same.
    ///
    /// # Errors
    /// As [`Db::begin`].
    pub fn begin_async_commit(&self) -> Pending<'_, Tx> {
        self.begin_as("BEGIN; SET LOCAL synchronous_commit = off")
    }

    fn begin_as(&self, begin: &'static str) -> Pending<'_, Tx> {
        Box::pin(async move {
            let connection = match &self.0.connection {
                Connection::Postgres(postgres) => TxConnection::Postgres(Box::new(postgres.begin(begin).await?)),
                Connection::Sqlite(sqlite) => TxConnection::Sqlite(sqlite.begin().await?),
            };
            Ok(Tx { connection, committed: Arc::clone(&self.0.committed) })
        })
    }

    /// Waits until a transaction of this process commits; at once when one did since the last time somebody waited.
    pub async fn committed(&self) {
        self.0.committed.notified().await;
    }

    /// The database as it is now, for reads that take long or must agree with each other.
    ///
    /// # Errors
    /// No connection within a few seconds.
    pub fn snapshot(&self) -> Pending<'_, Snapshot> {
        Box::pin(async move {
            Ok(Snapshot(match &self.0.connection {
                Connection::Postgres(postgres) => {
                    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                    SnapshotConnection::Postgres(Box::new(postgres.begin(begin).await?))
                }
                Connection::Sqlite(sqlite) => SnapshotConnection::Sqlite(sqlite.snapshot().await?),
            }))
        })
    }

    /// Brings into the file what stands beside it, so that nothing of it is left there. PostgreSQL does so by itself.
    ///
    /// # Errors
    /// The disk failed, or a reader went on for too long.
    pub fn checkpoint(&self) -> Pending<'_, ()> {
        Box::pin(async move {
            match &self.0.connection {
                Connection::Postgres(_) => Ok(()),
                Connection::Sqlite(sqlite) => sqlite.checkpoint().await,
            }
        })
    }

    /// Whether anything was ever migrated here.
    pub(crate) async fn has_migrations(&self) -> Result<bool> {
        self.finds(dialect::has_migrations(self.engine())).await
    }

    /// Whether it is recent enough to have marks.
    pub(crate) async fn has_marks(&self) -> Result<bool> {
        self.finds(dialect::has_marks(self.engine())).await
    }

    async fn finds(&self, sql: &'static str) -> Result<bool> {
        let rows = match &self.0.connection {
            Connection::Postgres(postgres) => postgres.query(sql, &[]).await?,
            Connection::Sqlite(sqlite) => sqlite.query(sql, Vec::new()).await?,
        };
        Ok(!rows.is_empty())
    }

    /// Prepares a statement without running it: how the registry is checked.
    ///
    /// # Errors
    /// The engine does not accept the text, or gives other columns than are read.
    pub async fn prepare(&self, statement: &'static Statement) -> Result<()> {
        let columns = match &self.0.connection {
            Connection::Postgres(postgres) => postgres.prepare(statement.sql(Engine::Postgres)).await?,
            Connection::Sqlite(sqlite) => sqlite.prepare(statement.sql(Engine::Sqlite)).await?,
        };
        statement.check_columns(&columns)
    }
}

impl Executor for Db {
    fn engine(&self) -> Engine {
        Self::engine(self)
    }

    fn query(&self, statement: &'static Statement, parameters: Vec<Value>) -> Pending<'_, Vec<Row>> {
        Box::pin(async move {
            match &self.0.connection {
                Connection::Postgres(postgres) => postgres.query(statement.sql(Engine::Postgres), &parameters).await,
                Connection::Sqlite(sqlite) => sqlite.query(statement.sql(Engine::Sqlite), parameters).await,
            }
        })
    }
}

impl Executor for Snapshot {
    fn engine(&self) -> Engine {
        Self::engine(self)
    }

    fn query(&self, statement: &'static Statement, parameters: Vec<Value>) -> Pending<'_, Vec<Row>> {
        Box::pin(async move {
            match &self.0 {
                SnapshotConnection::Postgres(tx) => tx.query(statement.sql(Engine::Postgres), &parameters).await,
                SnapshotConnection::Sqlite(snapshot) => snapshot.query(statement.sql(Engine::Sqlite), parameters).await,
                SnapshotConnection::Inspection(inspection) => {
                    inspection.query(statement.sql(Engine::Sqlite), parameters).await
                }
            }
        })
    }
}

impl Executor for Tx {
    fn engine(&self) -> Engine {
        Self::engine(self)
    }

    fn query(&self, statement: &'static Statement, parameters: Vec<Value>) -> Pending<'_, Vec<Row>> {
        Box::pin(async move {
            match &self.connection {
                TxConnection::Postgres(tx) => tx.query(statement.sql(Engine::Postgres), &parameters).await,
                TxConnection::Sqlite(tx) => tx.query(statement.sql(Engine::Sqlite), parameters).await,
            }
        })
    }
}

impl Tx {
    /// Which engine it runs on.
    pub fn engine(&self) -> Engine {
        match &self.connection {
            TxConnection::Postgres(_) => Engine::Postgres,
            TxConnection::Sqlite(_) => Engine::Sqlite,
        }
    }

    /// Runs a statement that changes rows; gives their number.
    ///
    /// # Errors
    /// The statement failed; the transaction can then only be rolled back.
    pub fn execute(&self, statement: &'static Statement, parameters: Vec<Value>) -> Pending<'_, u64> {
        Box::pin(async move {
            match &self.connection {
                TxConnection::Postgres(tx) => tx.execute(statement.sql(Engine::Postgres), &parameters).await,
                TxConnection::Sqlite(tx) => tx.execute(statement.sql(Engine::Sqlite), parameters).await,
            }
        })
    }

    /// Runs a batch statement for all rows; gives the number of rows changed. No rows: nothing is sent.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn execute_batch(&self, statement: &'static Statement, rows: Rows) -> Pending<'_, u64> {
        Box::pin(async move {
            if rows.is_empty() {
                return Ok(0);
            }
            match &self.connection {
                TxConnection::Postgres(tx) => tx.execute_batch(statement, &rows).await,
                TxConnection::Sqlite(tx) => tx.execute_batch(statement.sql(Engine::Sqlite), rows).await,
            }
        })
    }

    /// Runs a statement for each of the rows; gives the number of rows changed. No rows: nothing is sent.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn execute_rows<T: Columns>(
        &self,
        statement: &'static Write<T>,
        rows: impl IntoIterator<Item = T>,
    ) -> Pending<'_, u64> {
        let (statement, rows) = statement.rows(rows);
        self.execute_batch(statement, rows)
    }

    /// Runs text that is no registered statement: migrations and session settings.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn run_script<'a>(&'a self, script: &'a str) -> Pending<'a, ()> {
        Box::pin(async move {
            match &self.connection {
                TxConnection::Postgres(tx) => tx.run_script(script).await,
                TxConnection::Sqlite(tx) => tx.run_script(script).await,
            }
        })
    }

    /// Lifts the limits on statement time for this transaction: imports and migrations are long.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub async fn allow_long_statements(&self) -> Result<()> {
        match &self.connection {
            TxConnection::Postgres(tx) => tx.be_patient().await,
            TxConnection::Sqlite(_) => Ok(()),
        }
    }

    /// What this transaction deletes is overwritten in the file, not only forgotten. PostgreSQL keeps old rows until it
    /// cleans up after itself, and has no such thing.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub async fn overwrite_deleted(&self) -> Result<()> {
        match &self.connection {
            TxConnection::Postgres(_) => Ok(()),
            TxConnection::Sqlite(tx) => tx.overwrite_deleted().await,
        }
    }

    /// Runs the batches in order, in one round trip.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn write(&self, writes: Vec<(&'static Statement, Rows)>) -> Pending<'_, ()> {
        Box::pin(async move {
            let writes = writes.into_iter().filter(|(_, rows)| !rows.is_empty());
            match &self.connection {
                TxConnection::Postgres(tx) => tx.write(&writes.collect::<Vec<_>>()).await,
                TxConnection::Sqlite(tx) => {
                    for (statement, rows) in writes {
                        tx.execute_batch(statement.sql(Engine::Sqlite), rows).await?;
                    }
                    Ok(())
                }
            }
        })
    }

    /// Commits. When this fails with `Unavailable` the outcome is unknown.
    ///
    /// # Errors
    /// The commit failed, or a statement before it had.
    pub fn commit(self) -> Pending<'static, ()> {
        self.write_and_commit(Vec::new())
    }

    /// Runs the batches in order and commits, in one round trip: all of it or nothing.
    ///
    /// # Errors
    /// As [`Tx::commit`].
    pub fn write_and_commit(self, writes: Vec<(&'static Statement, Rows)>) -> Pending<'static, ()> {
        Box::pin(async move {
            let writes = writes.into_iter().filter(|(_, rows)| !rows.is_empty());
            match self.connection {
                TxConnection::Postgres(tx) => tx.write_and_commit(writes.collect()).await?,
                TxConnection::Sqlite(tx) => {
                    tx.write_and_commit(
                        writes.map(|(statement, rows)| (statement.sql(Engine::Sqlite), rows)).collect(),
                    )
                    .await?;
                }
            }
            self.committed.notify_one();
            Ok(())
        })
    }

    /// Rolls back and waits until that is done.
    ///
    /// # Errors
    /// The connection was lost, which rolls back too.
    pub fn rollback(self) -> Pending<'static, ()> {
        Box::pin(async move {
            match self.connection {
                TxConnection::Postgres(tx) => tx.rollback().await,
                TxConnection::Sqlite(tx) => tx.rollback().await,
            }
        })
    }
}
