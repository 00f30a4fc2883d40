//! The commands about signing keys. They need no database: servers that run follow the folder.

use crate::cli::KeysCommand;
use crate::config::Checked;
use auth::SigningKeyStatus;
use store::Timestamp;

pub(crate) fn execute(settings: &Checked, command: &KeysCommand) -> anyhow::Result<()> {
    let (folder, now) = (&settings.signing_keys_dir, Timestamp::now());
    let keys = match command {
        KeysCommand::List => auth::signing_keys(folder, now)?,
        KeysCommand::Rotate => auth::rotate_signing_keys(folder, now)?,
    };
    keys.iter().for_each(|key| println!("{}", line(key, now)));
    Ok(())
}

fn line(key: &SigningKeyStatus, now: Timestamp) -> String {
    let use_now = match key.verifies_until {
        None => "signs".to_owned(),
        Some(end) if now < end => format!("verifies until {end}"),
        Some(end) => format!("over since {end}, goes with the next rotation"),
    };
    format!("{}  made {}  {use_now}", key.key_id, key.made_at)
}
