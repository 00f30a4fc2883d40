//! What takes two people in payments: putting an account right by hand, giving one that belongs to nobody to its owner,
//! and making a large payment that is looked at. How it is asked for and decided is the matter of approvals.

mod adjustment;
mod owner_assignment;
mod review_approval;

pub use adjustment::Adjustment;
pub use owner_assignment::OwnerAssignment;
pub use review_approval::ReviewApproval;

use crate::Payments;
use accounts::AccountsError;
use approvals::{Actions, People};
use db::DbError;
use fraud::FraudError;
use ids::AccountId;
use std::sync::Arc;

/// Why something that takes two people cannot be asked for here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// No customer's account has this identifier.
    #[error("account not found")]
    NoSuchAccount {
        /// The identifier.
        account: AccountId,
    },
    /// Money does not change its currency by being put right.
    #[error("the account holds another currency")]
    CurrencyMismatch {
        /// The account.
        account: AccountId,
    },
    /// There is no such person.
    #[error("user not found")]
    NoSuchUser,
    /// Nobody who is kept out becomes an owner.
    #[error("the user is disabled")]
    DisabledUser,
    /// The account's state does not allow it.
    #[error(transparent)]
    Accounts(#[from] AccountsError),
    /// Nobody looks at the payment, or not any more.
    #[error(transparent)]
    Fraud(#[from] FraudError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] DbError),
}

/// With what takes two people in payments.
#[must_use]
pub fn register_actions(actions: Actions, payments: &Payments, people: Arc<dyn People>) -> Actions {
    let actions = actions.with::<Adjustment>(payments.clone()).with::<ReviewApproval>(payments.clone());
    actions.with::<OwnerAssignment>(people)
}
