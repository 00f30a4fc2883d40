//! What happens to payments, as the rest of the bank is told.

use super::{BookedLeg, Transaction, TransactionStatus};
use crate::by::By;
use db::WallTime;
use ids::{AccountId, EntryId, TransactionId};
use ledger::Posting;
use money::Money;
use outbox::{Act, Event, Means, Place, event_data, events};
use std::collections::HashMap;

event_data! {
    /// A payment as it stands. Amounts are decimal texts.
    pub(crate) struct PaymentStands<'a> {
        transaction_id: TransactionId,
        r#type: &'a str,
        status: &'a str,
        amount: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        refunded_amount: Option<String>,
        currency: String,
        source_account_id: AccountId,
        destination_account_id: AccountId,
        value_date: String,
        /// When it was booked, in bank time; and for each of two sides the place of the posting in its account's history, and the
        /// account's balance after it. Only where this event tells of what was booked, and each person is told of theirs only.
        #[serde(skip_serializing_if = "Option::is_none")]
        booked_at: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        source_sequence: Option<i64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        source_balance: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        destination_sequence: Option<i64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        destination_balance: Option<String>,
        /// Of a booking: the word of whoever booked it, and its legs, where they are more than source and destination.
        #[serde(skip_serializing_if = "Option::is_none")]
        booked_as: Option<&'a str>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        legs: Vec<LegOfEvent>,
    }
}

event_data! {
    /// A leg of a booking: credit positive, debit negative; with its place in the account's history and the balance after it.
    pub(crate) struct LegOfEvent {
        account_id: AccountId,
        amount: String,
        currency: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        sequence: Option<i64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        balance: Option<String>,
    }
}

impl outbox::Told for LegOfEvent {
    const TYPE: &'static str = "object";
}

events! {
    /// What happens to payments.
    pub(crate) enum TransactionEvent<'a> about Transaction for Owner {
        /// The money is held; the outcome is open.
        Pending = "payments.transaction_pending"(PaymentStands<'a>),
        /// The money has moved.
        Settled = "payments.transaction_settled"(PaymentStands<'a>),
        /// Part of it, or all, was given back.
        Refunded = "payments.transaction_refunded"(PaymentStands<'a>),
        /// The bank undid it.
        Reversed = "payments.transaction_reversed"(PaymentStands<'a>),
        /// The held money went back.
        Cancelled = "payments.transaction_cancelled"(PaymentStands<'a>),
    }
}

/// What the command line took over from elsewhere began without an event: its events are counted.
pub(crate) fn place(transaction: &Transaction, usual: Place) -> Place {
    let is_from_here = transaction.started_by.is_some_and(|actor| actor.means != Means::CommandLine);
    if is_from_here { usual } else { Place::Counted }
}

/// What a batch booked, by entry.
pub(crate) struct BookedNow<'a>(HashMap<EntryId, Vec<&'a Posting>>);

impl<'a> BookedNow<'a> {
    /// Of these postings.
    pub(crate) fn of(postings: &'a [Posting]) -> Self {
        let mut by_entry: HashMap<EntryId, Vec<&Posting>> = HashMap::new();
        for posting in postings {
            by_entry.entry(posting.entry).or_default().push(posting);
        }
        Self(by_entry)
    }

    /// The postings of a transaction, if it has just settled.
    fn by(&self, transaction: &Transaction) -> &[&'a Posting] {
        let is_news = transaction.status == TransactionStatus::Settled && transaction.refunded_minor == 0;
        let found = is_news.then(|| self.0.get(&EntryId::from_uuid(transaction.id.uuid()))).flatten();
        found.map_or(&[], Vec::as_slice)
    }
}

/// What has just happened to it. Those who check are shown what was done for the bank.
pub(crate) fn event(transaction: &Transaction, booked: &BookedNow<'_>, by: By, now: WallTime) -> Event {
    let stands = PaymentStands::of(transaction, booked.by(transaction));
    let happened = match transaction.status {
        TransactionStatus::Pending => TransactionEvent::Pending(stands),
        TransactionStatus::Settled if transaction.refunded_minor > 0 => TransactionEvent::Refunded(stands),
        TransactionStatus::Settled => TransactionEvent::Settled(stands),
        TransactionStatus::Reversed => TransactionEvent::Reversed(stands),
        TransactionStatus::Cancelled => TransactionEvent::Cancelled(stands),
    };
    let event = Event::of(transaction.id.uuid(), &happened, Act { by: by.actor, at: now });
    if by.is_for_the_bank { event } else { event.everyday() }
}

impl<'a> PaymentStands<'a> {
    fn of(transaction: &'a Transaction, postings: &[&Posting]) -> Self {
        let on = |account| postings.iter().find(|posting| posting.account == account);
        let is_of_two = postings.len() == 2;
        let side = |account| on(account).filter(|_| is_of_two);
        let (source, destination) = (side(transaction.source.account), side(transaction.destination.account));
        let sequence = |posting: &&&Posting| posting.sequence;
        let legs = transaction.booked.iter().flat_map(|booked| &booked.legs);
        let currency = transaction.money.currency();
        let refunded = Some(transaction.refunded_minor).filter(|minor| *minor > 0);
        Self {
            transaction_id: transaction.id,
            r#type: transaction.kind.word(),
            status: transaction.status.word(),
            amount: transaction.settled().to_decimal(),
            refunded_amount: refunded.map(|minor| Money::new(minor, currency).to_decimal()),
            currency: currency.code().to_owned(),
            source_account_id: transaction.source.account,
            destination_account_id: transaction.destination.account,
            value_date: transaction.value_date.to_string(),
            booked_at: postings.first().map(|posting| posting.booked_at.to_string()),
            source_sequence: source.as_ref().map(sequence),
            source_balance: source.map(|posting| balance(posting)),
            destination_sequence: destination.as_ref().map(sequence),
            destination_balance: destination.map(|posting| balance(posting)),
            booked_as: transaction.booked.as_ref().map(|booked| booked.word.as_str()),
            legs: legs.map(|leg| LegOfEvent::of(leg, on(leg.side.account).copied())).collect(),
        }
    }
}

impl LegOfEvent {
    fn of(leg: &BookedLeg, posting: Option<&Posting>) -> Self {
        Self {
            account_id: leg.side.account,
            amount: leg.money.to_decimal(),
            currency: leg.money.currency().to_string(),
            sequence: posting.map(|posting| posting.sequence),
            balance: posting.map(balance),
        }
    }
}

fn balance(posting: &Posting) -> String {
    Money::new(posting.balance_minor, posting.currency).to_decimal()
}
