//! Accounts as they are opened, changed and shown.

use super::Text;
use super::text::Decimal;
use accounts::AccountView;
use ids::{AccountId, UserId};
use ledger::Account;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use store::Timestamp;

/// A new account.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OpenAccountBody<'a> {
    #[serde(borrow)]
    pub(crate) name: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) r#type: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) currency: Cow<'a, str>,
}

/// Changes to an account; what is absent stays.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ChangeAccountBody<'a> {
    pub(crate) name: Option<Cow<'a, str>>,
    pub(crate) status: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(crate) overdraft_limit: Option<&'a RawValue>,
}

/// One account.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AccountReply {
    id: Text<AccountId>,
    user_id: Option<Text<UserId>>,
    account_number: String,
    name: String,
    balance: Decimal,
    available_balance: Decimal,
    held_balance: Decimal,
    currency: Text<money::Currency>,
    status: &'static str,
    r#type: &'static str,
    overdraft_limit: Option<Decimal>,
    external_ref: Option<String>,
    created_at: Text<Timestamp>,
    updated_at: Text<Timestamp>,
}

/// The balance of one account, now or as of an earlier time.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BalanceReply {
    account_id: Text<AccountId>,
    currency: Text<money::Currency>,
    balance: Decimal,
    available_balance: Option<Decimal>,
    held_balance: Option<Decimal>,
    as_of: Option<String>,
}

impl From<AccountView> for AccountReply {
    fn from(account: AccountView) -> Self {
        let AccountView { ledger, .. } = account;
        let decimal = |minor| Decimal::of(minor, ledger.currency);
        Self {
            id: Text(account.id),
            user_id: account.user_id.map(Text),
            account_number: account.number.to_string(),
            name: account.name.to_string(),
            balance: decimal(ledger.posted_minor),
            available_balance: decimal(ledger.available_minor()),
            held_balance: decimal(ledger.held_minor),
            currency: Text(ledger.currency),
            status: ledger.status.word(),
            r#type: account.kind.word(),
            overdraft_limit: ledger.overdraft_limit_minor.map(decimal),
            external_ref: account.external_ref,
            created_at: Text(account.created_at),
            updated_at: Text(account.updated_at),
        }
    }
}

impl BalanceReply {
    /// As it is now.
    pub(crate) fn now(account: &Account) -> Self {
        let decimal = |minor| Decimal::of(minor, account.currency);
        Self {
            account_id: Text(account.id),
            currency: Text(account.currency),
            balance: decimal(account.posted_minor),
            available_balance: Some(decimal(account.available_minor())),
            held_balance: Some(decimal(account.held_minor)),
            as_of: None,
        }
    }

    /// As it was: holds of the past are not kept.
    pub(crate) fn as_of(account: &Account, as_of: String, posted_minor: i64) -> Self {
        Self {
            account_id: Text(account.id),
            currency: Text(account.currency),
            balance: Decimal::of(posted_minor, account.currency),
            available_balance: None,
            held_balance: None,
            as_of: Some(as_of),
        }
    }
}
