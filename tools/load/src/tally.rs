//! Counts of what one kind of request came back with.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::histogram::Histogram;

/// How one request went.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// Whether it belongs to the measured time.
    pub(crate) measured: bool,
    /// From the moment it was sent, or was due, to the last byte of its reply.
    pub(crate) latency: Duration,
    /// The status of its reply.
    pub(crate) status: u16,
    /// What it was meant to achieve and did: transfers, or reads.
    pub(crate) done: u32,
    /// What it was meant to achieve and the server refused.
    pub(crate) refused: u32,
}

/// Counts for one kind of request.
#[derive(Clone, Debug)]
pub(crate) struct Tally {
    /// Done in the measured time.
    pub(crate) done: u64,
    /// Refused in the measured time.
    pub(crate) refused: u64,
    /// Done in all, warming up and winding down included.
    pub(crate) done_in_all: u64,
    /// Replies of the measured time, by status.
    pub(crate) statuses: BTreeMap<u16, u64>,
    /// Requests without a reply, at any time.
    pub(crate) lost: u64,
    /// The first reply, or failure of a connection, that was not what a healthy server gives.
    pub(crate) first_trouble: Option<String>,
    /// Latency of the successful replies of the measured time.
    pub(crate) latency: Histogram,
}

impl Tally {
    /// Nothing counted yet.
    pub(crate) fn new() -> Self {
        Self {
            done: 0,
            refused: 0,
            done_in_all: 0,
            statuses: BTreeMap::new(),
            lost: 0,
            first_trouble: None,
            latency: Histogram::new(),
        }
    }

    /// Counts a reply.
    pub(crate) fn record(&mut self, outcome: &Outcome) {
        self.done_in_all += u64::from(outcome.done);
        if !outcome.measured {
            return;
        }
        self.done += u64::from(outcome.done);
        self.refused += u64::from(outcome.refused);
        *self.statuses.entry(outcome.status).or_default() += 1;
        if outcome.done > 0 {
            self.latency.record(u64::try_from(outcome.latency.as_micros()).unwrap_or(u64::MAX));
        }
    }

    /// Counts a request without a reply.
    pub(crate) fn record_lost(&mut self, error: &std::io::Error) {
        self.lost += 1;
        self.note_trouble(|| format!("connection: {error}"));
    }

    /// Keeps the first trouble for the report.
    pub(crate) fn note_trouble(&mut self, describe: impl FnOnce() -> String) {
        self.first_trouble.get_or_insert_with(describe);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(measured: bool, status: u16, done: u32) -> Outcome {
        Outcome { measured, latency: Duration::from_millis(2), status, done, refused: 0 }
    }

    #[test]
    fn only_measured_successes_count() {
        let mut tally = Tally::new();
        tally.record(&outcome(false, 201, 1));
        tally.record(&outcome(true, 201, 1));
        tally.record(&outcome(true, 503, 0));
        assert_eq!((tally.done, tally.done_in_all), (1, 2));
        assert_eq!(tally.statuses, BTreeMap::from([(201, 1), (503, 1)]));
        assert_eq!(tally.latency.max_us(), 2_000);
    }

    #[test]
    fn the_first_trouble_is_kept() {
        let mut tally = Tally::new();
        tally.note_trouble(|| "first".to_owned());
        tally.record_lost(&std::io::Error::other("second"));
        assert_eq!((tally.lost, tally.first_trouble.as_deref()), (1, Some("first")));
    }
}
