//! The commands that take books over and write them out: import, export.

use crate::cli::{ExportCommand, Holders, JournalFormat};
use crate::output::{self, Output};
use crate::settings::Checked;
use crate::{database, inspection, progress, purpose};
use anyhow::Context as _;
use payments::history::{Ending, Import};
use std::io::BufWriter;
use std::path::Path;
use std::time::{Duration, Instant};

/// How many in a second.
pub(crate) fn rate(count: u64, took: Duration) -> u128 {
    u128::from(count) * 1_000_000 / took.as_micros().max(1)
}

/// The file of a history and what is to become of it.
pub(crate) struct HistoryImport<'a> {
    pub(crate) file: &'a Path,
    pub(crate) owner: Option<&'a str>,
    pub(crate) is_dry_run: bool,
}

pub(crate) async fn import_history(settings: &Checked, import: &HistoryImport<'_>) -> anyhow::Result<()> {
    let HistoryImport { file, owner, is_dry_run } = *import;
    let opened = std::fs::File::open(file).with_context(|| format!("cannot open {}", file.display()))?;
    let about = opened.metadata()?;
    anyhow::ensure!(!about.is_dir(), "{} is a folder: name the file in it", file.display());
    let bar = progress::file_bar(about.len());
    let rows = files_edge::history_rows(bar.wrap_read(opened)).with_context(|| file.display().to_string())?;
    let db = if is_dry_run { database::open_to_try(settings).await? } else { database::open(settings).await? };
    let owner = match owner {
        Some(username) => {
            let user = identity::find_user(&db, username).await?;
            Some(user.with_context(|| format!("there is no user {username}"))?.id)
        }
        None => None,
    };
    let clocks = match is_dry_run {
        true => database::open_clocks_to_try(settings, &db).await?,
        false => database::open_clocks(settings, &db).await?,
    };
    let started = Instant::now();
    let ending = if is_dry_run { Ending::RollBack } else { Ending::Commit };
    let told = |done| bar.set_message(format!("{done} rows"));
    let outcome = payments::history::import(&db, rows, &Import { owner, ending, clocks: &clocks }, told).await;
    bar.finish_and_clear();
    let report = outcome.with_context(|| format!("nothing of {} was booked", file.display()))?;
    if is_dry_run {
        output::report(format_args!(
            "{} rows would be booked, {} are there already, {} accounts would be opened; nothing was written\n",
            report.booked, report.already_there, report.accounts_opened,
        ));
        return Ok(());
    }
    let seconds = started.elapsed().as_secs_f64();
    output::report(format_args!(
        "{} rows booked, {} were there already, {} accounts opened, in {seconds:.1} s ({} rows/s)\n",
        report.booked,
        report.already_there,
        report.accounts_opened,
        rate(report.booked + report.already_there, started.elapsed()),
    ));
    purpose::claim_and_tell(&db, settings.mode).await
}

pub(crate) async fn export(settings: &Checked, what: ExportCommand) -> anyhow::Result<()> {
    let snapshot = inspection::open(settings).await?;
    let output = BufWriter::with_capacity(1 << 16, Output);
    let written = match what {
        ExportCommand::Balances { of: Holders::Customers } => files_edge::export_balances(&snapshot, output).await,
        ExportCommand::Balances { of: Holders::Bank } => files_edge::export_own_balances(&snapshot, output).await,
        ExportCommand::Journal { format } => {
            let format = match format {
                JournalFormat::Hledger => files_edge::JournalFormat::Hledger,
                JournalFormat::Beancount => files_edge::JournalFormat::Beancount,
            };
            files_edge::export_journal(&snapshot, format, output).await
        }
    };
    output::unless_unread(written.map(drop))?;
    Ok(snapshot.end()?)
}
