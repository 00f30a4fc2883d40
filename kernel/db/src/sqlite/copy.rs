//! Copies of the embedded database: one of a bank that runs, and the way back. A copy gets its name only once it is whole,
//! was looked through and lies on the disk; nothing is ever overwritten.

use super::files::{
    COMPANIONS, beside, create_private, length, lock_file, lock_out_others, make_private, not_ours, plain, refuse_lost,
};
use crate::migrate::{Applied, SELECT_MIGRATIONS};
use crate::{DbError, Engine, Migration, Result};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

const BUSY_WAIT_MAX: Duration = Duration::from_secs(30);
const COPIED_AT_ONCE: usize = 1 << 20;

/// What a copy holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The size of the file.
    pub bytes: u64,
    /// Migrations that this program would apply before it serves the copy.
    pub pending: usize,
}

/// Writes the database as it is now into a new file, also beside a process that serves it: as a reader, which nobody has
/// to wait for.
///
/// # Errors
/// There is no such database, a newer program brought it up to date, the file is there already, or the disk failed.
pub fn back_up_sqlite(database: &Path, file: &Path, migrations: &[Migration]) -> Result<Copied> {
    let database = &plain(database)?;
    refuse_existing(file)?;
    refuse_lost(database)?;
    if !database.exists() {
        return Err(absent(database, "there is no such database"));
    }
    if length(database) == 0 {
        return Err(not_ours(database));
    }
    make_private(database, false)?;
    let source = open(database, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    applied(&source, database)?.pending(migrations)?;
    let unfinished = Unfinished::beside(file)?;
    // One statement, and so one moment. Unlike a copy page by page it leaves behind what was deleted.
    source.execute("VACUUM INTO ?1", [unfinished.text()?]).map_err(|error| of_copy(error, file))?;
    unfinished.finish(Names { from: database, to: file }, migrations)
}

/// Puts a backup where a database is to be; whoever serves it takes it from there. If that fails, nothing is left there.
///
/// # Errors
/// There is a database already, or the file is no whole database of a Florin that this program knows.
pub fn restore_sqlite(file: &Path, database: &Path, migrations: &[Migration]) -> Result<Copied> {
    let database = &plain(database)?;
    if !file.is_file() {
        return Err(absent(file, "there is no such file"));
    }
    if let Some(rest) = companions(&plain(file)?).next() {
        return Err(refused(file, &format!("is no whole database without {}", rest.display())));
    }
    refuse_database(database)?;
    let had_lock_file = lock_file(database).exists();
    // From here on nobody can start a bank there.
    let _lock = lock_out_others(database)?;
    let restored = restore_locked(file, database, migrations);
    if restored.is_err() && !had_lock_file {
        // Nobody else can have the lock, and whoever waits for it looks for the file again.
        let _ = std::fs::remove_file(lock_file(database));
    }
    restored
}

fn restore_locked(file: &Path, database: &Path, migrations: &[Migration]) -> Result<Copied> {
    refuse_database(database)?;
    let unfinished = Unfinished::beside(database)?;
    let mut from = File::open(file).map_err(|error| refused(file, &error.to_string()))?;
    let mut to = unfinished.open().map_err(|error| refused(database, &error.to_string()))?;
    copy_bytes(&mut from, &mut to).map_err(|(failed, error)| {
        let path = if failed == Failed::Reading { file } else { database };
        refused(path, &error.to_string())
    })?;
    unfinished.finish(Names { from: file, to: database }, migrations)
}

/// Refuses a place that has a database, or a part of one.
fn refuse_database(database: &Path) -> Result<()> {
    refuse_existing(database)?;
    match companions(database).next() {
        Some(rest) => Err(refused(&rest, "a database was here: a backup is restored into a new place only")),
        None => Ok(()),
    }
}

/// On which side a copy failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failed {
    Reading,
    Writing,
}

/// As `io::copy`, which does not say whose error it was.
fn copy_bytes(from: &mut File, to: &mut File) -> std::result::Result<(), (Failed, io::Error)> {
    let mut buffer = vec![0; COPIED_AT_ONCE];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(bytes) => to.write_all(&buffer[..bytes]).map_err(|error| (Failed::Writing, error))?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err((Failed::Reading, error)),
        }
    }
}

/// Where a copy comes from, and how it will be called.
#[derive(Clone, Copy)]
struct Names<'a> {
    from: &'a Path,
    to: &'a Path,
}

/// A copy that SQLite could not write, or the database that it could not read.
fn of_copy(error: rusqlite::Error, file: &Path) -> DbError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull | ErrorCode::CannotOpen | ErrorCode::ReadOnly) => refused(file, &error.to_string()),
        _ => error.into(),
    }
}

/// A file on its way to its name; gone if it does not get there.
struct Unfinished(PathBuf);

impl Unfinished {
    fn beside(file: &Path) -> Result<Self> {
        let path = beside(&plain(file)?, &format!(".{}.unfinished", uuid::Uuid::new_v4().simple()));
        // Whoever named the file knows no other name.
        create_private(&path).map_err(|error| refused(file, &error.to_string()))?;
        Ok(Self(path))
    }

    fn open(&self) -> io::Result<File> {
        File::options().write(true).open(&self.0)
    }

    fn text(&self) -> Result<&str> {
        self.0.to_str().ok_or_else(|| refused(&self.0, "the name is not UTF-8"))
    }

    /// Looks the database through, and gives it its name when it is safe on the disk.
    fn finish(self, Names { from, to: name }: Names<'_>, migrations: &[Migration]) -> Result<Copied> {
        let pending = look_through(&self.0, from, migrations)?;
        let placed = || {
            let file = self.open()?;
            file.sync_all()?;
            renameat_with(CWD, &self.0, CWD, name, RenameFlags::NOREPLACE)?;
            let folder = name.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            File::open(folder)?.sync_all()?;
            file.metadata()
        };
        let bytes = placed().map_err(|error: io::Error| refused(name, &error.to_string()))?.len();
        Ok(Copied { bytes, pending })
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        for path in COMPANIONS.map(|ending| beside(&self.0, ending)).iter().chain([&self.0]) {
            // Once it has its name, there is nothing to remove.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Returns the number of migrations that it lacks. What is wrong is wrong with the file that it is a copy of. A copy of a
/// file that was in use is left as one that is not.
fn look_through(path: &Path, name: &Path, migrations: &[Migration]) -> Result<usize> {
    let connection = open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let pending = applied(&connection, name)?.pending(migrations)?.len();
    let damaged = |reason: &str| refused(name, &format!("the database is damaged: {reason}"));
    let found: String = connection
        .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
        .map_err(|error| damaged(&error.to_string()))?;
    if found != "ok" {
        return Err(damaged(found.lines().last().unwrap_or_default()));
    }
    connection.execute_batch("PRAGMA journal_mode = DELETE")?;
    connection.close().map_err(|(_, error)| error)?;
    Ok(pending)
}

/// What brought the database to where it is.
fn applied(connection: &Connection, name: &Path) -> Result<Applied> {
    let rows = connection.prepare(SELECT_MIGRATIONS.statement().sql(Engine::Sqlite)).and_then(|mut select| {
        let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        rows.collect::<rusqlite::Result<Vec<(String, i64, Vec<u8>)>>>()
    });
    let mut applied = Applied::default();
    match rows {
        Ok(rows) => rows.into_iter().for_each(|(module, number, checksum)| applied.note(module, number, checksum)),
        Err(error) => match error.sqlite_error_code() {
            Some(ErrorCode::Unknown | ErrorCode::NotADatabase) => return Err(not_ours(name)),
            Some(ErrorCode::DatabaseCorrupt) => return Err(refused(name, "the database is damaged")),
            _ => return Err(error.into()),
        },
    }
    if applied.is_empty() { Err(not_ours(name)) } else { Ok(applied) }
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_WAIT_MAX)?;
    Ok(connection)
}

fn refuse_existing(path: &Path) -> Result<()> {
    match path.symlink_metadata() {
        Ok(_) => Err(refused(path, "it is there already, and is not overwritten")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(refused(path, &error.to_string())),
    }
}

/// Those files beside a database that hold a part of it.
fn companions(path: &Path) -> impl Iterator<Item = PathBuf> {
    let has_content = |path: &PathBuf| path.metadata().is_ok_and(|metadata| metadata.len() > 0);
    COMPANIONS.map(|ending| beside(path, ending)).into_iter().filter(has_content)
}

fn absent(path: &Path, reason: &str) -> DbError {
    DbError::Absent(format!("{}: {reason}", path.display()))
}

fn refused(path: &Path, reason: &str) -> DbError {
    DbError::Configuration(format!("{}: {reason}", path.display()))
}
