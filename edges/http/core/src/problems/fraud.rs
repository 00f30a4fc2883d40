//! Reviews and rule sets: their failures as problems.

use super::transaction_not_found;
use crate::ErrorCode::*;
use crate::problem::Problem;
use fraud::FraudError;

impl From<FraudError> for Problem {
    fn from(error: FraudError) -> Self {
        match error {
            FraudError::NoSuchReview { transaction } => transaction_not_found(transaction),
            FraudError::ReviewIsOver { state, .. } => {
                Self::new(InvalidStatus, format!("The review is {}", state.word())).with("status", state.word())
            }
            FraudError::TooManyNotes { notes_max } => {
                Self::invalid("text", format!("cannot be added: there are {notes_max} notes"))
            }
            FraudError::Set(wrong) => Self::invalid("rules", wrong.to_string()),
            FraudError::SnoozeTime => Self::invalid("until", error.to_string()),
            FraudError::SnoozedLimit => Self::invalid("rule", error.to_string()),
            FraudError::Store(error) => error.into(),
        }
    }
}
