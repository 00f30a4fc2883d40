//! Two sets of rows compared without keeping either, in whatever order they come: each row adds a keyed fingerprint to
//! the sum of its bucket, or takes it away, and equal sets leave nothing.
//!
//! The keys are drawn anew for each comparison, so nobody can prepare rows that cancel out; a difference goes unseen
//! with a chance of about 2^-61. A second walk over the buckets that are not empty finds the rows.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hash, RandomState};
use uuid::Uuid;

/// A prime just below 2^61: sums of random multiples of it are zero only by chance.
const PRIME: u64 = (1 << 61) - 1;
/// Half a megabyte, and few rows in each even of a hundred million.
const BUCKETS: usize = 1 << 16;
/// Of more wrong buckets only so many are searched for the first row.
const SUSPECTS_MAX: usize = 16;

/// Rows of one kind, or of several that are told apart by what is hashed, against those that they should be.
pub struct Comparison {
    keys: RandomState,
    sums: Vec<u64>,
}

/// Where rows differ.
#[derive(Clone, Debug)]
pub struct Suspects(BTreeSet<usize>);

impl Default for Comparison {
    fn default() -> Self {
        Self { keys: RandomState::new(), sums: vec![0; BUCKETS] }
    }
}

impl Comparison {
    /// Counts a row of one side.
    pub fn add(&mut self, id: Uuid, row: impl Hash) {
        self.add_times(id, row, 1);
    }

    /// Counts a row of the other side.
    pub fn subtract(&mut self, id: Uuid, row: impl Hash) {
        self.add_times(id, row, -1);
    }

    /// Counts a row so many times: what is equal on both sides is the sum of the times of equal rows.
    pub fn add_times(&mut self, id: Uuid, row: impl Hash, times: i64) {
        let random = self.keys.hash_one((id, row)) % PRIME;
        let times = times.rem_euclid(PRIME.cast_signed()).unsigned_abs();
        let sum = &mut self.sums[bucket(id)];
        *sum = (*sum + multiply(random, times)) % PRIME;
    }

    /// Where the sides differ; nothing where they are equal.
    pub fn suspects(&self) -> Option<Suspects> {
        let wrong = self.sums.iter().enumerate().filter(|(_, sum)| **sum != 0);
        let wrong: BTreeSet<usize> = wrong.map(|(bucket, _)| bucket).take(SUSPECTS_MAX).collect();
        (!wrong.is_empty()).then_some(Suspects(wrong))
    }
}

impl Suspects {
    /// Whether a row under this identifier may be one of those that differ.
    pub fn include(&self, id: Uuid) -> bool {
        self.0.contains(&bucket(id))
    }
}

/// The end of an identifier of version 7 is random.
fn bucket(id: Uuid) -> usize {
    let bytes = id.as_bytes();
    usize::from(u16::from_be_bytes([bytes[14], bytes[15]]))
}

/// The product of two numbers below the prime, modulo it: 2^61 is 1 there.
fn multiply(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    let low = u64::try_from(product & u128::from(PRIME)).expect("61 bits");
    let high = u64::try_from(product >> 61).expect("122 bits less 61");
    (low + high) % PRIME
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_those_of_long_division() {
        for one in [0, 1, 2, 12_345, PRIME / 2, PRIME - 1] {
            for other in [0, 1, 77, PRIME / 3, PRIME - 1] {
                let expected = u128::from(one) * u128::from(other) % u128::from(PRIME);
                assert_eq!(u128::from(multiply(one, other)), expected);
            }
        }
    }

    #[test]
    fn equal_rows_cancel_out_in_any_order_and_different_ones_do_not() {
        let ids: Vec<Uuid> = (0..100).map(|_| Uuid::now_v7()).collect();
        let mut comparison = Comparison::default();
        ids.iter().for_each(|id| comparison.add(*id, "as it is"));
        ids.iter().rev().for_each(|id| comparison.subtract(*id, "as it is"));
        assert!(comparison.suspects().is_none());
        comparison.subtract(ids[7], "as it was");
        let suspects = comparison.suspects().unwrap();
        assert!(suspects.include(ids[7]));
        assert!(ids.iter().filter(|id| suspects.include(**id)).count() < 5);
    }

    #[test]
    fn opposite_amounts_cancel_out_also_at_the_ends_of_their_range() {
        let id = Uuid::now_v7();
        for amount in [1, 77, i64::MAX, i64::MIN + 1] {
            let mut comparison = Comparison::default();
            comparison.add_times(id, "USD", amount);
            comparison.add_times(id, "USD", -amount);
            assert!(comparison.suspects().is_none(), "{amount}");
            comparison.add_times(id, "USD", 1);
            assert!(comparison.suspects().is_some(), "{amount}");
        }
    }
}
