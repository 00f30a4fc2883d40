//! The commands about signing keys. They need no database: servers that run follow the folder.

use crate::cli::KeysCommand;
use crate::machine_clock;
use crate::output;
use crate::settings::Checked;
use auth::SigningKeyStatus;
use db::Timestamp;

pub(crate) fn execute(settings: &Checked, command: &KeysCommand) -> anyhow::Result<()> {
    let (folder, now) = (&settings.signing_keys_dir, machine_clock::now());
    let lines = |keys: Vec<SigningKeyStatus>| keys.iter().map(|key| line(key, now)).collect::<String>();
    match command {
        KeysCommand::List => output::print(format_args!("{}", lines(auth::signing_keys(folder, now)?)))?,
        KeysCommand::Rotate => output::report(format_args!("{}", lines(auth::rotate_signing_keys(folder, now)?))),
    }
    Ok(())
}

fn line(key: &SigningKeyStatus, now: Timestamp) -> String {
    let use_now = match key.verifies_until {
        None => "signs".to_owned(),
        Some(end) if now < end => format!("verifies until {end}"),
        Some(end) => format!("over since {end}, goes with the next rotation"),
    };
    format!("{}  made {}  {use_now}\n", key.key_id, key.made_at)
}
