//! The memory of the limits of this process: a table of fixed size, so that no number of strangers makes it grow.
//! Where it is full, those who have asked for least are forgotten first, and those who are throttled last.

use super::quota::{FullAt, Left, Quota, UsedUp};
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::{Mutex, PoisonError};

const SLOTS: usize = 8;
/// With eight slots each: room for 131,072, in about 2 MiB.
const BUCKETS: usize = 16 * 1024;

/// Who has used how much of their quota.
pub(crate) struct Table {
    /// Nobody outside can tell who shares a bucket with whom.
    hasher: RandomState,
    buckets: Box<[Mutex<[Slot; SLOTS]>]>,
}

/// A name that is zero at a moment that is zero: nobody.
#[derive(Clone, Copy, Default)]
struct Slot {
    name: u64,
    full_at: FullAt,
}

impl Table {
    pub(crate) fn new() -> Self {
        Self { hasher: RandomState::new(), buckets: (0..BUCKETS).map(|_| Mutex::default()).collect() }
    }

    /// Takes one request out of the quota of whoever has the name.
    pub(crate) fn take(&self, name: &impl Hash, quota: Quota, now: u64) -> Result<Left, UsedUp> {
        self.with_slot(name, |full_at| {
            let (next, left) = quota.take(*full_at, now)?;
            *full_at = next;
            Ok(left)
        })
    }

    /// Puts a request back.
    pub(crate) fn give_back(&self, name: &impl Hash, quota: Quota) {
        self.with_slot(name, |full_at| *full_at = quota.give_back(*full_at));
    }

    fn with_slot<T>(&self, name: &impl Hash, change: impl FnOnce(&mut FullAt) -> T) -> T {
        let name = self.hasher.hash_one(name);
        let bucket = usize::try_from(name).expect("an address has 64 bits") % BUCKETS;
        // A bucket is valid after every step: whoever panicked left nothing half done.
        let mut slots = self.buckets[bucket].lock().unwrap_or_else(PoisonError::into_inner);
        let slot = match slots.iter_mut().position(|slot| slot.name == name) {
            Some(own) => &mut slots[own],
            None => {
                let idlest = slots.iter_mut().min_by_key(|slot| slot.full_at).expect("a bucket has slots");
                *idlest = Slot { name, full_at: 0 };
                idlest
            }
        };
        change(&mut slot.full_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    const QUOTA: Quota = Quota::per_minute(10, 2);
    const NOW: u64 = 1_000_000;

    #[test]
    fn each_name_has_a_quota_of_its_own() {
        let table = Table::new();
        for name in 0..1_000 {
            assert_eq!(table.take(&name, QUOTA, NOW).unwrap().requests, 1);
            assert_eq!(table.take(&name, QUOTA, NOW).unwrap().requests, 0);
            assert!(table.take(&name, QUOTA, NOW).is_err());
        }
        table.give_back(&7, QUOTA);
        assert_eq!(table.take(&7, QUOTA, NOW).unwrap().requests, 0);
    }

    #[test]
    fn a_flood_of_strangers_does_not_make_a_throttled_one_forgotten() {
        let table = Table::new();
        while table.take(&"throttled", QUOTA, NOW).is_ok() {}
        for stranger in 0..2_000_000_u32 {
            let _: Result<_, _> = table.take(&stranger, QUOTA, NOW);
        }
        assert!(table.take(&"throttled", QUOTA, NOW).is_err());
    }

    #[test]
    fn a_decision_takes_about_a_microsecond_at_most() {
        let table = Table::new();
        let often = Quota::per_second(1_000_000, 1_000_000);
        let started = Instant::now();
        for round in 0..1_000_000_u64 {
            assert!(table.take(&(round % 10_000), often, NOW + round).is_ok());
        }
        let each = started.elapsed() / 1_000_000;
        println!("{each:?} for each decision");
        // Far above what it takes, as test machines are slow and busy at times; far below what would be felt.
        assert!(each.as_micros() < 20, "{each:?}");
    }
}
