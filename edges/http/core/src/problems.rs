//! The one table from the modules' failures to the problems that clients see.

mod audit;
mod fraud;
mod mfa;
mod money;
mod people;
mod standing;
mod webhooks;

pub use money::{account_not_found, moves_no_money, transaction_not_found, unavailable};
pub use people::about_new_password;

use crate::ErrorCode::*;
use crate::problem::Problem;
use approvals::{ApprovalsError, Refusal as Decided, RequestError, Tied};
use clock::ClockError;
use db::DbError;

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Unavailable(_) | DbError::Conflict(_) => Self::unavailable(error.to_string()),
            DbError::Duplicate(_) | DbError::Absent(_) | DbError::Configuration(_) | DbError::Internal(_) => {
                Self::internal(error.to_string())
            }
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
                let message =
                    "It is by now for who asked for it, or for who may be the same person: it can only be rejected";
                Self::new(RequesterNotEntitled, message)
            }
            ApprovalsError::OwnGain => {
                Self::new(ConflictOfInterest, "This would be for yourself: somebody else of the bank has to ask for it")
            }
            ApprovalsError::TiedToGainer(tied) => asker_tied(tied),
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

fn asker_tied(tied: Tied) -> Problem {
    let message = "You and whom this would be for may be one person: somebody else of the bank has to ask for it";
    Problem::new(ConflictOfInterest, message).with("until", tied.until.map(|until| until.to_string()))
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use accounts::AccountsError;
    use identity::IdentityError;
    use payments::PosterError;

    #[test]
    fn what_may_pass_is_unavailable_and_the_rest_is_internal_and_neither_says_more() {
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
            let shown = serde_json::to_string(&problem.body()).unwrap();
            assert!(!shown.contains("10.0.0.1") && shown.contains("\"details\":{}"), "{shown}");
        }
    }
}
