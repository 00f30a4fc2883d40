//! The commands about signing keys. They need no database: servers that run follow the folder.

use crate::data_folder::has_signing_keys;
use crate::inspection::Absent;
use crate::machine_clock;
use crate::output;
use crate::settings::Checked;
use anyhow::ensure;
use db::WallTime;
use identity::TokenKeyStatus;
use std::path::Path;

/// Shows the keys that there are, and makes none.
pub(crate) fn list(settings: &Checked) -> anyhow::Result<()> {
    let (folder, now) = (&settings.signing_keys_dir, machine_clock::now());
    require(folder)?;
    output::print(format_args!("{}", lines(&identity::token_keys(folder, now)?, now)))
}

/// Makes a new key, which signs from now on. A bank that has none makes the first at its start.
pub(crate) fn rotate(settings: &Checked) -> anyhow::Result<()> {
    let (folder, now) = (&settings.signing_keys_dir, machine_clock::now());
    require(folder)?;
    settings.make_data_folder()?;
    output::report(format_args!("{}", lines(&identity::rotate_token_keys(folder, now)?, now)));
    Ok(())
}

fn require(folder: &Path) -> anyhow::Result<()> {
    ensure!(has_signing_keys(folder), Absent(format!("there are no signing keys in {}", folder.display())));
    Ok(())
}

fn lines(keys: &[TokenKeyStatus], now: WallTime) -> String {
    keys.iter().map(|key| line(key, now)).collect()
}

fn line(key: &TokenKeyStatus, now: WallTime) -> String {
    let use_now = match key.verifies_until {
        None => "signs".to_owned(),
        Some(end) if now < end => format!("verifies until {end}"),
        Some(end) => format!("over since {end}, goes with the next rotation"),
    };
    format!("{}  made {}  {use_now}\n", key.key_id, key.made_at)
}
