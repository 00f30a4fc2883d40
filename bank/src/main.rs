//! The binary `florin`: one program, many commands. It wires services together and decides nothing.

mod books;
mod cli;
mod config;
mod demo;
mod people;
mod progress;
mod serve;

use clap::Parser as _;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = cli::Cli::parse();
    match run(arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("florin: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: cli::Cli) -> anyhow::Result<ExitCode> {
    config::refuse_unknown_settings(std::env::vars_os().map(|(name, _)| name))?;
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
        cli::Command::Migrate => serve::migrate(&settings.checked()?).await?,
        cli::Command::Config => print!("{}", config::explain(&settings)),
        cli::Command::Admin { command: cli::AdminCommand::Create { username } } => {
            people::create_admin(&settings.checked()?, &username).await?;
        }
        cli::Command::Verify => return books::verify(&settings.checked()?).await,
        cli::Command::Import { command: cli::ImportCommand::History { file, owner } } => {
            books::import_history(&settings.checked()?, &file, owner.as_deref()).await?;
        }
        cli::Command::Export { command } => books::export(&settings.checked()?, command).await?,
        cli::Command::Openapi => println!("{}", http_edge::openapi().to_pretty_json()?),
        cli::Command::Bench { command } => bench::execute(command).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Logs go to standard error, so that what commands print stays clean.
fn start_log(settings: &config::Settings) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(&settings.log)
        .map_err(|error| anyhow::anyhow!("FLORIN_LOG is not a filter: {error}"))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match settings.log_format {
        config::LogFormat::Text => log.init(),
        config::LogFormat::Json => log.json().init(),
    }
    Ok(())
}
