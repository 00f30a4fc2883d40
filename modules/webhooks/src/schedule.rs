//! When a call is tried again.

use crate::retry_after::RetryAfter;
use db::WallTime;

/// So often a call is tried.
pub const TRIES_MAX: usize = 10;
/// How long each try waits after the one before: for ten of them more than three days.
const WAITS_SECONDS: [i64; TRIES_MAX] = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
const GONE: u16 = 410;
const OVERLOADED: [u16; 3] = [429, 502, 504];

/// One try that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The first has 1.
    pub number: usize,
    /// When it ended.
    pub at: WallTime,
    /// Spreads the next one.
    pub jitter: Jitter,
}

/// A random part of the wait, so that what failed together does not come back together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jitter(u32);

impl Jitter {
    /// Of any number.
    pub const fn of(random: u32) -> Self {
        Self(random)
    }

    /// The wait in microseconds, up to a tenth more or less.
    fn spread(self, seconds: i64) -> i64 {
        seconds * 1_000 * (900 + i64::from(self.0 % 201))
    }
}

/// What came of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The receiver answered in time.
    Status {
        /// The status of HTTP.
        code: u16,
        /// When it wants to be called again.
        retry_after: Option<RetryAfter>,
    },
    /// It was not called, could not be reached, or did not answer in time.
    None,
}

impl Answer {
    /// 2xx and nothing else: whoever redirects has not taken it.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Status { code: 200..=299, .. })
    }

    pub(crate) fn is_gone(&self) -> bool {
        matches!(self, Self::Status { code: GONE, .. })
    }

    pub(crate) fn is_overloaded(&self) -> bool {
        matches!(self, Self::Status { code, .. } if OVERLOADED.contains(code))
    }
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The receiver has it.
    Delivered,
    /// Another try, not before this time.
    Again(WallTime),
    /// There is no further try, but by hand.
    GivenUp,
}

/// What becomes of a call after a try.
pub fn next(attempt: &Attempt, answer: &Answer) -> Next {
    if answer.is_success() {
        return Next::Delivered;
    }
    if answer.is_gone() {
        return Next::GivenUp;
    }
    // The waits are counted from 0, so that what comes after the first try is the second of them.
    let Some(wait) = WAITS_SECONDS.get(attempt.number) else { return Next::GivenUp };
    let due = WallTime::from_unix_micros(attempt.at.unix_micros().saturating_add(attempt.jitter.spread(*wait)));
    match answer {
        Answer::Status { retry_after: Some(wish), .. } => Next::Again(due.max(wish.at())),
        Answer::Status { retry_after: None, .. } | Answer::None => Next::Again(due),
    }
}
