//! The files of the embedded engine: the database, what SQLite keeps beside it, and the lock that keeps other processes
//! out. They belong to one user, whatever the umask is. Unix only.

use crate::{DbError, Result};
use std::ffi::OsString;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

const OWNER_ONLY: u32 = 0o600;
const ANYONE_ELSE: u32 = 0o077;
/// How often a lock is tried whose file is removed at that moment.
const LOCK_ATTEMPTS_MAX: usize = 8;
/// How a database begins.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// How a journal of rollbacks begins, and where it says how many pages the database had before
/// (<https://sqlite.org/fileformat2.html#rollbackjournal>). Until it is synced, and nothing was written to the database, it
/// begins with zeros.
const JOURNAL_MAGIC: &[u8] = &[0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
const JOURNAL_UNSYNCED: &[u8] = &[0; 12];
const JOURNAL_PAGES_BEFORE: std::ops::Range<usize> = 16..20;
const JOURNAL_HEADER_BYTES: usize = 28;
/// What holds parts of a database beside its file: the write-ahead log, its index, and a journal of rollbacks.
pub(super) const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// The path from the root: SQLite takes other names than these for something else, such as a URL. Links are followed, as
/// SQLite does: what is beside the database is beside the file itself.
pub(super) fn plain(path: &Path) -> Result<PathBuf> {
    path.canonicalize().or_else(|_| std::path::absolute(path)).map_err(|error| cannot_open(path, &error))
}

/// The file of the database, or one of its companions.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
}

/// Refuses an embedded database whose file is gone or empty while a log of it is there: SQLite would take the log for what
/// another database has left behind, and delete it. It may be all that is left of a bank. Refuses a file that is no database,
/// too, before anything is done to it.
///
/// # Errors
/// It is so.
pub fn refuse_lost_sqlite(path: &Path) -> Result<()> {
    refuse_lost(&plain(path)?)
}

/// The same for a path from the root.
pub(super) fn refuse_lost(path: &Path) -> Result<()> {
    if length(path) > 0 {
        return if is_database(path) { Ok(()) } else { Err(not_ours(path)) };
    }
    let (log, journal) = (beside(path, "-wal"), beside(path, "-journal"));
    let log = match (length(&log) > 0, length(&journal) > 0 && !is_of_beginning(&journal)) {
        (true, _) => log,
        (_, true) => journal,
        (false, false) => return Ok(()),
    };
    let what = if path.exists() { "is empty" } else { "is missing" };
    Err(DbError::Absent(format!(
        "{} {what}, but {} holds a part of a database: bring back the file that belongs to it, or restore a backup; nothing \
         was touched",
        path.display(),
        log.display()
    )))
}

/// Whether the file begins like a database; one that cannot be read is left for whoever opens it to complain about.
fn is_database(path: &Path) -> bool {
    let mut beginning = [0; MAGIC.len()];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut beginning));
    read.map_or_else(|error| error.kind() != ErrorKind::UnexpectedEof, |()| beginning == *MAGIC)
}

pub(super) fn not_ours(path: &Path) -> DbError {
    DbError::Absent(format!("{}: it is not the database of a Florin", path.display()))
}

/// Whether a journal leads back to a database of no pages: a first start that was cut short leaves it, and nothing is lost
/// with it.
fn is_of_beginning(journal: &Path) -> bool {
    let mut header = [0; JOURNAL_HEADER_BYTES];
    let is_read = File::open(journal).and_then(|mut file| file.read_exact(&mut header)).is_ok();
    let is_journal = header.starts_with(JOURNAL_MAGIC) || header.starts_with(JOURNAL_UNSYNCED);
    is_read && is_journal && header[JOURNAL_PAGES_BEFORE].iter().all(|byte| *byte == 0)
}

/// How many bytes a file has; none if it is not there.
pub(super) fn length(path: &Path) -> u64 {
    path.metadata().map_or(0, |file| file.len())
}

/// SQLite is for one process that serves: a second one would wait on locks in the middle of the money path.
pub(super) fn lock_out_others(path: &Path) -> Result<File> {
    let name = lock_file(path);
    for _ in 0..LOCK_ATTEMPTS_MAX {
        let lock = open_private(&name, true).map_err(|error| cannot_open(path, &error))?;
        match lock.try_lock() {
            Ok(()) if is_at(&lock, &name) => return Ok(lock),
            // Whoever had it has removed it meanwhile: others would not see this lock.
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => break,
            Err(std::fs::TryLockError::Error(error)) => return Err(cannot_open(path, &error)),
        }
    }
    Err(cannot_open(
        path,
        &"another process uses this database; SQLite serves one process only, PostgreSQL serves many",
    ))
}

/// What is locked by the process that serves the database.
pub(super) fn lock_file(path: &Path) -> PathBuf {
    beside(path, ".lock")
}

/// Whether this is still the file with the name.
fn is_at(file: &File, name: &Path) -> bool {
    let identity = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
    let (ours, there) = (file.metadata().map(identity), name.metadata().map(identity));
    ours.ok().is_some_and(|ours| there.ok() == Some(ours))
}

/// Takes from everybody but its owner what they may do with the database, and makes the file first if that is asked for:
/// SQLite gives what it puts beside it the same permissions.
pub(super) fn make_private(path: &Path, or_create: bool) -> Result<()> {
    open_private(path, or_create).map_err(|error| cannot_open(path, &error))?;
    for companion in COMPANIONS.map(|ending| beside(path, ending)) {
        match open_private(&companion, false) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(cannot_open(&companion, &error)),
            _ => {}
        }
    }
    Ok(())
}

/// A new file that only its owner can read; one that is there is left alone.
pub(super) fn create_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create_new(true).mode(OWNER_ONLY).open(path)
}

/// Looks at the opened file, not at the path: it cannot be exchanged in between.
fn open_private(path: &Path, or_create: bool) -> io::Result<File> {
    let file = OpenOptions::new().read(true).write(true).create(or_create).mode(OWNER_ONLY).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & ANYONE_ELSE != 0 {
        file.set_permissions(Permissions::from_mode(mode & !ANYONE_ELSE)).map_err(|error| {
            io::Error::other(format!("others may use it (mode {mode:o}), and chmod failed: {error}"))
        })?;
        tracing::warn!(path = %path.display(), "others could use this file; it is private from now on");
    }
    Ok(file)
}

fn cannot_open(path: &Path, error: &dyn std::fmt::Display) -> DbError {
    DbError::Configuration(format!("cannot open {}: {error}", path.display()))
}
