//! What the lanes share, and what they have learned lately.

use crate::idempotency::Met;
use crate::refused::Throttle;
use clock::Clocks;
use db::{Db, DbError, Engine};
use fraud::Fraud;
use ids::IdempotencyKey;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What the lanes share.
pub(crate) struct Lanes {
    pub(crate) db: Db,
    pub(crate) clocks: Clocks,
    /// Races were lost: then another process moves money on the same accounts, and it is cheaper to lock rows at once than to
    /// find out at the end that they have changed.
    contention: Lately,
    /// Keys came again that were not remembered: then it is cheaper to look for all of them at once.
    repeats: Lately,
    met: Met,
    pub(crate) fraud: Fraud,
    pub(crate) throttle: Arc<Throttle>,
}

impl Lanes {
    pub(crate) fn new(db: &Db, clocks: &Clocks, fraud: Fraud, throttle: &Arc<Throttle>) -> Self {
        Self {
            db: db.clone(),
            clocks: clocks.clone(),
            contention: Lately::new(),
            met: Met::default(),
            fraud,
            repeats: Lately::new(),
            throttle: Arc::clone(throttle),
        }
    }

    /// Whether a lane may take it that nobody else moves money on the same accounts. SQLite has one writer, who holds a
    /// lock from the start.
    pub(crate) fn may_presume(&self) -> bool {
        self.db.engine() == Engine::Postgres && !self.contention.is_so()
    }

    /// Whether keys have to be looked for before: they may have come already.
    pub(crate) fn must_look_for(&self, keys: &[&IdempotencyKey]) -> bool {
        self.met.any(keys) || self.repeats.is_so()
    }

    /// Learns from a lost race.
    pub(crate) fn note(&self, error: &DbError) {
        metrics::counter!("florin_poster_lost_races_total").increment(1);
        match error {
            // Nothing else has a name that somebody chose.
            DbError::Duplicate(_) => self.repeats.note(),
            _ => self.contention.note(),
        }
    }
}

/// Whether something happened lately.
struct Lately {
    start: Instant,
    /// In milliseconds after the start; 0: never.
    last: AtomicU64,
}

impl Lately {
    const LASTS: Duration = Duration::from_secs(2);

    fn new() -> Self {
        Self { start: Instant::now(), last: AtomicU64::new(0) }
    }

    fn note(&self) {
        self.last.store(self.elapsed_millis().max(1), Ordering::Relaxed);
    }

    fn is_so(&self) -> bool {
        let last = self.last.load(Ordering::Relaxed);
        last > 0 && u128::from(self.elapsed_millis().saturating_sub(last)) < Self::LASTS.as_millis()
    }

    fn elapsed_millis(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
