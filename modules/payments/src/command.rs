//! What can be asked of the money: commands, and the words in which they are refused. Who asks wears a hat of the accounts'.

use crate::booking::Head;
use crate::{Booking, HoldLength, Reason, Transaction, TransactionStatus, TransactionType};
use accounts::PowerRefusal;
use ids::{AccountId, TransactionId, UserId};
use money::Money;

/// Money to be moved from one account to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// What kind of movement it is.
    pub kind: TransactionType,
    /// Where the money comes from.
    pub source: AccountId,
    /// Where it goes.
    pub destination: AccountId,
    /// How much; more than zero.
    pub money: Money,
    /// Free text for people; empty when there is none.
    pub description: String,
    /// The client's own JSON object, as text.
    pub metadata: Option<String>,
}

impl Order {
    /// Whether the transaction is this order, done before.
    pub(crate) fn is_done_as(&self, done: &Transaction) -> bool {
        let Self { kind, source, destination, money, description, metadata } = self;
        (done.kind, done.source.account, done.destination.account, done.money) == (*kind, *source, *destination, *money)
            && done.description == *description
            && done.metadata == *metadata
    }
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Move money now.
    Transfer(Order),
    /// Move money that its owner told the bank before to move now, under a transaction's identifier that is stored before or
    /// derived from what falls due: done again it is the same transaction.
    FallDue {
        /// The transaction that it will be.
        id: TransactionId,
        /// What moves.
        order: Order,
    },
    /// Put right by hand, between a customer's account and the bank's own for it, under a transaction's identifier that
    /// was chosen before: done again it is the same transaction.
    Adjust {
        /// The transaction that it will be.
        id: TransactionId,
        /// What moves.
        order: Order,
        /// Whose the customer's account was when it was agreed on: if it is another's by now, nothing moves.
        holder: Option<UserId>,
    },
    /// What the bank itself puts into the books.
    Book(Booking),
    /// Set money aside until it is captured, released, or the time is over.
    Hold {
        /// What is to move when it is captured.
        order: Order,
        /// For how long, in bank time, from when it is placed.
        length: HoldLength,
    },
    /// Take held money, all of it or a part; the rest goes back.
    Capture {
        /// The pending transaction.
        transaction: TransactionId,
        /// The part; `None`: all.
        money: Option<Money>,
    },
    /// Give held money back.
    Release {
        /// The pending transaction.
        transaction: TransactionId,
    },
    /// Give held money back because its time is over.
    Expire {
        /// The pending transaction.
        transaction: TransactionId,
    },
    /// The receiver gives money back, at most what they got and have not given back yet.
    Refund {
        /// The settled transaction.
        transaction: TransactionId,
        /// How much; `None`: what is left.
        money: Option<Money>,
    },
    /// The bank undoes a transaction as a whole, once, if nothing of it was refunded.
    Reverse {
        /// The settled transaction.
        transaction: TransactionId,
    },
    /// The bank has looked at a payment and makes it.
    Approve {
        /// The payment that waits.
        transaction: TransactionId,
        /// Why, for the bank's own people.
        reason: String,
        /// Whether it goes on as a hold.
        is_hold: bool,
    },
    /// The bank has looked at a payment and does not make it.
    Decline {
        /// The payment that waits.
        transaction: TransactionId,
        /// Why, for the bank's own people.
        reason: String,
    },
}

impl Command {
    /// The earlier transaction that it is about, or that it may have been done as.
    pub const fn subject(&self) -> Option<TransactionId> {
        match self {
            Self::Transfer(_) | Self::Hold { .. } => None,
            Self::FallDue { id, .. } | Self::Adjust { id, .. } => Some(*id),
            Self::Book(booking) => Some(booking.id),
            Self::Capture { transaction, .. }
            | Self::Release { transaction }
            | Self::Expire { transaction }
            | Self::Refund { transaction, .. }
            | Self::Reverse { transaction }
            | Self::Approve { transaction, .. }
            | Self::Decline { transaction, .. } => Some(*transaction),
        }
    }

    /// The accounts that it names.
    pub fn accounts(&self) -> impl Iterator<Item = AccountId> {
        let ordered = self.order().into_iter().flat_map(|order| [order.source, order.destination]);
        let legs = if let Self::Book(booking) = self { booking.legs.as_slice() } else { &[] };
        ordered.chain(legs.iter().map(crate::BookingLeg::account))
    }

    /// How much work it is, in movements between two accounts.
    pub(crate) fn weight(&self) -> usize {
        if let Self::Book(booking) = self { booking.legs.as_slice().len().div_ceil(2) } else { 1 }
    }

    /// From where to where it moves how much, if it says so itself.
    pub(crate) fn head(&self) -> Option<Head> {
        match self {
            Self::Book(booking) => Some(booking.legs.head()),
            _ => self.order().map(|order| Head {
                source: order.source,
                destination: order.destination,
                money: order.money,
            }),
        }
    }

    /// The word for it, for those who look into it later.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Transfer(order) | Self::FallDue { order, .. } => order.kind.word(),
            Self::Adjust { .. } => "ADJUSTMENT",
            Self::Book(booking) => booking.kind.word(),
            Self::Hold { .. } => "HOLD",
            Self::Capture { .. } => "CAPTURE",
            Self::Release { .. } => "RELEASE",
            Self::Expire { .. } => "EXPIRE",
            Self::Refund { .. } => "REFUND",
            Self::Reverse { .. } => "REVERSE",
            Self::Approve { .. } => "APPROVE",
            Self::Decline { .. } => "DECLINE",
        }
    }

    /// The amount that it names.
    pub(crate) fn money(&self) -> Option<Money> {
        match self {
            Self::Capture { money, .. } | Self::Refund { money, .. } => *money,
            _ => self.head().map(|head| head.money),
        }
    }

    /// The order that it carries.
    pub const fn order(&self) -> Option<&Order> {
        match self {
            Self::Transfer(order)
            | Self::FallDue { order, .. }
            | Self::Hold { order, .. }
            | Self::Adjust { order, .. } => Some(order),
            _ => None,
        }
    }
}

/// What became of a command: the transaction as it is after it, or why it was not done.
pub type Outcome = Result<Transaction, Refusal>;

/// A command that cannot be done. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The books do not allow it.
    #[error(transparent)]
    Ledger(#[from] ledger::Refusal),
    /// An account of somebody else is not active; why is between them and the bank.
    #[error("the account cannot take part")]
    Unavailable {
        /// The account.
        account: AccountId,
    },
    /// There is no such transaction, or it is none of the caller's.
    #[error("transaction not found")]
    NoSuchTransaction {
        /// The missing transaction.
        transaction: TransactionId,
    },
    /// The caller may see it but not do this.
    #[error("{reason}")]
    NotAllowed {
        /// Who may.
        reason: &'static str,
    },
    /// Their role would allow it, and yet not to them, or not now.
    #[error(transparent)]
    NoPower(#[from] PowerRefusal),
    /// Source and destination are one account.
    #[error("source and destination are the same account")]
    SameAccount {
        /// The account.
        account: AccountId,
    },
    /// The transaction is not in the state that this needs.
    #[error("the transaction is {}", status.word())]
    WrongStatus {
        /// The transaction.
        transaction: TransactionId,
        /// Where it stands.
        status: TransactionStatus,
    },
    /// A refund or reversal cannot itself be countered, nor a type that has no receiver.
    #[error("a transaction of this type cannot be refunded or reversed")]
    NotCounterable {
        /// The transaction.
        transaction: TransactionId,
    },
    /// Its money would come from one of the bank's own accounts, or go there: that takes an adjustment, which two people agree
    /// on.
    #[error("what the bank itself was a party to is undone by two people: ask for an adjustment")]
    NeedsTwoPeople {
        /// The transaction.
        transaction: TransactionId,
    },
    /// It was reversed before, or so much of it refunded that this cannot be done.
    #[error("the transaction was refunded or reversed before")]
    AlreadyCountered {
        /// The transaction.
        transaction: TransactionId,
        /// What reversed it, else the latest of its refunds.
        counter: TransactionId,
        /// What had been paid.
        settled: Money,
        /// What was refunded of it, in minor units.
        refunded_minor: i64,
    },
    /// More was to be refunded than is left of what had been paid.
    #[error("more than what is left of the payment cannot be refunded")]
    MoreThanOriginal {
        /// The transaction.
        transaction: TransactionId,
        /// What had been paid.
        settled: Money,
        /// What was refunded of it before, in minor units.
        refunded_minor: i64,
        /// What was to be refunded, in minor units.
        requested_minor: i64,
    },
    /// Under the identifier something else was booked.
    #[error("something else was booked under this identifier")]
    BookedOtherwise {
        /// The transaction that it is.
        transaction: TransactionId,
    },
    /// The identifier or the value date of a booking is too far from now.
    #[error("the booking's identifier or value date is too far from now")]
    OutOfTime {
        /// The transaction that it was to be.
        transaction: TransactionId,
    },
    /// A limit of the bank: of one payment, of a day, or of an hour.
    #[error("a limit of the bank is reached")]
    Limit {
        /// The account that was to pay.
        account: AccountId,
        /// Which limit.
        reason: Reason,
        /// How much it is; a count where nothing is said of money.
        limit: i64,
        /// In which money.
        money: Option<Money>,
    },
    /// The bank does not make this payment. Why is for its own people.
    #[error("the bank does not make this payment")]
    Declined {
        /// The account that was to pay.
        account: AccountId,
        /// How much.
        money: Money,
        /// What the rules found.
        decision: Box<fraud::Decision>,
    },
    /// Somebody of the bank is looking at it.
    #[error("the bank is checking this payment")]
    BeingChecked {
        /// The transaction.
        transaction: TransactionId,
    },
    /// Another command of the same atomic batch was refused.
    #[error("another transfer of the batch was refused")]
    BatchRefused,
}

impl Refusal {
    /// The limit that a payment breaks.
    pub(crate) fn limit(rule: fraud::RuleId, order: &Order, decision: &fraud::Decision) -> Self {
        let found = decision.findings().iter().find(|finding| finding.rule == rule);
        let limit = match found.map(|finding| finding.verdict) {
            Some(fraud::Verdict::Fired { threshold, .. }) => threshold,
            _ => 0,
        };
        let (reason, money) = match rule {
            fraud::RuleId::L01 => (Reason::LimitPayment, Some(Money::new(limit, order.money.currency()))),
            fraud::RuleId::L02 => (Reason::LimitDay, Some(Money::new(limit, order.money.currency()))),
            _ => (Reason::LimitCount, None),
        };
        Self::Limit { account: order.source, reason, limit, money }
    }

    /// Whether the same key gets the same answer again. What is not there, or not allowed, may be tried anew.
    pub const fn is_kept(&self) -> bool {
        !matches!(
            self,
            Self::Ledger(ledger::Refusal::NoSuchAccount { .. } | ledger::Refusal::NoSuchHold { .. })
                | Self::NoSuchTransaction { .. }
                | Self::NotAllowed { .. }
                | Self::NoPower(_)
                | Self::NeedsTwoPeople { .. }
                | Self::SameAccount { .. }
        )
    }
}
