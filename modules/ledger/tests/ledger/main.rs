//! Tests of the ledger: the pure book under random movements, and what the two engines keep of it.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod book;
mod database;
