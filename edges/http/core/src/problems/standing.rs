//! Standing orders: their failures as problems.

use super::account_not_found;
use super::money::about_account;
use crate::ErrorCode::*;
use crate::problem::Problem;
use standing::{Field, PER_USER_MAX, ScheduleError, StandingError};

impl From<StandingError> for Problem {
    fn from(error: StandingError) -> Self {
        match error {
            StandingError::UnknownOrder => Self::new(NotFound, "Standing order not found"),
            StandingError::NoSuchAccount { account } => account_not_found(account),
            StandingError::SourceStays => Self::invalid("sourceAccountId", error.to_string()),
            StandingError::SameAccount { account } => {
                about_account(SameAccount, "Source and destination are the same account", account)
            }
            StandingError::CurrencyMismatch { account } => {
                about_account(CurrencyMismatch, "The account holds another currency", account)
            }
            StandingError::Schedule(error) => Self::invalid(field_of(error), error.to_string()),
            StandingError::Date { field: Field::FirstDate, because } => Self::invalid("firstDate", because),
            StandingError::Date { field: Field::LastDate, because } => Self::invalid("lastDate", because),
            StandingError::TooMany => {
                let message = "You have as many standing orders as one may have";
                Self::new(StandingOrderLimitReached, message).with("limit", PER_USER_MAX)
            }
            StandingError::KeyReused => {
                Self::new(IdempotencyKeyReused, "The Idempotency-Key was used for another request")
            }
            StandingError::WrongStatus { status } => {
                Self::new(InvalidStatus, format!("The standing order is {}", status.word()))
                    .with("status", status.word())
            }
            StandingError::BeingPaid => {
                Self::new(StandingOrderBeingPaid, "The standing order is being paid just now").retry_after(15)
            }
            StandingError::Store(error) => error.into(),
        }
    }
}

const fn field_of(error: ScheduleError) -> &'static str {
    match error {
        ScheduleError::DayOfMonth => "dayOfMonth",
        ScheduleError::Last => "lastDate",
        ScheduleError::OnHoliday => "onHoliday",
        ScheduleError::Empty => "firstDate",
    }
}
