//! The reason of a refusal as one word of a closed list, and the figures behind it: what counters are labelled with, what
//! is kept for those who are asked why, and what the log says.

use crate::{BrokenRule, OrderError, PowerRefusal, Refusal};
use factors::FactorError;
use money::{Currency, Money};
use serde_json::{Map, Value, json};

db::words! {
    /// Why a command was refused.
    Reason {
        /// There is no such account, or none that the caller may name.
        AccountNotFound = "ACCOUNT_NOT_FOUND",
        /// An account is frozen or closed.
        AccountNotActive = "ACCOUNT_NOT_ACTIVE",
        /// The same, of another's account: why is not shown to the caller.
        AccountUnavailable = "ACCOUNT_UNAVAILABLE",
        /// The available balance and the overdraft limit do not cover it.
        InsufficientFunds = "INSUFFICIENT_FUNDS",
        /// An account holds another currency.
        CurrencyMismatch = "CURRENCY_MISMATCH",
        /// A balance would leave its range.
        BalanceTooLarge = "BALANCE_TOO_LARGE",
        /// The entry would not be balanced: a defect.
        Unbalanced = "UNBALANCED",
        /// A hold of nothing: a defect.
        NothingHeld = "NOTHING_HELD",
        /// A hold under the identifier of another: a defect.
        HoldTaken = "HOLD_TAKEN",
        /// A capture of nothing: a defect.
        NothingCaptured = "NOTHING_CAPTURED",
        /// There is no such hold.
        HoldNotFound = "HOLD_NOT_FOUND",
        /// The hold was captured, released or expired before.
        HoldClosed = "HOLD_CLOSED",
        /// The hold's time is not over.
        HoldNotExpired = "HOLD_NOT_EXPIRED",
        /// More was to be captured than is held.
        MoreThanHeld = "MORE_THAN_HELD",
        /// There is no such transaction, or none of the caller's.
        TransactionNotFound = "TRANSACTION_NOT_FOUND",
        /// The caller may see it but not do this.
        NotAllowed = "NOT_ALLOWED",
        /// Somebody of the bank is a party to it.
        OwnBusiness = "OWN_BUSINESS",
        /// Somebody of the bank has to prove again who they are.
        StaleProof = "STALE_PROOF",
        /// Source and destination are one account.
        SameAccount = "SAME_ACCOUNT",
        /// The transaction is not in the state that this needs.
        WrongStatus = "WRONG_STATUS",
        /// A transaction of this type cannot be refunded or reversed.
        NotCounterable = "NOT_COUNTERABLE",
        /// The bank itself was a party to it: undoing it takes two people.
        NeedsTwoPeople = "NEEDS_TWO_PEOPLE",
        /// It was refunded or reversed before.
        AlreadyCountered = "ALREADY_COUNTERED",
        /// More was to be refunded than is left.
        MoreThanOriginal = "MORE_THAN_ORIGINAL",
        /// Under the identifier of a booking something else was booked.
        BookedOtherwise = "BOOKED_OTHERWISE",
        /// The identifier or the value date of a booking is too far from now.
        OutOfTime = "OUT_OF_TIME",
        /// Another command of the same atomic batch was refused.
        BatchRefused = "BATCH_REFUSED",
        /// More than the bank moves in one payment.
        LimitPayment = "LIMIT_PAYMENT",
        /// More than it moves from an account on one day.
        LimitDay = "LIMIT_DAY",
        /// More payments from an account than in one hour.
        LimitCount = "LIMIT_COUNT",
        /// The rules of fraud declined it.
        FraudDeclined = "FRAUD_DECLINED",
        /// Somebody of the bank is looking at it.
        BeingChecked = "BEING_CHECKED",
        /// A large or a first payment without a fresh proof of who orders it.
        ProofRequired = "PROOF_REQUIRED",
        /// Cash where the bank is not tried out.
        CashNeedsSandbox = "CASH_NEEDS_SANDBOX",
        /// More cash than is paid in or out at once.
        TooMuchCash = "TOO_MUCH_CASH",
        /// More cash than one person pays in and out in a day.
        TooMuchCashToday = "TOO_MUCH_CASH_TODAY",
    }
}

/// Why something was refused, with all the figures behind it. Amounts are decimal text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Why {
    pub(crate) reason: Reason,
    pub(crate) figures: Map<String, Value>,
}

impl Why {
    fn new(reason: Reason, figures: Value) -> Self {
        match figures {
            Value::Object(figures) => Self { reason, figures },
            _ => Self { reason, figures: Map::new() },
        }
    }

    /// What a person was refused before it came to the poster, unless it is not for them that it failed.
    pub(crate) fn of_order(error: &OrderError) -> Option<Self> {
        Some(match error {
            OrderError::Rule(BrokenRule::CashNeedsSandbox) => Self::new(Reason::CashNeedsSandbox, Value::Null),
            OrderError::Rule(BrokenRule::TooMuchCash { limit }) => {
                Self::new(Reason::TooMuchCash, json!({ "limit": limit.to_decimal() }))
            }
            OrderError::Rule(BrokenRule::TooMuchCashToday { limit, left }) => {
                let figures = json!({ "limit": limit.to_decimal(), "left": left.to_decimal() });
                Self::new(Reason::TooMuchCashToday, figures)
            }
            OrderError::Proof(FactorError::ProofRequired(reason)) => {
                Self::new(Reason::ProofRequired, json!({ "because": reason.word() }))
            }
            OrderError::MovesNoMoney | OrderError::Proof(_) | OrderError::Poster(_) => return None,
        })
    }
}

impl From<&Refusal> for Why {
    fn from(refusal: &Refusal) -> Self {
        Self::new(refusal.reason(), refusal.figures())
    }
}

impl Refusal {
    /// The reason, without its figures.
    pub const fn reason(&self) -> Reason {
        match self {
            Self::Ledger(refusal) => reason_of_books(refusal),
            Self::Unavailable { .. } => Reason::AccountUnavailable,
            Self::NoSuchTransaction { .. } => Reason::TransactionNotFound,
            Self::NotAllowed { .. } => Reason::NotAllowed,
            Self::NoPower(PowerRefusal::OwnBusiness) => Reason::OwnBusiness,
            Self::NoPower(PowerRefusal::StaleProof) => Reason::StaleProof,
            Self::SameAccount { .. } => Reason::SameAccount,
            Self::WrongStatus { .. } => Reason::WrongStatus,
            Self::NotCounterable { .. } => Reason::NotCounterable,
            Self::NeedsTwoPeople { .. } => Reason::NeedsTwoPeople,
            Self::AlreadyCountered { .. } => Reason::AlreadyCountered,
            Self::MoreThanOriginal { .. } => Reason::MoreThanOriginal,
            Self::BookedOtherwise { .. } => Reason::BookedOtherwise,
            Self::OutOfTime { .. } => Reason::OutOfTime,
            Self::BatchRefused => Reason::BatchRefused,
            Self::Limit { reason, .. } => *reason,
            Self::Declined { .. } => Reason::FraudDeclined,
            Self::BeingChecked { .. } => Reason::BeingChecked,
        }
    }

    /// The word for the reason.
    pub const fn word(&self) -> &'static str {
        self.reason().word()
    }

    fn figures(&self) -> Value {
        match self {
            Self::Ledger(refusal) => figures_of_books(refusal),
            Self::NotAllowed { reason } => json!({ "because": reason }),
            Self::WrongStatus { status, .. } => json!({ "status": status.word() }),
            Self::AlreadyCountered { counter, settled, refunded_minor, .. } => json!({
                "counterId": counter.to_string(),
                "settled": settled.to_decimal(),
                "refunded": decimal(*refunded_minor, settled.currency()),
            }),
            Self::MoreThanOriginal { settled, refunded_minor, requested_minor, .. } => json!({
                "settled": settled.to_decimal(),
                "refunded": decimal(*refunded_minor, settled.currency()),
                "requested": decimal(*requested_minor, settled.currency()),
            }),
            Self::Unavailable { account } | Self::SameAccount { account } => {
                json!({ "accountId": account.to_string() })
            }
            Self::Limit { account, limit, money, .. } => json!({
                "accountId": account.to_string(),
                "limit": money.map_or_else(|| limit.to_string(), Money::to_decimal),
            }),
            Self::Declined { account, money, decision } => json!({
                "accountId": account.to_string(),
                "points": decision.points,
                "rulesVersion": decision.version,
                "findings": fraud::review::findings_as_json(decision, money.currency()),
            }),
            Self::BeingChecked { .. }
            | Self::BookedOtherwise { .. }
            | Self::OutOfTime { .. }
            | Self::NoSuchTransaction { .. }
            | Self::NoPower(_)
            | Self::NotCounterable { .. }
            | Self::NeedsTwoPeople { .. }
            | Self::BatchRefused => Value::Null,
        }
    }
}

const fn reason_of_books(refusal: &ledger::Refusal) -> Reason {
    use ledger::Refusal as Books;
    match refusal {
        Books::NoSuchAccount { .. } => Reason::AccountNotFound,
        Books::NotActive { .. } => Reason::AccountNotActive,
        Books::InsufficientFunds { .. } => Reason::InsufficientFunds,
        Books::CurrencyMismatch { .. } => Reason::CurrencyMismatch,
        Books::Unbalanced => Reason::Unbalanced,
        Books::NothingHeld => Reason::NothingHeld,
        Books::HoldTaken { .. } => Reason::HoldTaken,
        Books::NothingCaptured { .. } => Reason::NothingCaptured,
        Books::BalanceTooLarge { .. } => Reason::BalanceTooLarge,
        Books::NoSuchHold { .. } => Reason::HoldNotFound,
        Books::HoldClosed { .. } => Reason::HoldClosed,
        Books::MoreThanHeld { .. } => Reason::MoreThanHeld,
        Books::HoldNotExpired { .. } => Reason::HoldNotExpired,
    }
}

fn figures_of_books(refusal: &ledger::Refusal) -> Value {
    use ledger::Refusal as Books;
    match refusal {
        Books::InsufficientFunds { account, shortfall: Some(short) } => json!({
            "accountId": account.to_string(),
            "available": decimal(short.available_minor, short.currency),
            "overdraftLimit": decimal(short.overdraft_limit_minor, short.currency),
            "requested": decimal(short.requested_minor, short.currency),
        }),
        Books::NotActive { account, status } => json!({ "accountId": account.to_string(), "status": status.word() }),
        Books::NoSuchAccount { account }
        | Books::InsufficientFunds { account, shortfall: None }
        | Books::CurrencyMismatch { account }
        | Books::BalanceTooLarge { account, .. } => json!({ "accountId": account.to_string() }),
        Books::HoldClosed { status, .. } => json!({ "status": status.word() }),
        Books::MoreThanHeld { held, requested_minor, .. } => {
            json!({ "held": held.to_decimal(), "requested": decimal(*requested_minor, held.currency()) })
        }
        Books::Unbalanced
        | Books::NothingHeld
        | Books::HoldTaken { .. }
        | Books::NothingCaptured { .. }
        | Books::NoSuchHold { .. }
        | Books::HoldNotExpired { .. } => Value::Null,
    }
}

fn decimal(minor: i64, currency: Currency) -> String {
    Money::new(minor, currency).to_decimal()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ids::AccountId;

    #[test]
    fn a_shortfall_is_said_in_figures_and_every_word_is_another() {
        let currency = Currency::parse("USD").expect("a currency");
        let shortfall =
            ledger::Shortfall { currency, available_minor: 100, overdraft_limit_minor: 0, requested_minor: 250 };
        let account = AccountId::generate();
        let refusal = Refusal::from(ledger::Refusal::InsufficientFunds { account, shortfall: Some(shortfall) });
        let expected = json!({ "accountId": account.to_string(), "available": "1.00", "overdraftLimit": "0.00", "requested": "2.50" });
        assert_eq!((refusal.word(), refusal.figures()), ("INSUFFICIENT_FUNDS", expected));
        let words: std::collections::HashSet<_> = Reason::ALL.iter().map(|reason| reason.word()).collect();
        assert_eq!(words.len(), Reason::ALL.len());
    }
}
