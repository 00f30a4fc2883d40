//! Numbers as a profile keeps them: amounts in three bytes, and the natural logarithm of an amount, both in whole numbers.

/// How many bits of an amount are kept exactly: amounts below 5,242.88 of a currency with cents.
const KEPT_BITS: u32 = 19;

/// An amount in three bytes: 19 bits, and by how many bits they are shifted. Larger amounts are rounded down by less than a
/// 250,000th, so that a sum never looks larger than it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Packed(u32);

impl Packed {
    pub(crate) const BYTES: usize = 3;

    pub(crate) fn of(minor: i64) -> Self {
        let minor = u64::try_from(minor).unwrap_or_default();
        let shift = (u64::BITS - minor.leading_zeros()).saturating_sub(KEPT_BITS).min(31);
        let kept = u32::try_from(minor >> shift).unwrap_or(u32::MAX).min((1 << KEPT_BITS) - 1);
        Self(shift << KEPT_BITS | kept)
    }

    pub(crate) fn minor(self) -> i64 {
        let kept = u64::from(self.0 & ((1 << KEPT_BITS) - 1));
        i64::try_from(kept << (self.0 >> KEPT_BITS)).unwrap_or(i64::MAX)
    }

    #[must_use]
    pub(crate) fn plus(self, minor: i64) -> Self {
        Self::of(self.minor().saturating_add(minor))
    }

    pub(crate) const fn to_bytes(self) -> [u8; Self::BYTES] {
        let [_, a, b, c] = self.0.to_be_bytes();
        [a, b, c]
    }

    pub(crate) const fn from_bytes([a, b, c]: [u8; Self::BYTES]) -> Self {
        Self(u32::from_be_bytes([0, a, b, c]))
    }
}

/// ln(2) in millionths.
const LN_2_MICROS: u64 = 693_147;
const FRACTION_BITS: u32 = 16;

/// The natural logarithm of a whole number, in millionths; of 0 as of 1. Exact to about a hundred-thousandth: the logarithm to
/// base 2, one bit of its fraction after the other.
pub(crate) fn ln_micros(number: i64) -> u32 {
    let number = u64::try_from(number).unwrap_or_default().max(1);
    let whole = number.ilog2();
    // From 1 up to 2, with 31 bits behind the point.
    let mut rest = if whole >= 31 { number >> (whole - 31) } else { number << (31 - whole) };
    let mut bits = 0_u64;
    for _ in 0..FRACTION_BITS {
        rest = (rest * rest) >> 31;
        bits <<= 1;
        if rest >= 1 << 32 {
            rest >>= 1;
            bits |= 1;
        }
    }
    let log_2 = u64::from(whole) << FRACTION_BITS | bits;
    u32::try_from((log_2 * LN_2_MICROS) >> FRACTION_BITS).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_amount_in_three_bytes_is_exact_or_a_little_less(minor in 0..=1_000_000_000_000_000_i64) {
            let packed = Packed::of(minor);
            prop_assert!(packed.minor() <= minor && minor - packed.minor() <= minor / 250_000);
            prop_assert_eq!(Packed::from_bytes(packed.to_bytes()), packed);
            prop_assert_eq!(Packed::of(packed.minor()), packed);
            if minor < 524_288 {
                prop_assert_eq!(packed.minor(), minor);
            }
        }

        #[test]
        fn a_logarithm_rises_and_adds_up(left in 1..1_000_000_i64, right in 1..1_000_000_i64) {
            prop_assert!(ln_micros(left) <= ln_micros(left + right));
            prop_assert!((ln_micros(left) + ln_micros(right)).abs_diff(ln_micros(left * right)) <= 40);
        }
    }

    #[test]
    fn known_logarithms() {
        for (number, micros) in [(0, 0), (1, 0), (2, 693_147), (10, 2_302_585), (1_000_000, 13_815_510)] {
            assert!(ln_micros(number).abs_diff(micros) <= 20, "{number}: {}", ln_micros(number));
        }
        assert!(ln_micros(i64::MAX) < 44_000_000);
    }
}
