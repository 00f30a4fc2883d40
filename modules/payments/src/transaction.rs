//! A transaction: one payment as its parties see it, and the states it goes through.

pub(crate) mod event;
pub(crate) mod filter;
pub(crate) mod legs;
pub(crate) mod list;
pub(crate) mod store;

use db::{BankTime, Date};
use ids::{AccountId, TransactionId, UserId};
use money::Money;
use outbox::{Actor, Means};

db::words! {
    /// What kind of movement a transaction is.
    TransactionType {
        /// Between two accounts.
        Transfer = "TRANSFER",
        /// Cash paid in.
        Deposit = "DEPOSIT",
        /// Cash paid out.
        Withdrawal = "WITHDRAWAL",
        /// To somebody who is paid for something.
        Payment = "PAYMENT",
        /// A fee of the bank.
        Fee = "FEE",
        /// Interest paid or charged.
        Interest = "INTEREST",
        /// A loan paid out.
        LoanDisbursement = "LOAN_DISBURSEMENT",
        /// A loan paid back.
        LoanRepayment = "LOAN_REPAYMENT",
        /// Money given back by the one who got it.
        Refund = "REFUND",
        /// A transaction undone by the bank.
        Reversal = "REVERSAL",
        /// Put right by hand, by two people of the bank.
        Adjustment = "ADJUSTMENT",
    }
}

db::words! {
    /// Where a transaction stands.
    TransactionStatus {
        /// The money is held; the outcome is open.
        Pending = "PENDING",
        /// The money has moved.
        Settled = "SETTLED",
        /// Undone by a reversal.
        Reversed = "REVERSED",
        /// The held money went back.
        Cancelled = "CANCELLED",
    }
}

/// An account's balances right after a transaction, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BalanceAfter {
    /// The posted balance.
    pub posted_minor: i64,
    /// The available balance.
    pub available_minor: i64,
}

/// One of the two sides of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    /// The account.
    pub account: AccountId,
    /// Whose it is; `None` for the bank's own accounts and for imported accounts without a user.
    pub holder: Option<UserId>,
    /// Whether the account is one of the bank's own.
    pub is_own: bool,
    /// Its balances after the transaction settled, or after the hold was placed or went back.
    pub balance_after: Option<BalanceAfter>,
}

impl Side {
    /// The account as it stands now.
    pub(crate) fn of(account: &ledger::Account) -> Self {
        let balance_after =
            BalanceAfter { posted_minor: account.posted_minor, available_minor: account.available_minor() };
        let holder = account.holder_id.map(UserId::from_uuid);
        Self { account: account.id, holder, is_own: account.is_own(), balance_after: Some(balance_after) }
    }
}

/// What a booking of the bank has beside what every transaction has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booked {
    /// The word of whoever booked it.
    pub word: String,
    /// Its legs in their order, where they are more than source and destination.
    pub legs: Vec<BookedLeg>,
}

/// A leg of a booking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookedLeg {
    /// Its account, as it was after it.
    pub side: Side,
    /// How much, credit positive.
    pub money: Money,
}

/// Why a transaction waits: somebody looks at it. Its owner is told no more than that.
pub(crate) const IN_REVIEW: &str = "IN_REVIEW";
/// Why a transaction was cancelled after that.
pub(crate) const DECLINED: &str = "DECLINED";

/// One payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Its identifier, and that of its entry and its hold in the ledger.
    pub id: TransactionId,
    /// What kind of movement it is.
    pub kind: TransactionType,
    /// Where it stands.
    pub status: TransactionStatus,
    /// Why it stands there, where that is not plain: `EXPIRED`, `RELEASED`, `PARTIALLY_CAPTURED`, `IN_REVIEW`, `DECLINED`.
    pub status_reason: Option<String>,
    /// Where the money comes from.
    pub source: Side,
    /// Where the money goes.
    pub destination: Side,
    /// How much was asked for.
    pub money: Money,
    /// How much of a hold was taken, in minor units.
    pub captured_minor: Option<i64>,
    /// How much of it was refunded so far, in minor units.
    pub refunded_minor: i64,
    /// Free text for people; empty when there is none.
    pub description: String,
    /// The client's own JSON object, as it was sent.
    pub metadata: Option<String>,
    /// What this one refunds or reverses.
    pub original: Option<TransactionId>,
    /// What reversed this one, else the latest of its refunds.
    pub counter: Option<TransactionId>,
    /// The day from which it counts for interest.
    pub value_date: Date,
    /// When it was made.
    pub created_at: BankTime,
    /// When the money moved.
    pub settled_at: Option<BankTime>,
    /// Until when a hold can be captured.
    pub expires_at: Option<BankTime>,
    /// Who started it; `None`: it was made before that was kept.
    pub started_by: Option<Actor>,
    /// Of what the bank itself booked. Source, destination and amount are then those of the whole, in the currency of its
    /// first leg.
    pub booked: Option<Box<Booked>>,
}

impl Transaction {
    /// How much moved, or will move: the captured part of a hold, else the whole.
    pub fn settled_minor(&self) -> i64 {
        self.captured_minor.unwrap_or(self.money.minor())
    }

    /// Whose its two sides are.
    pub const fn parties(&self) -> [Option<UserId>; 2] {
        [self.source.holder, self.destination.holder]
    }

    /// The same as money.
    pub fn settled(&self) -> Money {
        Money::new(self.settled_minor(), self.money.currency())
    }

    /// How much of it can still be refunded.
    pub fn refundable_minor(&self) -> i64 {
        self.settled_minor() - self.refunded_minor
    }

    /// Whose its sides are, each leg of a booking included.
    pub fn holders(&self) -> impl Iterator<Item = Option<UserId>> {
        let legs = self.booked.iter().flat_map(|booked| &booked.legs);
        self.parties().into_iter().chain(legs.map(|leg| leg.side.holder))
    }

    /// Whether it was taken over from elsewhere: nothing here settled it, and nothing told that it did.
    pub fn is_imported(&self) -> bool {
        self.booked.is_none() && self.started_by.is_some_and(|actor| actor.means == Means::CommandLine)
    }

    /// Whom the history that it was imported from names on the other side. Of what was not imported, clients write the
    /// metadata, and this says nothing.
    pub fn imported_counterparty(&self) -> Option<String> {
        #[derive(serde::Deserialize)]
        struct Named {
            counterparty: String,
        }
        let metadata = self.metadata.as_deref().filter(|_| self.is_imported())?;
        let named: Named = serde_json::from_str(metadata).ok()?;
        Some(named.counterparty).filter(|name| !name.is_empty())
    }

    /// Whether the user is on one of its sides.
    pub fn concerns(&self, user: UserId) -> bool {
        self.holders().any(|holder| holder == Some(user))
    }

    /// Whether somebody of the bank looks at it before it is made.
    pub fn is_in_review(&self) -> bool {
        self.status == TransactionStatus::Pending && self.status_reason.as_deref() == Some(IN_REVIEW)
    }

    /// Every side with what moved on it, credit positive.
    pub(crate) fn legs(&self) -> Vec<(AccountId, Money)> {
        match &self.booked {
            Some(booked) if !booked.legs.is_empty() => {
                booked.legs.iter().map(|leg| (leg.side.account, leg.money)).collect()
            }
            _ => {
                let moved = |minor| Money::new(minor, self.money.currency());
                let minor = self.settled_minor();
                vec![(self.source.account, moved(-minor)), (self.destination.account, moved(minor))]
            }
        }
    }

    /// The transaction as it looks from the given sides. Of a booking with many legs that is the first one of theirs: what
    /// it moved, from or to the bank. The legs of others are none of their business.
    pub fn seen_from(self, is_theirs: impl Fn(&Side) -> bool) -> Self {
        let mut legs = self.booked.iter().flat_map(|booked| &booked.legs);
        let Some(leg) = legs.find(|leg| is_theirs(&leg.side)).cloned() else { return self };
        let is_credit = leg.money.minor() > 0;
        let other = if is_credit { self.source.account } else { self.destination.account };
        let bank = Side { account: other, holder: None, is_own: true, balance_after: None };
        let (source, destination) = if is_credit { (bank, leg.side) } else { (leg.side, bank) };
        let money = Money::new(leg.money.minor().abs(), leg.money.currency());
        let booked = self.booked.map(|booked| Box::new(Booked { legs: Vec::new(), ..*booked }));
        Self { source, destination, money, booked, ..self }
    }
}
