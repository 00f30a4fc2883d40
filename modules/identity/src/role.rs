//! Roles: what somebody is in the bank. Which route takes which role is said in the edge's table of routes.

use crate::Scopes;

/// What somebody is in the bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Sees and moves what is theirs.
    Customer,
    /// Serves customers: sees their accounts and payments, freezes accounts, takes in deposits.
    Teller,
    /// Looks at the business: sees everything, changes nothing.
    Analyst,
    /// Runs the bank.
    Admin,
    /// Checks the bank: sees everything, the security events too, and changes nothing.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [Self::Customer, Self::Teller, Self::Analyst, Self::Admin, Self::Auditor];

    /// The word that is stored and shown.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Teller => "teller",
            Self::Analyst => "analyst",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// The scopes that an API key or a grant of theirs can have: what they may do themselves.
    pub const fn scopes(self) -> Scopes {
        match self {
            Self::Customer | Self::Teller | Self::Admin => Scopes::ALL,
            Self::Analyst | Self::Auditor => Scopes::READING,
        }
    }

    /// Whether they work for the bank, and so see what is not theirs.
    pub const fn is_staff(self) -> bool {
        !matches!(self, Self::Customer)
    }
}
