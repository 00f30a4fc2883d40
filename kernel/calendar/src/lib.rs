//! The calendar: days on which banks of the Federal Reserve settle, and clocks of the eastern United States.
//! Rules of our own, without a time zone database: they change when a law does, and then here.

use db::BankTime;
use time::{Date, Month, Weekday};

/// 1970-01-01 as the calendar counts days.
const EPOCH_JULIAN_DAY: i32 = 2_440_588;
const MINUTE_MICROS: i64 = 60_000_000;
const DAY_MINUTES: i64 = 24 * 60;
/// Behind UTC, in winter.
const STANDARD_MINUTES: i64 = 5 * 60;
/// And in summer.
const DAYLIGHT_MINUTES: i64 = 4 * 60;
/// Nothing settled this way before, and no time is later.
const YEARS: std::ops::RangeInclusive<i32> = 1_988..=9_998;

/// What a clock on a wall in New York shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Eastern {
    /// The day.
    pub date: Date,
    /// Minutes since its midnight.
    pub minute: i64,
}

impl Eastern {
    /// What it shows at an instant, to the minute that has begun.
    pub fn at(instant: BankTime) -> Self {
        let utc = instant.unix_micros().div_euclid(MINUTE_MICROS);
        let is_daylight = is_daylight(utc);
        let local = utc - if is_daylight { DAYLIGHT_MINUTES } else { STANDARD_MINUTES };
        Self { date: date_of(local.div_euclid(DAY_MINUTES)), minute: local.rem_euclid(DAY_MINUTES) }
    }

    /// The instant at which it shows this. In the hour that is there twice it is the first time; in the one that is left out
    /// it is when the hour would have been.
    pub fn instant(self) -> BankTime {
        let local = days_of(self.date) * DAY_MINUTES + self.minute;
        let daylight = local + DAYLIGHT_MINUTES;
        let utc = if is_daylight(daylight) { daylight } else { local + STANDARD_MINUTES };
        BankTime::from_unix_micros(utc * MINUTE_MICROS)
    }
}

/// Whether clocks are forward at a minute of UTC.
fn is_daylight(utc_minute: i64) -> bool {
    let year = date_of(utc_minute.div_euclid(DAY_MINUTES)).year();
    let [begins, ends] = if year >= 2_007 {
        [nth(year, Month::March, Weekday::Sunday, 2), nth(year, Month::November, Weekday::Sunday, 1)]
    } else {
        [nth(year, Month::April, Weekday::Sunday, 1), last(year, Month::October, Weekday::Sunday)]
    };
    // At two o'clock, by the clock as it is until then.
    let begins = days_of(begins) * DAY_MINUTES + 2 * 60 + STANDARD_MINUTES;
    let ends = days_of(ends) * DAY_MINUTES + 2 * 60 + DAYLIGHT_MINUTES;
    (begins..ends).contains(&utc_minute)
}

fn days_of(date: Date) -> i64 {
    i64::from(unix_days(date))
}

/// The day as the database counts them, from 1970 on.
pub fn stored(date: Date) -> db::Date {
    db::Date::from_unix_days(unix_days(date))
}

/// The day that the database has stored; one that the calendar does not have becomes its first or last one.
pub fn read(stored: db::Date) -> Date {
    date_of(i64::from(stored.unix_days()))
}

const fn unix_days(date: Date) -> i32 {
    date.to_julian_day() - EPOCH_JULIAN_DAY
}

/// Days that the calendar does not have become its first or last one.
fn date_of(days: i64) -> Date {
    let date =
        i32::try_from(days).ok().and_then(|days| Date::from_julian_day(days.saturating_add(EPOCH_JULIAN_DAY)).ok());
    let date = date.unwrap_or(if days < 0 { Date::MIN } else { Date::MAX });
    if YEARS.contains(&date.year()) { date } else { clamped(date) }
}

fn clamped(date: Date) -> Date {
    let year = date.year().clamp(*YEARS.start(), *YEARS.end());
    Date::from_ordinal_date(year, if date.year() < year { 1 } else { 365 }).unwrap_or(date)
}

/// Whether banks of the Federal Reserve settle on a day.
pub fn is_banking_day(date: Date) -> bool {
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) && !is_holiday(date)
}

/// Whether a day is a holiday of the Federal Reserve. One that falls on a Sunday is kept on Monday; on a Saturday it is
/// kept, and the Friday before is a day like others.
pub fn is_holiday(date: Date) -> bool {
    let yesterday = date.previous_day();
    let is_kept_from_sunday = date.weekday() == Weekday::Monday && yesterday.is_some_and(is_holiday_by_date);
    is_kept_from_sunday || is_floating(date) || (is_holiday_by_date(date) && date.weekday() != Weekday::Sunday)
}

fn is_holiday_by_date(date: Date) -> bool {
    match (date.month(), date.day()) {
        (Month::January, 1) | (Month::July, 4) | (Month::November, 11) | (Month::December, 25) => true,
        (Month::June, 19) => date.year() >= 2_021,
        _ => false,
    }
}

fn is_floating(date: Date) -> bool {
    let year = date.year();
    let day = match date.month() {
        Month::January => nth(year, Month::January, Weekday::Monday, 3),
        Month::February => nth(year, Month::February, Weekday::Monday, 3),
        Month::May => last(year, Month::May, Weekday::Monday),
        Month::September => nth(year, Month::September, Weekday::Monday, 1),
        Month::October => nth(year, Month::October, Weekday::Monday, 2),
        Month::November => nth(year, Month::November, Weekday::Thursday, 4),
        _ => return false,
    };
    day == date
}

/// The first, second, … of a weekday in a month.
fn nth(year: i32, month: Month, weekday: Weekday, count: u8) -> Date {
    let first = Date::from_calendar_date(year, month, 1).unwrap_or(Date::MAX);
    let ahead = (7 + weekday.number_days_from_monday() - first.weekday().number_days_from_monday()) % 7;
    Date::from_calendar_date(year, month, 1 + ahead + 7 * (count - 1)).unwrap_or(Date::MAX)
}

/// The last of a weekday in a month.
fn last(year: i32, month: Month, weekday: Weekday) -> Date {
    let fifth = nth(year, month, weekday, 1).checked_add(time::Duration::days(28));
    fifth.filter(|date| date.month() == month).unwrap_or_else(|| nth(year, month, weekday, 4))
}

/// The first banking day that is not before a day.
pub fn banking_day_from(date: Date) -> Date {
    let mut day = date;
    // No five days in a row are without one.
    for _ in 0..10 {
        if is_banking_day(day) {
            break;
        }
        day = day.next_day().unwrap_or(day);
    }
    day
}

/// The last banking day that is not after a day.
pub fn banking_day_until(date: Date) -> Date {
    let mut day = date;
    for _ in 0..10 {
        if is_banking_day(day) {
            break;
        }
        day = day.previous_day().unwrap_or(day);
    }
    day
}

/// The banking day that is so many banking days after a day.
pub fn banking_days_after(date: Date, count: u32) -> Date {
    (0..count).fold(date, |day, _| banking_day_from(day.next_day().unwrap_or(day)))
}
