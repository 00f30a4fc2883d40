//! What a look-up in the database found answers for a second: so what happens in another process shows within a second,
//! and in this one at once. A flood of unknown credentials leaves the database to everybody else.

use db::WallTime;
use identity::IdentityError;
use moka::sync::Cache;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// So long one look-up answers.
const MEMORY_MICROS: i64 = 1_000_000;
const KNOWN_MAX: u64 = 10_000;
/// So many are made at a time.
const TURNS_MAX: usize = 4;
/// Whoever waits longer for their turn is told to come back.
const TURN_WAIT_MAX: Duration = Duration::from_secs(2);

/// Look-ups of one kind.
pub(crate) struct LookUps<K, V> {
    found: Cache<K, Remembered<V>>,
    /// Counts what happened in this process to what was looked up; what was found before is forgotten.
    era: AtomicU64,
    turns: Semaphore,
}

/// A turn, and what has happened before it.
pub(crate) struct Turn<'a> {
    _permit: SemaphorePermit<'a>,
    era: u64,
}

#[derive(Clone)]
struct Remembered<V> {
    value: V,
    looked_up_at: WallTime,
    era: u64,
}

impl<K, V> LookUps<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(crate) fn new() -> Self {
        let memory = Duration::from_micros(MEMORY_MICROS.unsigned_abs());
        Self {
            found: Cache::builder().max_capacity(KNOWN_MAX).time_to_live(memory).build(),
            era: AtomicU64::new(0),
            turns: Semaphore::new(TURNS_MAX),
        }
    }

    /// To be called when something happened to what can be found, after the commit.
    pub(crate) fn forget(&self) {
        self.era.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn recall(&self, key: &K, now: WallTime) -> Option<V> {
        let found = self.found.get(key)?;
        let age_micros = now.unix_micros() - found.looked_up_at.unix_micros();
        let is_current = found.era == self.era.load(Ordering::Acquire) && (0..MEMORY_MICROS).contains(&age_micros);
        is_current.then_some(found.value)
    }

    /// Waits for leave to ask the database. Whoever had the turn before may have looked up the same.
    pub(crate) async fn turn(&self) -> Result<Turn<'_>, IdentityError> {
        match tokio::time::timeout(TURN_WAIT_MAX, self.turns.acquire()).await {
            Ok(permit) => {
                let permit = permit.expect("the semaphore is never closed");
                Ok(Turn { _permit: permit, era: self.era.load(Ordering::Acquire) })
            }
            Err(_) => Err(IdentityError::Busy),
        }
    }

    /// Keeps what was found in a turn.
    pub(crate) fn remember(&self, turn: &Turn<'_>, key: K, value: V, now: WallTime) {
        self.found.insert(key, Remembered { value, looked_up_at: now, era: turn.era });
    }
}
