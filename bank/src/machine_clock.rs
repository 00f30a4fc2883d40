//! The machine's clock, read in one place. Somebody may set it while the bank runs: a jump is not followed, because it
//! would let holds expire early or tokens live on. What is counted instead is the time since the machine was started.

use db::{Clock, WallTime};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};

/// What the keepers of time correct in one go; more is somebody who sets the clock.
const CORRECTION_MICROS_MAX: i64 = 1_000_000;

/// One for the whole process: there is one machine.
static STEADY: LazyLock<Steady> = LazyLock::new(|| Steady::new(WallTime::now(), micros_since_boot()));

/// Wall time: it goes on steadily, whatever is done to the machine's clock.
pub(crate) fn now() -> WallTime {
    STEADY.time(WallTime::now(), micros_since_boot())
}

/// The same, to be passed on.
pub(crate) fn reader() -> Clock {
    Arc::new(now)
}

struct Steady {
    /// Wall time less the time since boot.
    boot_micros: AtomicI64,
    is_off: AtomicBool,
}

impl Steady {
    const fn new(shown: WallTime, since_boot: i64) -> Self {
        let boot_micros = AtomicI64::new(shown.unix_micros() - since_boot);
        Self { boot_micros, is_off: AtomicBool::new(false) }
    }

    fn time(&self, shown: WallTime, since_boot: i64) -> WallTime {
        let (booted, known) = (shown.unix_micros() - since_boot, self.boot_micros.load(Ordering::Relaxed));
        let is_off = (booted - known).abs() > CORRECTION_MICROS_MAX;
        if self.is_off.swap(is_off, Ordering::Relaxed) != is_off {
            if is_off {
                let seconds = (booted - known) / 1_000_000;
                tracing::error!(
                    seconds,
                    "the machine's clock was set: the bank goes on with its own until it is restarted"
                );
            } else {
                tracing::info!("the machine's clock is right again");
            }
        }
        if is_off {
            return WallTime::from_unix_micros(known + since_boot);
        }
        self.boot_micros.store(booted, Ordering::Relaxed);
        shown
    }
}

/// It goes on while the machine sleeps, and nobody can set it.
fn micros_since_boot() -> i64 {
    let since = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    since.tv_sec.saturating_mul(1_000_000).saturating_add(since.tv_nsec / 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: WallTime = WallTime::from_unix_micros(1_767_225_600_000_000);
    const HOUR: i64 = 3_600;
    const TEN_YEARS: i64 = 10 * 365 * 86_400;

    #[test]
    fn a_jump_of_the_machines_clock_is_not_followed() {
        for jump in [HOUR, -HOUR, TEN_YEARS, -TEN_YEARS] {
            let steady = Steady::new(START, 5_000_000);
            let after_a_minute = steady.time(START.plus_seconds(60 + jump), 65_000_000);
            assert_eq!(after_a_minute, START.plus_seconds(60), "a jump of {jump} s");
            assert_eq!(steady.time(START.plus_seconds(61), 66_000_000), START.plus_seconds(61), "set right again");
        }
    }

    #[test]
    fn small_corrections_are_followed_one_after_the_other() {
        let steady = Steady::new(START, 0);
        for minute in 1..100 {
            let shown = WallTime::from_unix_micros(START.plus_seconds(minute * 60).unix_micros() + minute * 500_000);
            assert_eq!(steady.time(shown, minute * 60_000_000), shown);
        }
    }

    #[test]
    fn the_time_since_boot_goes_on() {
        let before = micros_since_boot();
        std::thread::sleep(std::time::Duration::from_millis(5));
        assert!(micros_since_boot() >= before + 5_000);
    }
}
