//! What goes into registering and logging in, and what comes out of it.

use crate::{Password, Role, User};
use ids::{SessionId, UserId};

/// Who wants to become a customer.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// As typed; see [`Username::parse`].
    pub username: String,
    /// As typed.
    pub password: Password,
    /// As typed; see [`Email::parse`].
    pub email: Option<String>,
}

/// Somebody has logged in, or stays so.
pub struct Login {
    /// Who.
    pub user: User,
    /// What every request carries.
    pub access_token: String,
    /// What continues the session, once; see [`Auth::refresh`].
    pub refresh_token: String,
    /// How long the access token is good for.
    pub expires_in_seconds: i64,
}

/// Who makes a request, as the access token proves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The person.
    pub user_id: UserId,
    /// Their login.
    pub session_id: SessionId,
    /// What they may do.
    pub role: Role,
}

impl std::fmt::Debug for Login {
    /// Without the tokens.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}
