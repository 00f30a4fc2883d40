//! How an endpoint is doing, and how much of the bank's time it may take.

use crate::schedule::Answer;
use db::WallTime;

/// So many calls are under way at once, over all endpoints.
pub const CALLS_AT_ONCE_IN_ALL: usize = 256;
const CALLS_AT_ONCE: usize = 4;
const CALLS_AT_ONCE_CAREFULLY: usize = 1;
/// After so many failures in a row an endpoint counts as dead until it answers.
pub(crate) const FAILURES_UNTIL_DEAD: i64 = 3;
/// Who takes so long to answer is called carefully for a while.
const SLOW_MILLIS: i64 = 3_000;
const SLOW_SECONDS: i64 = 5 * 60;
const FAILING_SECONDS_MAX: i64 = 5 * 24 * 60 * 60;

/// Why an endpoint is called no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disabled {
    /// It answered 410.
    Gone,
    /// It has failed for five days.
    Failing,
    /// Its owner got another role, or another way in by mail or by staff: whoever made it may have been somebody else.
    AccessChanged,
}

/// How an endpoint is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Failures since the last success.
    pub failures: i64,
    /// When the first of them was.
    pub failing_since: Option<WallTime>,
    /// Until then it is called carefully, because it asked for that.
    pub slow_until: Option<WallTime>,
    /// Whether it is called at all.
    pub disabled: Option<Disabled>,
}

impl Disabled {
    /// The word that is stored and shown.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Gone => "GONE",
            Self::Failing => "FAILING",
            Self::AccessChanged => "ACCESS_CHANGED",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        [Self::Gone, Self::Failing, Self::AccessChanged].into_iter().find(|disabled| disabled.word() == word)
    }
}

impl Health {
    /// The same, of one that took long to answer: it is called carefully for a while, so that it does not stand in the way of
    /// its neighbours.
    #[must_use]
    pub fn after_waiting(self, millis: i64, at: WallTime) -> Self {
        let slow_until = if millis >= SLOW_MILLIS { Some(at.plus_seconds(SLOW_SECONDS)) } else { self.slow_until };
        Self { slow_until, ..self }
    }

    /// How it is doing after a call that ended at that time. What is disabled stays so, until its owner says otherwise.
    #[must_use]
    pub fn after(self, answer: &Answer, at: WallTime) -> Self {
        if answer.is_success() {
            // What it asked for a moment ago still counts.
            return Self { slow_until: self.slow_until, disabled: self.disabled, ..Self::default() };
        }
        let failing_since = self.failing_since.unwrap_or(at);
        let disabled = if answer.is_gone() {
            Some(Disabled::Gone)
        } else if at >= failing_since.plus_seconds(FAILING_SECONDS_MAX) {
            Some(Disabled::Failing)
        } else {
            None
        };
        let slow_until = if answer.is_overloaded() { Some(at.plus_seconds(SLOW_SECONDS)) } else { self.slow_until };
        Self {
            failures: self.failures.saturating_add(1),
            failing_since: Some(failing_since),
            slow_until,
            disabled: self.disabled.or(disabled),
        }
    }

    /// Whether it is called carefully: it does not answer, is slow, or asked for it.
    pub fn needs_care(&self, now: WallTime) -> bool {
        self.failures >= FAILURES_UNTIL_DEAD || self.slow_until.is_some_and(|until| now < until)
    }

    /// How many calls to it may be under way at once.
    pub fn calls_at_once(&self, now: WallTime) -> usize {
        match self.disabled {
            Some(_) => 0,
            None if self.needs_care(now) => CALLS_AT_ONCE_CAREFULLY,
            None => CALLS_AT_ONCE,
        }
    }
}
