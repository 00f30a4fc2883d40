//! Exact money: a currency of ISO 4217 and a checked whole number of its minor units.
//! No floating point, no rounding and no exchange rates live here.

mod currency;
mod text;

pub use currency::{Currency, UnknownCurrency};
pub use text::ParseMoneyError;

/// An amount of money in minor units (cents for USD, yen for JPY, fils for KWD).
///
/// The sign is free here: what is owed and what is refused is decided where money is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// Money from a number of minor units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Reads `"1250.00"` exactly. Signs, exponents, spaces and too many decimals are refused.
    ///
    /// # Errors
    /// Says what is wrong with the text; nothing is ever rounded.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, ParseMoneyError> {
        text::parse_minor(text, currency.exponent()).map(|minor| Self { minor, currency })
    }

    /// Reads an amount that may carry a leading `-`, as account histories do.
    ///
    /// # Errors
    /// As [`Money::parse`].
    pub fn parse_signed(text: &str, currency: Currency) -> Result<Self, ParseMoneyError> {
        match text.strip_prefix('-') {
            Some(positive) => Self::parse(positive, currency).map(|money| Self::new(-money.minor, currency)),
            None => Self::parse(text, currency),
        }
    }

    /// The amount in minor units.
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The sum, or `None` when the currencies differ or the sum does not fit.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        if self.currency != other.currency {
            return None;
        }
        let minor = self.minor.checked_add(other.minor)?;
        Some(Self { minor, ..self })
    }

    /// The decimal text without the currency, with exactly the currency's decimals: `1250.00`.
    pub fn to_decimal(self) -> String {
        text::format_minor(self.minor, self.currency.exponent())
    }
}

impl std::fmt::Display for Money {
    /// `1250.00 USD`
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}", self.to_decimal(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).expect("a currency of ISO 4217")
    }

    #[test]
    fn exponents_of_iso_4217_hold() {
        assert_eq!(Money::parse("1250", currency("JPY")).unwrap().minor(), 1250);
        assert_eq!(Money::parse("1250.5", currency("USD")).unwrap().minor(), 125_050);
        assert_eq!(Money::parse("1.234", currency("KWD")).unwrap().minor(), 1234);
        assert_eq!(Money::new(5, currency("KWD")).to_decimal(), "0.005");
        assert_eq!(Money::new(-5, currency("USD")).to_decimal(), "-0.05");
    }

    #[test]
    fn too_many_decimals_are_refused_even_when_zero() {
        assert_eq!(Money::parse("1.0", currency("JPY")), Err(ParseMoneyError::TooManyDecimals { allowed: 0 }));
        assert_eq!(Money::parse("1.000", currency("USD")), Err(ParseMoneyError::TooManyDecimals { allowed: 2 }));
    }

    #[test]
    fn anything_but_plain_digits_is_refused() {
        for text in ["", ".", "1.", ".5", "+1", "-1", " 1", "1 ", "1e3", "1,000", "0x1", "١", "1.2.3", "NaN"] {
            assert_eq!(Money::parse(text, currency("USD")), Err(ParseMoneyError::NotADecimal), "{text:?}");
        }
    }

    #[test]
    fn overflow_is_an_error_and_never_wraps() {
        assert!(Money::parse("92233720368547758.07", currency("USD")).is_ok());
        assert_eq!(Money::parse("92233720368547758.08", currency("USD")), Err(ParseMoneyError::TooLarge));
        let largest = Money::new(i64::MAX, currency("USD"));
        assert_eq!(largest.checked_add(Money::new(1, currency("USD"))), None);
        assert_eq!(largest.checked_add(Money::new(-1, currency("EUR"))), None);
    }

    proptest! {
        #[test]
        fn text_and_minor_units_are_the_same_thing(minor in -i64::MAX..=i64::MAX, code in "JPY|USD|KWD|CLF") {
            let money = Money::new(minor, currency(&code));
            prop_assert_eq!(Money::parse_signed(&money.to_decimal(), currency(&code)), Ok(money));
        }
    }
}
