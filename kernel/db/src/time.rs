//! Instants of the bank's two clocks, and calendar days, as the store keeps them. Time is always passed in: SQL never
//! asks for it. Which of the two times something has is decided in `kernel/clock`.

use std::sync::Arc;
use time::format_description::well_known::Rfc3339;
use tokio_postgres::types::{FromSql, Type as PostgresType};

/// Seconds from the Unix epoch to PostgreSQL's, 2000-01-01.
const POSTGRES_EPOCH_SECONDS: i64 = 946_684_800;
const POSTGRES_EPOCH_DAYS: i32 = 10_957;

/// A calendar day: `date` on PostgreSQL, days since 1970-01-01 on SQLite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date(i32);

/// The text is not a time or day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be {0}")]
pub struct ParseTimeError(&'static str);

/// Reads the machine's clock; tests hold it still.
pub type Clock = Arc<dyn Fn() -> WallTime + Send + Sync>;

macro_rules! instants {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(i64);

        impl $name {
            /// From microseconds since 1970.
            pub const fn from_unix_micros(micros: i64) -> Self {
                Self(micros)
            }

            /// Microseconds since 1970.
            pub const fn unix_micros(self) -> i64 {
                self.0
            }

            /// Whole seconds since 1970.
            pub const fn unix_seconds(self) -> i64 {
                self.0.div_euclid(1_000_000)
            }

            /// The instant so many seconds later (earlier when negative); stays put at the ends of time.
            pub const fn plus_seconds(self, seconds: i64) -> Self {
                Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
            }

            /// The day in UTC.
            pub fn date(self) -> Date {
                let days = self.0.div_euclid(86_400_000_000);
                Date(i32::try_from(days).expect("64 bits of microseconds are fewer than 2^31 days"))
            }

            /// Reads RFC 3339.
            ///
            /// # Errors
            /// The text is no RFC 3339 time.
            pub fn parse(text: &str) -> Result<Self, ParseTimeError> {
                parse_micros(text).map(Self)
            }
        }

        impl std::fmt::Display for $name {
            /// RFC 3339 in UTC with microseconds.
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write_micros(self.0, formatter)
            }
        }

        impl<'a> FromSql<'a> for $name {
            fn from_sql(_: &PostgresType, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
                Ok(Self(i64::from_be_bytes(raw.try_into()?) + POSTGRES_EPOCH_SECONDS * 1_000_000))
            }

            fn accepts(kind: &PostgresType) -> bool {
                *kind == PostgresType::TIMESTAMPTZ
            }
        }
    )*};
}

instants! {
    /// An instant of the real world, in microseconds of UTC: `timestamptz` on PostgreSQL, an integer on SQLite. Tokens,
    /// limits, leases, kept answers, events and logs have it.
    WallTime;
    /// An instant of the bank's own time, stored alike: bookings, value dates, holds and whatever falls due have it. It
    /// equals wall time unless a sandbox has set it, and one is never taken for the other by accident.
    BankTime;
}

impl WallTime {
    /// The machine's clock. Only programs and tests call it; everything else has the time passed in.
    pub fn now() -> Self {
        let since_epoch = std::time::SystemTime::now() // clock: this is the machine's
            .duration_since(std::time::UNIX_EPOCH)
            .expect("the machine's clock is set later than 1970");
        Self(i64::try_from(since_epoch.as_micros()).expect("fits for the next 290,000 years"))
    }

    pub(crate) const fn postgres_micros(self) -> i64 {
        self.0 - POSTGRES_EPOCH_SECONDS * 1_000_000
    }
}

impl BankTime {
    /// The bank's time at an instant of the real world, where nobody has set it otherwise.
    pub const fn equal_to(wall: WallTime) -> Self {
        Self(wall.0)
    }
}

fn parse_micros(text: &str) -> Result<i64, ParseTimeError> {
    let parsed = time::OffsetDateTime::parse(text, &Rfc3339)
        .map_err(|_| ParseTimeError("a time of RFC 3339 such as 2026-01-31T12:00:00Z"))?;
    let micros = parsed.unix_timestamp_nanos().div_euclid(1000);
    i64::try_from(micros).map_err(|_| ParseTimeError("a time of RFC 3339"))
}

fn write_micros(micros: i64, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    let moment =
        time::OffsetDateTime::from_unix_timestamp(micros.div_euclid(1_000_000)).map_err(|_| std::fmt::Error)?;
    let (year, month, day) = moment.to_calendar_date();
    let (hour, minute, second) = moment.to_hms();
    let micros = micros.rem_euclid(1_000_000);
    write!(formatter, "{year:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z", u8::from(month))
}

impl Date {
    /// From days since 1970-01-01.
    pub const fn from_unix_days(days: i32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    pub const fn unix_days(self) -> i32 {
        self.0
    }

    /// Reads `2026-01-31`.
    ///
    /// # Errors
    /// The text is no day of the calendar.
    pub fn parse(text: &str) -> Result<Self, ParseTimeError> {
        let wrong = ParseTimeError("a day such as 2026-01-31");
        let form = time::macros::format_description!("[year]-[month]-[day]");
        if text.len() != 10 {
            return Err(wrong);
        }
        let day = time::Date::parse(text, &form).map_err(|_| wrong)?;
        Ok(Self(day.to_julian_day() - time::macros::date!(1970 - 01 - 01).to_julian_day()))
    }

    pub(crate) const fn postgres_days(self) -> i32 {
        self.0 - POSTGRES_EPOCH_DAYS
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let julian = self.0 + time::macros::date!(1970 - 01 - 01).to_julian_day();
        let day = time::Date::from_julian_day(julian).map_err(|_| std::fmt::Error)?;
        write!(formatter, "{:04}-{:02}-{:02}", day.year(), u8::from(day.month()), day.day())
    }
}

impl<'a> FromSql<'a> for Date {
    fn from_sql(_: &PostgresType, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(i32::from_be_bytes(raw.try_into()?) + POSTGRES_EPOCH_DAYS))
    }

    fn accepts(kind: &PostgresType) -> bool {
        *kind == PostgresType::DATE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_read_back_as_written() {
        let instant = WallTime::from_unix_micros(1_767_225_600_123_456);
        assert_eq!(instant.to_string(), "2026-01-01T00:00:00.123456Z");
        assert_eq!(WallTime::parse("2026-01-01T02:00:00.123456+02:00"), Ok(instant));
        assert!(WallTime::parse("2026-01-01").is_err());
    }

    #[test]
    fn days_read_back_as_written() {
        for text in ["1993-01-01", "1970-01-01", "2000-02-29", "1969-12-31"] {
            assert_eq!(Date::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(WallTime::parse("1993-05-01T23:59:59Z").unwrap().date().to_string(), "1993-05-01");
        for text in ["1993-02-29", "93-01-01", "1993-1-1", "+1993-01-01", "1993-01-01x"] {
            assert!(Date::parse(text).is_err(), "{text}");
        }
    }
}
