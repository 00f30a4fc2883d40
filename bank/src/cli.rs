//! The command line.

use crate::config::Settings;
use std::path::PathBuf;

/// Florin, a bank you can run.
#[derive(clap::Parser)]
#[command(name = "florin", version, about, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) settings: Settings,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(clap::Subcommand)]
pub(crate) enum Command {
    /// Run the bank.
    Serve {
        /// Fill an empty sandbox with customers, history and logins, and print them.
        #[arg(long)]
        demo: bool,
    },
    /// Bring the database's tables up to date.
    Migrate,
    /// Explain every setting and show its value.
    Config,
    /// Manage administrators.
    Admin {
        #[command(subcommand)]
        command: AdminCommand,
    },
    /// Prove that the books are right; exit with 1 and the first bad rows otherwise.
    Verify,
    /// Take over data from elsewhere.
    Import {
        #[command(subcommand)]
        command: ImportCommand,
    },
    /// Write data for elsewhere to standard output.
    Export {
        #[command(subcommand)]
        command: ExportCommand,
    },
    /// Print the OpenAPI document.
    Openapi,
    /// Put a running server under load, and report.
    Bench {
        #[command(subcommand)]
        command: bench::Command,
    },
}

#[derive(clap::Subcommand)]
pub(crate) enum AdminCommand {
    /// Make an administrator; the password comes from a prompt or from FLORIN_ADMIN_PASSWORD.
    Create {
        /// The name to log in with.
        #[arg(long)]
        username: String,
    },
}

#[derive(clap::Subcommand)]
pub(crate) enum ImportCommand {
    /// Book a history of movements from a CSV file: all of it or nothing, and nothing twice.
    History {
        /// external_id,account,value_date,amount,currency,category,counterparty,description
        file: PathBuf,
        /// The user whose the new accounts will be; without it they belong to nobody yet.
        #[arg(long)]
        owner: Option<String>,
    },
}

#[derive(clap::Subcommand)]
pub(crate) enum ExportCommand {
    /// Every customer account's balance as CSV: account,external_ref,currency,balance.
    Balances,
    /// Every entry, for the tools of plain text accounting.
    Journal {
        /// Whose language.
        #[arg(long)]
        format: JournalFormat,
    },
}

#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum JournalFormat {
    Hledger,
    Beancount,
}
