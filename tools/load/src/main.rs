//! The load generator, `florin-load`: puts a running server under load over plain HTTP/1.1 and reports what it did, and
//! writes made-up histories to fill a bank with. It speaks to the server only through the public API, and is frugal with
//! CPU because it shares its machine with what it measures.

mod accounts;
mod client;
mod customers;
mod enumeration;
#[cfg(test)]
mod fake_server;
mod histogram;
mod history;
mod options;
mod processes;
mod random;
mod report;
mod request;
mod scenario;
mod session;
mod setup;
mod tally;

use anyhow::Context as _;
use clap::Parser as _;
use customers::{Customers, Logins};
use options::{Command, Options, Work};
use report::Report;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Puts a running Florin under load, and reports what it did.
#[derive(clap::Parser)]
#[command(name = "florin-load", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    execute(Arguments::parse().command).await
}

/// Runs one command and prints its result on standard output.
async fn execute(command: Command) -> anyhow::Result<()> {
    let options = match command.into_work() {
        Work::Load(options) => options,
        Work::History(history) => {
            return tokio::task::spawn_blocking(move || history::write_file(&history))
                .await
                .context("the history writer stopped")?;
        }
        Work::Enumeration(options) => return enumeration::execute(options).await,
    };
    let json = options.load.json.clone();
    let report = run(options).await?;
    print!("{report}");
    if let Some(path) = json {
        let text = serde_json::to_string_pretty(&report)? + "\n";
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    anyhow::ensure!(report.succeeded(), "no request succeeded");
    Ok(())
}

/// Prepares the accounts, applies the load, and reports it. Runs on a thread of its own, because one thread that
/// never hands work to another spends the least CPU for each request.
async fn run(options: Options) -> anyhow::Result<Report> {
    tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(run_on_this_thread(options))
    })
    .await
    .context("the load generator stopped")?
}

async fn run_on_this_thread(options: Options) -> anyhow::Result<Report> {
    options.check()?;
    let logins = Logins::open(&options).await?;
    let customers = Customers::prepare(&logins, &options).await?;
    scenario::run(&options, &customers).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake_server::FakeServer;
    use crate::options::tests::options;

    async fn report(server: &FakeServer, line: &str) -> Report {
        let address = server.address();
        let few = "--accounts 5 --connections 4 --seconds 1 --warm-up-seconds 0";
        run(options(&format!("bench {line} --url {address} {few}"))).await.unwrap()
    }

    #[tokio::test]
    async fn a_uniform_load_registers_funds_and_transfers() {
        let server = FakeServer::start().await;
        let report = report(&server, "uniform").await;
        assert_eq!(report.accounts, 5);
        assert_eq!((server.count("/api/accounts"), server.count("/api/transactions")), (6, 5));
        assert!(report.succeeded() && report.transfers > 0);
        assert_eq!(report.transfers_in_all, server.count("/api/transactions/transfer"));
        assert_eq!((report.requests[0].refused, report.requests[0].lost), (0, 0));
    }

    #[tokio::test]
    async fn a_second_run_logs_in_and_finds_its_accounts() {
        let server = FakeServer::start().await;
        report(&server, "hot").await;
        report(&server, "hot").await;
        assert_eq!((server.count("/api/auth/register"), server.count("/api/auth/login")), (2, 1));
        assert_eq!(server.count("/api/transactions"), 5);
    }

    #[tokio::test]
    async fn a_batch_counts_its_transfers() {
        let server = FakeServer::start().await;
        let report = report(&server, "batch --batch-size 3").await;
        let batches = report.requests[0].answered;
        assert!(batches > 0);
        assert_eq!((report.transfers, report.requests[0].refused), (batches * 2, batches));
        assert!(report.requests[0].first_trouble.is_some());
    }

    #[tokio::test]
    async fn the_floor_sends_what_is_due() {
        let server = FakeServer::start().await;
        let report = report(&server, "floor --reads-per-second 200 --transfers-per-second 20").await;
        let counts: Vec<_> = report.requests.iter().map(|request| (request.kind, request.answered)).collect();
        assert_eq!(counts, [("read", 200), ("transfer", 20)]);
        assert_eq!((report.transfers, report.transfers_per_second), (20, 20));
    }

    #[tokio::test]
    async fn logins_are_counted_and_are_no_transfers() {
        let server = FakeServer::start().await;
        let report = report(&server, "logins").await;
        assert!(report.requests[0].answered > 0);
        assert_eq!((report.requests[0].kind, report.requests[0].refused, report.transfers), ("login", 0, 0));
        assert!(server.count("/api/auth/login") >= report.requests[0].answered);
        assert_eq!(server.count("/api/transactions/transfer"), 0);
    }

    #[tokio::test]
    async fn several_users_pay_from_their_own_accounts_through_their_own_addresses() {
        let server = FakeServer::start().await;
        let report = report(&server, "uniform --users 2 --forwarded-addresses 2").await;
        assert_eq!((report.accounts, report.users), (5, 2));
        assert_eq!(server.count("/api/auth/register"), 2);
        assert_eq!((server.count("/api/accounts"), server.count("/api/transactions")), (7, 5));
        assert_eq!((report.requests[0].refused, report.requests[0].lost), (0, 0));
        assert_eq!(server.addresses(), ["198.18.0.1", "198.18.0.2"]);
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_named() {
        let error = run(options("bench uniform --url http://127.0.0.1:1")).await.unwrap_err();
        assert_eq!(error.to_string(), "cannot connect to 127.0.0.1:1");
    }
}
