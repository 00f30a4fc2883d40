//! How long a worker waits before it tries again.

const BASE_MICROS: i64 = 500_000;
const CAP_MICROS: i64 = 30_000_000;

/// The wait after so many failed tries, in microseconds: anything up to a bound that doubles, by a random number that is
/// passed in, so that what failed together does not come back together.
pub fn back_off(failed: u32, random: u64) -> i64 {
    let doubled = 1_i64.checked_shl(failed.min(32)).and_then(|factor| BASE_MICROS.checked_mul(factor));
    let bound = doubled.unwrap_or(CAP_MICROS).min(CAP_MICROS);
    let span = bound.unsigned_abs() + 1;
    i64::try_from(random % span).unwrap_or(bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_spread_up_to_a_bound_that_doubles_to_half_a_minute() {
        for (failed, bound) in [(0, 500_000), (1, 1_000_000), (5, 16_000_000), (6, 30_000_000), (u32::MAX, 30_000_000)]
        {
            let bound: i64 = bound;
            assert_eq!(back_off(failed, bound.unsigned_abs()), bound, "{failed}");
            assert_eq!(back_off(failed, bound.unsigned_abs() + 1), 0, "{failed}");
            assert!((0..=bound).contains(&back_off(failed, u64::MAX)), "{failed}");
        }
    }
}
