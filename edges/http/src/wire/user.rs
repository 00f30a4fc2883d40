//! People, logins and tokens on the wire.

use super::Text;
use super::schema;
use ::auth::{Login, User};
use ids::UserId;
use serde::{Deserialize, Serialize};
use store::Timestamp;
use utoipa::ToSchema;

/// Who wants to become a customer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Register)]
pub(crate) struct RegisterBody {
    #[schema(value_type = schema::UsernameText)]
    pub(crate) username: String,
    #[schema(value_type = schema::NewPasswordText)]
    pub(crate) password: String,
    pub(crate) email: Option<String>,
}

/// A name and a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Credentials)]
pub(crate) struct CredentialsBody {
    pub(crate) username: String,
    pub(crate) password: String,
}

/// What continues a session.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Refresh)]
pub(crate) struct RefreshBody {
    pub(crate) refresh_token: String,
}

/// A person.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = User)]
pub(crate) struct UserReply {
    #[schema(value_type = schema::UserIdText)]
    id: Text<UserId>,
    username: String,
    email: Option<String>,
    #[schema(value_type = schema::RoleWord)]
    role: &'static str,
    #[schema(value_type = schema::Time)]
    created_at: Text<Timestamp>,
}

/// A session: its tokens and whose it is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Session)]
pub(crate) struct LoginReply {
    access_token: String,
    refresh_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds for which the access token is good.
    expires_in: i64,
    user: UserReply,
}

impl From<User> for UserReply {
    fn from(user: User) -> Self {
        Self {
            id: Text(user.id),
            username: user.username.to_string(),
            email: user.email.map(|email| email.to_string()),
            role: user.role.word(),
            created_at: Text(user.created_at),
        }
    }
}

impl From<Login> for LoginReply {
    fn from(login: Login) -> Self {
        Self {
            access_token: login.access_token,
            refresh_token: login.refresh_token,
            token_type: "Bearer",
            expires_in: login.expires_in_seconds,
            user: login.user.into(),
        }
    }
}
