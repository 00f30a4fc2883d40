//! Amounts as whole numbers of minor units, read and written without the bank's own code.

/// An amount with the decimals of its currency, `1250` as `12.50`.
pub fn decimal(minor: i64, exponent: u32) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let (digits, unit) = (minor.unsigned_abs(), 10_u64.pow(exponent));
    if exponent == 0 {
        return format!("{sign}{digits}");
    }
    let width = usize::try_from(exponent).expect("exponents are small");
    format!("{sign}{}.{:0width$}", digits / unit, digits % unit)
}

/// The minor units of an amount that has all decimals of its currency, `12.50` as `1250`.
///
/// # Panics
/// When it is no amount.
#[track_caller]
pub fn minor_units(text: &str) -> i64 {
    text.replacen('.', "", 1).parse().unwrap_or_else(|_| panic!("{text:?} is an amount"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_back() {
        for (minor, exponent, text) in [(1250, 2, "12.50"), (-5, 2, "-0.05"), (1200, 0, "1200"), (7, 3, "0.007")] {
            assert_eq!(decimal(minor, exponent), text);
            assert_eq!(minor_units(text), minor);
        }
    }
}
