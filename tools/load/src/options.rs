//! The command line of `florin-load`.

use std::path::PathBuf;

use crate::client::Target;
use crate::enumeration::EnumerationOptions;
use crate::history::HistoryOptions;

/// What it can do.
#[derive(Clone, Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Transfers between random pairs of accounts, one for each request.
    Uniform(LoadOptions),
    /// Transfers that all touch one account, half of them into it and half out of it.
    Hot(LoadOptions),
    /// Batches of independent transfers between random pairs of accounts.
    Batch {
        /// Everything that all loads have in common.
        #[command(flatten)]
        load: LoadOptions,
        /// Transfers in each batch.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
        batch_size: u32,
    },
    /// A fixed rate of balance reads and transfers, timed from the moment each was due.
    Floor {
        /// Everything that all loads have in common.
        #[command(flatten)]
        load: LoadOptions,
        /// Balance reads due in each second.
        #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
        reads_per_second: u32,
        /// Transfers due in each second.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
        transfers_per_second: u32,
    },
    /// Logins with the right password, one after the other on each connection.
    Logins(LoadOptions),
    /// Looks for what a failed login tells about who exists.
    Enumeration(EnumerationOptions),
    /// Writes a made-up history for `florin import history`; needs no server.
    History(HistoryOptions),
}

impl Command {
    /// What is to be done.
    pub(crate) fn into_work(self) -> Work {
        let (scenario, load) = match self {
            Self::Uniform(load) => (Scenario::Uniform, load),
            Self::Hot(load) => (Scenario::Hot, load),
            Self::Batch { load, batch_size } => (Scenario::Batch { size: batch_size }, load),
            Self::Floor { load, reads_per_second, transfers_per_second } => {
                (Scenario::Floor { reads_per_second, transfers_per_second }, load)
            }
            Self::Logins(load) => (Scenario::Logins, load),
            Self::Enumeration(options) => return Work::Enumeration(options),
            Self::History(history) => return Work::History(history),
        };
        Work::Load(Options { scenario, load })
    }
}

/// What a command line asks for.
pub(crate) enum Work {
    /// A load on a running server.
    Load(Options),
    /// A comparison of failed logins.
    Enumeration(EnumerationOptions),
    /// A file to be written.
    History(HistoryOptions),
}

/// A load and how to apply it.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// Which requests are sent.
    pub(crate) scenario: Scenario,
    /// Where, by whom, how many and for how long.
    pub(crate) load: LoadOptions,
}

/// Which requests are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scenario {
    /// One transfer a request, between two accounts drawn at random.
    Uniform,
    /// One transfer a request, one side of which is always the same account.
    Hot,
    /// Many independent transfers a request.
    Batch {
        /// Transfers in each request.
        size: u32,
    },
    /// One login a request.
    Logins,
    /// Reads and transfers at a fixed rate, whether or not earlier ones were answered.
    Floor {
        /// Balance reads due in each second.
        reads_per_second: u32,
        /// Transfers due in each second.
        transfers_per_second: u32,
    },
}

impl Scenario {
    /// The word for it on the command line and in reports.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Hot => "hot",
            Self::Batch { .. } => "batch",
            Self::Logins => "logins",
            Self::Floor { .. } => "floor",
        }
    }
}

impl Options {
    /// What the command line cannot check by itself.
    ///
    /// # Errors
    /// Some options do not go together.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let LoadOptions { users, .. } = self.load;
        anyhow::ensure!(
            users == 1 || self.scenario != Scenario::Hot,
            "the hot account has one owner: leave --users out"
        );
        let wanted = self.load.accounts_wanted();
        anyhow::ensure!(wanted >= users as usize, "{users} users cannot share {wanted} accounts");
        Ok(())
    }
}

impl LoadOptions {
    /// How many accounts shall take part.
    pub(crate) fn accounts_wanted(&self) -> usize {
        self.accounts_sample.unwrap_or(self.accounts) as usize
    }
}

/// What every load needs to know.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct LoadOptions {
    /// The server's address.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    pub(crate) url: Target,
    /// The customer whose accounts move the money; registered if new. Further ones are called NAME-2, NAME-3, ….
    #[arg(long, default_value = "bench")]
    pub(crate) username: String,
    /// The customers' password.
    #[arg(long, env = "FLORIN_BENCH_PASSWORD", default_value = "load-generator-sandbox-only", hide_env_values = true)]
    pub(crate) password: String,
    /// Customers, each with its share of the accounts; they pay from their own into any. Each connection is of one.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000), conflicts_with = "accounts_file")]
    pub(crate) users: u32,
    /// Say that requests come from N addresses, one for each user in turn: `X-Forwarded-For`, from 198.18.0.1 on.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65_534))]
    pub(crate) forwarded_addresses: Option<u32>,
    /// Connections; in a closed loop each has one request under way.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=16_384))]
    pub(crate) connections: u32,
    /// Seconds that are measured.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    pub(crate) seconds: u32,
    /// Seconds of the same load before the measured ones.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=3_600))]
    pub(crate) warm_up_seconds: u32,
    /// Accounts to use; the customers' own first, then new ones.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(2..=10_000_000))]
    pub(crate) accounts: u32,
    /// Use the first N of the customers' accounts and never make one.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=10_000_000), conflicts_with = "accounts_file")]
    pub(crate) accounts_sample: Option<u32>,
    /// Use the accounts whose ids are the first field of each line of this file, as they are: they are not funded.
    #[arg(long, value_name = "FILE")]
    pub(crate) accounts_file: Option<PathBuf>,
    /// Makes the choice of accounts and amounts repeatable.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// The server's process, to report its CPU time and memory.
    #[arg(long, value_name = "PID")]
    pub(crate) server_pid: Option<u32>,
    /// PostgreSQL's first process, to report the CPU time of it and its children.
    #[arg(long, value_name = "PID")]
    pub(crate) postgres_parent_pid: Option<u32>,
    /// Writes the report to this file as JSON too.
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
}

#[cfg(test)]
pub(crate) mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct CommandLine {
        #[command(subcommand)]
        command: Command,
    }

    /// The options that a command line gives.
    pub(crate) fn options(line: &str) -> Options {
        match CommandLine::try_parse_from(line.split(' ')).unwrap().command.into_work() {
            Work::Load(options) => options,
            Work::Enumeration(_) | Work::History(_) => panic!("this is no load: {line}"),
        }
    }

    #[test]
    fn defaults_are_the_published_scenario() {
        let options = options("bench uniform");
        assert_eq!(options.scenario, Scenario::Uniform);
        assert_eq!((options.load.connections, options.load.seconds, options.load.accounts), (64, 15, 10_000));
    }

    #[test]
    fn a_scenario_takes_its_own_figures() {
        assert_eq!(options("bench batch --batch-size 7").scenario, Scenario::Batch { size: 7 });
        let floor = Scenario::Floor { reads_per_second: 10, transfers_per_second: 100 };
        assert_eq!(options("bench floor --reads-per-second 10").scenario, floor);
    }

    #[test]
    fn users_share_what_can_be_shared() {
        assert!(options("bench uniform --users 5 --accounts 5").check().is_ok());
        assert!(options("bench uniform --users 6 --accounts 5").check().is_err());
        assert!(options("bench hot --users 2").check().is_err());
        let from_file = ["bench", "uniform", "--users", "2", "--accounts-file", "ids.csv"];
        assert!(CommandLine::try_parse_from(from_file).is_err());
    }

    #[test]
    fn a_batch_of_nothing_is_refused() {
        assert!(CommandLine::try_parse_from(["bench", "batch", "--batch-size", "0"]).is_err());
    }
}
