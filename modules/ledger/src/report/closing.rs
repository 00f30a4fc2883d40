//! Closing days: what was booked on a day that is over is added up once, by line, currency and value date, and never changes.
//! It is done beside the poster, which neither waits for it nor pays for it.

use super::{LineBalance, MICROS_PER_DAY, Range, first_open_day, start_of, store, too_large};
use crate::{ChartCode, Finding};
use db::{BankTime, Date, Db, Result, Snapshot};
use money::Currency;
use std::collections::BTreeMap;

/// What was booked on one day and counts from another, on one line and in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DayTotal {
    pub(crate) booked_on: Date,
    pub(crate) value_date: Date,
    pub(crate) line: ChartCode,
    pub(crate) currency: Currency,
    pub(crate) amount_minor: i64,
    pub(crate) postings: i64,
}

/// A posting, as far as it is added up.
pub(crate) struct Booked {
    pub(crate) line: ChartCode,
    pub(crate) currency: Currency,
    pub(crate) amount_minor: i64,
    pub(crate) value_date: Date,
    pub(crate) booked_at: BankTime,
}

type Totals = BTreeMap<(Date, Date, &'static str, String), (DayTotal, i128)>;

/// Closes the days that ended before the instant; returns how many. Whatever will be booked from now on has to be later than
/// the instant: leave time for what is under way.
///
/// # Errors
/// The database failed. Nothing happens twice when two processes close at once.
pub async fn close_days(db: &Db, ended_before: BankTime) -> Result<u32> {
    let snapshot = db.snapshot().await?;
    let was = store::closed_until(&snapshot).await?;
    let first = first_open_day(&snapshot).await?;
    let last = Date::from_unix_days(ended_before.date().unix_days() - 1);
    if last < first {
        return Ok(0);
    }
    let totals = totals(&snapshot, Range { from: start_of(first), until: start_of(ended_before.date()) }).await?;
    snapshot.end()?;
    let tx = db.begin().await?;
    if !store::close_in_tx(&tx, was, last).await? {
        tx.rollback().await?;
        return Ok(0);
    }
    store::insert_totals_in_tx(&tx, totals).await?;
    tx.commit().await?;
    let days = was.map_or(1, |_| last.unix_days() - first.unix_days() + 1);
    Ok(u32::try_from(days).unwrap_or(u32::MAX))
}

/// What was booked in a time, added up by day.
pub(crate) async fn totals(on: &Snapshot, range: Range) -> Result<Vec<DayTotal>> {
    let totals = store::fold_booked(on, range, Totals::new(), |totals, booked| {
        let booked_on = Date::from_unix_days(
            i32::try_from(booked.booked_at.unix_micros().div_euclid(MICROS_PER_DAY)).map_err(|_| too_large())?,
        );
        let Booked { line, currency, amount_minor, value_date, .. } = booked;
        let empty = DayTotal { booked_on, value_date, line, currency, amount_minor: 0, postings: 0 };
        let key = (booked_on, value_date, line.code(), currency.code().to_owned());
        let (total, minor) = totals.entry(key).or_insert((empty, 0));
        *minor += i128::from(amount_minor);
        total.postings += 1;
        Ok(())
    });
    let fit = |(total, minor): (DayTotal, i128)| {
        let amount_minor = i64::try_from(minor).map_err(|_| too_large())?;
        Ok(DayTotal { amount_minor, ..total })
    };
    totals.await?.into_values().map(fit).collect()
}

/// Adds the closed days up once more, and finds one that is not as it was.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn verify_closed(on: &Snapshot) -> Result<Option<Finding>> {
    let Some(until) = store::closed_until(on).await? else { return Ok(None) };
    let end = Date::from_unix_days(until.unix_days() + 1);
    let mut counted = totals(on, Range { from: start_of(Date::from_unix_days(0)), until: start_of(end) }).await?;
    let mut kept = store::all_totals(on).await?;
    counted.sort_by_key(key);
    kept.sort_by_key(key);
    let differs = |one: &DayTotal, others: &[DayTotal]| others.binary_search_by_key(&key(one), key).is_err();
    let wrong = counted.iter().find(|total| differs(total, &kept));
    let wrong = wrong.or_else(|| kept.iter().find(|total| differs(total, &counted)));
    Ok(wrong.map(|total| Finding {
        rule: "what a closed day holds is the sum of what was booked on it",
        row: format!("booked on {} for {} in {}", total.booked_on, total.line.code(), total.currency.code()),
    }))
}

fn key(total: &DayTotal) -> (Date, Date, &'static str, String, i64, i64) {
    let DayTotal { booked_on, value_date, line, currency, amount_minor, postings } = *total;
    (booked_on, value_date, line.code(), currency.code().to_owned(), amount_minor, postings)
}

impl DayTotal {
    /// Without its days.
    pub(crate) const fn sum(self) -> LineBalance {
        LineBalance { line: self.line, currency: self.currency, minor: self.amount_minor, postings: self.postings }
    }
}
