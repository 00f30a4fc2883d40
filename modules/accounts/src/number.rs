//! Account numbers: IBANs of ISO 13616 under the user-assigned country code `XF`, derived from the identifier.
//! That two identifiers may meet in one number is dealt with where accounts are opened.

use ids::AccountId;
use sha2::{Digest, Sha256};

const COUNTRY: &str = "XF";
const BANK: &str = "FLRN";
const DIGITS: usize = 16;
const IBAN_LENGTHS: std::ops::RangeInclusive<usize> = 15..=34;

/// An account number of this bank: `XF`, two check digits, `FLRN` and 16 digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AccountNumber(String);

/// The text is no account number of this bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAccountNumber {
    /// It does not look like one.
    #[error("must be an account number of this bank: {COUNTRY}, two check digits, {BANK} and {DIGITS} digits")]
    Form,
    /// It looks like one, and somebody has mistyped it.
    #[error("is mistyped: its check digits do not fit the rest of it")]
    CheckDigits,
}

impl AccountNumber {
    /// The number of an account: the start of its identifier's SHA-256, as decimal digits.
    pub fn of(id: AccountId) -> Self {
        let hash = Sha256::digest(id.uuid().as_bytes());
        let number = hash.iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
        Self::with_check_digits(&format!("{:0DIGITS$}", number % 10_u64.pow(16)))
    }

    /// Reads a number; spaces between its groups are dropped.
    ///
    /// # Errors
    /// The form or the check digits are wrong.
    pub fn parse(text: &str) -> Result<Self, InvalidAccountNumber> {
        let compact: String = text.chars().filter(|character| *character != ' ').collect();
        let (head, digits) = compact.rsplit_once(BANK).ok_or(InvalidAccountNumber::Form)?;
        let is_number =
            |text: &str, length: usize| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
        if !head.strip_prefix(COUNTRY).is_some_and(|check| is_number(check, 2)) || !is_number(digits, DIGITS) {
            return Err(InvalidAccountNumber::Form);
        }
        let expected = Self::with_check_digits(digits);
        if expected.0 == compact { Ok(expected) } else { Err(InvalidAccountNumber::CheckDigits) }
    }

    /// The text, without spaces.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn with_check_digits(digits: &str) -> Self {
        let check = 98 - remainder_97(&format!("{BANK}{digits}{COUNTRY}00"));
        Self(format!("{COUNTRY}{check:02}{BANK}{digits}"))
    }
}

impl std::fmt::Display for AccountNumber {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Whether the text is an IBAN, of whatever bank, whose check digits are right (ISO 7064, MOD 97-10).
pub fn has_valid_check_digits(iban: &str) -> bool {
    let is_capital_or_digit = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    if !IBAN_LENGTHS.contains(&iban.len()) || !iban.bytes().all(is_capital_or_digit) {
        return false;
    }
    let (head, account) = iban.split_at(4);
    let (country, check) = head.split_at(2);
    let is_country = country.bytes().all(|byte| byte.is_ascii_uppercase());
    // The remainder alone would also let 00, 01 and 99 pass, which are never computed.
    let is_computable = matches!(check.parse::<u8>(), Ok(2..=98));
    is_country && is_computable && remainder_97(&format!("{account}{head}")) == 1
}

/// The text as a number, letters being 10 to 35, modulo 97.
fn remainder_97(text: &str) -> u32 {
    text.chars().filter_map(|character| character.to_digit(36)).fold(0, |remainder, value| {
        let shift = if value < 10 { 10 } else { 100 };
        (remainder * shift + value) % 97
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn number_of(value: u128) -> String {
        AccountNumber::of(AccountId::from_uuid(Uuid::from_u128(value))).to_string()
    }

    #[test]
    fn the_ibans_of_the_registry_are_valid() {
        for iban in
            ["GB82WEST12345698765432", "DE89370400440532013000", "NO9386011117947", "FR1420041010050500013M02606"]
        {
            assert!(has_valid_check_digits(iban), "{iban}");
        }
    }

    #[test]
    fn other_texts_are_no_ibans() {
        for text in ["", "GB82", "GB83WEST12345698765432", "gb82west12345698765432", "GB82 WEST 1234 5698 7654 32"] {
            assert!(!has_valid_check_digits(text), "{text}");
        }
        assert!(!has_valid_check_digits("8282WEST12345698765432") && !has_valid_check_digits("GB+2WEST12345698765432"));
        assert!(!has_valid_check_digits("ÄÖWEST12345698765432"));
    }

    #[test]
    fn a_number_never_changes() {
        // SHA-256 of sixteen zero bytes begins with 374708fff7719dd5, which is 3983162290893594069.
        assert_eq!(number_of(0), "XF11FLRN3162290893594069");
    }

    #[test]
    fn groups_of_four_are_read_and_other_banks_are_not() {
        let number = number_of(7);
        let grouped: Vec<&str> = [&number[..4], &number[4..8], &number[8..12], &number[12..16], &number[16..]].into();
        assert_eq!(AccountNumber::parse(&grouped.join(" ")).unwrap().as_str(), number);
        for text in ["", "FLRN", "GB82WEST12345698765432", &number[1..], &number.to_lowercase(), &format!("{number}0")]
        {
            assert_eq!(AccountNumber::parse(text), Err(InvalidAccountNumber::Form), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_number_is_a_valid_iban_and_reads_back(value in any::<u128>()) {
            let number = number_of(value);
            prop_assert_eq!(number.len(), 24);
            prop_assert!(has_valid_check_digits(&number));
            prop_assert_eq!(AccountNumber::parse(&number).unwrap().to_string(), number);
        }

        #[test]
        fn one_wrong_digit_or_two_swapped_ones_are_noticed(value in any::<u128>(), place in 8_usize..23, digit in 0_u8..10) {
            let number = number_of(value).into_bytes();
            let mut mistyped = number.clone();
            mistyped[place] = b'0' + digit;
            let mut swapped = number.clone();
            swapped.swap(place, place + 1);
            for wrong in [mistyped, swapped].into_iter().filter(|wrong| *wrong != number) {
                let read = AccountNumber::parse(std::str::from_utf8(&wrong).unwrap());
                prop_assert_eq!(read, Err(InvalidAccountNumber::CheckDigits));
            }
        }
    }
}
