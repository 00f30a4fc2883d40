//! Tests of payments, over a small bank on each engine.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod common;
mod history;
mod lists;
mod powers;
mod purge;
mod races;
mod refunds;
mod tampering;
