//! What can go wrong with webhooks.

use crate::{PatternError, TargetError};
use db::DbError;
use identity::IdentityError;

/// Why something was refused or failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhooksError {
    /// There is no such endpoint, or it is another's.
    #[error("webhook not found")]
    UnknownEndpoint,
    /// There is no such delivery to that endpoint.
    #[error("delivery not found")]
    UnknownDelivery,
    /// The person has as many as one may have.
    #[error("there are too many webhooks")]
    TooMany,
    /// Calls may not go there.
    #[error("the URL {0}")]
    Target(#[from] TargetError),
    /// What is to be told is no list of kinds.
    #[error("{0}")]
    Pattern(#[from] PatternError),
    /// Nothing, too much, or the same twice is to be told.
    #[error("must be 1 to 20 patterns, each once")]
    Patterns,
    /// The description is not as it must be.
    #[error("must have at most 200 characters, all of them seen")]
    Description,
    /// It is disabled: enable it first.
    #[error("the webhook is disabled")]
    IsDisabled,
    /// About the person.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] DbError),
}
