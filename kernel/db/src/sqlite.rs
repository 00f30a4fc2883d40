//! The embedded engine: one writer on a thread of its own, and a few readers. When it is closed, one file is the whole
//! database. Its files are in `sqlite/files.rs`, copies of them in `sqlite/copy.rs`.

mod copy;
mod files;
mod inspection;
mod space;

pub use copy::{Copied, back_up_sqlite, restore_sqlite};
pub use files::refuse_lost_sqlite;
pub(crate) use inspection::Inspection;

use crate::row::{Row, RowData};
use crate::value::{Rows, Type, Value};
use crate::{DbError, Result};
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore, oneshot};

const READERS: usize = 4;
const TURN_WAIT_MAX: Duration = Duration::from_secs(10);
const CACHED_STATEMENTS: usize = 256;

type Job = Box<dyn FnOnce(&Connection) + Send>;

/// What the writer is told.
enum Order {
    Work(Job),
    /// Nobody needs the database any more.
    Close,
}

pub(crate) struct Sqlite {
    jobs: mpsc::Sender<Order>,
    writer: Option<std::thread::JoinHandle<()>>,
    /// Who holds it may write. Fair: first come, first served.
    turn: Arc<tokio::sync::Mutex<()>>,
    readers: Arc<Readers>,
    path: PathBuf,
    _lock: std::fs::File,
}

struct Readers {
    /// Nothing once the database is closed: those that are still lent close when they come back.
    idle: Mutex<Option<Vec<Connection>>>,
    permits: Arc<Semaphore>,
}

impl Sqlite {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let path = &files::plain(path)?;
        files::refuse_lost(path)?;
        let lock = files::lock_out_others(path)?;
        // Nobody can have begun a database meanwhile, but one may have been taken away.
        files::refuse_lost(path)?;
        files::make_private(path, true)?;
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
        let (jobs, queue) = mpsc::channel::<Order>();
        let writer = std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || work_until_closed(writer, &queue))
            .map_err(|error| DbError::Unavailable(error.to_string()))?;
        Ok(Self {
            jobs,
            writer: Some(writer),
            turn: Arc::default(),
            readers: Arc::new(Readers { idle: Mutex::new(Some(readers)), permits: Arc::new(Semaphore::new(READERS)) }),
            path: path.clone(),
            _lock: lock,
        })
    }

    async fn turn(&self) -> Result<OwnedMutexGuard<()>> {
        tokio::time::timeout(TURN_WAIT_MAX, Arc::clone(&self.turn).lock_owned())
            .await
            .map_err(|_| DbError::Unavailable("the writer is busy".to_owned()))
    }

    pub(crate) async fn begin(&self) -> Result<SqliteTx> {
        let turn = self.turn().await?;
        let tx = SqliteTx {
            jobs: self.jobs.clone(),
            turn: Some(turn),
            failed: Arc::default(),
            overwrites: AtomicBool::new(false),
        };
        tx.post(|writer| Ok(writer.execute_batch("BEGIN IMMEDIATE")?))?;
        Ok(tx)
    }

    pub(crate) async fn checkpoint(&self) -> Result<()> {
        let turn = self.turn().await?;
        let (reply, answer) = oneshot::channel();
        let job = Box::new(move |writer: &Connection| {
            let outcome = checkpoint(writer).map_err(DbError::from);
            drop(turn);
            // Nobody waiting is fine.
            drop(reply.send(outcome));
        });
        self.jobs.send(Order::Work(job)).map_err(|_| closed())?;
        if answer.await.map_err(|_| closed())?? {
            Ok(())
        } else {
            Err(DbError::Unavailable("a reader keeps the write-ahead log".to_owned()))
        }
    }

    pub(crate) async fn query(&self, sql: &'static str, parameters: Vec<Value>) -> Result<Vec<Row>> {
        self.read(move |reader| all_rows(reader, sql, &parameters)).await
    }

    /// A reader of its own that goes on seeing the database as it is now.
    pub(crate) async fn snapshot(&self) -> Result<SqliteSnapshot> {
        let permit = Arc::clone(&self.readers.permits).acquire_owned().await.map_err(|_| closed())?;
        let reader = self.readers.take()?;
        let readers = Arc::clone(&self.readers);
        let snapshot =
            SqliteSnapshot(Arc::new(Mutex::new(LentReader { reader: Some(reader), readers, _permit: permit })));
        snapshot.run(|reader| Ok(reader.execute_batch("BEGIN")?)).await?;
        Ok(snapshot)
    }

    /// Whether there is space for more than what a small write finds room for.
    pub(crate) async fn look(&self) -> Result<()> {
        space::look_beside(self.path.clone()).await
    }

    /// Prepares a statement; gives a column for each that comes back. Of which type is known only of each value.
    pub(crate) async fn prepare(&self, sql: &'static str) -> Result<Vec<Option<Type>>> {
        self.read(move |reader| Ok(vec![None; reader.prepare_cached(sql)?.column_count()])).await
    }

    /// Runs the work on one of the readers, off the asynchronous threads.
    async fn read<T: Send + 'static>(&self, work: impl FnOnce(&Connection) -> Result<T> + Send + 'static) -> Result<T> {
        let readers = Arc::clone(&self.readers);
        let _permit = self.readers.permits.acquire().await.map_err(|_| closed())?;
        let task = tokio::task::spawn_blocking(move || {
            let reader = readers.take()?;
            let outcome = work(&reader);
            readers.give_back(reader);
            outcome
        });
        task.await.map_err(|error| DbError::Internal(error.to_string()))?
    }
}

impl Drop for Sqlite {
    /// Waits until the files are closed: what the process leaves behind is whole.
    fn drop(&mut self) {
        self.readers.close();
        // Should the writer be gone, so is its connection.
        let _ = self.jobs.send(Order::Close);
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

impl Readers {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Vec<Connection>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Result<Connection> {
        self.lock().as_mut().and_then(Vec::pop).ok_or_else(closed)
    }

    fn give_back(&self, reader: Connection) {
        if let Some(idle) = self.lock().as_mut() {
            idle.push(reader);
        }
    }

    fn close(&self) {
        self.lock().take();
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
        task.await.map_err(|error| DbError::Internal(error.to_string()))?
    }

    pub(crate) async fn query(&self, sql: &'static str, parameters: Vec<Value>) -> Result<Vec<Row>> {
        self.run(move |reader| all_rows(reader, sql, &parameters)).await
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
            self.readers.give_back(reader);
        }
    }
}

/// A transaction on the writer. After a failed statement it refuses everything but the rollback,
/// as PostgreSQL does, also for statements already on their way.
pub(crate) struct SqliteTx {
    jobs: mpsc::Sender<Order>,
    turn: Option<OwnedMutexGuard<()>>,
    failed: Arc<AtomicBool>,
    /// Whether the writer overwrites what is deleted until this ends; it costs too much for everybody.
    overwrites: AtomicBool,
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
                Err(DbError::Internal("a statement before this one failed".to_owned()))
            } else {
                work(writer)
            };
            failed.fetch_or(outcome.is_err(), Ordering::Relaxed);
            // Nobody waiting is fine: the transaction was dropped and rolls back.
            drop(reply.send(outcome));
        });
        self.jobs.send(Order::Work(job)).map_err(|_| closed())?;
        Ok(answer)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce(&Connection) -> Result<T> + Send + 'static) -> Result<T> {
        self.post(work)?.await.map_err(|_| closed())?
    }

    pub(crate) async fn query(&self, sql: &'static str, parameters: Vec<Value>) -> Result<Vec<Row>> {
        self.run(move |writer| all_rows(writer, sql, &parameters)).await
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

    pub(crate) async fn overwrite_deleted(&self) -> Result<()> {
        self.overwrites.store(true, Ordering::Relaxed);
        self.run(|writer| Ok(writer.execute_batch("PRAGMA secure_delete = ON")?)).await
    }

    pub(crate) async fn write_and_commit(mut self, writes: Vec<(&'static str, Rows)>) -> Result<()> {
        let overwrites = self.overwrites.load(Ordering::Relaxed);
        let outcome = self
            .run(move |writer| {
                for (sql, rows) in &writes {
                    fail::fail_point!("db::mid_write");
                    write_rows(writer, sql, rows)?;
                }
                writer.execute_batch("COMMIT")?;
                forget_only(writer, overwrites);
                Ok(())
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
        let overwrites = self.overwrites.load(Ordering::Relaxed);
        let roll_back = Box::new(move |writer: &Connection| {
            if !writer.is_autocommit()
                && let Err(error) = writer.execute_batch("ROLLBACK")
            {
                tracing::error!(%error, "a rollback failed");
            }
            forget_only(writer, overwrites);
            drop(turn);
            then();
        });
        // Should the writer be gone, so is the transaction.
        let _ = self.jobs.send(Order::Work(roll_back));
    }
}

impl Drop for SqliteTx {
    fn drop(&mut self) {
        self.send_rollback(|| ());
    }
}

fn work_until_closed(writer: Connection, orders: &mpsc::Receiver<Order>) {
    for order in orders {
        match order {
            Order::Work(job) => work_off(&writer, job),
            Order::Close => break,
        }
    }
    close(writer);
}

/// Brings what stands in the log into the database. The last connection takes the log away when it closes, so that one
/// file is all of it, whoever copies it.
fn close(writer: Connection) {
    let rolled_back = if writer.is_autocommit() { Ok(()) } else { writer.execute_batch("ROLLBACK") };
    let left = rolled_back
        .and_then(|()| checkpoint(&writer))
        .and_then(|is_whole| writer.close().map(|()| is_whole).map_err(|(_, error)| error));
    match left {
        Ok(true) => {}
        Ok(false) => tracing::warn!("a reader of another process keeps the write-ahead log; it goes with that reader"),
        Err(error) => tracing::warn!(%error, "the write-ahead log stays beside the database: copy both, or neither"),
    }
}

/// Whether the file is the whole database now; not while somebody reads from the log.
fn checkpoint(writer: &Connection) -> rusqlite::Result<bool> {
    writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0).map(|is_busy| !is_busy))
}

/// Back to what is usual: what is deleted is forgotten, and overwritten when its place is needed.
fn forget_only(writer: &Connection, overwrote: bool) {
    if overwrote && let Err(error) = writer.execute_batch("PRAGMA secure_delete = OFF") {
        tracing::warn!(%error, "what is deleted goes on being overwritten");
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

fn all_rows(connection: &Connection, sql: &str, parameters: &[Value]) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    each_row(connection, sql, parameters, |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok(rows)
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
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    rusqlite::vtab::array::load_module(&connection)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    connection.execute_batch(
        "PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON;
         PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192;",
    )?;
    Ok(connection)
}

fn closed() -> DbError {
    DbError::Unavailable("the database is closed".to_owned())
}
