//! How much somebody may ask for: the arithmetic of limits (GCRA, the generic cell rate algorithm), without a clock.
//! Own code, because a limit must be given back after a good login and count the same here and in Redis.

/// Requests at a steady rate, and a number of them at once after a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    /// The time after which one more request is allowed.
    interval_micros: u64,
    burst: u32,
}

/// The moment when a quota will be whole again: all that has to be remembered of somebody. Zero: it is whole.
pub(crate) type FullAt = u64;

/// What is left of a quota after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Left {
    /// How many more requests would be allowed right now.
    pub(crate) requests: u32,
    /// How long until the quota is whole again.
    pub(crate) full_in_micros: u64,
}

/// The quota is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UsedUp {
    /// How long until one more request is allowed.
    pub(crate) retry_in_micros: u64,
    /// How long until the quota is whole again.
    pub(crate) full_in_micros: u64,
}

impl Quota {
    pub(crate) const fn per_second(rate: u32, burst: u32) -> Self {
        Self { interval_micros: 1_000_000 / rate as u64, burst }
    }

    pub(crate) const fn per_minute(rate: u32, burst: u32) -> Self {
        Self { interval_micros: 60_000_000 / rate as u64, burst }
    }

    pub(crate) const fn burst(self) -> u32 {
        self.burst
    }

    pub(crate) const fn interval_micros(self) -> u64 {
        self.interval_micros
    }

    /// How long an unused quota that was used up takes to be whole.
    pub(crate) const fn whole_micros(self) -> u64 {
        self.interval_micros * self.burst as u64
    }

    /// Takes one request out of the quota.
    pub(crate) fn take(self, full_at: FullAt, now: u64) -> Result<(FullAt, Left), UsedUp> {
        let full_in_micros = full_at.saturating_sub(now);
        let with_this_one = full_in_micros + self.interval_micros;
        if with_this_one > self.whole_micros() {
            return Err(UsedUp { retry_in_micros: with_this_one - self.whole_micros(), full_in_micros });
        }
        Ok((now + with_this_one, self.left(with_this_one)))
    }

    /// Puts a request back that should not have counted.
    pub(crate) const fn give_back(self, full_at: FullAt) -> FullAt {
        full_at.saturating_sub(self.interval_micros)
    }

    /// What is left when the quota will be whole after so long.
    pub(crate) fn left(self, full_in_micros: u64) -> Left {
        let requests = self.whole_micros().saturating_sub(full_in_micros) / self.interval_micros;
        Left { requests: u32::try_from(requests).unwrap_or(u32::MAX), full_in_micros }
    }
}

/// Seconds for a header: a client that waits them has waited long enough.
pub(crate) fn seconds(micros: u64) -> u32 {
    u32::try_from(micros.div_ceil(1_000_000)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUOTA: Quota = Quota::per_second(10, 3);

    #[test]
    fn a_burst_is_allowed_and_then_the_steady_rate() {
        let mut full_at = 0;
        for requests in [2, 1, 0] {
            let (next, left) = QUOTA.take(full_at, 5_000_000).unwrap();
            assert_eq!(left.requests, requests);
            full_at = next;
        }
        let used_up = QUOTA.take(full_at, 5_000_000).unwrap_err();
        assert_eq!(used_up, UsedUp { retry_in_micros: 100_000, full_in_micros: 300_000 });
        assert!(QUOTA.take(full_at, 5_099_999).is_err());
        let (full_at, left) = QUOTA.take(full_at, 5_100_000).unwrap();
        assert_eq!(left, Left { requests: 0, full_in_micros: 300_000 });
        assert_eq!(QUOTA.take(full_at, 9_000_000).unwrap().1.requests, 2);
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let mut full_at = 0;
        for _ in 0..1_000 {
            full_at = QUOTA.give_back(QUOTA.take(full_at, 1_000_000).unwrap().0);
        }
        assert_eq!(QUOTA.take(full_at, 1_000_000).unwrap().1.requests, 2);
        assert_eq!(QUOTA.give_back(0), 0);
    }

    #[test]
    fn waiting_for_the_told_time_is_enough() {
        let mut now = 1_000_000;
        let mut full_at = 0;
        for _ in 0..1_000 {
            match QUOTA.take(full_at, now) {
                Ok((next, _)) => full_at = next,
                Err(used_up) => {
                    now += used_up.retry_in_micros;
                    full_at = QUOTA.take(full_at, now).unwrap().0;
                }
            }
        }
        assert_eq!(seconds(1), 1);
        assert_eq!(seconds(1_000_000), 1);
        assert_eq!(seconds(1_000_001), 2);
    }

    #[test]
    fn no_more_than_burst_and_rate_pass_in_any_time() {
        let (mut full_at, mut passed) = (0, 0);
        for now in (0..10_000_000_u64).step_by(1_000) {
            if let Ok((next, _)) = QUOTA.take(full_at, now) {
                full_at = next;
                passed += 1;
            }
        }
        assert!((100..=103).contains(&passed), "{passed}");
    }
}
