//! The module as its callers see it, on each engine.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod common;
mod factors;
mod mails;
mod passkeys;
mod spending;
