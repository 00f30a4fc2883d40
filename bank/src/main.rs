//! The binary `florin`: one program, many commands. It wires services together and decides nothing.

// Both panic when nobody takes what they write: `output` says what happens then.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod audit_key;
mod backup;
mod books;
mod certs;
mod cli;
mod counters;
mod data_folder;
mod database;
mod demo;
mod environment;
mod events;
mod four_eyes;
mod fraud_replay;
mod handles;
mod housekeeping;
mod inspection;
mod keys;
mod machine_clock;
mod mail;
mod openid;
mod opening;
mod output;
mod people;
mod progress;
mod purpose;
#[cfg(test)]
mod rights;
mod secrets_key;
mod serve;
mod settings;
mod telling;
mod tls;
mod verify;

use clap::CommandFactory as _;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    data_folder::keep_files_private();
    if environment::asks_for_json(std::env::args_os()) {
        output::speak_json();
    }
    let arguments = match cli::read() {
        Ok(arguments) => arguments,
        Err(error) => return refuse(&error),
    };
    let code_of_failure = arguments.command.code_of_failure();
    match run(arguments) {
        Ok(code) => code,
        Err(error) => {
            output::complain(format_args!("{}", output::in_one_line(&error)));
            if inspection::is_absence(&error) { ExitCode::from(2) } else { code_of_failure }
        }
    }
}

/// A wrong value is told in one line; help and usage are shown as they are, unless a program reads along.
fn refuse(error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind;
    let is_value = matches!(error.kind(), ErrorKind::InvalidValue | ErrorKind::ValueValidation);
    let is_for_programs = error.use_stderr() && output::speaks_json();
    if !is_value && !is_for_programs {
        error.exit();
    }
    output::complain(format_args!("{}", environment::refusal(error, std::env::args_os())));
    ExitCode::from(2)
}

fn run(arguments: cli::Cli) -> anyhow::Result<ExitCode> {
    environment::refuse_unknown_settings(std::env::vars_os())?;
    #[cfg(feature = "failpoints")]
    let _failpoints = fail::FailScenario::setup();
    start_log(&arguments.settings)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(dispatch(arguments))
}

async fn dispatch(arguments: cli::Cli) -> anyhow::Result<ExitCode> {
    let settings = arguments.settings;
    match arguments.command {
        cli::Command::Serve { demo } => serve::serve(settings.checked()?, demo).await?,
        cli::Command::Migrate => database::migrate(&settings.checked()?).await?,
        cli::Command::Config => output::print(format_args!("{}", settings::explain(&settings, &cli::Cli::command())))?,
        cli::Command::Admin { command: cli::AdminCommand::Create { username, role } } => {
            people::create_staff(&settings.checked()?, username, role).await?;
        }
        cli::Command::Admin { command: cli::AdminCommand::Disable { username } } => {
            people::disable(&settings.checked()?, &username).await?;
        }
        cli::Command::Admin { command: cli::AdminCommand::Enable { username } } => {
            people::enable(&settings.checked()?, &username).await?;
        }
        cli::Command::Admin { command: cli::AdminCommand::ResetMfa { username } } => {
            people::reset_mfa(&settings.checked()?, &username).await?;
        }
        cli::Command::Keys { command: cli::KeysCommand::List } => keys::list(&settings.checked()?)?,
        cli::Command::Keys { command: cli::KeysCommand::Rotate } => keys::rotate(&settings.checked()?)?,
        cli::Command::Keys { command: cli::KeysCommand::ReplaceSecrets } => {
            secrets_key::replace(&settings.checked()?).await?;
        }
        cli::Command::Keys { command: cli::KeysCommand::ReplaceAudit } => {
            audit_key::replace(&settings.checked()?).await?;
        }
        cli::Command::Backup { file } => backup::back_up(&settings.checked()?, &file)?,
        cli::Command::Restore { file } => backup::restore(&settings.checked()?, &file)?,
        cli::Command::Verify(wanted) => return verify::verify(settings.checked()?, wanted).await,
        cli::Command::Import { command: cli::ImportCommand::History { file, owner, dry_run } } => {
            let import = books::HistoryImport { file: &file, owner: owner.as_deref(), is_dry_run: dry_run };
            books::import_history(&settings.checked()?, &import).await?;
        }
        cli::Command::Import { command: cli::ImportCommand::Users { file } } => {
            people::import_users(&settings.checked()?, &file).await?;
        }
        cli::Command::Events { command } => events::run(&settings.checked()?, command).await?,
        cli::Command::Analytics { command: cli::AnalyticsCommand::Rebuild } => {
            counters::rebuild(&settings.checked()?).await?
        }
        cli::Command::Fraud { command } => fraud_replay::run(&settings.checked()?, command).await?,
        cli::Command::Export { command } => books::export(&settings.checked()?, command).await?,
        cli::Command::Certs(arguments) => certs::make(&arguments, time::OffsetDateTime::now_utc())?,
        cli::Command::Openapi => output::print(format_args!("{}\n", http_edge::openapi().to_pretty_json()?))?,
        cli::Command::Routes => output::print(format_args!("{}", http_edge::routes_markdown()))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Logs go to standard error, so that what commands print stays clean.
fn start_log(settings: &settings::Settings) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(&settings.log)
        .map_err(|error| anyhow::anyhow!("FLORIN_LOG is not a filter: {error}"))?;
    // An event that no queue of a broker wants is counted, and no warning.
    let filter = filter.add_directive("lapin::returned_messages=off".parse().expect("it is a directive"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // It would complain on standard error that standard error is full, and panic.
    let log = log.log_internal_errors(false);
    match settings.log_format {
        settings::LogFormat::Text => log.init(),
        settings::LogFormat::Json => log.json().init(),
    }
    Ok(())
}
