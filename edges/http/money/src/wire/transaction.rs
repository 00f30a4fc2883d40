//! Transactions as they are shown, with the balances of the caller's own side only.

use super::counterparty::{CounterpartyReply, DirectionWord, Seen};
use db::{BankTime, Date};
use http_core::caller::Caller;
use http_core::table::{Head, InTable};
use http_core::wire::Text;
use http_core::wire::actor::ActorReply;
use http_core::wire::schema;
use http_core::wire::text::Decimal;
use ids::{AccountId, TransactionId};
use payments::{Side, Transaction};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

/// One transaction.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Transaction)]
pub(crate) struct TransactionReply<'a> {
    #[schema(value_type = schema::TransactionIdText)]
    id: Text<TransactionId>,
    #[schema(value_type = Option<schema::AccountIdText>)]
    source_account_id: Option<Text<AccountId>>,
    #[schema(value_type = Option<schema::AccountIdText>)]
    destination_account_id: Option<Text<AccountId>>,
    #[schema(value_type = schema::DecimalText)]
    amount: Decimal,
    #[schema(value_type = schema::CurrencyCode)]
    currency: Text<money::Currency>,
    #[schema(value_type = crate::wire::schema::TransactionTypeWord)]
    r#type: &'static str,
    #[schema(value_type = crate::wire::schema::TransactionStatusWord)]
    status: &'static str,
    status_reason: Option<&'a str>,
    /// What the bank has to say of it, for people: that it is checking the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    message: Option<&'static str>,
    description: Option<&'a str>,
    #[schema(value_type = Option<Object>)]
    metadata: Option<&'a RawValue>,
    #[schema(value_type = schema::Time)]
    created_at: Text<BankTime>,
    #[schema(value_type = Option<schema::Time>)]
    settled_at: Option<Text<BankTime>>,
    #[schema(value_type = schema::Day)]
    value_date: Text<Date>,
    #[schema(value_type = Option<schema::Time>)]
    expires_at: Option<Text<BankTime>>,
    /// What this one refunds or reverses.
    #[schema(value_type = Option<schema::TransactionIdText>)]
    original_transaction_id: Option<Text<TransactionId>>,
    /// What reversed it, else the latest of its refunds.
    #[schema(value_type = Option<schema::TransactionIdText>)]
    counter_transaction_id: Option<Text<TransactionId>>,
    /// Of a hold: how much of it was taken, once. The rest went back to the payer.
    #[schema(value_type = Option<schema::DecimalText>)]
    captured_amount: Option<Decimal>,
    /// The sum of its refunds, which are listed by `originalTransactionId`; null: nothing was refunded.
    #[schema(value_type = Option<schema::DecimalText>)]
    refunded_amount: Option<Decimal>,
    balances: BalancesReply,
    /// Who started it, for the bank's own people.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    started_by: Option<ActorReply>,
    /// Which way the money goes for whoever asks; in the list of an account, for the account. Absent in the answer to an
    /// order, and for who stands on no side of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    direction: Option<DirectionWord>,
    /// Who stands on the other side; there whenever `direction` is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    counterparty: Option<CounterpartyReply>,
}

impl InTable for TransactionReply<'_> {
    const HEAD: Head = Head {
        file_name: "transactions",
        columns: &[
            "id",
            "type",
            "status",
            "statusReason",
            "message",
            "sourceAccountId",
            "destinationAccountId",
            "amount",
            "currency",
            "valueDate",
            "createdAt",
            "settledAt",
            "expiresAt",
            "description",
            "metadata",
            "originalTransactionId",
            "counterTransactionId",
            "capturedAmount",
            "refundedAmount",
            "balances.source.balance",
            "balances.destination.balance",
            "startedBy.userId",
            "startedBy.credential",
            "direction",
            "counterparty.kind",
            "counterparty.name",
            "counterparty.accountLast4",
        ],
    };
}

/// A page of transactions, the newest first.
#[derive(ToSchema)]
#[schema(as = TransactionPage, rename_all = "camelCase")]
#[expect(dead_code, reason = "it only describes")]
pub(crate) struct TransactionPageWord<'a> {
    data: &'a [TransactionReply<'a>],
    /// What to send as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

/// Which transactions.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "it only describes")]
pub(crate) struct TransactionParameters {
    /// Made at or after this time, or on or after this day (UTC). Of what was imported, its value date counts.
    #[param(example = "2026-01-31")]
    from: Option<String>,
    /// Made before this time, or on or before this day (UTC).
    #[param(example = "2026-01-31")]
    to: Option<String>,
    /// With this value date or a later one.
    #[param(value_type = Option<schema::Day>)]
    value_from: Option<String>,
    /// With this value date or an earlier one.
    #[param(value_type = Option<schema::Day>)]
    value_to: Option<String>,
    #[param(value_type = Option<crate::wire::schema::TransactionTypeWord>)]
    r#type: Option<String>,
    #[param(value_type = Option<crate::wire::schema::TransactionStatusWord>)]
    status: Option<String>,
    /// What refunds or reverses this transaction.
    #[param(value_type = Option<schema::TransactionIdText>)]
    original_transaction_id: Option<String>,
}

/// Which amounts.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(dead_code, reason = "it only describes")]
pub(crate) struct AmountParameters {
    /// Of at least this amount.
    #[param(value_type = Option<schema::DecimalText>)]
    min_amount: Option<String>,
    /// Of at most this amount.
    #[param(value_type = Option<schema::DecimalText>)]
    max_amount: Option<String>,
}

/// The balances after the transaction, of the accounts whose balances the caller may see: their own, with a credential
/// that reads.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Balances)]
pub(crate) struct BalancesReply {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    source: Option<BalanceAfterReply>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    destination: Option<BalanceAfterReply>,
}

/// An account's balances right after the transaction.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BalanceAfter)]
pub(crate) struct BalanceAfterReply {
    #[schema(value_type = schema::AccountIdText)]
    account_id: Text<AccountId>,
    #[schema(value_type = schema::DecimalText)]
    balance: Decimal,
    #[schema(value_type = schema::DecimalText)]
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
            message: transaction.is_in_review().then_some("We are checking this payment"),
            description: (!text.is_empty()).then_some(text.as_str()),
            metadata: transaction.metadata.as_deref().and_then(|json| serde_json::from_str(json).ok()),
            created_at: Text(transaction.created_at),
            settled_at: transaction.settled_at.map(Text),
            value_date: Text(transaction.value_date),
            expires_at: transaction.expires_at.map(Text),
            original_transaction_id: transaction.original.map(Text),
            counter_transaction_id: transaction.counter.map(Text),
            captured_amount: transaction.captured_minor.map(|minor| Decimal::of(minor, currency)),
            refunded_amount: Some(transaction.refunded_minor)
                .filter(|minor| *minor > 0)
                .map(|minor| Decimal::of(minor, currency)),
            balances: BalancesReply {
                source: balance_after(&transaction.source, currency, caller),
                destination: balance_after(&transaction.destination, currency, caller),
            },
            started_by: transaction.started_by.filter(|_| caller.sees_all()).map(ActorReply::from),
            direction: None,
            counterparty: None,
        }
    }

    /// The same with which way it goes and who stands on the other side. What answers an order says neither: it is kept, and
    /// given again to the byte, and what somebody is called may change.
    pub(crate) fn seen(self, seen: Option<Seen>) -> Self {
        let Some(Seen { direction, counterparty }) = seen else { return self };
        Self { direction: Some(direction), counterparty: Some(counterparty), ..self }
    }
}

/// The bank's own accounts are not shown.
fn shown(side: &Side) -> Option<Text<AccountId>> {
    (!side.is_own).then_some(Text(side.account))
}

pub(crate) fn balance_after(side: &Side, currency: money::Currency, caller: &Caller) -> Option<BalanceAfterReply> {
    let after = side.balance_after.filter(|_| caller.may_see_balance(side.holder))?;
    Some(BalanceAfterReply {
        account_id: shown(side)?,
        balance: Decimal::of(after.posted_minor, currency),
        available_balance: Decimal::of(after.available_minor, currency),
    })
}
