//! Transactions as they are shown, with the balances of the caller's own side only.

use super::Text;
use super::text::Decimal;
use crate::caller::Caller;
use ids::{AccountId, TransactionId};
use payments::{Side, Transaction};
use serde::Serialize;
use serde_json::value::RawValue;
use store::{Date, Timestamp};

/// One transaction.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TransactionReply<'a> {
    id: Text<TransactionId>,
    source_account_id: Option<Text<AccountId>>,
    destination_account_id: Option<Text<AccountId>>,
    amount: Decimal,
    currency: Text<money::Currency>,
    r#type: &'static str,
    status: &'static str,
    status_reason: Option<&'a str>,
    description: Option<&'a str>,
    metadata: Option<&'a RawValue>,
    created_at: Text<Timestamp>,
    settled_at: Option<Text<Timestamp>>,
    value_date: Text<Date>,
    expires_at: Option<Text<Timestamp>>,
    original_transaction_id: Option<Text<TransactionId>>,
    counter_transaction_id: Option<Text<TransactionId>>,
    captured_amount: Option<Decimal>,
    balances: BalancesReply,
}

/// The balances after the transaction, of the accounts whose balances the caller may see.
#[derive(Debug, Serialize)]
pub(crate) struct BalancesReply {
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<BalanceAfterReply>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination: Option<BalanceAfterReply>,
}

/// An account's balances right after the transaction.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BalanceAfterReply {
    account_id: Text<AccountId>,
    balance: Decimal,
    available_balance: Decimal,
}

impl<'a> TransactionReply<'a> {
    /// The transaction as the caller may see it.
    pub(crate) fn new(transaction: &'a Transaction, caller: &Caller) -> Self {
        let currency = transaction.money.currency();
        let text = &transaction.description;
        Self {
            id: Text(transaction.id),
            source_account_id: shown(&transaction.source),
            destination_account_id: shown(&transaction.destination),
            amount: Decimal(transaction.money),
            currency: Text(currency),
            r#type: transaction.kind.word(),
            status: transaction.status.word(),
            status_reason: transaction.status_reason.as_deref(),
            description: (!text.is_empty()).then_some(text.as_str()),
            metadata: transaction.metadata.as_deref().and_then(|json| serde_json::from_str(json).ok()),
            created_at: Text(transaction.created_at),
            settled_at: transaction.settled_at.map(Text),
            value_date: Text(transaction.value_date),
            expires_at: transaction.expires_at.map(Text),
            original_transaction_id: transaction.original.map(Text),
            counter_transaction_id: transaction.counter.map(Text),
            captured_amount: transaction.captured_minor.map(|minor| Decimal::of(minor, currency)),
            balances: BalancesReply {
                source: balance_after(&transaction.source, currency, caller),
                destination: balance_after(&transaction.destination, currency, caller),
            },
        }
    }
}

/// The bank's own accounts are not shown.
fn shown(side: &Side) -> Option<Text<AccountId>> {
    (!ledger::is_own_account(side.account)).then_some(Text(side.account))
}

fn balance_after(side: &Side, currency: money::Currency, caller: &Caller) -> Option<BalanceAfterReply> {
    let after = side.balance_after.filter(|_| caller.may_see(side.holder))?;
    Some(BalanceAfterReply {
        account_id: shown(side)?,
        balance: Decimal::of(after.posted_minor, currency),
        available_balance: Decimal::of(after.available_minor, currency),
    })
}
