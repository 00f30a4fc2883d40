//! The transitions of payments, each and all of them in any order, and the hours of the rails against what others know.

mod answers;
mod hours;
mod matrix;
mod orders;
mod rail_model;
mod rows;
mod schedules;
mod world;

use db::BankTime;

/// An instant in RFC 3339.
fn at(text: &str) -> BankTime {
    BankTime::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}
