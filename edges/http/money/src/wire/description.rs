//! Free text that people write on a transaction.

use http_core::problem::{Outcome, Problem};

const CHARACTERS_MAX: usize = 140;

/// Text of at most 140 characters on one line; empty when there is none.
pub(crate) fn read_description(text: Option<&str>) -> Outcome<String> {
    let text = text.unwrap_or_default();
    if !legible::is_legible_line(text) {
        return Err(Problem::invalid("description", "must not contain control or invisible characters"));
    }
    if text.len() > CHARACTERS_MAX && text.chars().count() > CHARACTERS_MAX {
        return Err(Problem::invalid("description", "must have at most 140 characters"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_count_and_not_bytes() {
        assert!(read_description(Some(&"é".repeat(140))).is_ok());
        assert!(read_description(Some(&"é".repeat(141))).is_err());
        assert_eq!(read_description(None).unwrap(), "");
    }

    #[test]
    fn control_and_invisible_characters_are_refused() {
        for text in ["a\u{202e}b", "a\u{200b}", "a\u{2028}b", "a\nb", "a\0b", "\u{1b}[31m", "a\u{85}b"] {
            assert!(read_description(Some(text)).is_err(), "{text:?}");
        }
    }
}
