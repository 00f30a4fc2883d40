//! The commands about signing keys. They need no database: servers that run follow the folder.

use crate::cli::KeysCommand;
use crate::machine_clock;
use crate::output;
use crate::settings::Checked;
use db::Timestamp;
use identity::TokenKeyStatus;

pub(crate) fn execute(settings: &Checked, command: &KeysCommand) -> anyhow::Result<()> {
    let (folder, now) = (&settings.signing_keys_dir, machine_clock::now());
    let lines = |keys: Vec<TokenKeyStatus>| keys.iter().map(|key| line(key, now)).collect::<String>();
    match command {
        KeysCommand::List => output::print(format_args!("{}", lines(identity::token_keys(folder, now)?)))?,
        KeysCommand::Rotate => output::report(format_args!("{}", lines(identity::rotate_token_keys(folder, now)?))),
    }
    Ok(())
}

fn line(key: &TokenKeyStatus, now: Timestamp) -> String {
    let use_now = match key.verifies_until {
        None => "signs".to_owned(),
        Some(end) if now < end => format!("verifies until {end}"),
        Some(end) => format!("over since {end}, goes with the next rotation"),
    };
    format!("{}  made {}  {use_now}\n", key.key_id, key.made_at)
}
