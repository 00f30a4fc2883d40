//! Latencies in a fixed number of buckets: exact below 256 microseconds, within 0.8 % above, one bucket for everything
//! over an hour. A percentile is the upper end of its bucket, so that rounding never flatters.

const PRECISION_BITS: u32 = 8;
const EXACT: usize = 1 << PRECISION_BITS;
const BUCKETS_PER_OCTAVE: usize = EXACT / 2;
const VALUE_BITS_MAX: u32 = 32;
const BUCKETS: usize = EXACT + (VALUE_BITS_MAX - PRECISION_BITS) as usize * BUCKETS_PER_OCTAVE;

/// Counts of durations in microseconds.
#[derive(Clone, Debug)]
pub(crate) struct Histogram {
    buckets: Box<[u64]>,
    count: u64,
    max_us: u64,
}

impl Histogram {
    /// An empty histogram.
    pub(crate) fn new() -> Self {
        Self { buckets: vec![0; BUCKETS].into_boxed_slice(), count: 0, max_us: 0 }
    }

    /// Counts one duration.
    pub(crate) fn record(&mut self, duration_us: u64) {
        self.buckets[bucket_of(duration_us)] += 1;
        self.count += 1;
        self.max_us = self.max_us.max(duration_us);
    }

    /// The longest duration, exactly.
    pub(crate) const fn max_us(&self) -> u64 {
        self.max_us
    }

    /// The duration that `per_mille` of 1,000 durations do not exceed; zero if there are none.
    pub(crate) fn percentile_us(&self, per_mille: u64) -> u64 {
        let rank = (self.count * per_mille).div_ceil(1000).max(1);
        let mut passed = 0;
        for (bucket, count) in self.buckets.iter().enumerate() {
            passed += count;
            if passed >= rank {
                return if bucket == BUCKETS - 1 { self.max_us } else { upper_end(bucket).min(self.max_us) };
            }
        }
        self.max_us
    }
}

fn bucket_of(value: u64) -> usize {
    let bits = u64::BITS - value.leading_zeros();
    if bits <= PRECISION_BITS {
        return usize::try_from(value).expect("below the exact limit");
    }
    if bits > VALUE_BITS_MAX {
        return BUCKETS - 1;
    }
    let shift = bits - PRECISION_BITS;
    let leading = usize::try_from(value >> shift).expect("as many bits as the precision");
    EXACT + (shift as usize - 1) * BUCKETS_PER_OCTAVE + (leading - BUCKETS_PER_OCTAVE)
}

fn upper_end(bucket: usize) -> u64 {
    if bucket < EXACT {
        return bucket as u64;
    }
    let above = bucket - EXACT;
    let shift = above / BUCKETS_PER_OCTAVE + 1;
    let leading = above % BUCKETS_PER_OCTAVE + BUCKETS_PER_OCTAVE;
    ((leading as u64 + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_its_bucket_within_a_hundredth() {
        for value in (0..100_000).chain((1..32).flat_map(|bits| [(1 << bits) - 1, 1 << bits, (1 << bits) + 1])) {
            let end = upper_end(bucket_of(value));
            assert!(end >= value && end - value <= value / 100, "{value} ends at {end}");
            if bucket_of(value) > 0 {
                assert!(upper_end(bucket_of(value) - 1) < value, "{value} belongs lower");
            }
        }
    }

    #[test]
    fn percentiles_of_a_known_series() {
        let mut histogram = Histogram::new();
        (1..=1000).for_each(|value| histogram.record(value));
        assert_eq!(histogram.percentile_us(100), 100);
        assert!((500..=504).contains(&histogram.percentile_us(500)));
        assert!((990..=998).contains(&histogram.percentile_us(990)));
        assert_eq!(histogram.percentile_us(1000), 1000);
        assert_eq!(histogram.max_us(), 1000);
    }

    #[test]
    fn nothing_recorded_is_zero() {
        assert_eq!(Histogram::new().percentile_us(990), 0);
    }

    #[test]
    fn an_endless_wait_is_still_counted() {
        let mut histogram = Histogram::new();
        histogram.record(u64::MAX);
        assert_eq!(histogram.percentile_us(500), u64::MAX);
    }
}
