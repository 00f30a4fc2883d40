//! What accounts tell the rest of the bank. `userId` is null while an account is nobody's. Amounts are decimal texts with their
//! currency beside them.

use crate::{AccountName, AccountView};
use ids::{AccountId, UserId};
use money::Money;
use outbox::{Act, Event, event_data, events};

/// Something that happened to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Happening {
    Opened,
    Renamed {
        /// What it was called before.
        former_name: AccountName,
    },
    Frozen,
    Unfrozen,
    OverdraftChanged {
        /// The limit before, in minor units.
        former_limit_minor: Option<i64>,
    },
    OwnerAssigned,
    Closed,
}

event_data! {
    /// The account, and whose it is.
    struct OfAccount {
        account_id: AccountId,
        user_id: Option<UserId>,
    }
}

events! {
    /// What happens to accounts.
    enum AccountEvent about Account for Owner {
        /// An account was opened.
        Opened = "accounts.opened" {
            account_id: AccountId,
            user_id: Option<UserId>,
            account_number: String,
            name: String,
            r#type: &'static str,
            currency: String,
            external_ref: Option<String>,
        },
        /// It is called otherwise.
        Renamed = "accounts.renamed" {
            account_id: AccountId,
            user_id: Option<UserId>,
            name: String,
            former_name: String,
        },
        /// Nothing is taken from it and nothing paid to it for now.
        Frozen = "accounts.frozen"(OfAccount),
        /// It works again.
        Unfrozen = "accounts.unfrozen"(OfAccount),
        /// It may go below zero so far; null: not limited.
        OverdraftChanged = "accounts.overdraft_changed" {
            account_id: AccountId,
            user_id: Option<UserId>,
            overdraft_limit: Option<String>,
            former_overdraft_limit: Option<String>,
            currency: String,
        },
        /// It was taken over from elsewhere, and is somebody's now.
        OwnerAssigned = "accounts.owner_assigned"(OfAccount),
        /// It was closed.
        Closed = "accounts.closed"(OfAccount),
    }
}

impl Happening {
    /// The event about the account as it is after it.
    pub(crate) fn event(&self, account: &AccountView, act: Act) -> Event {
        Event::of(account.id.uuid(), &self.said(account), act.on_behalf_of(account.user_id))
    }

    fn said(&self, account: &AccountView) -> AccountEvent {
        let (account_id, user_id) = (account.id, account.user_id);
        let currency = account.ledger.currency;
        let decimal = |minor| Money::new(minor, currency).to_decimal();
        let of_account = OfAccount { account_id, user_id };
        match self {
            Self::Opened => AccountEvent::Opened {
                account_id,
                user_id,
                account_number: account.number.as_str().to_owned(),
                name: account.name.as_str().to_owned(),
                r#type: account.kind.word(),
                currency: currency.code().to_owned(),
                external_ref: account.external_ref.clone(),
            },
            Self::Renamed { former_name } => {
                let (name, former_name) = (account.name.as_str().to_owned(), former_name.as_str().to_owned());
                AccountEvent::Renamed { account_id, user_id, name, former_name }
            }
            Self::OverdraftChanged { former_limit_minor } => AccountEvent::OverdraftChanged {
                account_id,
                user_id,
                overdraft_limit: account.ledger.overdraft_limit_minor.map(decimal),
                former_overdraft_limit: former_limit_minor.map(decimal),
                currency: currency.code().to_owned(),
            },
            Self::Frozen => AccountEvent::Frozen(of_account),
            Self::Unfrozen => AccountEvent::Unfrozen(of_account),
            Self::OwnerAssigned => AccountEvent::OwnerAssigned(of_account),
            Self::Closed => AccountEvent::Closed(of_account),
        }
    }
}
