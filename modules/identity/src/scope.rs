//! Scopes: the parts of the API that an API key or a client's grant may use (RFC 6749, section 3.3).
//! They only narrow what the person behind them may do. A login session has all of them.

/// One part of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Who the caller is.
    ProfileRead,
    /// Accounts and balances.
    AccountsRead,
    /// Opening, changing and closing accounts.
    AccountsWrite,
    /// Transactions.
    TransactionsRead,
    /// Moving money.
    TransactionsWrite,
}

/// A set of scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Scopes(u8);

db::fields! {
    Text: Scopes, Scopes::parse, |scopes| scopes.to_string();
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 5] =
        [Self::ProfileRead, Self::AccountsRead, Self::AccountsWrite, Self::TransactionsRead, Self::TransactionsWrite];

    /// The word in tokens and requests.
    pub const fn word(self) -> &'static str {
        match self {
            Self::ProfileRead => "profile:read",
            Self::AccountsRead => "accounts:read",
            Self::AccountsWrite => "accounts:write",
            Self::TransactionsRead => "transactions:read",
            Self::TransactionsWrite => "transactions:write",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.word() == word)
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl Scopes {
    /// No scope.
    pub const NONE: Self = Self(0);
    /// All of them: what a session has.
    pub const ALL: Self = Self((1 << Scope::ALL.len()) - 1);

    /// Those that change nothing.
    pub const READING: Self =
        Self(Scope::ProfileRead.bit() | Scope::AccountsRead.bit() | Scope::TransactionsRead.bit());

    /// Reads words with single spaces between them; `None` when one of them is no scope.
    pub fn parse(words: &str) -> Option<Self> {
        words.split(' ').filter(|word| !word.is_empty()).map(Scope::parse).collect()
    }

    /// Whether the scope is among them.
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Whether all of the others are among them.
    pub const fn contains_all(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// Those that are among both.
    #[must_use]
    pub const fn intersection(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The scopes one by one, in a fixed order.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.contains(*scope))
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

impl std::fmt::Display for Scopes {
    /// The words with single spaces between them.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words: Vec<&str> = self.iter().map(Scope::word).collect();
        formatter.write_str(&words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back_as_the_same_set() {
        let scopes = Scopes::parse("transactions:read accounts:read").unwrap();
        assert_eq!(scopes.to_string(), "accounts:read transactions:read");
        assert!(scopes.contains(Scope::AccountsRead) && !scopes.contains(Scope::AccountsWrite));
        assert_eq!(Scopes::parse(&Scopes::ALL.to_string()), Some(Scopes::ALL));
        assert_eq!(Scopes::parse(""), Some(Scopes::NONE));
    }

    #[test]
    fn an_unknown_word_spoils_the_set() {
        for words in ["accounts", "accounts:read admin", "ACCOUNTS:READ", "accounts:read,accounts:write"] {
            assert_eq!(Scopes::parse(words), None, "{words}");
        }
    }

    #[test]
    fn a_set_contains_what_is_narrower() {
        let reading = Scopes::parse("accounts:read").unwrap();
        assert!(Scopes::ALL.contains_all(reading) && !reading.contains_all(Scopes::ALL));
        assert!(Scopes::NONE.is_empty() && reading.contains_all(Scopes::NONE));
    }
}
