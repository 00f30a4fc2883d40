//! The one table from the modules' failures to the problems that clients are told.

mod mfa;

use crate::ErrorCode::{self, *};
use crate::policy::step_up_required;
use crate::problem::Problem;
use crate::wire::amount::too_large;
use accounts::AccountsError;
use approvals::{ApprovalsError, Refusal as Decided, RequestError, Tied};
use axum::http::StatusCode;
use clock::ClockError;
use db::DbError;
use identity::IdentityError;
use ids::{AccountId, TransactionId};
use ledger::AccountStatus;
use payments::{ActionError, BrokenRule, OrderError, PosterError, PowerRefusal, Refusal};
use programs::ProgramError;

/// Mails are counted by the hour.
const MAIL_WAIT_SECONDS: u32 = 60 * 60;

/// The same table where the password stands in the field `newPassword`.
pub fn about_new_password(error: IdentityError) -> Problem {
    match error {
        IdentityError::WeakPassword(reason) => Problem::invalid("newPassword", reason),
        other => other.into(),
    }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Unavailable(_) | DbError::Conflict(_) => Self::unavailable(error.to_string()),
            DbError::Duplicate(_) | DbError::Configuration(_) | DbError::Internal(_) => {
                Self::internal(error.to_string())
            }
        }
    }
}

impl From<IdentityError> for Problem {
    fn from(error: IdentityError) -> Self {
        let problem = |code: ErrorCode, message| Self::new(code, message);
        match error {
            IdentityError::UsernameTaken => problem(UsernameTaken, "This username is taken").with("field", "username"),
            IdentityError::InvalidUsername(reason) => Self::invalid("username", reason),
            IdentityError::WeakPassword(reason) => Self::invalid("password", reason),
            IdentityError::InvalidEmail => Self::invalid("email", "must be an e-mail address"),
            IdentityError::WrongCredentials => problem(InvalidCredentials, "The username or the password is wrong"),
            IdentityError::WrongPassword => {
                problem(InvalidCredentials, "The current password is wrong").with("field", "currentPassword")
            }
            IdentityError::InvalidMailToken => {
                problem(InvalidMailToken, "The token is not valid").with("field", "token")
            }
            IdentityError::NoEmail => problem(EmailMissing, "There is no e-mail address"),
            IdentityError::NoMail => problem(MailUnavailable, "This bank sends no mail"),
            IdentityError::TooManyMails => {
                problem(TooManyMails, "Enough mails went out within the hour").retry_after(MAIL_WAIT_SECONDS)
            }
            IdentityError::Disabled => problem(UserDisabled, "This user is disabled"),
            IdentityError::UnknownUser => problem(NotFound, "User not found"),
            IdentityError::UnknownSession => problem(SessionNotFound, "Session not found").with("field", "id"),
            IdentityError::LastAdmin => {
                problem(LastAdmin, "The last active administrator cannot be disabled or demoted")
            }
            IdentityError::TooFewAdmins => {
                problem(TooFewAdmins, "Two active administrators have to be left who may decide for each other")
            }
            IdentityError::NeedsTwoPeople => problem(SecondPersonRequired, "Staff is let in by two people"),
            IdentityError::OtherRole => Self::internal(error.to_string()),
            IdentityError::NotStaff => Self::invalid("role", "must be teller, analyst, admin or auditor"),
            IdentityError::InvalidToken => problem(InvalidToken, "The access token or API key is not valid"),
            IdentityError::ExpiredToken => problem(TokenExpired, "The access token has expired"),
            IdentityError::SessionRevoked => problem(SessionEnded, "The session has ended"),
            IdentityError::InvalidRefreshToken => problem(InvalidRefreshToken, "The refresh token is not valid"),
            IdentityError::Busy => Self::unavailable("too many passwords wait to be hashed, or keys to be looked up"),
            IdentityError::Store(error) => error.into(),
            IdentityError::KeyFile { .. } | IdentityError::BreachedFile { .. } => Self::internal(error.to_string()),
        }
    }
}

impl From<ProgramError> for Problem {
    fn from(error: ProgramError) -> Self {
        let problem = |code: ErrorCode, message| Self::new(code, message);
        match error {
            ProgramError::InvalidClientField { field, reason } => Self::invalid(field, reason),
            ProgramError::UnknownClient => problem(NotFound, "Client not found").with("field", "id"),
            ProgramError::UnknownGrant => problem(NotFound, "Grant not found").with("field", "id"),
            ProgramError::InvalidApiKey { field, reason } => Self::invalid(field, reason),
            ProgramError::ScopeBeyondRole(scope) => {
                Self::invalid("scopes", "must not reach further than your role").with("scope", scope.word())
            }
            ProgramError::TooManyApiKeys => problem(ApiKeyLimitReached, "You have as many API keys as one may have"),
            ProgramError::UnknownApiKey => problem(NotFound, "API key not found"),
            ProgramError::ApiKeyEnded => problem(ApiKeyEnded, "The API key was revoked or has expired"),
            ProgramError::AddressNotAllowed => {
                problem(AddressNotAllowed, "The API key may not be used from this address")
            }
            ProgramError::InvalidSignature(reason) => {
                problem(InvalidSignature, "The request is not signed as its API key asks for").with("reason", reason)
            }
            ProgramError::SignatureReplayed => problem(SignatureReplayed, "The signature was used before"),
            ProgramError::UnknownSubject => {
                problem(InvalidToken, "The access token speaks of nobody here").with("reason", "UNKNOWN_SUBJECT")
            }
            ProgramError::IssuerAway => Self::unavailable("the keys of the trusted issuer were never fetched"),
            ProgramError::NoTrustedIssuer => problem(NoTrustedIssuer, "This bank trusts no issuer elsewhere"),
            ProgramError::InvalidSubject => Self::invalid("subject", "must be 1 to 255 visible ASCII characters"),
            ProgramError::AlreadyLinked => problem(AlreadyLinked, "The subject or the user is linked already"),
            ProgramError::NotLinked => problem(NotFound, "The user is not linked").with("field", "id"),
            ProgramError::Identity(error) => error.into(),
            ProgramError::Store(error) => error.into(),
        }
    }
}

impl From<AccountsError> for Problem {
    fn from(error: AccountsError) -> Self {
        match error {
            AccountsError::NotFound { account } => account_not_found(account),
            AccountsError::NotAllowed { reason } => Self::new(Forbidden, capitalised(reason)),
            AccountsError::NoPower(refusal) => refusal.into(),
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

impl From<ApprovalsError> for Problem {
    fn from(error: ApprovalsError) -> Self {
        match error {
            ApprovalsError::NotFound { approval } => {
                Self::new(NotFound, "Approval not found").with("approvalId", approval.to_string())
            }
            ApprovalsError::Refused(refusal @ (Decided::OwnRequest | Decided::OwnBenefit)) => {
                Self::new(SecondPersonRequired, capitalised(&refusal.to_string()))
            }
            ApprovalsError::Refused(Decided::TiedToRequester(tied)) => decider_tied("requester", tied),
            ApprovalsError::Refused(Decided::TiedToBeneficiary(tied)) => decider_tied("beneficiary", tied),
            ApprovalsError::Refused(Decided::RequesterMayNotAsk) => {
                Self::new(RequesterNotEntitled, "Who asked for it may no longer ask for it: it can only be rejected")
            }
            ApprovalsError::Refused(Decided::RequesterGains) => {
                Self::new(RequesterNotEntitled, "It is for who asked for it by now: it can only be rejected")
            }
            ApprovalsError::OwnGain => {
                Self::new(ConflictOfInterest, "This would be for yourself: somebody else of the bank has to ask for it")
            }
            ApprovalsError::Refused(Decided::NotUnderstood) => {
                let message = "This version of the bank does not know how it is done: it can only be rejected";
                Self::new(InvalidStatus, message)
            }
            ApprovalsError::Refused(Decided::NoAdministrator) => {
                Self::new(Forbidden, "Only an active administrator decides")
            }
            ApprovalsError::Refused(Decided::NotPending { status }) => {
                let message = format!("The approval is {}", status.word());
                Self::new(InvalidStatus, message).with("status", status.word())
            }
            ApprovalsError::ChangesNothing => Self::invalid("body", error.to_string()),
            ApprovalsError::KeyReused => {
                let message = "This Idempotency-Key was used for another request";
                Self::new(IdempotencyKeyReused, message).with("field", "Idempotency-Key")
            }
            ApprovalsError::NobodyDoesIt { .. } => Self::internal(error.to_string()),
            ApprovalsError::Store(error) => error.into(),
        }
    }
}

impl<E: std::error::Error> From<RequestError<E>> for Problem
where
    Self: From<E>,
{
    fn from(error: RequestError<E>) -> Self {
        match error {
            RequestError::Approvals(error) => error.into(),
            RequestError::Owner(error) => error.into(),
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
                    "The bank itself would pay for this: ask for an adjustment, which a second person approves";
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

impl From<ClockError> for Problem {
    fn from(error: ClockError) -> Self {
        let status = |word: &str| Self::new(InvalidStatus, error.to_string()).with("status", word);
        match error {
            ClockError::NotSettable => Self::no_such_route(),
            ClockError::NotFrozen => status("RUNNING"),
            ClockError::Advancing => status("ADVANCING"),
            ClockError::OnlyForward { bank_time } => {
                Self::invalid("to", "must be later than bank time").with("bankTime", bank_time.to_string())
            }
            ClockError::TooFar { bank_time } => {
                Self::invalid("to", "must be at most 62 days ahead").with("bankTime", bank_time.to_string())
            }
            ClockError::RateOutOfRange => Self::invalid("rate", "must be a whole number from 1 to 10000"),
            ClockError::KeyReused => {
                let message = "This Idempotency-Key was used for another request";
                Self::new(IdempotencyKeyReused, message).with("field", "Idempotency-Key")
            }
            ClockError::LeftBehind { .. } | ClockError::Stuck { .. } => Self::internal(error.to_string()),
            ClockError::Store(error) => error.into(),
        }
    }
}

/// The answer to who may be the same person as who asked, or as whom it is for.
fn decider_tied(to: &'static str, tied: Tied) -> Problem {
    let message = match to {
        "requester" => "You and who asked for it may be one person: somebody else has to decide",
        _ => "You and whom it is for may be one person: somebody else has to decide",
    };
    Problem::new(DeciderTied, message).with("tiedTo", to).with("until", tied.until.map(|until| until.to_string()))
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

fn about_account(code: ErrorCode, message: &'static str, account: AccountId) -> Problem {
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

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_unavailable_and_the_rest_is_internal_and_neither_tells_more() {
        let secret = || "host 10.0.0.1 refused".to_owned();
        let unavailable: [Problem; 5] = [
            DbError::Unavailable(secret()).into(),
            DbError::Conflict(secret()).into(),
            PosterError::Overloaded.into(),
            PosterError::Store(DbError::Unavailable(secret())).into(),
            IdentityError::Busy.into(),
        ];
        let internal: [Problem; 3] = [
            DbError::Internal(secret()).into(),
            AccountsError::Store(DbError::Duplicate(secret())).into(),
            IdentityError::Store(DbError::Configuration(secret())).into(),
        ];
        for (problem, status) in unavailable.iter().map(|p| (p, 503)).chain(internal.iter().map(|p| (p, 500))) {
            assert_eq!(problem.http_status(), status);
            assert!(problem.cause().is_some());
            let told = serde_json::to_string(&problem.body()).unwrap();
            assert!(!told.contains("10.0.0.1") && told.contains("\"details\":{}"), "{told}");
        }
    }

    #[test]
    fn a_missing_own_account_of_the_bank_is_a_currency_that_it_does_not_have() {
        let cash = ledger::ChartCode::Cash.own_account(money::Currency::parse("CHF").unwrap());
        let problem = Problem::from(&ledger::Refusal::NoSuchAccount { account: cash });
        let told = serde_json::to_value(problem.body()).unwrap();
        assert_eq!(told["code"], "CURRENCY_MISMATCH");
        assert!(!told.to_string().contains(&cash.to_string()));
    }
}
