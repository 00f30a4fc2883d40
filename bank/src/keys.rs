//! The commands about signing keys. They need no database: servers that run follow the folder.

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
    ensure!(has_keys(folder), Absent(format!("there are no signing keys in {}", folder.display())));
    output::print(format_args!("{}", lines(&identity::token_keys(folder, now)?, now)))
}

/// Makes a new key, which signs from now on.
pub(crate) fn rotate(settings: &Checked) -> anyhow::Result<()> {
    let now = machine_clock::now();
    output::report(format_args!("{}", lines(&identity::rotate_token_keys(&settings.signing_keys_dir, now)?, now)));
    Ok(())
}

/// What cannot be read is left for whoever reads the keys to complain about.
fn has_keys(folder: &Path) -> bool {
    let is_key = |path: &Path| path.extension().is_some_and(|ending| ending == "pem");
    match folder.read_dir() {
        Ok(mut entries) => entries.any(|entry| entry.is_ok_and(|entry| is_key(&entry.path()))),
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    }
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
