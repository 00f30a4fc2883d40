//! Decimal text to minor units and back, digit by digit.

/// Why a text is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseMoneyError {
    /// Something other than digits with at most one point between them.
    #[error("must be a plain decimal number such as 1250.00")]
    NotADecimal,
    /// More decimals than the currency has.
    #[error("has more than the {allowed} decimals of its currency")]
    TooManyDecimals {
        /// The currency's exponent.
        allowed: u8,
    },
    /// Does not fit 64-bit minor units.
    #[error("is too large")]
    TooLarge,
}

pub(crate) fn parse_minor(text: &str, exponent: u8) -> Result<i64, ParseMoneyError> {
    let (whole, decimals) = match text.split_once('.') {
        Some((_, "")) => return Err(ParseMoneyError::NotADecimal),
        Some(parts) => parts,
        None => (text, ""),
    };
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(decimals) {
        return Err(ParseMoneyError::NotADecimal);
    }
    if decimals.len() > usize::from(exponent) {
        return Err(ParseMoneyError::TooManyDecimals { allowed: exponent });
    }
    let padding = std::iter::repeat_n(b'0', usize::from(exponent) - decimals.len());
    whole
        .bytes()
        .chain(decimals.bytes())
        .chain(padding)
        .try_fold(0_i64, |minor, digit| minor.checked_mul(10)?.checked_add(i64::from(digit - b'0')))
        .ok_or(ParseMoneyError::TooLarge)
}

pub(crate) fn format_minor(minor: i64, exponent: u8) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let digits = minor.unsigned_abs();
    if exponent == 0 {
        return format!("{sign}{digits}");
    }
    let scale = 10_u64.pow(u32::from(exponent));
    let width = usize::from(exponent);
    format!("{sign}{}.{:0width$}", digits / scale, digits % scale)
}
