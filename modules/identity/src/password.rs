//! Passwords: which are accepted when chosen (NIST SP 800-63B, section 3.1.1.2: length and lists, no composition rules).
//! Hashing is in `password/hashing.rs`, changing in `password/change.rs`.

mod breached;
pub(crate) mod change;
mod hashing;
mod memory;
mod scheme;
pub(crate) mod store;

pub(crate) use breached::BreachedPasswords;
pub(crate) use hashing::Hashing;
pub(crate) use scheme::{PasswordHash, Scheme};

use crate::{IdentityError, Result, User};
use db::{DbError, Tx};
use std::sync::LazyLock;

const CHARACTERS_MIN: usize = 8;
const CHARACTERS_MAX: usize = 128;

/// So many characters have to be there besides the bank's and the user's name.
const OWN_CHARACTERS_MIN: usize = 6;

/// Words that whoever guesses tries first: the name of this service.
const NAME_OF_BANK: &str = "florin";

/// The most used passwords of published leaks that are long enough to pass otherwise, in lower case and sorted;
/// `common.md` says where they are from.
static COMMON: LazyLock<Vec<&str>> = LazyLock::new(|| include_str!("password/common.txt").lines().collect());

/// A password as somebody typed it. It is never shown, not even to a debugger's print.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// Takes it as it is: the rules only apply when it is chosen.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Checks the rules for a password that the person is choosing.
    pub(crate) fn require_strong(&self, user: &User) -> Result<()> {
        if self.0.chars().count() < CHARACTERS_MIN {
            return Err(IdentityError::WeakPassword("must have at least 8 characters"));
        }
        if self.is_too_long() {
            return Err(IdentityError::WeakPassword("must have at most 128 characters"));
        }
        let lower_case = self.0.trim().to_lowercase();
        if COMMON.binary_search(&lower_case.as_str()).is_ok() {
            return Err(IdentityError::WeakPassword("is one of the most common ones"));
        }
        if is_mostly_a_name(&lower_case, user) {
            return Err(IdentityError::WeakPassword("must be more than the name of the user or the bank"));
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

/// Whether too little is left of it without a name that belongs to the user or to the bank.
fn is_mostly_a_name(lower_case: &str, user: &User) -> bool {
    let email = user.email.as_ref().map(|email| email.as_str().to_lowercase());
    let local_part = email.as_deref().and_then(|email| email.split('@').next()).filter(|local| local.len() >= 3);
    let names = [Some(NAME_OF_BANK), Some(user.username.as_str()), local_part];
    names
        .into_iter()
        .flatten()
        .any(|name| lower_case.contains(name) && lower_case.replace(name, "").chars().count() < OWN_CHARACTERS_MIN)
}

/// Makes people's rows, with the hashes that they begin with.
pub(crate) async fn insert_users_in_tx<'a>(
    tx: &Tx,
    users: impl IntoIterator<Item = (&'a User, &'a PasswordHash)>,
) -> Result<()> {
    store::insert_in_tx(tx, users).await.map_err(|error| match error {
        DbError::Duplicate(_) => IdentityError::UsernameTaken,
        other => IdentityError::Store(other),
    })
}

/// Whether the hash that was compared with is still the person's, now that their row is held.
pub(crate) async fn is_still(tx: &Tx, user: &User, known: &PasswordHash) -> Result<bool> {
    Ok(store::hash_of(tx, user.id).await?.is_some_and(|stored| stored == *known))
}

/// No memory, no random bytes, or a damaged row: none of it is the password's fault.
fn failure(error: &dyn std::fmt::Display) -> IdentityError {
    IdentityError::Store(DbError::Internal(format!("a password could not be hashed: {error}")))
}

impl std::fmt::Debug for Password {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Email, Role, Username};
    use db::WallTime;

    fn check(password: &str) -> Result<()> {
        let start = WallTime::from_unix_micros(1_767_225_600_000_000);
        let john = User::new(Username::parse("john_doe").unwrap(), Role::Customer, start);
        let email = Some(Email::parse("J.Doe1970@example.com").unwrap());
        Password::new(password).require_strong(&User { email, ..john })
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
            assert!(matches!(check(password), Err(IdentityError::WeakPassword(_))), "{password}");
        }
    }

    #[test]
    fn common_passwords_are_refused_in_any_case() {
        for password in ["password", "Password1", "12345678", "QWERTYUIOP", " trustno1 ", "!qaz2wsx"] {
            assert!(matches!(check(password), Err(IdentityError::WeakPassword(_))), "{password}");
        }
    }

    #[test]
    fn the_names_of_the_user_and_the_bank_with_a_little_around_them_are_refused() {
        for password in [
            "john_doe",
            "JOHN_DOE",
            " john_doe ",
            "john_doe2026!",
            "florin2026",
            "Florin-Florin!",
            "j.doe1970",
            "xJ.Doe1970x",
        ] {
            assert!(matches!(check(password), Err(IdentityError::WeakPassword(_))), "{password}");
        }
        for password in ["john_doe rides a horse", "florins in the purse"] {
            assert_eq!(check(password), Ok(()), "{password}");
        }
    }

    #[test]
    fn the_list_is_sorted_and_holds_only_what_the_length_rule_lets_through() {
        assert!(COMMON.len() > 11_000 && COMMON.is_sorted());
        for common in COMMON.iter() {
            assert!(common.len() >= CHARACTERS_MIN && *common == common.to_lowercase(), "{common}");
        }
    }

    #[test]
    fn a_password_is_not_shown_by_debug() {
        assert_eq!(format!("{:?}", Password::new("secure_password")), "Password(…)");
    }
}
