//! A run: what became of a date, for its owner to read.

pub(crate) mod store;

use db::{BankTime, Date};
use ids::{StandingOrderId, StandingRunId, TransactionId};

/// What became of a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// Its identifier.
    pub(crate) id: StandingRunId,
    /// Of which order.
    pub(crate) order_id: StandingOrderId,
    /// The date by the schedule; of dates that were left out, the last one.
    pub(crate) date: Date,
    /// What became of it.
    pub(crate) outcome: RunOutcome,
}

/// What became of a date, or of some.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RunOutcome {
    /// It was paid.
    Paid {
        /// With this transaction.
        transaction: TransactionId,
    },
    /// It was refused.
    Refused {
        /// Why, in a word.
        why: &'static str,
        /// Whether it will never be otherwise.
        is_final: bool,
    },
    /// Dates were left out.
    Skipped {
        /// How many.
        dates: u32,
        /// Why, in a word.
        why: &'static str,
    },
}

/// A run as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingRun {
    /// Its identifier.
    pub id: StandingRunId,
    /// The date by the schedule; of dates that were left out, the last one.
    pub date: Date,
    /// How many dates it stands for.
    pub dates: i64,
    /// What became of it.
    pub outcome: RunWord,
    /// Why it was not paid, in a word.
    pub why: Option<String>,
    /// What it was paid with.
    pub transaction_id: Option<TransactionId>,
    /// When that was, in bank time.
    pub happened_at: BankTime,
}

db::words! {
    /// What became of a date, in a word.
    RunWord {
        /// It was paid.
        Paid = "PAID",
        /// It was refused, for the last time.
        Refused = "REFUSED",
        /// It was left out.
        Skipped = "SKIPPED",
    }
}

impl Run {
    pub(crate) fn new(order_id: StandingOrderId, date: Date, outcome: RunOutcome) -> Self {
        Self { id: StandingRunId::generate(), order_id, date, outcome }
    }

    /// Whether money has moved.
    pub(crate) const fn is_paid(&self) -> bool {
        matches!(self.outcome, RunOutcome::Paid { .. })
    }
}
