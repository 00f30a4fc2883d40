//! A small fast random generator (xoshiro256**, seeded through SplitMix64; Blackman and Vigna, 2018). It chooses
//! accounts, amounts and keys of a load, and guards nothing.

use std::ops::Range;

/// A repeatable stream of numbers.
#[derive(Clone, Debug)]
pub(crate) struct Random([u64; 4]);

impl Random {
    /// The stream of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        let mut state = seed;
        Self(std::array::from_fn(|_| split_mix(&mut state)))
    }

    /// A stream that no other run repeats: seeded from the clock and the process.
    pub(crate) fn unrepeatable(stream: u64) -> Self {
        let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let process = u64::from(std::process::id());
        let mut state = since_epoch.as_secs() ^ (u64::from(since_epoch.subsec_nanos()) << 32) ^ (process << 20);
        let first = split_mix(&mut state);
        Self::new(first ^ stream.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// Any 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.0;
        let result = b.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        result
    }

    /// A number from 0 up to and without `bound`, by multiplication (the bias is below `bound` / 2^64).
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let scaled = (u128::from(self.next()) * (bound as u128)) >> 64;
        usize::try_from(scaled).expect("less than the bound")
    }

    /// A number of a range that is not empty.
    pub(crate) fn within(&mut self, range: &Range<usize>) -> usize {
        range.start + self.below(range.len())
    }

    /// A number from 0 up to and without `bound`, which must be at least two, and another one than `taken`.
    pub(crate) fn other_below(&mut self, bound: usize, taken: usize) -> usize {
        let other = self.below(bound - 1);
        if other >= taken { other + 1 } else { other }
    }

    /// One side of a coin.
    pub(crate) fn coin(&mut self) -> bool {
        self.next() >> 63 == 1
    }
}

fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_stream() {
        let (mut one, mut other) = (Random::new(7), Random::new(7));
        assert!((0..100).all(|_| one.next() == other.next()));
        assert_ne!(Random::new(7).next(), Random::new(8).next());
    }

    #[test]
    fn a_pair_is_never_one_account_twice() {
        let mut random = Random::new(1);
        let mut seen = [0_u32; 3];
        for _ in 0..3_000 {
            let first = random.within(&(0..3));
            let second = random.other_below(3, first);
            assert!(first < 3 && second < 3 && first != second);
            seen[first] += 1;
            seen[second] += 1;
        }
        assert!(seen.iter().all(|count| (1_800..2_200).contains(count)), "{seen:?}");
    }
}
