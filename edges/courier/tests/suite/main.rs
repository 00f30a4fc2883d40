//! Mails and texts from the queue to a real connection: to a small mail server and a small provider that keep what they get,
//! and misbehave on demand.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod delivering;
mod mail_server;
mod provider;
mod texting;
