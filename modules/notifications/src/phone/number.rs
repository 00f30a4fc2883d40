//! Telephone numbers by ITU-T E.164.

use crate::{NotificationsError, Result};
use std::fmt;

const DIGITS_MIN: usize = 7;
const DIGITS_MAX: usize = 15;
const TYPED_CHARACTERS_MAX: usize = 32;

/// A number with its country: a plus sign and digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads a number as people write it, with spaces, dots, dashes and brackets.
    ///
    /// # Errors
    /// `NotANumber`.
    pub fn parse(typed: &str) -> Result<Self> {
        let digits = typed.trim().strip_prefix('+').ok_or(NotificationsError::NotANumber)?;
        let digits: String = digits.chars().filter(|character| !" .-()\u{a0}".contains(*character)).collect();
        let is_number = typed.chars().count() <= TYPED_CHARACTERS_MAX
            && (DIGITS_MIN..=DIGITS_MAX).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        if is_number { Ok(Self(format!("+{digits}"))) } else { Err(NotificationsError::NotANumber) }
    }

    /// The number as it is dialled.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is told of it where it is not shown.
    pub fn last4(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

db::fields! {
    Text: PhoneNumber, |text| PhoneNumber::parse(text).ok(), |number| number.0;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for typed in ["+491701234567", " +49 170 123-45-67 ", "+49 (170) 123.4567"] {
            assert_eq!(PhoneNumber::parse(typed).unwrap().as_str(), "+491701234567", "{typed}");
        }
        assert_eq!(PhoneNumber::parse("+491701234567").unwrap().last4(), "4567");
    }

    #[test]
    fn what_has_no_country_or_is_none_is_refused() {
        let long = format!("+{}", "1".repeat(16));
        for typed in
            ["", "+", "0170 1234567", "+0170123456", "+49 170", "+49170x234567", "++491701234567", &long, "+١٢٣٤٥٦٧٨"]
        {
            assert_eq!(PhoneNumber::parse(typed), Err(NotificationsError::NotANumber), "{typed}");
        }
    }
}
