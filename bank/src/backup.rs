//! The commands about backups. Only of the embedded database: PostgreSQL has tools of its own, which know how to restore to
//! any moment.

use crate::settings::Checked;
use crate::{inspection, output};
use anyhow::{bail, ensure};
use std::fmt::Write as _;
use std::path::Path;

pub(crate) fn back_up(settings: &Checked, file: &Path) -> anyhow::Result<()> {
    let database = embedded(settings, "back up PostgreSQL with pg_dump --format=custom, or with continuous archiving")?;
    inspection::require_file(settings)?;
    let copied = db::back_up_sqlite(database, file, &schema::migrations())?;
    output::report(format_args!(
        "{} holds the whole database: {} bytes.\nThe keys are not in it: keep {} elsewhere.\n",
        file.display(),
        copied.bytes,
        keys_of(settings)
    ));
    Ok(())
}

pub(crate) fn restore(settings: &Checked, file: &Path) -> anyhow::Result<()> {
    let database = embedded(settings, "restore PostgreSQL with pg_restore, or to a moment from its archive")?;
    let is_new = !settings.data_dir.exists();
    ensure!(file.is_file(), inspection::Absent(format!("{}: there is no such file", file.display())));
    settings.make_data_folder()?;
    let restored = db::restore_sqlite(file, database, &schema::migrations());
    if restored.is_err() && is_new {
        // A folder that holds anything stays.
        let _ = std::fs::remove_dir(&settings.data_dir);
    }
    let restored = restored?;
    let mut said = format!("{} is restored: {} bytes.\n", database.display(), restored.bytes);
    if restored.pending > 0 {
        let _ = writeln!(said, "{} migrations are applied when it is next opened.", restored.pending);
    }
    if !settings.secrets_key_file.exists() {
        let keys = keys_of(settings);
        let _ =
            writeln!(said, "Bring back {keys} before anybody serves: the bank does not start without its secrets key.");
    }
    output::report(format_args!("{said}Prove it with `florin verify`.\n"));
    Ok(())
}

fn embedded<'a>(settings: &'a Checked, else_do: &str) -> anyhow::Result<&'a Path> {
    match settings.database_url.strip_prefix("sqlite:") {
        Some(path) => Ok(Path::new(path)),
        None => bail!("this copies the embedded database only: {else_do}; docs/backup.md says more"),
    }
}

fn keys_of(settings: &Checked) -> String {
    let [secrets, audit] = [&settings.secrets_key_file, &settings.audit_key_file].map(|file| file.display());
    format!("{secrets}, {audit} and {}", settings.signing_keys_dir.display())
}
