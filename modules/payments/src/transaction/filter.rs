//! Which transactions a list shows.

use crate::{Transaction, TransactionStatus, TransactionType};
use db::{BankTime, Date};
use ids::TransactionId;
use money::Currency;

/// Which transactions a list shows; an absent filter shows all.
#[derive(Clone, Debug, Default)]
pub struct TransactionFilter {
    /// Of this type.
    pub kind: Option<TransactionType>,
    /// In this status.
    pub status: Option<TransactionStatus>,
    /// Refunding or reversing this one.
    pub original: Option<TransactionId>,
    /// Made at or after this instant.
    pub from: Option<BankTime>,
    /// Made before this instant.
    pub to: Option<BankTime>,
    /// With this value date or a later one.
    pub value_from: Option<Date>,
    /// With this value date or an earlier one.
    pub value_to: Option<Date>,
    /// Of at least this many minor units.
    pub min_amount_minor: Option<i64>,
    /// Of at most this many minor units.
    pub max_amount_minor: Option<i64>,
    /// In this currency: without it, amounts of a list of several currencies mean little.
    pub currency: Option<Currency>,
}

impl TransactionFilter {
    /// Of a booking only what it moves on the account in question counts, and that is known once its legs are.
    pub(super) fn has_amount_of(&self, transaction: &Transaction) -> bool {
        let minor = transaction.money.minor();
        let is_of_currency = self.currency.is_none_or(|currency| transaction.money.currency() == currency);
        is_of_currency
            && self.min_amount_minor.is_none_or(|min| minor >= min)
            && self.max_amount_minor.is_none_or(|max| minor <= max)
    }
}
