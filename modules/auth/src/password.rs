//! Passwords: which are accepted (NIST SP 800-63B, section 3.1.1: length and a list of known ones, no composition
//! rules), and how they are hashed, in `password/hashing.rs`.

mod hashing;

pub(crate) use hashing::{Hashing, PasswordHash};

use crate::{AuthError, Result, Username};

const CHARACTERS_MIN: usize = 8;
const CHARACTERS_MAX: usize = 128;

/// The most used passwords of published leaks that are long enough to pass otherwise, in lower case; `common.md` says
/// where they are from.
const COMMON: &str = include_str!("password/common.txt");

/// A password as somebody typed it. It is never shown, not even to a debugger's print.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// Takes it as it is: the rules only apply when it is chosen.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Checks the rules for a password that is being chosen.
    pub(crate) fn require_strong(&self, username: &Username) -> Result<()> {
        if self.0.chars().count() < CHARACTERS_MIN {
            return Err(AuthError::WeakPassword("must have at least 8 characters"));
        }
        if self.is_too_long() {
            return Err(AuthError::WeakPassword("must have at most 128 characters"));
        }
        let lower_case = self.0.to_lowercase();
        if lower_case.trim() == username.as_str() {
            return Err(AuthError::WeakPassword("must not be the username"));
        }
        if COMMON.lines().any(|common| common == lower_case) {
            return Err(AuthError::WeakPassword("is one of the most common ones"));
        }
        Ok(())
    }

    fn is_too_long(&self) -> bool {
        self.0.chars().count() > CHARACTERS_MAX
    }

    fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str) -> Result<()> {
        Password::new(password).require_strong(&Username::parse("john_doe").unwrap())
    }

    #[test]
    fn long_enough_passwords_are_accepted_whatever_they_are_made_of() {
        for password in ["secure_password", "correct horse battery staple", "ümlaut€n", &"ä".repeat(128)] {
            assert_eq!(check(password), Ok(()), "{password}");
        }
    }

    #[test]
    fn passwords_that_are_too_short_or_too_long_are_refused() {
        for password in ["", "short", "äöüäöüä", &"a".repeat(129)] {
            assert!(matches!(check(password), Err(AuthError::WeakPassword(_))), "{password}");
        }
    }

    #[test]
    fn common_passwords_and_the_username_are_refused_in_any_case() {
        for password in ["password", "Password1", "12345678", "QWERTYUIOP", "john_doe", "JOHN_DOE", " john_doe "] {
            assert!(matches!(check(password), Err(AuthError::WeakPassword(_))), "{password}");
        }
    }

    #[test]
    fn the_list_holds_only_what_the_length_rule_lets_through() {
        for common in COMMON.lines() {
            assert!(common.len() >= CHARACTERS_MIN && common == common.to_lowercase(), "{common}");
        }
    }

    #[test]
    fn a_password_is_not_shown_by_debug() {
        assert_eq!(format!("{:?}", Password::new("secure_password")), "Password(…)");
    }
}
