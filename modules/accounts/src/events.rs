//! What accounts tell the rest of the bank. Every payload is JSON with `accountId` and `userId` (null: nobody's yet),
//! and what the kind adds. Amounts are decimal texts with their currency beside them.

use crate::{AccountName, AccountView};
use money::Money;
use outbox::{Act, Event};
use serde_json::{Value, json};

/// Something that happened to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Happening {
    /// `accounts.opened`: adds `accountNumber`, `name`, `type`, `currency`, `externalRef`.
    Opened,
    /// `accounts.renamed`: adds `name` and `formerName`.
    Renamed {
        /// What it was called before.
        former_name: AccountName,
    },
    /// `accounts.frozen`
    Frozen,
    /// `accounts.unfrozen`
    Unfrozen,
    /// `accounts.overdraft_changed`: adds `overdraftLimit`, `formerOverdraftLimit` (null: none) and `currency`.
    OverdraftChanged {
        /// The limit before, in minor units.
        former_limit_minor: Option<i64>,
    },
    /// `accounts.owner_assigned`
    OwnerAssigned,
    /// `accounts.closed`
    Closed,
}

impl Happening {
    /// The event about the account as it is after it.
    pub(crate) fn event(&self, account: &AccountView, act: Act) -> Event {
        let mut payload = json!({
            "accountId": account.id.to_string(),
            "userId": account.user_id.map(|user_id| user_id.to_string()),
        });
        if let (Value::Object(payload), Value::Object(details)) = (&mut payload, self.details(account)) {
            payload.extend(details);
        }
        Event::new(account.id.uuid(), self.kind(), payload.to_string(), act.on_behalf_of(account.user_id))
    }

    const fn kind(&self) -> &'static str {
        match self {
            Self::Opened => "accounts.opened",
            Self::Renamed { .. } => "accounts.renamed",
            Self::Frozen => "accounts.frozen",
            Self::Unfrozen => "accounts.unfrozen",
            Self::OverdraftChanged { .. } => "accounts.overdraft_changed",
            Self::OwnerAssigned => "accounts.owner_assigned",
            Self::Closed => "accounts.closed",
        }
    }

    fn details(&self, account: &AccountView) -> Value {
        let decimal = |minor| Money::new(minor, account.ledger.currency).to_decimal();
        match self {
            Self::Opened => json!({
                "accountNumber": account.number.as_str(),
                "name": account.name.as_str(),
                "type": account.kind.word(),
                "currency": account.ledger.currency.code(),
                "externalRef": account.external_ref,
            }),
            Self::Renamed { former_name } => {
                json!({ "name": account.name.as_str(), "formerName": former_name.as_str() })
            }
            Self::OverdraftChanged { former_limit_minor } => json!({
                "overdraftLimit": account.ledger.overdraft_limit_minor.map(decimal),
                "formerOverdraftLimit": former_limit_minor.map(decimal),
                "currency": account.ledger.currency.code(),
            }),
            Self::Frozen | Self::Unfrozen | Self::OwnerAssigned | Self::Closed => Value::Null,
        }
    }
}
