//! Analytics: what happened, counted by day. One consumer of the stream keeps the counters, in the commit that moves its place, so
//! that each event counts once whatever is killed; a rebuild counts everything anew beside them, compares, and takes over.

mod counted;
mod counting;
mod rebuild;
mod store;

pub use counted::{Metric, Uncountable};
pub use counting::Counting;
pub use rebuild::{RebuildError, Rebuilt, rebuild};
pub use store::Day;

use db::{Date, Executor, Migration, Result};

/// How many people are named at most: the busiest.
pub const NAMED_MAX: u32 = 1_000;

/// The tables of the counters.
pub const MIGRATIONS: &[Migration] = &[Migration {
    module: "analytics",
    number: 1,
    sql: include_str!("../migrations/0001_counters.sql"),
    postgres: "",
    sqlite: "",
    append_only: &[],
}];

/// What was counted of a metric on each day of a range, both ends included.
///
/// # Errors
/// The database cannot be read.
pub async fn daily(on: &impl Executor, metric: Metric, from: Date, to: Date) -> Result<Vec<Day>> {
    store::daily(on, metric, from, to).await
}

/// How many customers did something on at least one day of a range, both ends included.
///
/// # Errors
/// The database cannot be read.
pub async fn active_customers(on: &impl Executor, from: Date, to: Date) -> Result<i64> {
    store::active_customers(on, from, to).await
}

/// How often something was done ever, by anybody.
///
/// # Errors
/// The database cannot be read.
pub async fn total(on: &impl Executor, metric: Metric) -> Result<i64> {
    store::total(on, metric).await
}

/// How often each person did something ever, the busiest [`NAMED_MAX`] of them.
///
/// # Errors
/// The database cannot be read.
pub async fn by_person(on: &impl Executor, metric: Metric) -> Result<Vec<(String, i64)>> {
    store::by_person(on, metric, NAMED_MAX).await
}
