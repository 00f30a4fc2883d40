//! A customer's account as its owner sees it, and what it takes to open one.

use crate::{AccountName, AccountNumber};
use db::{BankTime, WallTime};
use ids::{AccountId, UserId};
use money::Currency;

/// What an account is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccountKind {
    /// Everyday money.
    Checking,
    /// Money put aside.
    Savings,
    /// The money of a firm.
    Business,
}

impl AccountKind {
    const ALL: [Self; 3] = [Self::Checking, Self::Savings, Self::Business];

    /// The word that is stored and shown.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Checking => "CHECKING",
            Self::Savings => "SAVINGS",
            Self::Business => "BUSINESS",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// An account that is to be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// Whose it will be; `None` for imported accounts of people who cannot log in yet.
    pub user_id: Option<UserId>,
    /// What its owner calls it; `None`: after what it is for, and its number among those.
    pub name: Option<AccountName>,
    /// What it is for.
    pub kind: AccountKind,
    /// The one currency it will hold.
    pub currency: Currency,
    /// What another system calls it; unique among all accounts.
    pub external_ref: Option<String>,
}

/// A customer's account at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountView {
    /// Its identifier, in the ledger too.
    pub id: AccountId,
    /// Whose it is.
    pub user_id: Option<UserId>,
    /// The number that people write on forms.
    pub number: AccountNumber,
    /// What its owner calls it.
    pub name: AccountName,
    /// What it is for.
    pub kind: AccountKind,
    /// What another system calls it.
    pub external_ref: Option<String>,
    /// When somebody opened it, in the real world; when the books did, in bank time, is in `ledger`.
    pub created_at: WallTime,
    /// When its name or terms last changed; money does not count.
    pub updated_at: WallTime,
    /// Its balances, currency, status and overdraft limit.
    pub ledger: ledger::Account,
}

/// Whose an account is and what it is called, without what the ledger knows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountLabel {
    /// Its identifier.
    pub id: AccountId,
    /// Whose it is.
    pub user_id: Option<UserId>,
    /// The number that people write on forms.
    pub number: AccountNumber,
    /// What its owner calls it.
    pub name: AccountName,
}

impl NewAccount {
    /// The account as it will be, under a new identifier.
    pub(crate) fn opened(&self, opened_at: BankTime, now: WallTime) -> AccountView {
        let id = AccountId::generate();
        AccountView {
            id,
            user_id: self.user_id,
            number: AccountNumber::of(id),
            name: self.name.clone().unwrap_or_else(|| AccountName::of_kind(self.kind, 1)),
            kind: self.kind,
            external_ref: self.external_ref.clone(),
            created_at: now,
            updated_at: now,
            ledger: ledger::Account::for_customer(id, self.user_id.map(UserId::uuid), self.currency, opened_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_read_back() {
        for kind in AccountKind::ALL {
            assert_eq!(AccountKind::parse(kind.word()), Some(kind));
        }
        assert_eq!(AccountKind::parse("checking"), None);
    }
}
