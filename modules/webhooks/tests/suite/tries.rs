//! The ten tries of a call, and how an endpoint is doing meanwhile.

use db::WallTime;
use proptest::prelude::*;
use webhooks::{Answer, Disabled, Health, Jitter, Next, RetryAfter, TRIES_MAX, Try, next};

/// Neither earlier nor later than planned.
const EVEN: Jitter = Jitter::of(100);
const DAY: i64 = 86_400;

fn start() -> WallTime {
    WallTime::parse("2026-11-26T12:00:00Z").expect("a time")
}

const fn status(code: u16) -> Answer {
    Answer::Status { code, retry_after: None }
}

fn asking(code: u16, wish: &str, now: WallTime) -> Answer {
    Answer::Status { code, retry_after: RetryAfter::parse(wish, now) }
}

/// The seconds between the tries of a call that always fails like that.
fn waits(jitter: Jitter, answer: Answer) -> Vec<i64> {
    let mut at = start();
    let mut waits = Vec::new();
    for number in 1.. {
        match next(&Try { number, at, jitter }, &answer) {
            Next::Again(due) => {
                waits.push(due.unix_seconds() - at.unix_seconds());
                at = due;
            }
            Next::GivenUp => break,
            Next::Delivered => panic!("a failure is no success"),
        }
    }
    waits
}

#[test]
fn a_call_is_tried_ten_times_in_three_days() {
    let planned = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
    assert_eq!(planned.len() + 1, TRIES_MAX);
    for answer in [Answer::None, status(500), status(404), status(301), status(302), status(199), status(600)] {
        assert_eq!(waits(EVEN, answer), planned, "{answer:?}");
    }
    assert_eq!(waits(Jitter::of(0), Answer::None)[1..], [270, 1_620, 6_480, 16_200, 32_400, 45_360, 64_800, 77_760]);
    assert_eq!(waits(Jitter::of(200), Answer::None)[1..], [330, 1_980, 7_920, 19_800, 39_600, 55_440, 79_200, 95_040]);
}

#[test]
fn only_2xx_is_a_success_and_410_is_the_end() {
    let attempt = Try { number: 1, at: start(), jitter: EVEN };
    for code in [200, 201, 202, 204, 299] {
        assert_eq!(next(&attempt, &status(code)), Next::Delivered, "{code}");
    }
    assert_eq!(next(&attempt, &status(410)), Next::GivenUp);
}

#[test]
fn a_receiver_may_ask_for_later_but_not_for_sooner() {
    let attempt = Try { number: 2, at: start(), jitter: EVEN };
    for (wish, seconds) in [("1", 300), ("300", 300), ("301", 301), ("86400", DAY), ("999999", DAY), ("soon", 300)] {
        let expected = Next::Again(start().plus_seconds(seconds));
        assert_eq!(next(&attempt, &asking(503, wish, start())), expected, "{wish}");
    }
    let last = Try { number: TRIES_MAX, at: start(), jitter: EVEN };
    assert_eq!(next(&last, &asking(503, "60", start())), Next::GivenUp);
}

#[test]
fn five_days_without_success_disable_and_410_does_at_once() {
    let failing = Health::default().after(&status(500), start());
    assert_eq!(failing.after(&Answer::None, start().plus_seconds(5 * DAY - 1)).disabled, None);
    let disabled = failing.after(&Answer::None, start().plus_seconds(5 * DAY));
    assert_eq!(disabled.disabled, Some(Disabled::Failing));
    let recovered = failing.after(&status(204), start().plus_seconds(5 * DAY - 1));
    assert_eq!(recovered.after(&Answer::None, start().plus_seconds(5 * DAY)).disabled, None);
    let gone = Health::default().after(&status(410), start());
    assert_eq!(gone.disabled, Some(Disabled::Gone));
    // A call that was under way meanwhile changes nothing.
    for late in [status(200), status(500)] {
        let later = gone.after(&late, start());
        assert_eq!((later.disabled, later.calls_at_once(start())), (Some(Disabled::Gone), 0), "{late:?}");
    }
}

#[test]
fn the_dead_and_the_overloaded_get_one_call_at_a_time() {
    let mut health = Health::default();
    for expected in [4, 4, 4, 1, 1] {
        assert_eq!(health.calls_at_once(start()), expected, "after {} failures", health.failures);
        health = health.after(&Answer::None, start());
    }
    assert_eq!(health.after(&status(200), start()).calls_at_once(start()), 4);
    for code in [429, 502, 504] {
        let slow = Health::default().after(&status(code), start());
        assert_eq!(slow.calls_at_once(start()), 1, "{code}");
        // One success does not end what it asked for.
        assert_eq!(slow.after(&status(200), start()).calls_at_once(start().plus_seconds(299)), 1, "{code}");
        assert_eq!(slow.calls_at_once(start().plus_seconds(300)), 4, "{code}");
    }
    assert_eq!(Health::default().after(&status(503), start()).calls_at_once(start()), 4);
}

proptest! {
    #[test]
    fn waits_are_within_a_tenth_of_the_plan(random: u32, number in 1..TRIES_MAX) {
        let of = |jitter| match next(&Try { number, at: start(), jitter }, &Answer::None) {
            Next::Again(due) => due.unix_micros() - start().unix_micros(),
            Next::Delivered | Next::GivenUp => 0,
        };
        let (planned, waited) = (of(EVEN), of(Jitter::of(random)));
        prop_assert!(planned > 0 && (waited - planned).abs() * 10 <= planned, "{waited} instead of {planned}");
    }
}
