//! Whether a service outside is called at all: after too many failures it is left alone for a while, and then tried
//! carefully. Time is passed in. Only failures of the way there count, never that somebody says no.

use db::WallTime;

/// So many calls are remembered.
const REMEMBERED: u32 = 50;
/// So many of them may fail.
const FAILED_MAX: u32 = 20;
/// So many may time out one after the other.
const TIME_OUTS_MAX: u32 = 5;
const SHORTEST_SECONDS: i64 = 5;
const LONGEST_SECONDS: i64 = 60;
/// First one call is let through, then so many.
const SECOND_PROBES: u8 = 5;
/// A call of which nothing is heard for so long counts as failed.
const PROBE_SECONDS: i64 = 60;

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// There was an answer, whatever it said.
    Answered,
    /// It did not come through.
    Failed,
    /// Nothing was heard in time.
    TimedOut,
}

/// Whether calls are let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// All of them.
    Closed,
    /// None of them.
    Open {
        /// Until then.
        until: WallTime,
    },
    /// A few, to see.
    HalfOpen {
        /// So many may go.
        allowed: u8,
        /// So many went.
        begun: u8,
        /// So many were answered.
        answered: u8,
        /// When the last of them went.
        since: WallTime,
    },
}

/// A breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breaker {
    state: State,
    /// A bit for each call that is remembered, the newest lowest; set where it failed.
    failures: u64,
    time_outs: u32,
    wait_seconds: i64,
}

impl Default for Breaker {
    fn default() -> Self {
        Self { state: State::Closed, failures: 0, time_outs: 0, wait_seconds: SHORTEST_SECONDS }
    }
}

impl Breaker {
    /// Whether calls are let through.
    pub const fn state(&self) -> State {
        self.state
    }

    /// Whether a call may be made now. Who gets yes makes it, and says how it ended.
    pub fn lets_through(&mut self, now: WallTime) -> bool {
        match self.state {
            State::Closed => true,
            State::Open { until } if now < until => false,
            State::Open { .. } => {
                self.state = State::HalfOpen { allowed: 1, begun: 1, answered: 0, since: now };
                true
            }
            State::HalfOpen { allowed, begun, answered, .. } if begun < allowed => {
                self.state = State::HalfOpen { allowed, begun: begun + 1, answered, since: now };
                true
            }
            State::HalfOpen { since, .. } => {
                if since.plus_seconds(PROBE_SECONDS) <= now {
                    self.opens(now);
                }
                false
            }
        }
    }

    /// A call has ended.
    pub fn notes(&mut self, call: Call, now: WallTime) {
        match self.state {
            // What had begun before says nothing new.
            State::Open { .. } => {}
            State::Closed => self.remembers(call, now),
            State::HalfOpen { allowed, begun, answered, since } => {
                if call != Call::Answered {
                    self.opens(now);
                } else if answered + 1 < allowed {
                    self.state = State::HalfOpen { allowed, begun, answered: answered + 1, since };
                } else if allowed == 1 {
                    self.state = State::HalfOpen { allowed: SECOND_PROBES, begun: 0, answered: 0, since: now };
                } else {
                    *self = Self::default();
                }
            }
        }
    }

    fn remembers(&mut self, call: Call, now: WallTime) {
        let mask = (1 << REMEMBERED) - 1;
        self.failures = ((self.failures << 1) | u64::from(call != Call::Answered)) & mask;
        self.time_outs = if call == Call::TimedOut { self.time_outs + 1 } else { 0 };
        if self.failures.count_ones() >= FAILED_MAX || self.time_outs >= TIME_OUTS_MAX {
            self.opens(now);
        }
    }

    /// The first time for a short while, and each time that it is no better for twice as long.
    fn opens(&mut self, now: WallTime) {
        let was_open = !matches!(self.state, State::Closed);
        self.wait_seconds = if was_open { (self.wait_seconds * 2).min(LONGEST_SECONDS) } else { SHORTEST_SECONDS };
        self.state = State::Open { until: now.plus_seconds(self.wait_seconds) };
        self.failures = 0;
        self.time_outs = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: i64) -> WallTime {
        WallTime::from_unix_micros(0).plus_seconds(seconds)
    }

    fn is_open(breaker: &Breaker) -> bool {
        matches!(breaker.state(), State::Open { .. })
    }

    fn opened() -> Breaker {
        let mut breaker = Breaker::default();
        (0..5).for_each(|_| breaker.notes(Call::TimedOut, at(0)));
        assert_eq!(breaker.state(), State::Open { until: at(5) });
        breaker
    }

    #[test]
    fn twenty_of_fifty_calls_or_five_time_outs_in_a_row_open_it() {
        let mut breaker = Breaker::default();
        for _ in 0..19 {
            breaker.notes(Call::Failed, at(0));
            breaker.notes(Call::Answered, at(0));
        }
        assert!(!is_open(&breaker));
        breaker.notes(Call::Failed, at(0));
        assert!(is_open(&breaker));
        let mut breaker = Breaker::default();
        for _ in 0..500 {
            // Nineteen of fifty for ever, and never five time-outs in a row.
            (0..19)
                .for_each(|number| breaker.notes(if number % 4 == 3 { Call::Failed } else { Call::TimedOut }, at(0)));
            (0..31).for_each(|_| breaker.notes(Call::Answered, at(0)));
        }
        assert!(!is_open(&breaker));
    }

    #[test]
    fn it_is_tried_with_one_call_and_then_with_five_before_it_closes() {
        let mut breaker = opened();
        assert!(!breaker.lets_through(at(4)));
        assert!(breaker.lets_through(at(5)) && !breaker.lets_through(at(5)));
        breaker.notes(Call::Answered, at(6));
        assert_eq!((0..10).filter(|_| breaker.lets_through(at(6))).count(), 5);
        (0..4).for_each(|_| breaker.notes(Call::Answered, at(7)));
        assert!(!breaker.lets_through(at(7)));
        breaker.notes(Call::Answered, at(7));
        assert_eq!(breaker, Breaker::default());
    }

    #[test]
    fn it_waits_twice_as_long_each_time_up_to_a_minute() {
        let mut breaker = opened();
        let mut now = 5;
        for wait in [10, 20, 40, 60, 60] {
            assert!(breaker.lets_through(at(now)));
            breaker.notes(Call::Failed, at(now));
            assert_eq!(breaker.state(), State::Open { until: at(now + wait) });
            now += wait;
        }
    }

    #[test]
    fn a_call_of_which_nothing_is_heard_does_not_stop_it_for_ever() {
        let mut breaker = opened();
        assert!(breaker.lets_through(at(5)));
        assert!(!breaker.lets_through(at(64)) && !is_open(&breaker));
        assert!(!breaker.lets_through(at(65)) && is_open(&breaker));
        assert!(breaker.lets_through(at(75)));
    }

    proptest! {
        #[test]
        fn an_outage_costs_at_most_a_call_a_second(seconds in 60..600_i64, calls in 1..50_i64) {
            let mut breaker = Breaker::default();
            let (mut made, mut opened_at) = (0, None);
            for tick in 0..seconds * calls {
                let now = WallTime::from_unix_micros(tick * 1_000_000 / calls);
                if breaker.lets_through(now) {
                    made += i64::from(opened_at.is_some());
                    breaker.notes(Call::Failed, now);
                }
                if opened_at.is_none() && is_open(&breaker) {
                    opened_at = Some(tick);
                }
            }
            prop_assert_eq!(opened_at, Some(19));
            prop_assert!(made <= seconds, "{} calls in {} seconds", made, seconds);
        }
    }
}
