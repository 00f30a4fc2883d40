//! Clocks for tests: those of the machine, and one that stands where a test sets it.

use clock::Clocks;
use db::{BankTime, Clock, WallTime};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Clocks that both show the machine's time.
pub fn clocks() -> Clocks {
    Clocks::equal(Arc::new(WallTime::now))
}

/// Bank time of a bank whose clocks show the machine's time.
pub fn bank_now() -> BankTime {
    BankTime::equal_to(WallTime::now())
}

/// A clock of the machine that stands still until it is set. Cloning shares it.
#[derive(Clone, Debug)]
pub struct SetClock(Arc<AtomicI64>);

impl SetClock {
    /// Stands at a time such as `2026-02-27T12:00:00Z`.
    ///
    /// # Panics
    /// When the text is no time.
    pub fn at(text: &str) -> Self {
        let at = WallTime::parse(text).expect("the text is a time of RFC 3339");
        Self(Arc::new(AtomicI64::new(at.unix_micros())))
    }

    /// What it shows.
    pub fn now(&self) -> WallTime {
        WallTime::from_unix_micros(self.0.load(Ordering::Relaxed))
    }

    /// Moves it by so many seconds, back when negative.
    pub fn shift(&self, seconds: i64) {
        self.0.store(self.now().plus_seconds(seconds).unix_micros(), Ordering::Relaxed);
    }

    /// What a program reads it with.
    pub fn reader(&self) -> Clock {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }
}
