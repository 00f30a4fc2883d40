//! Values as messages hold them. Each is valid by construction: what can be written is valid against the schema.

use money::{Currency, Money};
use time::{Date, Month};

use crate::error::InvalidValue;

/// One line of 1 to `MAX` characters without control characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text<const MAX: usize>(Box<str>);

impl<const MAX: usize> Text<MAX> {
    /// Takes the text over as it is.
    ///
    /// # Errors
    /// It is empty, too long, or has characters that do not belong in a line.
    pub fn new(text: &str) -> Result<Self, InvalidValue> {
        let length = if text.len() <= MAX { text.len() } else { text.chars().take(MAX + 1).count() };
        if length == 0 || length > MAX {
            return Err(InvalidValue::Length(MAX));
        }
        if text.chars().any(|character| character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}')) {
            return Err(InvalidValue::Character);
        }
        Ok(Self(text.into()))
    }

    /// Takes words of people over: line breaks, tabs and control characters become spaces.
    ///
    /// # Errors
    /// It is empty or too long.
    pub fn of_words(text: &str) -> Result<Self, InvalidValue> {
        if !text.chars().any(char::is_control) {
            return Self::new(text);
        }
        Self::new(
            &text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect::<String>(),
        )
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> std::fmt::Display for Text<MAX> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A code of a published list, of at most `MAX` characters, or a word of somebody's own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Choice<const MAX: usize> {
    /// `Cd`
    Code(Text<MAX>),
    /// `Prtry`
    Proprietary(Text<35>),
}

impl<const MAX: usize> Choice<MAX> {
    /// The code or word.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Code(code) => code.as_str(),
            Self::Proprietary(word) => word.as_str(),
        }
    }
}

/// Money of 0 or more, with at most 18 digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount(Money);

const LARGEST_MINOR: i64 = 999_999_999_999_999_999;

impl Amount {
    /// Takes over an amount.
    ///
    /// # Errors
    /// It is negative, or has more digits than the schemas allow.
    pub fn new(money: Money) -> Result<Self, InvalidValue> {
        if (0..=LARGEST_MINOR).contains(&money.minor()) { Ok(Self(money)) } else { Err(InvalidValue::Range) }
    }

    /// Reads the decimal exactly: more decimals than the currency has are refused, also when they are zeros.
    pub(crate) fn read(text: &str, currency: Currency) -> Result<Self, InvalidValue> {
        let text = trim(text);
        let text = text.strip_prefix('+').unwrap_or(text);
        let money = match (text.strip_prefix('.'), text.strip_suffix('.')) {
            (Some(decimals), _) if !decimals.is_empty() => Money::parse(&format!("0.{decimals}"), currency),
            (_, Some(whole)) => Money::parse(whole, currency),
            _ => Money::parse(text, currency),
        };
        Self::new(money?)
    }

    /// The amount.
    pub const fn money(self) -> Money {
        self.0
    }
}

/// An instant, in microseconds since 1970, of the years 1 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Moment(i64);

const MOMENT: InvalidValue = InvalidValue::Pattern("a time such as 2026-11-25T22:00:00Z");
const DAY: InvalidValue = InvalidValue::Pattern("a day such as 2026-11-25");
const FIRST_MICROS: i64 = -62_135_596_800_000_000;
const LAST_MICROS: i64 = 253_402_300_799_999_999;
const DAY_MICROS: i64 = 86_400_000_000;

impl Moment {
    /// From microseconds since 1970.
    ///
    /// # Errors
    /// Its year has no four digits.
    pub fn from_unix_micros(micros: i64) -> Result<Self, InvalidValue> {
        if (FIRST_MICROS..=LAST_MICROS).contains(&micros) { Ok(Self(micros)) } else { Err(MOMENT) }
    }

    /// Microseconds since 1970.
    pub const fn unix_micros(self) -> i64 {
        self.0
    }

    /// Reads a time of XML Schema. Without an offset it is taken as UTC; digits beyond microseconds are dropped.
    pub(crate) fn read(text: &str) -> Result<Self, InvalidValue> {
        let (day, clock) = trim(text).split_once('T').ok_or(MOMENT)?;
        let day = read_date(day).map_err(|_| MOMENT)?;
        let split = clock.find(['Z', '+', '-']).unwrap_or(clock.len());
        let (clock, offset) = clock.split_at(split);
        let micros = i64::from(day.to_julian_day() - EPOCH_JULIAN_DAY) * DAY_MICROS;
        Self::from_unix_micros(micros + read_clock(clock)? - read_offset(offset)?)
    }
}

impl std::fmt::Display for Moment {
    /// `2026-11-25T22:00:00Z`, with six decimals where there is a fraction.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let day = i32::try_from(self.0.div_euclid(DAY_MICROS)).unwrap_or_default();
        let within = self.0.rem_euclid(DAY_MICROS);
        let (year, month, day) =
            Date::from_julian_day(EPOCH_JULIAN_DAY + day).map_err(|_| std::fmt::Error)?.to_calendar_date();
        let (seconds, micros) = (within / 1_000_000, within % 1_000_000);
        let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        write!(formatter, "{year:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}", u8::from(month))?;
        if micros != 0 {
            write!(formatter, ".{micros:06}")?;
        }
        formatter.write_str("Z")
    }
}

/// 1970-01-01 as the calendar counts days.
const EPOCH_JULIAN_DAY: i32 = 2_440_588;

/// `22:00:00.5` in microseconds; 24:00:00 is the end of the day.
fn read_clock(text: &str) -> Result<i64, InvalidValue> {
    let (clock, fraction) = text.split_once('.').map_or((text, None), |(clock, fraction)| (clock, Some(fraction)));
    let bytes = clock.as_bytes();
    if bytes.len() != 8 || bytes[2] != b':' || bytes[5] != b':' {
        return Err(MOMENT);
    }
    let [hour, minute, second] = [0, 3, 6].map(|at| digits(&bytes[at..at + 2]));
    let (hour, minute, second) = (hour.ok_or(MOMENT)?, minute.ok_or(MOMENT)?, second.ok_or(MOMENT)?);
    let micros = match fraction {
        None => 0,
        Some(fraction) if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) => {
            return Err(MOMENT);
        }
        Some(fraction) => {
            let padded = fraction.bytes().chain(std::iter::repeat(b'0')).take(6);
            padded.fold(0, |micros, digit| micros * 10 + i64::from(digit - b'0'))
        }
    };
    let is_end_of_day = hour == 24 && minute == 0 && second == 0 && micros == 0;
    if (hour > 23 && !is_end_of_day) || minute > 59 || second > 59 {
        return Err(MOMENT);
    }
    Ok(((hour * 60 + minute) * 60 + second) * 1_000_000 + micros)
}

/// Nothing, `Z`, `+01:00` or `-04:00`, in microseconds.
fn read_offset(text: &str) -> Result<i64, InvalidValue> {
    let bytes = text.as_bytes();
    if matches!(text, "" | "Z") {
        return Ok(0);
    }
    if bytes.len() != 6 || bytes[3] != b':' {
        return Err(MOMENT);
    }
    let (hours, minutes) = (digits(&bytes[1..3]).ok_or(MOMENT)?, digits(&bytes[4..6]).ok_or(MOMENT)?);
    if hours > 14 || minutes > 59 || (hours == 14 && minutes > 0) {
        return Err(MOMENT);
    }
    let micros = (hours * 60 + minutes) * 60_000_000;
    match bytes[0] {
        b'+' => Ok(micros),
        b'-' => Ok(-micros),
        _ => Err(MOMENT),
    }
}

/// Reads `2026-11-25`; an offset behind it, which XML Schema allows, is checked and dropped.
pub(crate) fn read_date(text: &str) -> Result<Date, InvalidValue> {
    let text = trim(text);
    let (day, offset) = text.split_at_checked(10).ok_or(DAY)?;
    read_offset(offset).map_err(|_| DAY)?;
    let bytes = day.as_bytes();
    if bytes[4] != b'-' || bytes[7] != b'-' {
        return Err(DAY);
    }
    let number = |range: std::ops::Range<usize>| digits(&bytes[range]).ok_or(DAY);
    let year = i32::try_from(number(0..4)?).map_err(|_| DAY)?;
    let month = u8::try_from(number(5..7)?).ok().and_then(|month| Month::try_from(month).ok()).ok_or(DAY)?;
    let day = u8::try_from(number(8..10)?).map_err(|_| DAY)?;
    if year == 0 {
        return Err(DAY);
    }
    Date::from_calendar_date(year, month, day).map_err(|_| DAY)
}

pub(crate) fn write_date(date: Date) -> String {
    let (year, month, day) = date.to_calendar_date();
    format!("{year:04}-{:02}-{day:02}", u8::from(month))
}

/// What XML Schema calls collapsed: numbers, times and codes of a list may have white space around them.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\r', '\n'])
}

fn digits(bytes: &[u8]) -> Option<i64> {
    bytes.iter().try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_of_xml_schema_are_read_to_the_microsecond() {
        for (text, written) in [
            ("2026-11-25T22:00:00Z", "2026-11-25T22:00:00Z"),
            (" 2023-07-26T11:35:24-04:00\n", "2023-07-26T15:35:24Z"),
            ("2026-11-25T22:00:00", "2026-11-25T22:00:00Z"),
            ("2026-11-25T24:00:00Z", "2026-11-26T00:00:00Z"),
            ("2026-11-25T00:00:00.1234569+14:00", "2026-11-24T10:00:00.123456Z"),
            ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500000Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ] {
            assert_eq!(Moment::read(text).unwrap().to_string(), written, "{text}");
        }
        for text in [
            "",
            "2026-11-25",
            "2026-11-25 22:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-11-25T25:00:00Z",
            "2026-11-25T24:00:01Z",
            "2026-11-25T22:60:00Z",
            "2026-11-25T22:00:60Z",
            "2026-11-25T22:00:00.Z",
            "2026-11-25T22:00:00.1x",
            "2026-11-25T22:00:00+1:00",
            "2026-11-25T22:00:00+15:00",
            "2026-11-25T22:00:00ZZ",
            "0000-11-25T22:00:00Z",
            "12026-11-25T22:00:00Z",
            "0001-01-01T00:00:00+01:00",
            "２０２６-11-25T22:00:00Z",
        ] {
            assert_eq!(Moment::read(text), Err(MOMENT), "{text}");
        }
    }

    #[test]
    fn days_may_have_an_offset_that_says_nothing() {
        let day = Date::from_calendar_date(2024, Month::February, 29).unwrap();
        for text in ["2024-02-29", "2024-02-29Z", " 2024-02-29-05:00"] {
            assert_eq!(read_date(text), Ok(day), "{text}");
        }
        for text in ["2023-02-29", "2024-2-29", "2024-02-29T", "2024/02/29", "2024-02-2", "éééé-02-29"] {
            assert_eq!(read_date(text), Err(DAY), "{text}");
        }
    }

    #[test]
    fn amounts_are_read_as_they_stand_or_refused() {
        let usd = Currency::parse("USD").unwrap();
        for (text, minor) in
            [("1250.00", 125_000), (" 1250\n", 125_000), ("+.5", 50), ("5.", 500), ("0", 0), ("007.1", 710)]
        {
            assert_eq!(Amount::read(text, usd).map(|amount| amount.money().minor()), Ok(minor), "{text}");
        }
        for text in
            ["", ".", "+", "-1", "--1", "++1", "+-1", "1.000", "1.001", "1e3", "1,5", "1 0", "NaN", "INF", "0x1", "..5"]
        {
            assert!(Amount::read(text, usd).is_err(), "{text}");
        }
        assert_eq!(Amount::read("9999999999999999.99", usd).unwrap().money().minor(), LARGEST_MINOR);
        assert_eq!(Amount::read("10000000000000000.00", usd), Err(InvalidValue::Range));
        assert!(Amount::read("1.0", Currency::parse("JPY").unwrap()).is_err());
        assert_eq!(Amount::read("1.234", Currency::parse("KWD").unwrap()).unwrap().money().minor(), 1_234);
        assert_eq!(Amount::new(Money::new(-1, usd)), Err(InvalidValue::Range));
    }

    #[test]
    fn texts_are_one_line_of_a_length_in_characters() {
        assert_eq!(Text::<4>::new("éééé").unwrap().as_str(), "éééé");
        assert_eq!(Text::<4>::new("ééééé"), Err(InvalidValue::Length(4)));
        assert_eq!(Text::<4>::new(""), Err(InvalidValue::Length(4)));
        assert_eq!(Text::<4>::new("a\nb"), Err(InvalidValue::Character));
        assert_eq!(Text::<4>::of_words("a\r\nb").unwrap().as_str(), "a  b");
        assert_eq!(Text::<4>::new("\u{ffff}"), Err(InvalidValue::Character));
    }

    proptest! {
        #[test]
        fn moments_are_read_as_they_were_written(micros in FIRST_MICROS..=LAST_MICROS) {
            let moment = Moment::from_unix_micros(micros).unwrap();
            prop_assert_eq!(Moment::read(&moment.to_string()), Ok(moment));
        }
    }
}
