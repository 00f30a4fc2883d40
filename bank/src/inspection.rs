//! What commands need that only read: a database that is there. They make nothing, and may run beside a server. Where there
//! is none, or none that this program can read, they end with 2.

use crate::settings::Checked;
use anyhow::{Context as _, bail};
use db::{DbError, SchemaAge, Snapshot};
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::ops::Range;
use std::path::Path;

/// There is nothing to read where it was looked for.
#[derive(Debug)]
pub(crate) struct Absent(pub(crate) String);

impl std::fmt::Display for Absent {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Absent {}

/// Whether a command ended because there was nothing for it to work on.
pub(crate) fn is_absence(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.is::<Absent>() || cause.downcast_ref::<DbError>().is_some_and(|error| matches!(error, DbError::Absent(_)))
    })
}

/// What is said of a database that was made for something else, or for nothing.
pub(crate) const NO_BANK: &str = "there is no bank in this database: it has none of the tables";

/// Opens the database as it is now, if it is a bank's, and one that this program can read.
pub(crate) async fn open(settings: &Checked) -> anyhow::Result<Snapshot> {
    require_file(settings)?;
    let snapshot = Snapshot::open(&settings.database_url).await?;
    require_bank(&snapshot, settings).await?;
    Ok(snapshot)
}

/// Refuses where the file of the embedded database is not, or is empty; a server says by itself what it does not have.
pub(crate) fn require_file(settings: &Checked) -> anyhow::Result<()> {
    let Some(path) = settings.database_url.strip_prefix("sqlite:").map(Path::new) else { return Ok(()) };
    db::refuse_lost_sqlite(path)?;
    let Some(nothing) = nothing_at(path) else { return Ok(()) };
    let keys = [&settings.signing_keys_dir, &settings.secrets_key_file, &settings.audit_key_file];
    bail!(Absent(match keys.into_iter().find(|path| path.exists()) {
        Some(key) => format!("{nothing}, and {} says that there was a bank", key.display()),
        None => nothing,
    }))
}

/// What is to be said of the file of an embedded database if there is nothing in it.
pub(crate) fn nothing_at(path: &Path) -> Option<String> {
    match path.metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Some(format!("there is no database at {}", path.display()))
        }
        Ok(metadata) if metadata.len() == 0 => Some(format!("the database at {} is empty", path.display())),
        // Whoever opens it says what is wrong.
        _ => None,
    }
}

/// Refuses what is no bank, or not one that this program can judge.
async fn require_bank(snapshot: &Snapshot, settings: &Checked) -> anyhow::Result<()> {
    let age = db::schema_age(snapshot, &schema::migrations()).await.context("the database cannot be read")?;
    let sqlite = settings.database_url.strip_prefix("sqlite:").map(Path::new);
    match age {
        SchemaAge::Current => Ok(()),
        SchemaAge::Empty if sqlite.is_some_and(is_without_its_log) => bail!(Absent(format!(
            "{NO_BANK}. Part of an embedded database that was not closed is in the file beside it that ends in -wal: they \
             belong together"
        ))),
        SchemaAge::Empty => bail!(Absent(NO_BANK.to_owned())),
        SchemaAge::Older(pending) => bail!(Absent(format!(
            "{pending} of this version's migrations are not applied: run `florin migrate` first, or use the version that \
             served last"
        ))),
    }
}

/// Whether an embedded database has nothing in its file, and kept a log: what a copy of the file alone looks like.
fn is_without_its_log(path: &Path) -> bool {
    let mut header = [0; HEADER_BYTES];
    let is_read = File::open(path).and_then(|mut file| file.read_exact(&mut header)).is_ok();
    is_read && header[VERSIONS] == [2, 2] && header[PAGES] == [0, 0, 0, 1]
}

/// Of the header of a file of SQLite: whether it keeps a log, and how many pages it has
/// (<https://sqlite.org/fileformat2.html#the_database_header>).
const HEADER_BYTES: usize = 32;
const VERSIONS: Range<usize> = 18..20;
const PAGES: Range<usize> = 28..32;
