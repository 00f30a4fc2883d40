//! People: their names and addresses as they may be written, and whether they may log in.

pub mod event;
pub(crate) mod store;

use crate::{Identity, IdentityError, Result, Role};
use db::{Executor, Tx, WallTime};
use ids::UserId;
use std::collections::HashMap;

const USERNAME_CHARACTERS_MIN: usize = 3;
const USERNAME_CHARACTERS_MAX: usize = 64;
/// What the bank calls itself, its staff and its machines. Names that differ from these by separators and digits only are
/// reserved too.
const RESERVED_USERNAMES: [&str; 39] = [
    "abuse",
    "account",
    "accounts",
    "admin",
    "administration",
    "administrator",
    "anonymous",
    "api",
    "auditor",
    "bank",
    "banker",
    "banking",
    "customerservice",
    "florin",
    "fraud",
    "help",
    "helpdesk",
    "hostmaster",
    "info",
    "mailerdaemon",
    "moderator",
    "nobody",
    "noreply",
    "official",
    "operator",
    "postmaster",
    "root",
    "security",
    "service",
    "staff",
    "superuser",
    "support",
    "sysadmin",
    "system",
    "team",
    "teller",
    "treasury",
    "verify",
    "webmaster",
];
/// Names that begin so are the bank's: its own, and those of people whom the trusted issuer brings along.
const RESERVED_PREFIXES: [&str; 5] = ["florin-", "florin_", "florin.", "florinbank", "ext-"];
const EMAIL_CHARACTERS_MAX: usize = 254;
const EMAIL_LOCAL_CHARACTERS_MAX: usize = 64;

/// A name to log in with: 3 to 64 of `a`–`z`, `0`–`9`, `.`, `_` and `-`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Username(String);

/// An e-mail address by its form; whether mail arrives there is another matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

/// Whether somebody may log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UserStatus {
    /// They may.
    Active,
    /// They may not, and what sessions they had have ended.
    Disabled,
}

/// A person, without their credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Their identifier.
    pub id: UserId,
    /// The name they log in with.
    pub username: Username,
    /// Where to write to them.
    pub email: Option<Email>,
    /// When they showed that the address is theirs.
    pub email_verified_at: Option<WallTime>,
    /// What they may do.
    pub role: Role,
    /// Whether they may log in.
    pub status: UserStatus,
    /// Whether a login needs a second factor.
    pub mfa_enabled: bool,
    /// When they registered.
    pub created_at: WallTime,
}

/// Whether a login needs a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondFactorNeed {
    /// It does.
    Needed,
    /// The password is enough.
    NotNeeded,
}

impl Identity {
    /// The person behind an identifier.
    ///
    /// # Errors
    /// The database failed.
    pub async fn user(&self, user_id: UserId) -> Result<Option<User>> {
        Ok(store::find(&self.db, user_id).await?)
    }

    /// The same as the caller's transaction sees them.
    ///
    /// # Errors
    /// The database failed.
    pub async fn user_in_tx(&self, tx: &Tx, user_id: UserId) -> Result<Option<User>> {
        Ok(store::find(tx, user_id).await?)
    }

    /// The person, whose row is held until the caller's transaction ends: whoever starts a session or changes how somebody
    /// gets in holds it, so that neither misses the other.
    ///
    /// # Errors
    /// `UnknownUser`, or the database failed.
    pub async fn lock_user_in_tx(&self, tx: &Tx, user_id: UserId) -> Result<User> {
        store::lock_in_tx(tx, user_id).await?.ok_or(IdentityError::UnknownUser)
    }

    /// Says that the person's logins need a second factor from now on, or no longer. The caller holds their row, and changes
    /// the factors in the same transaction.
    ///
    /// # Errors
    /// The database failed.
    pub async fn set_second_factor_in_tx(&self, tx: &Tx, user_id: UserId, need: SecondFactorNeed) -> Result<()> {
        Ok(store::set_mfa_enabled_in_tx(tx, user_id, need == SecondFactorNeed::Needed).await?)
    }

    /// The person behind a name, in any case.
    ///
    /// # Errors
    /// The database failed.
    pub async fn find_by_username(&self, username: &str) -> Result<Option<User>> {
        find_user(&self.db, username).await
    }
}

/// The person behind a name, for who has the database only, and no keys.
///
/// # Errors
/// The database failed.
pub async fn find_user(on: &impl Executor, username: &str) -> Result<Option<User>> {
    match Username::parse(username) {
        Ok(username) => Ok(store::find_by_username(on, &username).await?),
        Err(_) => Ok(None),
    }
}

/// What the people are called, for who shows with whom somebody has to do; nobody is missing but who is not there.
///
/// # Errors
/// The database failed.
pub async fn usernames(on: &impl Executor, ids: &[UserId]) -> Result<HashMap<UserId, Username>> {
    Ok(store::usernames(on, ids).await?)
}

/// Whether there is any person at all.
///
/// # Errors
/// The database failed.
pub async fn is_anybody_there(on: &impl Executor) -> Result<bool> {
    Ok(store::is_anybody_there(on).await?)
}

impl User {
    /// Somebody new, who may log in.
    pub fn new(username: Username, role: Role, now: WallTime) -> Self {
        Self {
            id: UserId::generate(),
            username,
            email: None,
            email_verified_at: None,
            role,
            status: UserStatus::Active,
            mfa_enabled: false,
            created_at: now,
        }
    }

    /// Refuses who may not log in.
    ///
    /// # Errors
    /// `Disabled`.
    pub const fn require_active(&self) -> Result<()> {
        match self.status {
            UserStatus::Active => Ok(()),
            UserStatus::Disabled => Err(IdentityError::Disabled),
        }
    }
}

impl Username {
    /// Trims, puts into lower case and checks.
    ///
    /// # Errors
    /// [`IdentityError::InvalidUsername`] with the broken rule.
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim().to_ascii_lowercase();
        if !text.chars().all(|character| matches!(character, 'a'..='z' | '0'..='9' | '.' | '_' | '-')) {
            return Err(IdentityError::InvalidUsername("may only contain letters a-z, digits, '.', '_' and '-'"));
        }
        match text.len() {
            USERNAME_CHARACTERS_MIN..=USERNAME_CHARACTERS_MAX => Ok(Self(text)),
            _ => Err(IdentityError::InvalidUsername("must have 3 to 64 characters")),
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Refuses a name under which a customer could pass for the bank.
    ///
    /// # Errors
    /// [`IdentityError::InvalidUsername`].
    pub(crate) fn require_unreserved(&self) -> Result<()> {
        let letters: String = self.0.chars().filter(|character| !matches!(character, '.' | '_' | '-')).collect();
        let word = letters.trim_matches(|character: char| character.is_ascii_digit());
        let begins_reserved = RESERVED_PREFIXES.iter().any(|prefix| self.0.starts_with(prefix));
        if begins_reserved || RESERVED_USERNAMES.contains(&word) {
            return Err(IdentityError::InvalidUsername("is reserved for the bank"));
        }
        Ok(())
    }
}

impl Email {
    /// Trims and checks the form: something, one `@`, a domain with a dot.
    ///
    /// # Errors
    /// [`IdentityError::InvalidEmail`].
    pub fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let well_formed = text.split_once('@').is_some_and(|(local, domain)| {
            (1..=EMAIL_LOCAL_CHARACTERS_MAX).contains(&local.len()) && is_domain(domain)
        });
        let printable = text.chars().all(|character| !character.is_whitespace()) && legible::is_legible_line(text);
        if text.len() > EMAIL_CHARACTERS_MAX || !well_formed || !printable {
            return Err(IdentityError::InvalidEmail);
        }
        Ok(Self(text.to_owned()))
    }

    /// The address in lower case: by what it is found. Mail servers that tell cases apart are rare and unloved.
    pub(crate) fn lookup(&self) -> String {
        self.0.to_lowercase()
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_domain(text: &str) -> bool {
    text.contains('.') && !text.contains('@') && text.split('.').all(|label| !label.is_empty())
}

impl std::fmt::Display for Username {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::fmt::Display for Email {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl UserStatus {
    /// The word that is stored and shown.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Disabled => "DISABLED",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Active, Self::Disabled].into_iter().find(|status| status.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_bank_are_reserved_and_those_of_people_are_not() {
        assert!(RESERVED_USERNAMES.is_sorted());
        for text in
            ["admin", "Root", "support", "sup.port", "bank", "admin1", "ad-min_", "florin", "florin-support", "ext-1"]
        {
            let refused = Username::parse(text).unwrap().require_unreserved();
            assert!(matches!(refused, Err(IdentityError::InvalidUsername(_))), "{text}");
        }
        for text in ["ann", "john_doe", "florinda", "florian", "rooted", "adminah", "banks.john", "123"] {
            assert_eq!(Username::parse(text).unwrap().require_unreserved(), Ok(()), "{text}");
        }
    }

    #[test]
    fn usernames_are_trimmed_and_put_into_lower_case() {
        assert_eq!(Username::parse("  John_Doe ").unwrap().as_str(), "john_doe");
        assert_eq!(Username::parse("a.b-c_9").unwrap().as_str(), "a.b-c_9");
    }

    #[test]
    fn usernames_of_other_characters_or_lengths_are_refused() {
        let too_long = "a".repeat(65);
        for text in ["", "ab", "john doe", "jöhn", "john@doe", "a\0bc", "<b>", &too_long] {
            assert!(matches!(Username::parse(text), Err(IdentityError::InvalidUsername(_))), "{text}");
        }
    }

    #[test]
    fn addresses_need_a_name_and_a_domain() {
        assert_eq!(Email::parse(" john@example.com ").unwrap().as_str(), "john@example.com");
        let too_long = format!("john@{}.com", "a".repeat(254));
        for text in
            ["", "john", "@example.com", "john@", "john@localhost", "a@b@c.com", "a b@c.com", "a@b..com", &too_long]
        {
            assert_eq!(Email::parse(text), Err(IdentityError::InvalidEmail), "{text}");
        }
    }
}
