//! The commands about backups. Only of the embedded database: PostgreSQL has tools of its own, which know how to restore to
//! any moment.

use crate::output;
use crate::settings::Checked;
use anyhow::bail;
use std::fmt::Write as _;
use std::path::Path;

pub(crate) fn back_up(settings: &Checked, file: &Path) -> anyhow::Result<()> {
    let database = embedded(settings, "back up PostgreSQL with pg_dump --format=custom, or with continuous archiving")?;
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
    let restored = db::restore_sqlite(file, database, &schema::migrations())?;
    let mut said = format!("{} is restored: {} bytes.\n", database.display(), restored.bytes);
    if restored.pending > 0 {
        let _ = writeln!(said, "{} migrations are applied when it is next opened.", restored.pending);
    }
    if !settings.secrets_key_file.exists() {
        let keys = keys_of(settings);
        let _ = writeln!(said, "Bring back {keys} before anybody serves: without them no second factor by app works.");
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
    format!("{} and {}", settings.secrets_key_file.display(), settings.signing_keys_dir.display())
}
