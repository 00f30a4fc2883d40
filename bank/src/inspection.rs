//! What commands need that only read: a database that is there. They make nothing, and may run beside a server.

use crate::settings::Checked;
use anyhow::{Context as _, bail};
use db::{SchemaAge, Snapshot};
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

/// Opens the database as it is now, if it is a bank's, and one that this program can read.
pub(crate) async fn open(settings: &Checked) -> anyhow::Result<Snapshot> {
    require_file(settings)?;
    let snapshot = Snapshot::open(&settings.database_url).await?;
    require_bank(&snapshot, settings).await?;
    Ok(snapshot)
}

/// Refuses where the file of the embedded database is not; a server says by itself what it does not have.
pub(crate) fn require_file(settings: &Checked) -> anyhow::Result<()> {
    let Some(path) = settings.database_url.strip_prefix("sqlite:") else { return Ok(()) };
    if Path::new(path).exists() {
        return Ok(());
    }
    let keys = [settings.signing_keys_dir.as_path(), settings.secrets_key_file.as_path()];
    bail!(Absent(match keys.into_iter().find(|path| path.exists()) {
        Some(key) => format!("there is no database at {path}, and {} says that there was a bank", key.display()),
        None => format!("there is no database at {path}"),
    }))
}

/// Refuses what is no bank, or not one that this program can judge.
async fn require_bank(snapshot: &Snapshot, settings: &Checked) -> anyhow::Result<()> {
    let age = db::schema_age(snapshot, &schema::migrations()).await.context("the database cannot be read")?;
    let none = "there is no bank in this database: it has none of the tables";
    match age {
        SchemaAge::Current => Ok(()),
        SchemaAge::Empty if settings.database_url.starts_with("sqlite:") => bail!(Absent(format!(
            "{none}. After a crash, part of an embedded database is in the file beside it that ends in -wal: they belong \
             together"
        ))),
        SchemaAge::Empty => bail!(Absent(none.to_owned())),
        SchemaAge::Older(pending) => bail!(
            "{pending} of this version's migrations are not applied: run `florin migrate` first, or use the version that \
             served last"
        ),
    }
}
