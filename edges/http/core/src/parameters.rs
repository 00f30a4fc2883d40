//! The parameters behind the question mark: known ones only, each at most once.

use crate::problem::{Outcome, Problem};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use db::{BankTime, Date};
use std::borrow::Cow;

/// The parameters of a request that has passed the gate.
#[derive(Debug, Default)]
pub struct Parameters(Vec<(String, String)>);

/// Refuses parameters that the route does not have, and repeated ones.
pub fn require_known(query: &str, known: &[&str]) -> Outcome<()> {
    let mut seen: Vec<Cow<'_, str>> = Vec::new();
    for (name, _) in form_urlencoded::parse(query.as_bytes()) {
        if !known.contains(&&*name) {
            return Err(Problem::invalid(shortened(&name), "is not a parameter of this route"));
        }
        if seen.contains(&name) {
            return Err(Problem::invalid(name, "is given twice"));
        }
        seen.push(name);
    }
    Ok(())
}

/// What a client made up is not repeated at length.
fn shortened(name: &str) -> String {
    name.chars().take(64).collect()
}

impl Parameters {
    /// The value of a parameter, if it was given.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// A time or a day.
    pub fn read_moment(&self, name: &str) -> Outcome<Option<Moment>> {
        self.read(name, Moment::parse)
    }

    /// The value of a parameter, read; what the reader says of a wrong one becomes the reason.
    pub fn read<T, E: std::fmt::Display>(
        &self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Outcome<Option<T>> {
        self.text(name).map(|text| read(text).map_err(|error| Problem::invalid(name, error.to_string()))).transpose()
    }
}

/// A time, or a whole day in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A time.
    Instant(BankTime),
    /// A day.
    Day(Date),
}

impl Moment {
    /// Reads a day or a time.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let instant = || BankTime::parse(text).map(Self::Instant);
        Date::parse(text).map(Self::Day).or_else(|_| instant()).map_err(|_| {
            // In a query a plus sign means a space.
            if BankTime::parse(&text.replace(' ', "+")).is_ok() {
                "must be a time whose + is written %2B in a URL, such as 2026-01-31T12:00:00%2B02:00, or end in Z"
            } else {
                "must be a day such as 2026-01-31 or a time of RFC 3339 such as 2026-01-31T12:00:00Z"
            }
        })
    }

    /// The instant itself, or the first one of the day.
    pub fn start(self) -> BankTime {
        match self {
            Self::Instant(at) => at,
            Self::Day(day) => BankTime::from_unix_micros(i64::from(day.unix_days()) * 86_400_000_000),
        }
    }

    /// The instant itself, or the first one after the day.
    pub fn end(self) -> BankTime {
        match self {
            Self::Instant(at) => at,
            Self::Day(_) => self.start().plus_seconds(86_400),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect()))
    }
}
