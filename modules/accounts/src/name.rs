//! The name that its owner gives to an account.

use crate::AccountKind;

const CHARACTERS_MAX: usize = 100;

/// A name of 1 to 100 characters, all of them seen, without spaces around it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AccountName(String);

/// The text is no name for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to {CHARACTERS_MAX} characters without control or invisible ones, or ones that pass for others")]
pub struct InvalidName;

impl AccountName {
    /// Reads a name; spaces around it are dropped.
    ///
    /// # Errors
    /// Nothing is left, too much is left, or it is no [label](legible::is_label).
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        if legible::is_label(text.trim()) { Self::read(text) } else { Err(InvalidName) }
    }

    /// What an account is called that was known elsewhere by a reference. That is as it is: nobody chose it to mislead.
    ///
    /// # Errors
    /// Too much of it, or it has control or invisible characters.
    pub fn of_reference(reference: &str) -> Result<Self, InvalidName> {
        Self::read(&format!("Account {reference}"))
    }

    fn read(text: &str) -> Result<Self, InvalidName> {
        let name = text.trim();
        let is_fine = !name.is_empty() && legible::is_legible_line(name);
        // Bytes first: a body full of text is not worth counting.
        if is_fine && name.len() <= 4 * CHARACTERS_MAX && name.chars().count() <= CHARACTERS_MAX {
            Ok(Self(name.to_owned()))
        } else {
            Err(InvalidName)
        }
    }

    /// What an account is called that its owner gave no name.
    pub(crate) fn of_kind(kind: AccountKind, number: usize) -> Self {
        let name = match kind {
            AccountKind::Checking => "Checking account",
            AccountKind::Savings => "Savings account",
            AccountKind::Business => "Business account",
        };
        Self(if number > 1 { format!("{name} {number}") } else { name.to_owned() })
    }

    /// A name that was accepted once, perhaps under older rules.
    pub(crate) const fn from_stored(name: String) -> Self {
        Self(name)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for AccountName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_around_a_name_are_dropped_and_those_inside_stay() {
        assert_eq!(AccountName::parse("  Rainy  days\n").unwrap().as_str(), "Rainy  days");
    }

    #[test]
    fn a_name_has_one_to_a_hundred_characters_of_any_script() {
        assert!(AccountName::parse("x").is_ok());
        assert!(AccountName::parse(&"💰".repeat(100)).is_ok());
        for text in [String::new(), "   ".to_owned(), "x".repeat(101), "é".repeat(101)] {
            assert_eq!(AccountName::parse(&text), Err(InvalidName), "{text:?}");
        }
    }

    #[test]
    fn control_and_invisible_characters_are_refused() {
        for text in
            ["a\u{202e}b", "a\u{200b}", "a\u{2028}b", "a\0b", "a\nb", "a\tb", "a\u{7f}b", "a\u{85}b", "a\u{1b}[31mb"]
        {
            assert_eq!(AccountName::parse(text), Err(InvalidName), "{text:?}");
            assert_eq!(AccountName::of_reference(text), Err(InvalidName), "{text:?}");
        }
    }

    #[test]
    fn a_name_is_what_it_looks_like_and_a_reference_is_as_it_is() {
        for text in ["S\u{430}vings", "Savings\u{fe0f}"] {
            assert_eq!(AccountName::parse(text), Err(InvalidName), "{text:?}");
        }
        // Letters of Cyrillic, as on the number plate of a car.
        assert_eq!(AccountName::of_reference("АВ-001").unwrap().as_str(), "Account АВ-001");
    }
}
