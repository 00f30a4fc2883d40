//! Of which day a report is asked for, and by which of a posting's two days.

use crate::App;
use db::{BankTime, Date};
use http_core::parameters::{Moment, Parameters};
use http_core::problem::{Outcome, Problem};
use ledger::{By, Cutoff};

/// How many days a range may have.
pub(crate) const RANGE_DAYS_MAX: i32 = 366 * 5;

/// A day or time of which something is asked, and up to which booking.
#[derive(Clone, Copy)]
pub(crate) struct AsOf {
    pub(crate) by: By,
    pub(crate) moment: Moment,
    pub(crate) booked_until: Option<Moment>,
}

/// Days from one to another, both included.
#[derive(Clone, Copy)]
pub(crate) struct Days {
    pub(crate) from: Date,
    pub(crate) to: Date,
}

impl AsOf {
    /// Reads `asOf` (now, if it is absent), `by` and `bookedUntil`.
    pub(crate) async fn read(app: &App, parameters: &Parameters) -> Outcome<Self> {
        let (by, booked_until) = read_by(parameters)?;
        let moment = match parameters.read_moment("asOf")? {
            Some(moment) => moment,
            None => Moment::Day(today(app).await?),
        };
        match (by, moment) {
            (By::Value, Moment::Instant(_)) => Err(Problem::invalid("asOf", "must be a day when by is value")),
            _ => Ok(Self { by, moment, booked_until }),
        }
    }

    /// Which postings count.
    pub(crate) fn cutoff(self) -> Cutoff {
        match (self.by, self.moment) {
            (By::Booking, moment) => Cutoff { booked_before: Some(after(moment)), value_until: None },
            (By::Value, moment) => {
                Cutoff { booked_before: self.booked_until.map(after), value_until: Some(day_of(moment)) }
            }
        }
    }
}

impl Days {
    /// Reads `from` and `to` (today, if it is absent).
    pub(crate) async fn read(app: &App, parameters: &Parameters) -> Outcome<Self> {
        let from = parameters.read("from", Date::parse)?.ok_or_else(|| Problem::invalid("from", "is missing"))?;
        let to = match parameters.read("to", Date::parse)? {
            Some(to) => to,
            None => today(app).await?,
        };
        match to.unix_days() - from.unix_days() {
            0..RANGE_DAYS_MAX => Ok(Self { from, to }),
            days if days < 0 => Err(Problem::invalid("to", "must not be before from")),
            _ => Err(Problem::invalid("from", format!("must be less than {RANGE_DAYS_MAX} days before to"))),
        }
    }

    /// What was so before, and what was so at the end.
    pub(crate) fn cutoffs(self, by: By, booked_until: Option<Moment>) -> (Cutoff, Cutoff) {
        let before = Date::from_unix_days(self.from.unix_days() - 1);
        let at = |day| AsOf { by, moment: Moment::Day(day), booked_until }.cutoff();
        (at(before), at(self.to))
    }

    /// The first moment, and the first one after.
    pub(crate) fn booked(self) -> (BankTime, BankTime) {
        (Moment::Day(self.from).start(), Moment::Day(self.to).end())
    }
}

/// Reads `by` and `bookedUntil`.
pub(crate) fn read_by(parameters: &Parameters) -> Outcome<(By, Option<Moment>)> {
    let by = parameters.read("by", |word| match word {
        "booking" => Ok(By::Booking),
        "value" => Ok(By::Value),
        _ => Err("must be booking or value"),
    })?;
    let by = by.unwrap_or(By::Booking);
    let booked_until = parameters.read_moment("bookedUntil")?;
    if by == By::Booking && booked_until.is_some() {
        return Err(Problem::invalid("bookedUntil", "says what was known by then of a value date: send by=value"));
    }
    Ok((by, booked_until))
}

pub(crate) const fn word(by: By) -> &'static str {
    match by {
        By::Booking => "booking",
        By::Value => "value",
    }
}

/// A day or time as it was asked for.
pub(crate) fn shown(moment: Moment) -> String {
    match moment {
        Moment::Instant(at) => at.to_string(),
        Moment::Day(day) => day.to_string(),
    }
}

/// Today, in bank time.
pub(crate) async fn today(app: &App) -> Outcome<Date> {
    Ok(app.clocks.now(&app.db).await?.bank.date())
}

/// The first moment that does not count: an instant itself still does.
fn after(moment: Moment) -> BankTime {
    match moment {
        Moment::Instant(at) => BankTime::from_unix_micros(at.unix_micros().saturating_add(1)),
        Moment::Day(_) => moment.end(),
    }
}

fn day_of(moment: Moment) -> Date {
    match moment {
        Moment::Instant(at) => at.date(),
        Moment::Day(day) => day,
    }
}
