//! What the authorization server refuses, in the words of RFC 6749, section 5.2.

use crate::ProgramError;
use db::DbError;
use identity::IdentityError;

/// Why a request to the authorization server was refused. The texts are for developers of clients.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OAuthError {
    /// A parameter is missing, repeated or wrong.
    #[error("{0}")]
    InvalidRequest(&'static str),
    /// The client is unknown, or did not prove that it is itself.
    #[error("the client is unknown, or its secret is wrong")]
    InvalidClient,
    /// The code or refresh token is unknown, used, over, or another client's.
    #[error("{0}")]
    InvalidGrant(&'static str),
    /// This client may not do this.
    #[error("{0}")]
    UnauthorizedClient(&'static str),
    /// Another way to a token than those that there are.
    #[error("the grant type is not one of authorization_code, refresh_token and client_credentials")]
    UnsupportedGrantType,
    /// A scope that does not exist, or is more than was registered or granted.
    #[error("the scope is unknown, or more than was registered or granted")]
    InvalidScope,
    /// Something else about programs or people, or the database.
    #[error(transparent)]
    Other(#[from] ProgramError),
}

impl OAuthError {
    /// The word on the wire; `None` for what is not the client's fault.
    pub const fn word(&self) -> Option<&'static str> {
        Some(match self {
            Self::InvalidRequest(_) => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant(_) => "invalid_grant",
            Self::UnauthorizedClient(_) => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::Other(_) => return None,
        })
    }
}

impl From<DbError> for OAuthError {
    fn from(error: DbError) -> Self {
        Self::Other(error.into())
    }
}

impl From<IdentityError> for OAuthError {
    fn from(error: IdentityError) -> Self {
        Self::Other(error.into())
    }
}
