//! The identifier in a path. One that cannot be an identifier is answered like one that nobody has.

use crate::ErrorCode;
use crate::problem::Problem;
use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use ids::{
    AccountId, ApiKeyId, ApprovalId, ClientId, EventId, GrantId, NoticeId, ParseIdError, PasskeyId, SessionId,
    StandingOrderId, TransactionId, UserId, WebhookId,
};

/// The `{id}` of a path.
#[derive(Clone, Copy, Debug)]
pub struct PathId<I>(pub I);

/// What a path can name.
pub trait Named: Sized {
    /// The code for one that is not there.
    const NOT_FOUND: ErrorCode;
    /// What to tell about one that is not there.
    const MESSAGE: &'static str;

    /// Reads the identifier.
    fn parse(text: &str) -> Result<Self, ParseIdError>;
}

impl Named for AccountId {
    const NOT_FOUND: ErrorCode = ErrorCode::InvalidAccount;
    const MESSAGE: &'static str = "Account not found";

    fn parse(text: &str) -> Result<Self, ParseIdError> {
        Self::parse(text)
    }
}

impl Named for PasskeyId {
    const NOT_FOUND: ErrorCode = ErrorCode::PasskeyNotFound;
    const MESSAGE: &'static str = "Passkey not found";

    fn parse(text: &str) -> Result<Self, ParseIdError> {
        Self::parse(text)
    }
}

impl Named for TransactionId {
    const NOT_FOUND: ErrorCode = ErrorCode::TransactionNotFound;
    const MESSAGE: &'static str = "Transaction not found";

    fn parse(text: &str) -> Result<Self, ParseIdError> {
        Self::parse(text)
    }
}

impl Named for SessionId {
    const NOT_FOUND: ErrorCode = ErrorCode::SessionNotFound;
    const MESSAGE: &'static str = "Session not found";

    fn parse(text: &str) -> Result<Self, ParseIdError> {
        Self::parse(text)
    }
}

impl Named for UserId {
    const NOT_FOUND: ErrorCode = ErrorCode::NotFound;
    const MESSAGE: &'static str = "User not found";

    fn parse(text: &str) -> Result<Self, ParseIdError> {
        Self::parse(text)
    }
}

impl Named for ClientId {
    const NOT_FOUND: ErrorCode = ErrorCode::NotFound;
    const MESSAGE: &'static str = "Client not found";

    fn parse(text: &str) -> Result<Self, ParseIdError> {
        Self::parse(text)
    }
}

impl Named for ApprovalId {
    const NOT_FOUND: ErrorCode = ErrorCode::NotFound;
    const MESSAGE: &'static str = "Approval not found";

    fn parse(text: &str) -> Result<Self, ParseIdError> {
        Self::parse(text)
    }
}

impl Named for EventId {
    const NOT_FOUND: ErrorCode = ErrorCode::NotFound;
    const MESSAGE: &'static str = "Event not found";

    fn parse(text: &str) -> Result<Self, ParseIdError> {
        Self::parse(text)
    }
}

impl Named for ApiKeyId {
    const NOT_FOUND: ErrorCode = ErrorCode::NotFound;
    const MESSAGE: &'static str = "API key not found";

    fn parse(text: &str) -> Result<Self, ParseIdError> {
        Self::parse(text)
    }
}

impl Named for WebhookId {
    const NOT_FOUND: ErrorCode = ErrorCode::NotFound;
    const MESSAGE: &'static str = "Webhook not found";

    fn parse(text: &str) -> Result<Self, ParseIdError> {
        Self::parse(text)
    }
}

impl Named for StandingOrderId {
    const NOT_FOUND: ErrorCode = ErrorCode::NotFound;
    const MESSAGE: &'static str = "Standing order not found";

    fn parse(text: &str) -> Result<Self, ParseIdError> {
        Self::parse(text)
    }
}

impl Named for NoticeId {
    const NOT_FOUND: ErrorCode = ErrorCode::NotFound;
    const MESSAGE: &'static str = "Notification not found";

    fn parse(text: &str) -> Result<Self, ParseIdError> {
        Self::parse(text)
    }
}

impl Named for GrantId {
    const NOT_FOUND: ErrorCode = ErrorCode::NotFound;
    const MESSAGE: &'static str = "Grant not found";

    fn parse(text: &str) -> Result<Self, ParseIdError> {
        Self::parse(text)
    }
}

impl<S: Send + Sync, I: Named> FromRequestParts<S> for PathId<I> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let missing = |reason: String| {
            Problem::new(I::NOT_FOUND, I::MESSAGE)
                .status(StatusCode::NOT_FOUND)
                .with("field", "id")
                .with("reason", reason)
        };
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(text) = path.map_err(|rejection| missing(rejection.body_text()))?;
        I::parse(&text).map(Self).map_err(|error| missing(error.to_string()))
    }
}
