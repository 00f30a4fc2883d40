//! The module as its callers see it, on each engine.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod administration;
mod between;
mod common;
mod dependents;
mod identity;
mod mails;
mod passwords;
mod sessions;
mod tokens;
