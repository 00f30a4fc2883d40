//! Refusals in OAuth's own form (RFC 6749, section 5.2). What is our fault travels in the envelope, as everywhere.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_core::problem::Problem;
use http_core::reply::json;
use programs::oauth::OAuthError;
use serde::Serialize;
use utoipa::ToSchema;

/// Why there is no token.
pub(crate) enum Failure {
    /// The client is told in OAuth's words.
    Refused(OAuthError),
    /// Anything else.
    Problem(Problem),
}

/// What went wrong, in OAuth's words.
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthError)]
pub(crate) struct FailureReply {
    #[schema(example = "invalid_grant")]
    error: &'static str,
    /// For developers of clients.
    error_description: String,
}

impl From<OAuthError> for Failure {
    fn from(error: OAuthError) -> Self {
        match error {
            OAuthError::Other(error) => Self::Problem(error.into()),
            refused => Self::Refused(refused),
        }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        if problem.http_status() == StatusCode::BAD_REQUEST {
            return Self::Refused(OAuthError::InvalidRequest("the body did not arrive whole"));
        }
        Self::Problem(problem)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let refused = match self {
            Self::Problem(problem) => return problem.into_response(),
            Self::Refused(refused) => refused,
        };
        let error = refused.word().expect("what is our fault became a problem");
        let is_unknown = refused == OAuthError::InvalidClient;
        let status = if is_unknown { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
        let mut response = json(status, &FailureReply { error, error_description: refused.to_string() });
        if is_unknown {
            let challenge = HeaderValue::from_static("Basic realm=\"florin\", charset=\"UTF-8\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
