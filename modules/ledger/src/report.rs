//! What the lines of the chart hold as of a day: by when it was booked, by the day from which it counts, or by both. Days that
//! are over are added up once (`closing.rs`); a report adds those sums, and the postings since then.

pub(crate) mod closing;
mod sheet;
mod standing;
pub mod statement;
mod store;

pub use sheet::{SheetLine, SheetPlace, SheetRequest, sheet};
pub use standing::{Deposits, Dormant, deposits, dormant};

use crate::ChartCode;
use db::{BankTime, DbError, Executor, Result};
use db::{Date, Snapshot};
use money::Currency;
use std::collections::BTreeMap;

pub(crate) const MICROS_PER_DAY: i64 = 86_400_000_000;
/// The last day that is written with four digits.
const LAST_DAY: Date = Date::from_unix_days(2_932_896);

/// Which postings a report counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cutoff {
    /// Those that were booked before; `None`: whenever.
    pub booked_before: Option<BankTime>,
    /// Those that count from this day or earlier; `None`: whenever.
    pub value_until: Option<Date>,
}

/// What a line of the chart holds in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineBalance {
    /// The line.
    pub line: ChartCode,
    /// The currency.
    pub currency: Currency,
    /// The sum of its postings: credit positive, debit negative.
    pub minor: i64,
    /// How many they are.
    pub postings: i64,
}

/// What moved on a line of the chart on one day, in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayMovement {
    /// The day: when it was booked, or from which it counts.
    pub day: Date,
    /// What moved.
    pub moved: LineBalance,
}

/// By which of its two days a posting is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// When it was booked.
    Booking,
    /// The day from which it counts.
    Value,
}

type Key = (&'static str, String);

/// Sums by line and currency, in the order of the chart and of the currencies' codes.
#[derive(Default)]
struct Sums(BTreeMap<Key, (LineBalance, i128)>);

/// What every line that has any posting within the cutoff holds, in the order of the chart and of the currencies' codes.
///
/// # Errors
/// The database failed.
pub async fn line_balances(on: &Snapshot, cutoff: Cutoff) -> Result<Vec<LineBalance>> {
    let value_until = cutoff.value_until.unwrap_or(LAST_DAY);
    let until = cutoff.booked_before.unwrap_or_else(|| start_of(LAST_DAY));
    let open_from = first_open_day(on).await?.min(until.date());
    let mut sums = Sums::default();
    for sum in store::closed_sums(on, open_from, value_until).await? {
        sums.add(sum);
    }
    for sum in store::open_sums(on, Range { from: start_of(open_from), until }, value_until).await? {
        sums.add(sum);
    }
    sums.finish()
}

/// What moved on each line on each day of a range, both ends included; days on which nothing moved are left out.
///
/// # Errors
/// The database failed.
pub async fn day_movements(on: &Snapshot, by: By, from: Date, to: Date) -> Result<Vec<DayMovement>> {
    let open_from = first_open_day(on).await?;
    let mut days: BTreeMap<Date, Sums> = BTreeMap::new();
    let closed = match by {
        By::Booking => store::closed_by_booking(on, from, to).await?,
        By::Value => store::closed_by_value(on, from, to).await?,
    };
    for (day, moved) in closed {
        days.entry(day).or_default().add(moved);
    }
    let booked_from = if by == By::Booking { open_from.max(from) } else { open_from };
    let booked_to = if by == By::Booking { to } else { LAST_DAY };
    for total in closing::totals(on, Range { from: start_of(booked_from), until: end_of(booked_to) }).await? {
        let day = if by == By::Booking { total.booked_on } else { total.value_date };
        if (from..=to).contains(&day) {
            days.entry(day).or_default().add(total.sum());
        }
    }
    let mut movements = Vec::new();
    for (day, sums) in days {
        movements.extend(sums.finish()?.into_iter().map(|moved| DayMovement { day, moved }));
    }
    Ok(movements)
}

/// A time in which something was booked: the end does not belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) from: BankTime,
    pub(crate) until: BankTime,
}

/// The first day whose postings are not added up yet.
pub(crate) async fn first_open_day(on: &impl Executor) -> Result<Date> {
    let closed = store::closed_until(on).await?;
    Ok(closed.map_or(Date::from_unix_days(0), |day| Date::from_unix_days(day.unix_days() + 1)))
}

pub(crate) fn start_of(day: Date) -> BankTime {
    BankTime::from_unix_micros(i64::from(day.unix_days()) * MICROS_PER_DAY)
}

fn end_of(day: Date) -> BankTime {
    start_of(Date::from_unix_days(day.unix_days() + 1))
}

impl Sums {
    fn add(&mut self, sum: LineBalance) {
        let key = (sum.line.code(), sum.currency.code().to_owned());
        let (total, minor) = self.0.entry(key).or_insert((LineBalance { minor: 0, postings: 0, ..sum }, 0));
        *minor += i128::from(sum.minor);
        total.postings += sum.postings;
    }

    fn finish(self) -> Result<Vec<LineBalance>> {
        let fit = |(total, minor): (LineBalance, i128)| {
            let minor = i64::try_from(minor).map_err(|_| too_large())?;
            Ok(LineBalance { minor, ..total })
        };
        self.0.into_values().map(fit).collect()
    }
}

pub(crate) fn too_large() -> DbError {
    DbError::Internal("the accounts of a line hold more together than 64 bits can count".to_owned())
}
