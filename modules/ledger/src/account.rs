//! An account of the books: its balances, its limit, and whether it may move.

use crate::{ChartCode, Refusal, Shortfall};
use db::BankTime;
use ids::AccountId;
use money::Currency;
use uuid::Uuid;

/// Whether an account takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccountStatus {
    /// Money moves.
    Active,
    /// Nothing moves until it is active again.
    Frozen,
    /// Nothing will ever move again.
    Closed,
}

impl AccountStatus {
    /// The word that is stored and shown.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Frozen => "FROZEN",
            Self::Closed => "CLOSED",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Active, Self::Frozen, Self::Closed].into_iter().find(|status| status.word() == word)
    }
}

/// An account with its balances at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its identifier.
    pub id: AccountId,
    /// The party whose money it is; the ledger does not know more of it. `None`: the bank's own.
    pub holder_id: Option<Uuid>,
    /// Its line in the chart of accounts.
    pub chart: ChartCode,
    /// The one currency it holds.
    pub currency: Currency,
    /// Whether money moves.
    pub status: AccountStatus,
    /// How far below zero the available balance may go, in minor units; `None`: no limit.
    pub overdraft_limit_minor: Option<i64>,
    /// The sum of its postings, credit positive, in minor units.
    pub posted_minor: i64,
    /// The sum of its open holds, in minor units.
    pub held_minor: i64,
    /// The number of its postings.
    pub sequence: i64,
    /// When it was opened.
    pub opened_at: BankTime,
}

impl Account {
    /// A customer's account without money.
    pub const fn for_customer(id: AccountId, holder_id: Option<Uuid>, currency: Currency, now: BankTime) -> Self {
        Self {
            id,
            holder_id,
            chart: ChartCode::CustomerDeposits,
            currency,
            status: AccountStatus::Active,
            overdraft_limit_minor: Some(0),
            posted_minor: 0,
            held_minor: 0,
            sequence: 0,
            opened_at: now,
        }
    }

    /// The bank's own account of a line of the chart, without a limit.
    pub fn own(chart: ChartCode, currency: Currency, now: BankTime) -> Self {
        Self::own_under(chart.own_account(currency), chart, currency, now)
    }

    /// A further account of the bank's own, without a limit.
    pub(crate) const fn own_under(id: AccountId, chart: ChartCode, currency: Currency, now: BankTime) -> Self {
        Self { chart, overdraft_limit_minor: None, ..Self::for_customer(id, None, currency, now) }
    }

    /// Whether it is one of the bank's own.
    pub const fn is_own(&self) -> bool {
        self.chart.is_own()
    }

    /// What may be spent without the overdraft: posted less held.
    pub const fn available_minor(&self) -> i64 {
        self.posted_minor.saturating_sub(self.held_minor)
    }

    /// Whether the available balance keeps to the limit.
    pub fn is_within_limit(&self) -> bool {
        self.overdraft_limit_minor
            .is_none_or(|limit| i128::from(self.posted_minor) - i128::from(self.held_minor) >= -i128::from(limit))
    }

    /// Refuses, if the account is past its limit now that so much was asked of it.
    pub(crate) fn require_within_limit(&self, requested_minor: i64) -> Result<(), Refusal> {
        if self.is_within_limit() {
            return Ok(());
        }
        let shortfall = Shortfall {
            currency: self.currency,
            available_minor: self.available_minor().saturating_add(requested_minor),
            overdraft_limit_minor: self.overdraft_limit_minor.unwrap_or_default(),
            requested_minor,
        };
        Err(Refusal::InsufficientFunds { account: self.id, shortfall: Some(shortfall) })
    }

    pub(crate) fn require_active(&self) -> Result<(), Refusal> {
        match self.status {
            AccountStatus::Active => Ok(()),
            status => Err(Refusal::NotActive { account: self.id, status }),
        }
    }
}
