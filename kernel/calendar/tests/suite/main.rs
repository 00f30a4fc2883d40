//! Holidays and clocks against lists that others made.

use calendar::{Eastern, banking_day_from, banking_day_until, banking_days_after, is_banking_day, is_holiday};
use db::BankTime;
use time::{Date, Month, Weekday};

/// An instant in RFC 3339.
fn at(text: &str) -> BankTime {
    BankTime::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn day(year: i32, month: u8, day: u8) -> Date {
    Date::from_calendar_date(year, Month::try_from(month).expect("a month"), day).expect("a day")
}

#[test]
fn holidays_are_those_that_others_know() {
    let list = include_str!("holidays.txt");
    let mut years = 0;
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        let (year, days) = line.split_once(' ').unwrap();
        let year: i32 = year.parse().unwrap();
        let expected: Vec<Date> = days
            .split(' ')
            .map(|text| text.split_once('-').unwrap())
            .map(|(month, of_month)| day(year, month.parse().unwrap(), of_month.parse().unwrap()))
            .collect();
        let days = (1..=time::util::days_in_year(year)).map(|ordinal| Date::from_ordinal_date(year, ordinal).unwrap());
        let found: Vec<Date> = days.filter(|date| is_holiday(*date)).collect();
        assert_eq!(found, expected, "{year}");
        years += 1;
    }
    assert_eq!(years, 51);
}

#[test]
fn a_holiday_on_a_sunday_is_kept_on_monday_and_on_a_saturday_not_on_friday() {
    // Independence Day of 2027 is a Sunday, of 2026 a Saturday.
    assert!(!is_banking_day(day(2027, 7, 5)));
    assert!(is_banking_day(day(2026, 7, 3)));
    assert_eq!(banking_day_from(day(2026, 7, 4)), day(2026, 7, 6));
    assert_eq!(banking_day_until(day(2026, 7, 4)), day(2026, 7, 3));
    assert_eq!(banking_day_until(day(2026, 7, 3)), day(2026, 7, 3));
    assert_eq!(banking_day_from(day(2026, 11, 26)), day(2026, 11, 27));
    assert_eq!(banking_days_after(day(2026, 11, 25), 1), day(2026, 11, 27));
    assert_eq!(banking_days_after(day(2026, 12, 24), 2), day(2026, 12, 29));
    assert_eq!(day(2026, 12, 26).weekday(), Weekday::Saturday);
}

#[test]
fn clocks_change_when_the_time_zone_database_says() {
    const SECOND: i64 = 1_000_000;
    let list = include_str!("clock_changes.txt");
    let mut years = 0;
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        let (forward, back) = line.split_once(' ').unwrap();
        let shown =
            |instant: &str, earlier: i64| Eastern::at(BankTime::from_unix_micros(at(instant).unix_micros() - earlier));
        assert_eq!(shown(forward, SECOND).minute, 60 + 59, "{forward}");
        assert_eq!(shown(forward, 0).minute, 3 * 60, "{forward}");
        assert_eq!(shown(back, SECOND).minute, 60 + 59, "{back}");
        assert_eq!(shown(back, 0).minute, 60, "{back}");
        years += 1;
    }
    assert_eq!(years, 51);
}

#[test]
fn what_a_clock_shows_leads_back_to_the_instant() {
    // Each quarter of an hour of two years, except those that are there twice.
    let mut instant = at("2026-01-01T00:00:00Z");
    let mut twice = 0;
    while instant < at("2028-01-01T00:00:00Z") {
        let shown = Eastern::at(instant);
        if shown.instant() != instant {
            assert_eq!(shown.instant(), instant.plus_seconds(-3_600), "{instant}");
            assert_eq!(
                (shown.date.month(), shown.date.weekday(), shown.minute / 60),
                (Month::November, Weekday::Sunday, 1)
            );
            twice += 1;
        }
        instant = instant.plus_seconds(900);
    }
    assert_eq!(twice, 8);
    // Half past two does not exist on that day: it is when it would have been.
    let left_out = Eastern { date: day(2026, 3, 8), minute: 2 * 60 + 30 };
    assert_eq!(left_out.instant(), at("2026-03-08T07:30:00Z"));
}

#[test]
fn times_at_the_ends_of_what_can_be_said_are_no_trouble() {
    for micros in [i64::MIN, -1, 0, i64::MAX] {
        let shown = Eastern::at(BankTime::from_unix_micros(micros));
        assert!((0..24 * 60).contains(&shown.minute));
        banking_days_after(shown.date, 3);
    }
}

#[test]
fn days_are_stored_as_the_database_counts_them() {
    for text in ["1993-05-01", "1988-01-01", "2000-02-29"] {
        let stored = db::Date::parse(text).unwrap();
        assert_eq!(calendar::stored(calendar::read(stored)), stored);
        assert_eq!(calendar::read(stored).to_string(), text);
    }
}
