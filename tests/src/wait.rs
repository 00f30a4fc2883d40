//! Waiting for what must come true, with a bound.

use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_millis(10);

/// Asks until the answer is yes.
///
/// # Panics
/// When it is still no after the time.
#[track_caller]
pub fn eventually(what: &str, within: Duration, mut is_so: impl FnMut() -> bool) {
    until_some(what, within, || is_so().then_some(()));
}

/// Asks until there is an answer.
///
/// # Panics
/// When there is none after the time.
#[track_caller]
pub fn until_some<T>(what: &str, within: Duration, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + within;
    loop {
        if let Some(found) = ask() {
            return found;
        }
        assert!(Instant::now() < deadline, "not within {within:?}: {what}");
        std::thread::sleep(PAUSE);
    }
}
