//! `Retry-After` (RFC 9110, section 10.2.3), as far as a receiver is followed.

use db::WallTime;
use time::PrimitiveDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

const SECONDS_MAX: i64 = 24 * 60 * 60;
const HTTP_DATE: &[BorrowedFormatItem<'_>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");

/// When a receiver wants to be called again; never later than a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter(WallTime);

impl RetryAfter {
    /// Reads the header of an answer that came now: seconds, or a date. What is neither is as if it were not there.
    pub fn parse(text: &str, now: WallTime) -> Option<Self> {
        let latest = now.plus_seconds(SECONDS_MAX);
        let text = text.trim();
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            // More digits than fit are a long time.
            let seconds = text.parse().unwrap_or(SECONDS_MAX).min(SECONDS_MAX);
            return Some(Self(now.plus_seconds(seconds)));
        }
        let date = PrimitiveDateTime::parse(text, HTTP_DATE).ok()?.assume_utc().unix_timestamp();
        // In years of four digits, microseconds fit.
        Some(Self(WallTime::from_unix_micros(date * 1_000_000).min(latest)))
    }

    /// That time.
    pub const fn at(self) -> WallTime {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_followed_for_a_day() {
        let now = WallTime::parse("2026-11-26T12:00:00Z").unwrap();
        let table = [
            ("0", Some(0)),
            (" 120 ", Some(120)),
            ("86400", Some(86_400)),
            ("86401", Some(86_400)),
            ("99999999999999999999999999", Some(86_400)),
            ("Thu, 26 Nov 2026 12:10:00 GMT", Some(600)),
            ("Thu, 26 Nov 2026 11:00:00 GMT", Some(-3_600)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(86_400)),
            ("", None),
            ("-5", None),
            ("+5", None),
            ("1.5", None),
            ("soon", None),
            ("2026-11-26T12:10:00Z", None),
        ];
        for (text, expected) in table {
            let expected = expected.map(|seconds| RetryAfter(now.plus_seconds(seconds)));
            assert_eq!(RetryAfter::parse(text, now), expected, "{text}");
        }
    }
}
