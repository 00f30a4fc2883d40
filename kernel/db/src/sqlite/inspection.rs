//! Looking at the embedded database without touching it: nothing is made, changed or tidied up, also where the last
//! process was killed. A server may be working beside it.

use super::files::{beside, length};
use super::{CACHED_STATEMENTS, all_rows, each_row};
use crate::row::Row;
use crate::value::Value;
use crate::{DbError, Result};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// What a path must not have inside a `file:` URI.
const NOT_IN_URI: &AsciiSet = &CONTROLS.add(b'%').add(b'?').add(b'#').add(b' ');

/// The database as it was when it was first read.
pub(crate) struct Inspection {
    connection: Arc<Mutex<Connection>>,
    path: PathBuf,
    /// How the file looked, where nothing keeps a server from starting meanwhile.
    unguarded: Option<Looks>,
    /// Keeps a server from starting while the file is read as if it could not change.
    _guard: Option<File>,
}

/// What changes when somebody writes.
#[derive(Debug, PartialEq, Eq)]
struct Looks {
    bytes: u64,
    modified: Option<SystemTime>,
    log_bytes: u64,
}

/// Who else has to do with the file.
enum Neighbour {
    /// A process works with it.
    AtWork,
    /// Nobody, and nobody can start while this lock is held.
    KeptOut(File),
    /// Nobody; there is no lock yet to keep anybody out.
    Unknown,
}

impl Inspection {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let path = &super::files::plain(path)?;
        if !path.is_file() {
            return Err(DbError::Absent(format!("there is no database at {}", path.display())));
        }
        super::files::refuse_lost(path)?;
        if length(&beside(path, "-journal")) > 0 {
            let reason = "a journal lies beside it, which it cannot be read without changing it";
            return Err(DbError::Configuration(format!("cannot open {}: {reason}", path.display())));
        }
        let neighbour = neighbour(path)?;
        let log_bytes = length(&beside(path, "-wal"));
        let connection = match (&neighbour, log_bytes) {
            (Neighbour::AtWork, _) => read_only(path, "mode=ro")?,
            // All is in the one file. Reading it as one that never changes makes no files beside it.
            (_, 0) => read_only(path, "mode=ro&immutable=1")?,
            (_, _) => with_log_left_over(path)?,
        };
        connection.execute_batch("BEGIN")?;
        let unguarded = matches!(neighbour, Neighbour::Unknown).then(|| looks(path));
        let guard = match neighbour {
            Neighbour::KeptOut(lock) => Some(lock),
            Neighbour::AtWork | Neighbour::Unknown => None,
        };
        Ok(Self { connection: Arc::new(Mutex::new(connection)), path: path.to_owned(), unguarded, _guard: guard })
    }

    /// Runs the work off the asynchronous threads.
    async fn run<T: Send + 'static>(&self, work: impl FnOnce(&Connection) -> Result<T> + Send + 'static) -> Result<T> {
        let connection = Arc::clone(&self.connection);
        let task =
            tokio::task::spawn_blocking(move || work(&connection.lock().unwrap_or_else(PoisonError::into_inner)));
        task.await.map_err(|error| DbError::Internal(error.to_string()))?
    }

    pub(crate) async fn query(&self, sql: &'static str, parameters: Vec<Value>) -> Result<Vec<Row>> {
        self.run(move |connection| all_rows(connection, sql, &parameters)).await
    }

    pub(crate) async fn fold<S: Send + 'static>(
        &self,
        sql: &'static str,
        parameters: Vec<Value>,
        mut state: S,
        mut step: impl FnMut(&mut S, &Row) -> Result<()> + Send + 'static,
    ) -> Result<S> {
        self.run(move |connection| {
            each_row(connection, sql, &parameters, |row| step(&mut state, &row))?;
            Ok(state)
        })
        .await
    }

    /// Whether all that was read was of one moment.
    pub(crate) fn end(self) -> Result<()> {
        match self.unguarded {
            Some(before) if before != looks(&self.path) => {
                let reason = format!("{} was changed while it was read", self.path.display());
                Err(DbError::Unavailable(reason))
            }
            _ => Ok(()),
        }
    }
}

fn neighbour(path: &Path) -> Result<Neighbour> {
    let lock = match File::open(beside(path, ".lock")) {
        Ok(lock) => lock,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Neighbour::Unknown),
        Err(error) => return Err(DbError::Configuration(format!("cannot open {}.lock: {error}", path.display()))),
    };
    // Shared: who only looks does not keep others from looking.
    match lock.try_lock_shared() {
        Ok(()) => Ok(Neighbour::KeptOut(lock)),
        Err(TryLockError::WouldBlock) => Ok(Neighbour::AtWork),
        Err(TryLockError::Error(error)) => Err(DbError::Configuration(format!("cannot lock: {error}"))),
    }
}

fn read_only(path: &Path, how: &str) -> Result<Connection> {
    let path = utf8_percent_encode(&path.to_string_lossy(), NOT_IN_URI).to_string();
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(format!("file:{path}?{how}"), flags)?;
    prepare(&connection, "PRAGMA query_only = ON")?;
    Ok(connection)
}

/// After a crash, part of the database is in its log. Alone with the file, SQLite keeps the log's index in memory and
/// leaves the log as it is; with others it would make a file for it.
fn with_log_left_over(path: &Path) -> Result<Connection> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    prepare(&connection, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA query_only = ON")?;
    Ok(connection)
}

/// How it is locked has to be said before anything is read, which some of the other settings do.
fn prepare(connection: &Connection, settings: &str) -> Result<()> {
    connection.execute_batch(settings)?;
    rusqlite::vtab::array::load_module(connection)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    Ok(connection
        .execute_batch("PRAGMA busy_timeout = 5000; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536;")?)
}

fn looks(path: &Path) -> Looks {
    let file = path.metadata().ok();
    Looks {
        bytes: file.as_ref().map_or(0, std::fs::Metadata::len),
        modified: file.and_then(|file| file.modified().ok()),
        log_bytes: length(&beside(path, "-wal")),
    }
}
