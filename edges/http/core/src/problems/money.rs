//! Accounts, payments and the books: their failures as problems.

use super::capitalised;
use crate::ErrorCode::{self, *};
use crate::policy::step_up_required;
use crate::problem::Problem;
use crate::wire::amount::too_large;
use accounts::AccountsError;
use axum::http::StatusCode;
use identity::IdentityError;
use ids::{AccountId, TransactionId};
use ledger::AccountStatus;
use payments::{ActionError, BrokenRule, OrderError, PosterError, PowerRefusal, Refusal};

impl From<AccountsError> for Problem {
    fn from(error: AccountsError) -> Self {
        match error {
            AccountsError::NotFound { account } => account_not_found(account),
            AccountsError::NotAllowed { reason } => Self::new(Forbidden, capitalised(reason)),
            AccountsError::NoPower(refusal) => refusal.into(),
            AccountsError::TooMany { accounts_max } => {
                Self::new(AccountLimitReached, "You have as many accounts as one may have").with("limit", accounts_max)
            }
            AccountsError::Closed { account } => account_not_active(account, AccountStatus::Closed),
            AccountsError::Frozen { account } => account_not_active(account, AccountStatus::Frozen),
            AccountsError::NotEmpty { account, .. } => {
                about_account(AccountNotEmpty, "The account has money or open holds", account)
            }
            AccountsError::OverdraftInUse { account, .. } => {
                about_account(OverdraftInUse, "More of the overdraft is in use than the new limit allows", account)
            }
            AccountsError::NegativeOverdraftLimit => Self::invalid("overdraftLimit", "must not be negative"),
            AccountsError::RaiseNeedsApproval { .. } => Self::invalid("overdraftLimit", error.to_string()),
            AccountsError::HasOwner { account } => {
                about_account(AccountHasOwner, "The account belongs to somebody already", account)
            }
            AccountsError::InvalidName(reason) => Self::invalid("name", reason.to_string()),
            AccountsError::ExternalRefTaken => Self::internal(error.to_string()),
            AccountsError::Store(error) => error.into(),
        }
    }
}

impl From<ActionError> for Problem {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::NoSuchAccount { account } => account_not_found(account),
            ActionError::CurrencyMismatch { account } => {
                about_account(CurrencyMismatch, "The account holds another currency", account)
            }
            ActionError::NoSuchUser => IdentityError::UnknownUser.into(),
            ActionError::DisabledUser => Self::invalid("userId", "is a user who is disabled"),
            ActionError::Accounts(error) => error.into(),
            ActionError::Fraud(error) => error.into(),
            ActionError::Store(error) => error.into(),
        }
    }
}

impl From<PosterError> for Problem {
    fn from(error: PosterError) -> Self {
        match error {
            PosterError::InProgress => {
                Self::new(IdempotencyKeyInProgress, "The first request with this key is still running").retry_after(1)
            }
            PosterError::Overloaded => Self::unavailable("the poster's queue is full"),
            PosterError::Store(error) => error.into(),
        }
    }
}

impl From<OrderError> for Problem {
    fn from(error: OrderError) -> Self {
        match error {
            OrderError::MovesNoMoney => moves_no_money(),
            OrderError::Rule(rule) => rule.into(),
            OrderError::Proof(error) => error.into(),
            OrderError::Poster(error) => error.into(),
        }
    }
}

impl From<BrokenRule> for Problem {
    fn from(rule: BrokenRule) -> Self {
        match rule {
            BrokenRule::CashNeedsSandbox => Self::new(SandboxOnly, "Cash is only paid in and out in sandbox mode"),
            BrokenRule::TooMuchCash { limit } => too_large("amount", limit),
            BrokenRule::TooMuchCashToday { limit, left } => {
                let message = "This is more cash than you can pay in and out within a day";
                let amounts = [("limit", limit.minor()), ("available", left.minor())];
                Self::new(CashLimitReached, message).with_amounts(limit.currency(), &amounts)
            }
        }
    }
}

impl From<&Refusal> for Problem {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::Ledger(refusal) => refusal.into(),
            Refusal::Unavailable { account } => unavailable(*account),
            Refusal::NoSuchTransaction { transaction } => transaction_not_found(*transaction),
            // Nobody outside can ask for a booking.
            Refusal::BookedOtherwise { .. } | Refusal::OutOfTime { .. } => Self::internal(refusal.to_string()),
            Refusal::NotAllowed { reason } => Self::new(Forbidden, capitalised(reason)),
            Refusal::NoPower(refusal) => (*refusal).into(),
            Refusal::SameAccount { account } => {
                about_account(SameAccount, "Source and destination are the same account", *account)
            }
            Refusal::WrongStatus { transaction, status } => {
                let message = format!("The transaction is {}", status.word());
                about_transaction(InvalidStatus, message, *transaction).with("status", status.word())
            }
            Refusal::NotCounterable { transaction } => {
                let message = "A transaction of this type cannot be refunded or reversed";
                about_transaction(NotRefundable, message, *transaction)
            }
            Refusal::NeedsTwoPeople { transaction } => {
                let message =
                    "The bank itself is a party to this: ask for an adjustment, which a second person approves";
                about_transaction(SecondPersonRequired, message, *transaction)
            }
            Refusal::AlreadyCountered { transaction, counter, settled, refunded_minor } => {
                let message = "The transaction was refunded or reversed before";
                let problem = about_transaction(AlreadyRefunded, message, *transaction);
                problem
                    .with("counterId", counter.to_string())
                    .with_amounts(settled.currency(), &[("captured", settled.minor()), ("refunded", *refunded_minor)])
            }
            Refusal::MoreThanOriginal { transaction, settled, refunded_minor, requested_minor } => {
                let message = "More than what is left of the payment cannot be refunded";
                let problem = about_transaction(AmountExceedsOriginal, message, *transaction).with("field", "amount");
                problem.with_amounts(
                    settled.currency(),
                    &[
                        ("requested", *requested_minor),
                        ("captured", settled.minor()),
                        ("refunded", *refunded_minor),
                        ("limit", settled.minor() - refunded_minor),
                    ],
                )
            }
            Refusal::Limit { reason, limit, money, .. } => {
                let problem = Self::new(LimitReached, "This is more than the bank moves at once or within such a time");
                let problem = problem.with("reason", reason.word());
                match money {
                    Some(money) => problem.with_amounts(money.currency(), &[("limit", money.minor())]),
                    None => problem.with("limit", *limit),
                }
            }
            // No more than that: who tries out what is noticed learns nothing.
            Refusal::Declined { .. } => Self::new(PaymentDeclined, "The bank does not make this payment"),
            Refusal::BeingChecked { transaction } => {
                about_transaction(PaymentBeingChecked, "We are checking this payment", *transaction)
            }
            Refusal::BatchRefused => Self::new(BatchRefused, "Another transfer of the batch was refused"),
        }
    }
}

impl From<PowerRefusal> for Problem {
    fn from(refusal: PowerRefusal) -> Self {
        match refusal {
            PowerRefusal::OwnBusiness => {
                Self::new(ConflictOfInterest, "You are a party to this: somebody else of the bank has to do it")
            }
            PowerRefusal::StaleProof => step_up_required(),
        }
    }
}

impl From<&ledger::Refusal> for Problem {
    fn from(refusal: &ledger::Refusal) -> Self {
        use ledger::Refusal as Books;
        match refusal {
            // The bank has no cash of a currency in which it has no account: nobody asked for this account.
            Books::NoSuchAccount { account } if ledger::is_line_account(*account) => {
                Self::new(CurrencyMismatch, "The bank has no account in this currency").with("field", "currency")
            }
            Books::NoSuchAccount { account } => account_not_found(*account),
            Books::NotActive { account, status } => account_not_active(*account, *status),
            Books::InsufficientFunds { account, shortfall } => {
                let message = "The available balance does not cover this amount";
                let problem = about_account(InsufficientFunds, message, *account);
                shortfall.iter().fold(problem, with_shortfall)
            }
            Books::CurrencyMismatch { account } => {
                about_account(CurrencyMismatch, "The account holds another currency", *account)
            }
            Books::BalanceTooLarge { account, currency } => {
                let message = match ledger::is_line_account(*account) {
                    true => "The bank's own account for this would leave its range",
                    false => "The balance would become too large",
                };
                about_account(BalanceTooLarge, message, *account).with_amounts(*currency, &[("limit", i64::MAX)])
            }
            Books::NoSuchHold { hold } => transaction_not_found(TransactionId::from_uuid(hold.uuid())),
            Books::HoldClosed { hold, status } => {
                let message = format!("The hold is {}", status.word());
                let transaction = TransactionId::from_uuid(hold.uuid());
                about_transaction(HoldNotOpen, message, transaction).with("reason", status.word())
            }
            Books::MoreThanHeld { hold, held, requested_minor } => {
                let transaction = TransactionId::from_uuid(hold.uuid());
                let message = "More than the held amount cannot be captured";
                let problem = about_transaction(AmountExceedsHold, message, transaction).with("field", "amount");
                problem.with_amounts(held.currency(), &[("requested", *requested_minor), ("limit", held.minor())])
            }
            Books::Unbalanced
            | Books::NothingHeld
            | Books::HoldTaken { .. }
            | Books::NothingCaptured { .. }
            | Books::HoldNotExpired { .. } => Self::internal(refusal.to_string()),
        }
    }
}

/// The answer to those who work for the bank and only look.
pub fn moves_no_money() -> Problem {
    Problem::new(Forbidden, "Your role may not do this")
}

/// The answer for an account that is not there, and for one that is none of the caller's.
pub fn account_not_found(account: AccountId) -> Problem {
    Problem::new(InvalidAccount, "Account not found").with("accountId", account.to_string()).with("reason", "NOT_FOUND")
}

/// The answer for another's account that is frozen or closed: why is not said.
pub fn unavailable(account: AccountId) -> Problem {
    let problem = about_account(InvalidAccount, "The account cannot take part in this", account);
    problem.with("reason", "UNAVAILABLE").status(StatusCode::UNPROCESSABLE_ENTITY)
}

/// The answer for a transaction that is not there, and for one that is none of the caller's.
pub fn transaction_not_found(transaction: TransactionId) -> Problem {
    about_transaction(TransactionNotFound, "Transaction not found", transaction)
}

/// The figures, for those who may know them: the desk leaves them out for others.
fn with_shortfall(problem: Problem, shortfall: &ledger::Shortfall) -> Problem {
    let mut amounts = vec![("available", shortfall.available_minor), ("requested", shortfall.requested_minor)];
    if shortfall.overdraft_limit_minor > 0 {
        amounts.push(("overdraftLimit", shortfall.overdraft_limit_minor));
    }
    problem.with_amounts(shortfall.currency, &amounts)
}

fn account_not_active(account: AccountId, status: AccountStatus) -> Problem {
    let message = match status {
        AccountStatus::Closed => "The account is closed",
        AccountStatus::Frozen => "The account is frozen",
        AccountStatus::Active => "The account is active",
    };
    let problem = about_account(InvalidAccount, message, account).with("reason", status.word());
    problem.status(StatusCode::UNPROCESSABLE_ENTITY)
}

pub(super) fn about_account(code: ErrorCode, message: &'static str, account: AccountId) -> Problem {
    let problem = Problem::new(code, message);
    // The bank's own accounts are nobody's business.
    if ledger::is_line_account(account) { problem } else { problem.with("accountId", account.to_string()) }
}

fn about_transaction(
    code: ErrorCode,
    message: impl Into<std::borrow::Cow<'static, str>>,
    transaction: TransactionId,
) -> Problem {
    Problem::new(code, message).with("transactionId", transaction.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_own_account_of_the_bank_is_a_currency_that_it_does_not_have() {
        let cash = ledger::ChartCode::Cash.own_account(money::Currency::parse("CHF").unwrap());
        let problem = Problem::from(&ledger::Refusal::NoSuchAccount { account: cash });
        let shown = serde_json::to_value(problem.body()).unwrap();
        assert_eq!(shown["code"], "CURRENCY_MISMATCH");
        assert!(!shown.to_string().contains(&cash.to_string()));
    }
}
