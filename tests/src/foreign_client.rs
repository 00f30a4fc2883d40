//! Clients of others for the authorization server and for webhooks: libraries that `scripts/tools.sh` installs, and the programs in
//! `tests/clients` that use them.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A library of others, as a program that uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignClient {
    /// openid-client from npm.
    OpenidClient,
    /// Chromium, driven by playwright-core from npm.
    Chromium,
    /// Authlib from PyPI.
    Authlib,
    /// pika from PyPI, with FinApp's queues.
    Pika,
    /// kafka-python from PyPI.
    KafkaPython,
    /// standardwebhooks from npm.
    WebhooksOfNpm,
    /// standardwebhooks from PyPI.
    WebhooksOfPypi,
}

impl ForeignClient {
    /// The program; nothing when its library is not installed and nobody promised that it would be.
    ///
    /// # Panics
    /// When it is missing in a run that must have everything: in CI, and under `make test`.
    pub fn command(self) -> Option<Command> {
        let folder = std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache/florin/oauth-clients"))?;
        let (library, tool) = match self {
            Self::OpenidClient => (folder.join("node_modules/openid-client/build/index.js"), "openid-client"),
            Self::Chromium => (folder.join("node_modules/playwright-core/index.mjs"), "openid-client"),
            Self::WebhooksOfNpm => (folder.join("node_modules/standardwebhooks/package.json"), "openid-client"),
            Self::Authlib | Self::Pika | Self::KafkaPython | Self::WebhooksOfPypi => {
                (folder.join("python/bin/python"), "authlib")
            }
        };
        let is_python = library.ends_with("python");
        let Some(program) = (if is_python { Some(library.clone()) } else { node() }) else {
            println!("Node.js is not installed; what {self:?} would do is not checked");
            return None;
        };
        let is_promised = std::env::var_os("CI").is_some() || testkit::postgres_url().is_some();
        assert!(library.is_file() || !is_promised, "{tool} is not installed: run scripts/tools.sh {tool}");
        if !library.is_file() {
            println!("{tool} is not installed; what it would do is not checked");
            return None;
        }
        let mut command = Command::new(program);
        match self {
            Self::OpenidClient => command.arg(script("openid-client.mjs")).env("MODULES", folder.join("node_modules")),
            Self::Chromium => command.arg(script("passkey.mjs")).env("MODULES", folder.join("node_modules")),
            Self::Pika => command.arg(script("finapp_consumer.py")),
            Self::KafkaPython => command.arg(script("kafka_reader.py")),
            Self::WebhooksOfNpm => {
                command.arg(script("standardwebhooks.mjs")).env("MODULES", folder.join("node_modules"))
            }
            Self::WebhooksOfPypi => command.arg(script("standardwebhooks_verify.py")),
            // The bank listens on a loopback address, where http is good enough.
            Self::Authlib => command.arg(script("authlib_client.py")).env("AUTHLIB_INSECURE_TRANSPORT", "1"),
        };
        Some(command)
    }
}

fn node() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    folders.unwrap_or_default().into_iter().map(|folder| folder.join("node")).find(|program| program.is_file())
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(name)
}
