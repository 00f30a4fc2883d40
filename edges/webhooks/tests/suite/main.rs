//! Webhooks on each engine: as they are kept, under a clock that stands still, and called, at receivers of every kind.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod bank;
mod endpoints;
mod hostile;
mod inner;
mod receiver;
mod still_bank;
mod telling;
