//! The database as commands and the server open it: to work on it, to work on one that is there, or only to try something.

use crate::inspection::{self, Absent};
use crate::settings::{Checked, Mode};
use crate::{machine_clock, output, purpose};
use anyhow::{Context as _, bail};
use clock::Clocks;
use db::{Db, MigrationReport};
use std::path::Path;

/// The database, brought up to date; a new one is made. Whoever has done what they came for claims it: see `purpose.rs`.
pub(crate) async fn open(settings: &Checked) -> anyhow::Result<Db> {
    let db = open_unless_lost(settings).await?;
    // Before anything is done to it.
    purpose::require(&db, settings.mode).await?;
    bring_up_to_date(&db).await.context("the tables could not be brought up to date")?;
    Ok(db)
}

/// The same for who needs a bank that is there already: none is made.
pub(crate) async fn open_existing(settings: &Checked) -> anyhow::Result<Db> {
    inspection::require_file(settings)?;
    settings.make_data_folder()?;
    let db = Db::open(&settings.database_url).await?;
    if db::is_untouched(&db).await? {
        bail!(Absent(inspection::NO_BANK.to_owned()));
    }
    purpose::require(&db, settings.mode).await?;
    bring_up_to_date(&db).await.context("the tables could not be brought up to date")?;
    Ok(db)
}

/// The same for who changes nothing in the end: the tables have to be there and up to date.
pub(crate) async fn open_to_try(settings: &Checked) -> anyhow::Result<Db> {
    inspection::open(settings).await?.end()?;
    let db = Db::open(&settings.database_url).await?;
    purpose::check(&db, settings.mode).await?;
    Ok(db)
}

/// The two clocks, as the mode has them.
pub(crate) async fn open_clocks(settings: &Checked, db: &Db) -> anyhow::Result<Clocks> {
    let wall = machine_clock::reader();
    Ok(match settings.mode {
        Mode::Production => Clocks::of_production(wall, db).await?,
        Mode::Sandbox => Clocks::of_sandbox(wall, db).await?,
    })
}

/// The same for who changes nothing in the end.
pub(crate) async fn open_clocks_to_try(settings: &Checked, db: &Db) -> anyhow::Result<Clocks> {
    let wall = machine_clock::reader();
    Ok(match settings.mode {
        Mode::Production => Clocks::of_production(wall, db).await?,
        Mode::Sandbox => Clocks::to_try(wall, db).await?,
    })
}

/// The command.
pub(crate) async fn migrate(settings: &Checked) -> anyhow::Result<()> {
    let db = open_unless_lost(settings).await?;
    let MigrationReport { applied, already_there } = bring_up_to_date(&db).await?;
    output::report(format_args!("{applied} migrations applied, {already_there} were there already.\n"));
    Ok(())
}

async fn bring_up_to_date(db: &Db) -> db::Result<MigrationReport> {
    db::migrate(db, &schema::migrations(), machine_clock::now()).await
}

/// Opens the database, or a new one. Where keys are and no tables, a bank has lost its database: an empty one beside them
/// would look like it, and whoever has a token of the old one would be let in.
async fn open_unless_lost(settings: &Checked) -> anyhow::Result<Db> {
    // Keys are made after the tables: another process may just be making both.
    let Some(key) = settings.key_of_a_bank() else {
        settings.make_data_folder()?;
        return Ok(Db::open(&settings.database_url).await?);
    };
    if let Some(file) = settings.database_url.strip_prefix("sqlite:").map(Path::new) {
        // What is beside it says more.
        db::refuse_lost_sqlite(file)?;
        if let Some(nothing) = inspection::nothing_at(file) {
            bail!(lost(&key, &nothing));
        }
    }
    settings.make_data_folder()?;
    let db = Db::open(&settings.database_url).await?;
    if db::is_untouched(&db).await? {
        bail!(lost(&key, inspection::NO_BANK));
    }
    Ok(db)
}

fn lost(key: &Path, what: &str) -> Absent {
    Absent(format!(
        "{what}, and {} says that there was a bank: bring its database back (docs/backup.md), or move the keys away to begin \
         a new bank",
        key.display()
    ))
}
