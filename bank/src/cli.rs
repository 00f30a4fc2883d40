//! The command line.

use crate::settings::Settings;
use clap::{CommandFactory as _, FromArgMatches as _};
use std::path::PathBuf;
use std::process::ExitCode;

/// Florin, a bank you can run.
#[derive(clap::Parser)]
#[command(name = "florin", version, about, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) settings: Settings,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Reads the arguments and the environment, where a blank value means that a setting is not set.
pub(crate) fn read() -> Result<Cli, clap::Error> {
    let command = Cli::command().mut_args(|argument| {
        let is_blank = |name: &std::ffi::OsStr| std::env::var_os(name).is_some_and(|value| value.is_empty());
        if argument.get_env().is_some_and(is_blank) { argument.env(clap::builder::Resettable::Reset) } else { argument }
    });
    Cli::from_arg_matches(&command.try_get_matches()?)
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
    /// Manage who works for the bank.
    Admin {
        #[command(subcommand)]
        command: AdminCommand,
    },
    /// Manage the keys: those that sign access tokens, and the one that seals secrets.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Prove that the books are right; exit with 1 and the first bad rows if they are wrong, with 2 if nobody can tell.
    ///
    /// Recomputes every balance from the postings, compares each transaction with its entry and its hold, customers'
    /// accounts with the ledger's and kept answers with transactions, and looks whether the tables, keys and triggers are
    /// those that the migrations made. Makes and changes nothing, and may run beside a server. It proves that the books agree with themselves: somebody who rewrites all of them alike is
    /// found with `--audit`, by a signed head that is kept elsewhere.
    Verify(VerifyArguments),
    /// Copy the embedded database into a new file, also while the bank runs. The keys are not in it.
    Backup {
        /// The file to make; one that is there is not overwritten.
        file: PathBuf,
    },
    /// Put a backup into a data folder that has no database yet.
    Restore {
        /// What `florin backup` made, or a copy of the database file of a bank that was stopped in order.
        file: PathBuf,
    },
    /// Take over data from elsewhere.
    Import {
        #[command(subcommand)]
        command: ImportCommand,
    },
    /// See how far those are who follow what happens, and have tried again what one of them could not take.
    Events {
        #[command(subcommand)]
        command: EventsCommand,
    },
    /// Count anew what is counted of what happens.
    Analytics {
        #[command(subcommand)]
        command: AnalyticsCommand,
    },
    /// See what rules of fraud would have made of the payments that were made, and the rules that count.
    Fraud {
        #[command(subcommand)]
        command: FraudCommand,
    },
    /// Write data for elsewhere to standard output.
    Export {
        #[command(subcommand)]
        command: ExportCommand,
    },
    /// Make a private CA and certificates of it, for development and for machines of one's own.
    Certs(CertsArguments),
    /// Print the OpenAPI document.
    Openapi,
    /// Print the table of routes, with who may call each, as Markdown.
    Routes,
}

impl Command {
    /// How the process ends when the command failed: for who asks whether the books are right, that is not a no.
    pub(crate) fn code_of_failure(&self) -> ExitCode {
        match self {
            Self::Verify(_) => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    }
}

#[derive(clap::Args)]
pub(crate) struct VerifyArguments {
    /// Check the audit log too: hash every leaf anew and hold the tree against every signed head, and each leaf against the
    /// stream and the ledger.
    #[arg(long)]
    pub(crate) audit: bool,
    /// Take the leaves before this one for what their stored hashes say.
    #[arg(long, requires = "audit", default_value_t = 0, value_name = "LEAF")]
    pub(crate) from: u64,
    /// A signed head that was kept elsewhere, as `/api/audit/checkpoint` gave it out: the log must have begun so. May be given
    /// several times.
    #[arg(long, requires = "audit", value_name = "FILE")]
    pub(crate) checkpoint: Vec<PathBuf>,
    /// A key as it was published: then no other key counts. May be given several times.
    #[arg(long, requires = "audit", value_name = "VKEY", value_parser = read_vkey)]
    pub(crate) vkey: Vec<String>,
}

fn read_vkey(text: &str) -> Result<String, String> {
    if audit::is_vkey(text) { Ok(text.to_owned()) } else { Err("not a key as /api/audit/key gives it out".to_owned()) }
}

#[derive(clap::Subcommand)]
pub(crate) enum AnalyticsCommand {
    /// Count all events anew beside the counters, compare the two, and put the new ones in place of the old. An embedded database
    /// has to be left by the server first.
    Rebuild,
}

#[derive(clap::Subcommand)]
pub(crate) enum EventsCommand {
    /// List the consumers with their positions, and the events that are parked.
    List,
    /// Print the catalogue: every kind of event with the members of its data, as JSON.
    Kinds,
    /// Print the event at a position.
    Show {
        /// Its place among all events, from 1 on.
        position: i64,
    },
    /// Forget a consumer that does not come back, and what is parked for it: events are kept for as long as somebody may still
    /// read them. An embedded database has to be left by the server first.
    Forget {
        /// Whom, as `florin events list` names it.
        consumer: String,
    },
    /// Have a parked event tried again, and what waits behind it. An embedded database has to be left by the server first.
    Unpark {
        /// For whom it is parked, as `florin events list` names it.
        consumer: String,
        /// The subject, as `florin events list` names it.
        subject: uuid::Uuid,
    },
}

#[derive(clap::Args)]
pub(crate) struct CertsArguments {
    /// Where the files go; a CA that is there already issues further certificates.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: PathBuf,
    /// A DNS name or IP address of the server, besides localhost; may be repeated.
    #[arg(long = "name", value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// The name of a further client, besides `proxy` and `service`; may be repeated.
    #[arg(long = "client", value_name = "NAME")]
    pub(crate) clients: Vec<String>,
    /// How long the certificates are valid. Many clients accept no longer time than 825 days.
    #[arg(long, value_name = "DAYS", default_value_t = 365, value_parser = clap::value_parser!(i64).range(1..=825))]
    pub(crate) days: i64,
}

#[derive(clap::Subcommand)]
pub(crate) enum AdminCommand {
    /// Make an administrator, or somebody else of the staff; the password comes from a prompt or from FLORIN_ADMIN_PASSWORD.
    Create {
        /// The name to log in with.
        #[arg(long)]
        username: String,
        /// What they will be.
        #[arg(long, default_value = "admin", value_enum)]
        role: StaffRole,
    },
    /// Keep somebody out at once, and end all their sessions. One administrator is left, where the API leaves two.
    Disable {
        /// The name they log in with.
        #[arg(long)]
        username: String,
    },
    /// Let somebody in again who was kept out; also a member of staff, which takes two people over the API.
    Enable {
        /// The name they log in with.
        #[arg(long)]
        username: String,
    },
    /// Take all second factors from somebody who has lost them, and end their sessions.
    ResetMfa {
        /// The name they log in with.
        #[arg(long)]
        username: String,
    },
}

#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum StaffRole {
    Teller,
    Analyst,
    Admin,
    Auditor,
}

#[derive(clap::Subcommand)]
pub(crate) enum KeysCommand {
    /// Show the keys, the one that signs first.
    List,
    /// Make a new key, which signs from now on; the one before verifies until its last token has expired.
    Rotate,
    /// Go on with the secrets key that is in its file, or with a new one, because the database's own is lost for good.
    ///
    /// What that one sealed can never be opened again: whoever has an authenticator app needs `admin reset-mfa`, and mails
    /// that wait are given up.
    ReplaceSecrets,
    /// Sign the audit log with the key that is in its file, or with a new one, from now on: because it is time, or because the
    /// database's own is lost for good. Tell those who check the log; the earlier key is in `/api/audit/key` still.
    ReplaceAudit,
}

#[derive(clap::Subcommand)]
pub(crate) enum ImportCommand {
    /// Book a history of movements from a CSV file: all of it or nothing, and nothing twice.
    History {
        /// external_id,account,value_date,amount,currency,category,counterparty,description, in any order; the category is
        /// cash, transfer, interest, fee, loan, card or other
        file: PathBuf,
        /// The user whose the new accounts will be; without it they belong to nobody yet.
        #[arg(long)]
        owner: Option<String>,
        /// Only say what would be booked and opened.
        #[arg(long)]
        dry_run: bool,
    },
    /// Take over users with their password hashes from a CSV file: all of it or nothing, and nobody twice.
    Users {
        /// username,email,role,password_hash
        file: PathBuf,
    },
}

#[derive(clap::Subcommand)]
pub(crate) enum FraudCommand {
    /// Print the rules that count, as JSON: what `--rules` takes.
    Rules,
    /// Print as CSV how many payments to others each account is remembered to have made.
    Profiles,
    /// Decide anew on every payment that was made, by a set of rules and by the one that counts, and print as CSV those that either
    /// would not simply have made. Changes nothing, and may run beside a server.
    Replay(ReplayArguments),
}

#[derive(clap::Args)]
pub(crate) struct ReplayArguments {
    /// The set that is tried; unset: what is built in, with every rule counting.
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Option<PathBuf>,
    /// Only payments of this day (UTC) and later are told; earlier ones are learned from.
    #[arg(long, value_name = "DATE", value_parser = read_date)]
    pub(crate) from: Option<db::Date>,
    /// Only payments of before this day.
    #[arg(long, value_name = "DATE", value_parser = read_date)]
    pub(crate) to: Option<db::Date>,
}

fn read_date(text: &str) -> Result<db::Date, String> {
    db::Date::parse(text).map_err(|error| error.to_string())
}

#[derive(clap::Subcommand)]
pub(crate) enum ExportCommand {
    /// Every customer account's balance as CSV: account,external_ref,currency,balance. Of the bank's own accounts:
    /// account,name,line,currency,balance.
    ///
    /// A reference or name that begins like a formula of a spreadsheet (with = + - @) has a ' before it, which makes it text there;
    /// programs that read the file take that one ' away.
    Balances {
        /// Whose accounts.
        #[arg(long, default_value = "customers")]
        of: Holders,
    },
    /// Every entry, for the tools of plain text accounting.
    Journal {
        /// Whose language.
        #[arg(long)]
        format: JournalFormat,
    },
}

#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Holders {
    Customers,
    Bank,
}

#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum JournalFormat {
    Hledger,
    Beancount,
}
