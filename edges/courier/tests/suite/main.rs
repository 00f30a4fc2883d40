//! Mails from the queue to a real connection: a small mail server that keeps what it gets, and misbehaves on demand.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod delivering;
mod mail_server;
