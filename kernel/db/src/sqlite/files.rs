//! The files of the embedded engine: the database, what SQLite keeps beside it, and the lock that keeps other processes
//! out. They belong to one user, whatever the umask is. Unix only.

use crate::{DbError, Result};
use std::ffi::OsString;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

const OWNER_ONLY: u32 = 0o600;
const ANYONE_ELSE: u32 = 0o077;
/// How often a lock is tried whose file is removed at that moment.
const LOCK_ATTEMPTS_MAX: usize = 8;
/// What holds parts of a database beside its file: the write-ahead log, its index, and a journal of rollbacks.
pub(super) const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// The path from the root: SQLite takes other names than these for something else, such as a URL.
pub(super) fn plain(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|error| cannot_open(path, &error))
}

/// The file of the database, or one of its companions.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    PathBuf::from(name)
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
