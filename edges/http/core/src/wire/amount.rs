//! Amounts of money, taken from the very text of a JSON string or number: no number ever becomes a float.

use crate::problem::{Outcome, Problem};
use money::{Currency, Money};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The largest amount that anybody can name, in minor units: ten trillion of a currency with cents. No order comes near it,
/// and it is far from the end of a balance.
const AMOUNT_MINOR_MAX: i64 = 1_000_000_000_000_000;

/// An amount of more than zero.
pub fn read_amount(field: &str, raw: &RawValue, currency: Currency) -> Outcome<Money> {
    let money = read_amount_or_zero(field, raw, currency)?;
    if money.minor() == 0 {
        return Err(Problem::invalid(field, "must be more than zero"));
    }
    Ok(money)
}

/// Refuses an amount that is larger than any that makes sense.
fn require_at_most(field: &str, money: Money, minor_max: i64) -> Outcome<()> {
    if money.minor().unsigned_abs() <= minor_max.unsigned_abs() {
        return Ok(());
    }
    Err(too_large(field, Money::new(minor_max, money.currency())))
}

/// The answer to an amount above the limit.
pub fn too_large(field: &str, limit: Money) -> Problem {
    let currency = limit.currency();
    let limit = limit.to_decimal();
    let problem = Problem::invalid(field, format!("must be at most {limit}"));
    problem.with("limit", limit).with("currency", currency.code())
}

/// An amount of zero or more, as limits have it.
pub fn read_amount_or_zero(field: &str, raw: &RawValue, currency: Currency) -> Outcome<Money> {
    let text = digits(raw.get()).ok_or_else(|| Problem::invalid(field, "must be an amount such as \"1250.00\""))?;
    let money = Money::parse(&text, currency).map_err(|error| Problem::invalid(field, error.to_string()))?;
    require_at_most(field, money, AMOUNT_MINOR_MAX)?;
    Ok(money)
}

/// An amount with its sign, but not zero.
pub fn read_signed_amount(field: &str, raw: &RawValue, currency: Currency) -> Outcome<Money> {
    let text = digits(raw.get()).ok_or_else(|| Problem::invalid(field, "must be an amount such as \"-12.50\""))?;
    let money = Money::parse_signed(&text, currency).map_err(|error| Problem::invalid(field, error.to_string()))?;
    if money.minor() == 0 {
        return Err(Problem::invalid(field, "must not be zero"));
    }
    require_at_most(field, money, AMOUNT_MINOR_MAX)?;
    Ok(money)
}

/// The text of a number or the inside of a string.
fn digits(json: &str) -> Option<Cow<'_, str>> {
    match json.as_bytes().first()? {
        b'"' if json.contains('\\') => serde_json::from_str(json).ok().map(Cow::Owned),
        b'"' => json.get(1..json.len() - 1).map(Cow::Borrowed),
        b'-' | b'0'..=b'9' => Some(Cow::Borrowed(json)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minor(json: &str) -> Option<i64> {
        let raw: &RawValue = serde_json::from_str(json).unwrap();
        read_amount("amount", raw, Currency::parse("USD").unwrap()).ok().map(Money::minor)
    }

    #[test]
    fn strings_and_numbers_are_taken_from_their_text() {
        for json in ["1250.5", "\"1250.5\"", "\"1250.50\"", "1250.50", r#""\u0031250.50""#] {
            assert_eq!(minor(json), Some(125_050), "{json}");
        }
        // As floats these would be a cent off.
        assert_eq!(minor("8007199254740.93"), Some(800_719_925_474_093));
        assert_eq!(minor("10000000000000.00"), Some(AMOUNT_MINOR_MAX));
    }

    #[test]
    fn anything_else_is_refused() {
        for json in
            ["0", "0.00", "\"0\"", "-1", "1e3", "1E3", "1.005", "\"\"", "\" 1\"", "true", "null", "[1]", "{}", "1e400"]
        {
            assert_eq!(minor(json), None, "{json}");
        }
        for too_large in ["10000000000000.01", "92233720368547758.07", "92233720368547758.08"] {
            assert_eq!(minor(too_large), None);
        }
    }
}
