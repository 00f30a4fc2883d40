//! The embedded engine: one writer on a thread of its own, a few readers, and a lock that keeps other processes out.

use crate::row::{Row, RowData};
use crate::value::{Rows, Value};
use crate::{Result, StoreError};
use rusqlite::Connection;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore, oneshot};

const READERS: usize = 4;
const TURN_WAIT_MAX: Duration = Duration::from_secs(10);
const CACHED_STATEMENTS: usize = 256;

type Job = Box<dyn FnOnce(&Connection) + Send>;

pub(crate) struct Sqlite {
    jobs: mpsc::Sender<Job>,
    /// Who holds it may write. Fair: first come, first served.
    turn: Arc<tokio::sync::Mutex<()>>,
    readers: Arc<Readers>,
    _lock: std::fs::File,
}

struct Readers {
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Sqlite {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let lock = lock_out_others(path)?;
        let writer = connect(path)?;
        writer.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 32000; PRAGMA cache_size = -65536;",
        )?;
        let readers = (0..READERS)
            .map(|_| {
                let reader = connect(path)?;
                reader.execute_batch("PRAGMA query_only = ON;")?;
                Ok(reader)
            })
            .collect::<Result<Vec<_>>>()?;
        let (jobs, queue) = mpsc::channel::<Job>();
        std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || queue.iter().for_each(|job| work_off(&writer, job)))
            .map_err(|error| StoreError::Unavailable(error.to_string()))?;
        Ok(Self {
            jobs,
            turn: Arc::default(),
            readers: Arc::new(Readers { idle: Mutex::new(readers), permits: Arc::new(Semaphore::new(READERS)) }),
            _lock: lock,
        })
    }

    pub(crate) async fn begin(&self) -> Result<SqliteTx> {
        let turn = tokio::time::timeout(TURN_WAIT_MAX, Arc::clone(&self.turn).lock_owned())
            .await
            .map_err(|_| StoreError::Unavailable("the writer is busy".to_owned()))?;
        let tx = SqliteTx { jobs: self.jobs.clone(), turn: Some(turn), failed: Arc::default() };
        tx.post(|writer| Ok(writer.execute_batch("BEGIN IMMEDIATE")?))?;
        Ok(tx)
    }

    pub(crate) async fn query(&self, sql: &'static str, parameters: Vec<Value>) -> Result<Vec<Row>> {
        self.read(move |reader| {
            let mut rows = Vec::new();
            each_row(reader, sql, &parameters, |row| {
                rows.push(row);
                Ok(())
            })?;
            Ok(rows)
        })
        .await
    }

    /// A reader of its own that goes on seeing the database as it is now.
    pub(crate) async fn snapshot(&self) -> Result<SqliteSnapshot> {
        let permit = Arc::clone(&self.readers.permits).acquire_owned().await.map_err(|_| closed())?;
        let reader = self.readers.lock().pop().ok_or_else(closed)?;
        let readers = Arc::clone(&self.readers);
        let snapshot =
            SqliteSnapshot(Arc::new(Mutex::new(LentReader { reader: Some(reader), readers, _permit: permit })));
        snapshot.run(|reader| Ok(reader.execute_batch("BEGIN")?)).await?;
        Ok(snapshot)
    }

    pub(crate) async fn prepare(&self, sql: &'static str) -> Result<()> {
        self.read(move |reader| Ok(reader.prepare_cached(sql).map(drop)?)).await
    }

    /// Runs the work on one of the readers, off the asynchronous threads.
    async fn read<T: Send + 'static>(&self, work: impl FnOnce(&Connection) -> Result<T> + Send + 'static) -> Result<T> {
        let readers = Arc::clone(&self.readers);
        let _permit = self.readers.permits.acquire().await.map_err(|_| closed())?;
        let task = tokio::task::spawn_blocking(move || {
            let reader = readers.lock().pop().ok_or_else(closed)?;
            let outcome = work(&reader);
            readers.lock().push(reader);
            outcome
        });
        task.await.map_err(|error| StoreError::Internal(error.to_string()))?
    }
}

impl Readers {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A long read on a reader of its own.
pub(crate) struct SqliteSnapshot(Arc<Mutex<LentReader>>);

/// A reader that goes back to the others when nobody uses it any more.
struct LentReader {
    reader: Option<Connection>,
    readers: Arc<Readers>,
    _permit: OwnedSemaphorePermit,
}

impl SqliteSnapshot {
    async fn run<T: Send + 'static>(&self, work: impl FnOnce(&Connection) -> Result<T> + Send + 'static) -> Result<T> {
        let lent = Arc::clone(&self.0);
        let task = tokio::task::spawn_blocking(move || {
            let lent = lent.lock().unwrap_or_else(PoisonError::into_inner);
            work(lent.reader.as_ref().ok_or_else(closed)?)
        });
        task.await.map_err(|error| StoreError::Internal(error.to_string()))?
    }

    pub(crate) async fn fold<S: Send + 'static>(
        &self,
        sql: &'static str,
        parameters: Vec<Value>,
        mut state: S,
        mut step: impl FnMut(&mut S, &Row) -> Result<()> + Send + 'static,
    ) -> Result<S> {
        self.run(move |reader| {
            each_row(reader, sql, &parameters, |row| step(&mut state, &row))?;
            Ok(state)
        })
        .await
    }
}

impl Drop for LentReader {
    fn drop(&mut self) {
        let Some(reader) = self.reader.take() else { return };
        if reader.is_autocommit() || reader.execute_batch("ROLLBACK").is_ok() {
            self.readers.lock().push(reader);
        }
    }
}

/// A transaction on the writer. After a failed statement it refuses everything but the rollback,
/// as PostgreSQL does, also for statements already on their way.
pub(crate) struct SqliteTx {
    jobs: mpsc::Sender<Job>,
    turn: Option<OwnedMutexGuard<()>>,
    failed: Arc<AtomicBool>,
}

impl SqliteTx {
    fn post<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<oneshot::Receiver<Result<T>>> {
        let (reply, answer) = oneshot::channel();
        let failed = Arc::clone(&self.failed);
        let job = Box::new(move |writer: &Connection| {
            let outcome = if failed.load(Ordering::Relaxed) {
                Err(StoreError::Internal("a statement before this one failed".to_owned()))
            } else {
                work(writer)
            };
            failed.fetch_or(outcome.is_err(), Ordering::Relaxed);
            // Nobody waiting is fine: the transaction was dropped and rolls back.
            drop(reply.send(outcome));
        });
        self.jobs.send(job).map_err(|_| closed())?;
        Ok(answer)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce(&Connection) -> Result<T> + Send + 'static) -> Result<T> {
        self.post(work)?.await.map_err(|_| closed())?
    }

    pub(crate) async fn query(&self, sql: &'static str, parameters: Vec<Value>) -> Result<Vec<Row>> {
        self.run(move |writer| {
            let mut rows = Vec::new();
            each_row(writer, sql, &parameters, |row| {
                rows.push(row);
                Ok(())
            })?;
            Ok(rows)
        })
        .await
    }

    pub(crate) async fn execute(&self, sql: &'static str, parameters: Vec<Value>) -> Result<u64> {
        self.run(move |writer| {
            let changed = writer.prepare_cached(sql)?.execute(rusqlite::params_from_iter(&parameters))?;
            Ok(changed as u64)
        })
        .await
    }

    pub(crate) async fn execute_batch(&self, sql: &'static str, rows: Rows) -> Result<u64> {
        self.run(move |writer| write_rows(writer, sql, &rows)).await
    }

    pub(crate) async fn run_script(&self, script: &str) -> Result<()> {
        let script = script.to_owned();
        self.run(move |writer| Ok(writer.execute_batch(&script)?)).await
    }

    pub(crate) async fn write_and_commit(mut self, writes: Vec<(&'static str, Rows)>) -> Result<()> {
        let outcome = self
            .run(move |writer| {
                for (sql, rows) in &writes {
                    fail::fail_point!("store::mid_write");
                    write_rows(writer, sql, rows)?;
                }
                Ok(writer.execute_batch("COMMIT")?)
            })
            .await;
        if outcome.is_ok() {
            // The next writer may start; nothing is left to roll back.
            self.turn.take();
        }
        outcome
    }

    pub(crate) async fn rollback(mut self) -> Result<()> {
        let (done, finished) = oneshot::channel();
        self.send_rollback(move || {
            let _ = done.send(());
        });
        finished.await.map_err(|_| closed())
    }

    fn send_rollback(&mut self, then: impl FnOnce() + Send + 'static) {
        let Some(turn) = self.turn.take() else { return };
        // Should the writer be gone, so is the transaction.
        let _ = self.jobs.send(Box::new(move |writer| {
            if !writer.is_autocommit()
                && let Err(error) = writer.execute_batch("ROLLBACK")
            {
                tracing::error!(%error, "a rollback failed");
            }
            drop(turn);
            then();
        }));
    }
}

impl Drop for SqliteTx {
    fn drop(&mut self) {
        self.send_rollback(|| ());
    }
}

/// Runs a job. One that panics answers nobody, so that its transaction rolls back, and the writer goes on.
fn work_off(writer: &Connection, job: Job) {
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job(writer)));
    if outcome.is_err() {
        tracing::error!("a job of the writer panicked");
    }
}

fn write_rows(writer: &Connection, sql: &str, rows: &Rows) -> Result<u64> {
    let mut statement = writer.prepare_cached(sql)?;
    let mut changed = 0;
    for index in 0..rows.len() {
        for (position, column) in (1..).zip(rows.columns()) {
            statement.raw_bind_parameter(position, &column[index])?;
        }
        changed += statement.raw_execute()? as u64;
    }
    Ok(changed)
}

fn each_row(
    connection: &Connection,
    sql: &str,
    parameters: &[Value],
    mut visit: impl FnMut(Row) -> Result<()>,
) -> Result<()> {
    let mut statement = connection.prepare_cached(sql)?;
    let columns = statement.column_count();
    let mut rows = statement.query(rusqlite::params_from_iter(parameters))?;
    while let Some(row) = rows.next()? {
        let values = (0..columns).map(|column| row.get(column)).collect::<rusqlite::Result<Vec<_>>>()?;
        visit(Row(RowData::Sqlite(values)))?;
    }
    Ok(())
}

fn connect(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    rusqlite::vtab::array::load_module(&connection)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON;
         PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192;",
    )?;
    Ok(connection)
}

/// SQLite is for one process: a second one would wait on locks in the middle of the money path.
fn lock_out_others(path: &Path) -> Result<std::fs::File> {
    let mut lock_path = path.as_os_str().to_owned();
    lock_path.push(".lock");
    let configuration =
        |error: &dyn std::fmt::Display| StoreError::Configuration(format!("cannot open {}: {error}", path.display()));
    let lock = std::fs::File::create(&lock_path).map_err(|error| configuration(&error))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(std::fs::TryLockError::WouldBlock) => Err(configuration(
            &"another process uses this database; SQLite serves one process only, PostgreSQL serves many",
        )),
        Err(std::fs::TryLockError::Error(error)) => Err(configuration(&error)),
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the database is closed".to_owned())
}
