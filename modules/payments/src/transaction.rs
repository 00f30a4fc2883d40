//! A transaction: one payment as its parties see it, and the states it goes through.

pub(crate) mod list;
pub(crate) mod store;

use db::{Date, Timestamp};
use ids::{AccountId, TransactionId, UserId};
use money::Money;
use outbox::Actor;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// Every one of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word that is stored and shown.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// Reads the word.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.word() == word)
            }
        }
    };
}

words! {
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

words! {
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

/// One payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Its identifier, and that of its entry and its hold in the ledger.
    pub id: TransactionId,
    /// What kind of movement it is.
    pub kind: TransactionType,
    /// Where it stands.
    pub status: TransactionStatus,
    /// Why it stands there, where that is not plain: `EXPIRED`, `RELEASED`, `PARTIALLY_CAPTURED`.
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
    pub created_at: Timestamp,
    /// When the money moved.
    pub settled_at: Option<Timestamp>,
    /// Until when a hold can be captured.
    pub expires_at: Option<Timestamp>,
    /// Who started it; `None`: it was made before that was kept.
    pub started_by: Option<Actor>,
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

    /// Whether the user is on one of its sides.
    pub fn concerns(&self, user: UserId) -> bool {
        self.source.holder == Some(user) || self.destination.holder == Some(user)
    }
}
