//! How long somebody who guesses codes has to wait. Only who knows the password, or holds a session, gets this far.

use db::WallTime;

/// So many wrong codes in a row cost nothing: people mistype.
const FREE: i64 = 5;
const FIRST_WAIT_SECONDS: i64 = 30;
const WAIT_SECONDS_MAX: i64 = 24 * 60 * 60;

/// When the next code may be tried, after so many wrong ones in a row. The wait doubles up to a day, so that in a year
/// fewer than 400 guesses are looked at, each right with a probability of 3 in a million (RFC 6238, section 5.2, and
/// NIST SP 800-63B, section 3.2.2). Recovery codes and passkeys, which cannot be guessed, stay open meanwhile.
pub(super) fn next_attempt_at(failures: i64, failed_at: WallTime) -> WallTime {
    if failures < FREE {
        return failed_at;
    }
    let doublings = u32::try_from((failures - FREE).clamp(0, 16)).unwrap_or_default();
    failed_at.plus_seconds((FIRST_WAIT_SECONDS << doublings).min(WAIT_SECONDS_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: WallTime = WallTime::from_unix_micros(1_767_225_600_000_000);

    #[test]
    fn a_few_mistakes_are_free_and_then_the_wait_doubles_up_to_a_day() {
        for (failures, seconds) in
            [(0, 0), (4, 0), (5, 30), (6, 60), (7, 120), (10, 960), (16, 61_440), (17, 86_400), (i64::MAX, 86_400)]
        {
            assert_eq!(next_attempt_at(failures, AT), AT.plus_seconds(seconds), "{failures}");
        }
    }

    #[test]
    fn in_a_year_few_guesses_are_looked_at() {
        let (mut now, mut failures) = (AT, 0);
        while now < AT.plus_seconds(365 * 86_400) {
            failures += 1;
            now = next_attempt_at(failures, now);
        }
        assert!(failures < 400, "{failures}");
    }
}
