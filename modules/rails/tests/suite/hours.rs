//! Cut-offs, windows and opening hours at their boundaries, to the microsecond and over changes of the clock.

use db::BankTime;
use rails::{Rail, is_before_cut_off, is_given_up, is_open, opens_for, window, windows_of};

use crate::at;

const SMALL: i64 = 100_000;

fn before(instant: &str) -> BankTime {
    BankTime::from_unix_micros(at(instant).unix_micros() - 1)
}

#[test]
fn the_instant_rail_never_closes() {
    for instant in ["2026-12-25T12:00:00Z", "2026-11-28T03:00:00Z"] {
        assert!(is_open(Rail::Instant, at(instant)));
        assert_eq!(opens_for(Rail::Instant, at(instant)), at(instant));
    }
}

#[test]
fn an_order_goes_with_the_first_batch_whose_cut_off_is_ahead() {
    // A Wednesday in winter, New York is five hours behind; Thursday is Thanksgiving.
    for (ordered, leaves, settles) in [
        (before("2026-11-25T15:15:00Z"), "2026-11-25T15:30:00Z", "2026-11-25T18:00:00Z"),
        (at("2026-11-25T15:15:00Z"), "2026-11-25T19:45:00Z", "2026-11-25T22:00:00Z"),
        (before("2026-11-25T19:30:00Z"), "2026-11-25T19:45:00Z", "2026-11-25T22:00:00Z"),
        (at("2026-11-25T19:30:00Z"), "2026-11-25T21:45:00Z", "2026-11-25T23:00:00Z"),
        (at("2026-11-25T21:30:00Z"), "2026-11-26T01:15:00Z", "2026-11-27T13:30:00Z"),
        (before("2026-11-26T01:00:00Z"), "2026-11-26T01:15:00Z", "2026-11-27T13:30:00Z"),
        (at("2026-11-26T01:00:00Z"), "2026-11-27T15:30:00Z", "2026-11-27T18:00:00Z"),
        // Friday evening: Monday.
        (at("2026-11-28T01:00:00Z"), "2026-11-30T15:30:00Z", "2026-11-30T18:00:00Z"),
    ] {
        let window = window(ordered, SMALL);
        assert_eq!((window.leaves, window.settles), (at(leaves), at(settles)), "{ordered}");
        assert!(ordered < window.cut_off && window.cut_off < window.leaves && window.leaves < window.settles);
    }
}

#[test]
fn cut_offs_keep_to_the_clock_in_new_york_when_it_changes() {
    // Friday before and Monday after clocks go forward, and back.
    for (day, cut_off) in [
        ("2026-03-06T12:00:00Z", "2026-03-06T15:15:00Z"),
        ("2026-03-09T12:00:00Z", "2026-03-09T14:15:00Z"),
        ("2026-10-30T12:00:00Z", "2026-10-30T14:15:00Z"),
        ("2026-11-02T12:00:00Z", "2026-11-02T15:15:00Z"),
    ] {
        assert_eq!(window(at(day), SMALL).cut_off, at(cut_off));
    }
    // The wire opens on Sunday evening, after the change.
    assert!(!is_open(Rail::Wire, before("2026-03-09T01:00:00Z")));
    assert!(is_open(Rail::Wire, at("2026-03-09T01:00:00Z")));
    assert!(!is_open(Rail::Wire, before("2026-11-02T02:00:00Z")));
    assert!(is_open(Rail::Wire, at("2026-11-02T02:00:00Z")));
}

#[test]
fn a_large_payment_waits_for_the_night() {
    let ordered = at("2026-11-25T15:00:00Z");
    assert!(window(ordered, 100_000_000).is_same_day);
    let large = window(ordered, 100_000_001);
    assert!(!large.is_same_day);
    assert_eq!((large.leaves, large.settles), (at("2026-11-26T01:15:00Z"), at("2026-11-27T13:30:00Z")));
}

#[test]
fn the_batches_of_a_day_follow_each_other() {
    let mut date = time::Date::from_calendar_date(2026, time::Month::January, 1).unwrap();
    for _ in 0..730 {
        let windows = windows_of(date);
        assert!(windows.is_sorted_by(|one, next| one.leaves < next.leaves && one.settles < next.settles));
        date = date.next_day().unwrap();
    }
}

#[test]
fn the_wire_is_open_from_the_evening_before_until_seven() {
    for (instant, is_open_then, takes_orders) in [
        ("2026-11-25T23:29:59Z", true, true),
        // Half past six: customers are too late, banks are not.
        ("2026-11-25T23:30:00Z", true, false),
        ("2026-11-25T23:59:59Z", true, false),
        ("2026-11-26T00:00:00Z", false, false),
        // The evening before Thanksgiving does not open, that before Friday does.
        ("2026-11-26T02:00:00Z", false, false),
        ("2026-11-27T01:59:59Z", false, false),
        ("2026-11-27T02:00:00Z", true, true),
        // Saturday.
        ("2026-11-28T12:00:00Z", false, false),
        ("2026-11-30T01:59:59Z", false, false),
        ("2026-11-30T02:00:00Z", true, true),
    ] {
        assert_eq!(is_open(Rail::Wire, at(instant)), is_open_then, "{instant}");
        assert_eq!(is_before_cut_off(at(instant)), takes_orders, "{instant}");
    }
}

#[test]
fn who_is_too_late_for_the_wire_goes_when_it_opens_again() {
    for (ordered, opens) in [
        ("2026-11-25T12:00:00Z", "2026-11-25T12:00:00Z"),
        ("2026-11-25T23:30:00Z", "2026-11-27T02:00:00Z"),
        ("2026-11-26T12:00:00Z", "2026-11-27T02:00:00Z"),
        ("2026-11-27T23:30:00Z", "2026-11-30T02:00:00Z"),
        ("2026-11-28T12:00:00Z", "2026-11-30T02:00:00Z"),
        ("2026-11-24T23:59:00Z", "2026-11-25T02:00:00Z"),
    ] {
        let found = opens_for(Rail::Wire, at(ordered));
        assert_eq!(found, at(opens), "{ordered}");
        assert!(is_before_cut_off(found), "{ordered}");
    }
}

#[test]
fn queued_payments_are_given_up_by_the_hour_by_windows_or_by_the_day() {
    let since = at("2026-11-25T15:00:00Z");
    for (rail, gives_up) in [
        (Rail::Instant, "2026-11-25T16:00:00Z"),
        // The batches of half past ten and of a quarter to three have left without it.
        (Rail::Ach, "2026-11-25T19:45:00Z"),
        (Rail::Wire, "2026-11-26T00:00:00Z"),
    ] {
        assert!(!is_given_up(rail, since, before(gives_up)), "{rail:?}");
        assert!(is_given_up(rail, since, at(gives_up)), "{rail:?}");
    }
}

#[test]
fn every_minute_of_two_years_leads_to_a_time_at_which_the_rail_is_open() {
    let mut instant = at("2026-01-01T00:00:00Z");
    while instant < at("2028-01-01T00:00:00Z") {
        let wire = opens_for(Rail::Wire, instant);
        assert!(wire >= instant && is_before_cut_off(wire), "{instant}");
        let ach = opens_for(Rail::Ach, instant);
        assert!(ach > instant && is_open(Rail::Ach, ach), "{instant}");
        instant = instant.plus_seconds(17 * 60);
    }
}
