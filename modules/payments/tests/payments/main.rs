//! Tests of payments, over a small bank on each engine.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod bank_time;
mod booking_scenarios;
mod bookings;
mod cash;
mod common;
mod events;
mod fraud_rules;
mod history;
#[cfg(feature = "failpoints")]
mod killed;
mod lists;
mod powers;
mod purge;
mod races;
mod receipts;
mod refunds;
mod refused;
mod remembered;
mod spoilt_bookings;
mod tampering;
