//! Accounts as they are opened, changed and shown.

use accounts::AccountView;
use db::WallTime;
use http_core::caller::Caller;
use http_core::table::{Head, InTable};
use http_core::wire::Text;
use http_core::wire::schema;
use http_core::wire::text::Decimal;
use ids::{AccountId, UserId};
use ledger::Account;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use utoipa::ToSchema;

/// A new account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OpenAccount)]
pub(crate) struct OpenAccountBody<'a> {
    /// 1 to 100 characters. Absent: after the type, `Checking account`, the next one `Checking account 2`.
    #[serde(borrow)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub(crate) name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    #[schema(value_type = crate::wire::schema::AccountTypeWord)]
    pub(crate) r#type: Cow<'a, str>,
    #[serde(borrow)]
    #[schema(value_type = schema::CurrencyCode)]
    pub(crate) currency: Cow<'a, str>,
}

/// Changes to an account; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ChangeAccount)]
pub(crate) struct ChangeAccountBody<'a> {
    /// 1 to 100 characters.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub(crate) name: Option<Cow<'a, str>>,
    /// ACTIVE or FROZEN; for tellers and administrators, of accounts that are not their own.
    #[schema(value_type = Option<crate::wire::schema::AccountStatusWord>)]
    pub(crate) status: Option<Cow<'a, str>>,
    /// How far below zero the available balance may go; for administrators, and a raise takes two of them.
    #[serde(borrow)]
    #[schema(value_type = Option<schema::Amount>)]
    pub(crate) overdraft_limit: Option<&'a RawValue>,
}

/// One account. Its balances are there for credentials that read: a program that only changes accounts learns none.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Account)]
pub(crate) struct AccountReply {
    #[schema(value_type = schema::AccountIdText)]
    id: Text<AccountId>,
    #[schema(value_type = Option<schema::UserIdText>)]
    user_id: Option<Text<UserId>>,
    account_number: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::DecimalText>, nullable = false)]
    balance: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::DecimalText>, nullable = false)]
    available_balance: Option<Decimal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::DecimalText>, nullable = false)]
    held_balance: Option<Decimal>,
    #[schema(value_type = schema::CurrencyCode)]
    currency: Text<money::Currency>,
    #[schema(value_type = crate::wire::schema::AccountStatusWord)]
    status: &'static str,
    #[schema(value_type = crate::wire::schema::AccountTypeWord)]
    r#type: &'static str,
    #[schema(value_type = Option<schema::DecimalText>)]
    overdraft_limit: Option<Decimal>,
    external_ref: Option<String>,
    #[schema(value_type = schema::Time)]
    created_at: Text<WallTime>,
    #[schema(value_type = schema::Time)]
    updated_at: Text<WallTime>,
}

impl InTable for AccountReply {
    const HEAD: Head = Head {
        file_name: "accounts",
        columns: &[
            "id",
            "userId",
            "accountNumber",
            "name",
            "balance",
            "availableBalance",
            "heldBalance",
            "currency",
            "status",
            "type",
            "overdraftLimit",
            "externalRef",
            "createdAt",
            "updatedAt",
        ],
    };
}

/// A page of accounts, the oldest first.
#[derive(ToSchema)]
#[schema(as = AccountPage, rename_all = "camelCase")]
#[expect(dead_code, reason = "it only describes")]
pub(crate) struct AccountPage<'a> {
    data: &'a [AccountReply],
    /// What to send as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

/// The balance of one account, now or as of an earlier time.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Balance)]
pub(crate) struct BalanceReply {
    #[schema(value_type = schema::AccountIdText)]
    account_id: Text<AccountId>,
    #[schema(value_type = schema::CurrencyCode)]
    currency: Text<money::Currency>,
    #[schema(value_type = schema::DecimalText)]
    balance: Decimal,
    #[schema(value_type = Option<schema::DecimalText>)]
    available_balance: Option<Decimal>,
    #[schema(value_type = Option<schema::DecimalText>)]
    held_balance: Option<Decimal>,
    /// The earlier time that was asked for.
    as_of: Option<String>,
}

impl AccountReply {
    /// The account as the caller may see it.
    pub(crate) fn new(account: AccountView, caller: &Caller) -> Self {
        let AccountView { ledger, .. } = account;
        let decimal = |minor| Decimal::of(minor, ledger.currency);
        let shown = |minor| caller.may_see_balance(account.user_id).then(|| decimal(minor));
        Self {
            id: Text(account.id),
            user_id: account.user_id.map(Text),
            account_number: account.number.to_string(),
            name: account.name.to_string(),
            balance: shown(ledger.posted_minor),
            available_balance: shown(ledger.available_minor()),
            held_balance: shown(ledger.held_minor),
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
