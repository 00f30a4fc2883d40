//! A stream of numbers that a seed repeats (`SplitMix64`; Steele, Lea and Flood, 2014). It chooses moments and amounts.

/// A repeatable stream of numbers.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The stream of a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The stream of `FLORIN_TEST_SEED`, or of the given seed; prints which, so that a failure can be repeated.
    ///
    /// # Panics
    /// When `FLORIN_TEST_SEED` is not a number.
    pub fn from_environment(default: u64) -> Self {
        let given = std::env::var("FLORIN_TEST_SEED").ok();
        let seed = given.map_or(default, |text| text.parse().expect("FLORIN_TEST_SEED is a whole number"));
        println!("seed: FLORIN_TEST_SEED={seed}");
        Self(seed)
    }

    /// Any 64 bits.
    pub const fn any(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `first` to `last`, both possible.
    pub const fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.any() % (last - first + 1)
    }

    /// One of the things.
    ///
    /// # Panics
    /// When there are none.
    pub fn choose<'a, T>(&mut self, things: &'a [T]) -> &'a T {
        let last = things.len().checked_sub(1).expect("there is something to choose from");
        &things[usize::try_from(self.between(0, last as u64)).expect("an index fits")]
    }
}
