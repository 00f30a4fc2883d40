//! The bank's rules on what people may order, through whichever door it comes: cash, how long a hold lasts, and what leaves
//! them by it. Plain functions over plain values. What needs a fresh proof is counted by the factors, and asked for in `proof.rs`.

use crate::{Command, Transaction, TransactionType};
use db::BankTime;
use ids::AccountId;
use money::Money;

/// The most that is paid in or out in cash at once, in minor units: a billion of a currency with cents. All cash of a
/// currency stands on one account of the bank's, which takes 92 million of these. How much of it goes in a day: `cash.rs`.
pub(crate) const CASH_MINOR_MAX: i64 = 100_000_000_000;

/// What the bank is run for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Trying out: deposits and withdrawals are open to everybody.
    Sandbox,
    /// Real money: cash moves elsewhere.
    Production,
}

/// How the bank is set up for what people order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// What the bank is run for.
    pub mode: Mode,
    /// Whoever has a second factor pays so many whole units of each currency in 24 hours without a fresh proof.
    pub unproved_units: i64,
}

/// A rule that an order breaks, whoever gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BrokenRule {
    /// Cash is for trying out only.
    #[error("cash is only paid in and out in sandbox mode")]
    CashNeedsSandbox,
    /// More cash than is paid in or out at once.
    #[error("more cash than is paid in or out at once")]
    TooMuchCash {
        /// The most.
        limit: Money,
    },
    /// More cash than one person pays in and out in a day.
    #[error("more cash than one person pays in and out in a day")]
    TooMuchCashToday {
        /// The most.
        limit: Money,
        /// How much of it is left.
        left: Money,
    },
}

impl Rules {
    /// Whether all of it may be ordered by anybody.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn require_allowed(&self, commands: &[Command]) -> Result<(), BrokenRule> {
        let cash = commands.iter().filter_map(Command::order).filter(|order| order.kind.is_cash());
        for order in cash {
            if self.mode != Mode::Sandbox {
                return Err(BrokenRule::CashNeedsSandbox);
            }
            if order.money.minor() > CASH_MINOR_MAX {
                return Err(BrokenRule::TooMuchCash { limit: Money::new(CASH_MINOR_MAX, order.money.currency()) });
            }
        }
        Ok(())
    }
}

impl TransactionType {
    pub(crate) const fn is_cash(self) -> bool {
        matches!(self, Self::Deposit | Self::Withdrawal)
    }
}

/// For how long money is set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldLength {
    seconds: i64,
}

/// No hold lasts that long, or that short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number from 1 to {}", HoldLength::SECONDS_MAX)]
pub struct InvalidHoldLength;

impl HoldLength {
    /// A month, so that nobody's money is set aside and forgotten.
    pub const SECONDS_MAX: i64 = 31 * 86_400;
    /// Where nobody says how long.
    pub const DEFAULT: Self = Self { seconds: 7 * 86_400 };

    /// From 1 to [`HoldLength::SECONDS_MAX`] seconds.
    ///
    /// # Errors
    /// It is more, or less.
    pub const fn try_new(seconds: i64) -> Result<Self, InvalidHoldLength> {
        if seconds >= 1 && seconds <= Self::SECONDS_MAX { Ok(Self { seconds }) } else { Err(InvalidHoldLength) }
    }

    /// In seconds.
    pub const fn seconds(self) -> i64 {
        self.seconds
    }

    /// When a hold ends that is placed at this time.
    pub fn end(self, placed_at: BankTime) -> BankTime {
        placed_at.plus_seconds(self.seconds)
    }
}

/// What a command takes away from whoever gives it, and to whom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Leaving {
    pub(crate) money: Option<Money>,
    pub(crate) payee: Option<AccountId>,
}

impl Leaving {
    /// What moves on or back to the caller was proved when it was ordered; what a receiver gives back was not. The refunded
    /// transaction says how much that is where the command does not.
    pub(crate) fn of(command: &Command, refunded: Option<&Transaction>) -> Self {
        match command {
            Command::Transfer(order) | Command::Hold { order, .. } if order.kind != TransactionType::Deposit => {
                let payee = Some(order.destination).filter(|_| order.kind != TransactionType::Withdrawal);
                Self { money: Some(order.money), payee }
            }
            Command::Refund { money, .. } => {
                let left = |of: &Transaction| Money::new(of.refundable_minor(), of.money.currency());
                Self { money: money.or_else(|| refunded.map(left)), payee: None }
            }
            _ => Self::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Order;
    use money::Currency;

    fn order(kind: TransactionType, minor: i64) -> Order {
        let [source, destination] = [(); 2].map(|()| AccountId::generate());
        let money = Money::new(minor, Currency::parse("USD").expect("a currency"));
        Order { kind, source, destination, money, description: String::new(), metadata: None }
    }

    fn transfer(kind: TransactionType, minor: i64) -> Command {
        Command::Transfer(order(kind, minor))
    }

    const SANDBOX: Rules = Rules { mode: Mode::Sandbox, unproved_units: 1_000 };
    const PRODUCTION: Rules = Rules { mode: Mode::Production, unproved_units: 1_000 };

    #[test]
    fn cash_is_for_trying_out_and_never_more_than_a_till_takes() {
        for kind in [TransactionType::Deposit, TransactionType::Withdrawal] {
            let beside = [transfer(TransactionType::Transfer, 1), transfer(kind, 1)];
            assert_eq!(SANDBOX.require_allowed(&beside), Ok(()));
            assert_eq!(PRODUCTION.require_allowed(&beside), Err(BrokenRule::CashNeedsSandbox));
            assert_eq!(SANDBOX.require_allowed(&[transfer(kind, CASH_MINOR_MAX)]), Ok(()));
            let refused = SANDBOX.require_allowed(&[transfer(kind, CASH_MINOR_MAX + 1)]);
            assert!(matches!(refused, Err(BrokenRule::TooMuchCash { limit }) if limit.minor() == CASH_MINOR_MAX));
        }
        for kind in [TransactionType::Transfer, TransactionType::Payment] {
            assert_eq!(PRODUCTION.require_allowed(&[transfer(kind, CASH_MINOR_MAX + 1)]), Ok(()));
        }
    }

    #[test]
    fn a_hold_lasts_from_a_second_to_a_month() {
        for (seconds, is_allowed) in [(0, false), (1, true), (2_678_400, true), (2_678_401, false), (i64::MIN, false)] {
            assert_eq!(HoldLength::try_new(seconds).is_ok(), is_allowed, "{seconds}");
        }
        assert_eq!(InvalidHoldLength.to_string(), "must be a whole number from 1 to 2678400");
    }

    #[test]
    fn money_leaves_by_transfers_holds_withdrawals_and_refunds_and_payees_are_those_of_the_first_two() {
        let leaving = |command: &Command| Leaving::of(command, None);
        for kind in [TransactionType::Transfer, TransactionType::Payment] {
            let order = order(kind, 7);
            let expected = Leaving { money: Some(order.money), payee: Some(order.destination) };
            assert_eq!(leaving(&Command::Transfer(order.clone())), expected);
            assert_eq!(leaving(&Command::Hold { order, length: HoldLength::DEFAULT }), expected);
        }
        let cash = transfer(TransactionType::Withdrawal, 7);
        assert_eq!((leaving(&cash).money.map(Money::minor), leaving(&cash).payee), (Some(7), None));
        assert_eq!(leaving(&transfer(TransactionType::Deposit, 7)), Leaving::default());
        let transaction = ids::TransactionId::generate();
        let refund = Command::Refund { transaction, money: Some(order(TransactionType::Refund, 3).money) };
        assert_eq!(leaving(&refund).money.map(Money::minor), Some(3));
        assert_eq!(leaving(&Command::Capture { transaction, money: None }), Leaving::default());
    }
}
