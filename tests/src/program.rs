//! Programs beside the bank's: where they are, and what it means when they are not there.

use crate::{Background, Finished};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The binary under test: built beside this one.
pub(crate) fn florin() -> PathBuf {
    let own = std::env::current_exe().expect("a process knows its program");
    // target/debug/deps/stories-… stands beside target/debug/florin.
    let florin = own.ancestors().nth(2).map(|folder| folder.join("florin")).unwrap_or_default();
    assert!(
        florin.exists(),
        "{} is missing; build it with: cargo build --workspace --bins --features florin/failpoints",
        florin.display()
    );
    florin
}

/// A script of the repository.
pub(crate) fn script(name: &str) -> PathBuf {
    repository_file("scripts").join(name)
}

/// A file of the repository.
pub(crate) fn repository_file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name(path)
}

/// Runs a program to its end.
pub fn run(command: Command) -> Finished {
    Background::start(command).finish()
}

/// A tool of others, which reads what the bank writes or stands in front of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// hledger.
    Hledger,
    /// Beancount's checker.
    BeanCheck,
    /// nginx.
    Nginx,
    /// Redis.
    RedisServer,
    /// A message broker.
    RabbitMq,
    /// Another one: what runs its classes.
    Kafka,
    /// PgBouncer.
    PgBouncer,
    /// A Python with the library http-message-signatures.
    HttpSignatures,
    /// Python with nothing but what it comes with.
    Python,
    /// A browser.
    Chromium,
}

impl Tool {
    /// The program; nothing when it is not installed and nobody promised that it would be.
    ///
    /// # Panics
    /// When it is missing in a run that must have everything: in CI, and under `make test`.
    pub fn find(self) -> Option<PathBuf> {
        let (name, own) = match self {
            Self::Hledger => ("hledger", None),
            Self::BeanCheck => ("bean-check", Some(".cache/florin/beancount/bin")),
            Self::Nginx => ("nginx", None),
            Self::RedisServer => ("redis-server", None),
            Self::RabbitMq => ("rabbitmq-server", None),
            Self::Kafka => ("kafka", Some(".cache/florin/kafka")),
            Self::PgBouncer => ("pgbouncer", None),
            Self::Chromium => ("chromium", None),
            Self::Python => ("python3", None),
            Self::HttpSignatures => ("python3", Some(".cache/florin/http-signatures/bin")),
        };
        let own = own.and_then(|own| std::env::var_os("HOME").map(|home| Path::new(&home).join(own)));
        let mut candidates: Vec<PathBuf> = own.into_iter().collect();
        // Another Python does not have the library.
        if self != Self::HttpSignatures {
            // Debian keeps servers where only root looks for programs.
            candidates.push(PathBuf::from("/usr/sbin"));
            // Its program for everybody; the one beside the others wants a user of its own.
            candidates.insert(0, PathBuf::from("/usr/lib/rabbitmq/bin"));
            candidates.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
        }
        let mut candidates = candidates.into_iter().map(|folder| folder.join(name));
        let found = candidates.find(|program| program.is_file());
        let is_promised = std::env::var_os("CI").is_some() || testkit::postgres_url().is_some();
        assert!(
            found.is_some() || !is_promised,
            "{name} is not installed: run scripts/tools.sh hledger beancount nginx redis rabbitmq kafka pgbouncer http-signatures chromium"
        );
        if found.is_none() {
            println!("{name} is not installed; what it would do is not checked");
        }
        found
    }
}
