//! Approvals as callers of the module see them, on each engine.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod approvals;
mod bank;
mod hats;
mod owners;
mod staff;
