//! People, logins and tokens on the wire.

use db::WallTime;
use http_core::wire::Text;
use http_core::wire::schema;
use identity::{Login, User};
use ids::UserId;
use serde::{Deserialize, Serialize};
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

/// The current password and the one to be.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ChangePassword)]
pub(crate) struct ChangePasswordBody {
    pub(crate) current_password: String,
    pub(crate) new_password: String,
}

/// Who forgot their password: by name or by address, not both.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ForgotPassword)]
pub(crate) struct ForgotPasswordBody {
    pub(crate) username: Option<String>,
    pub(crate) email: Option<String>,
}

/// What came by mail, and the password to be.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ResetPassword)]
pub(crate) struct ResetPasswordBody {
    pub(crate) token: String,
    pub(crate) new_password: String,
}

/// An address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangeEmail)]
pub(crate) struct EmailBody {
    pub(crate) email: String,
}

/// What came by mail.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = VerifyEmail)]
pub(crate) struct VerifyEmailBody {
    pub(crate) token: String,
}

/// What will happen, for people.
#[derive(Serialize, ToSchema)]
#[schema(as = Promise)]
pub(crate) struct PromiseReply {
    pub(crate) message: &'static str,
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
    /// Whether they have shown that the address is theirs.
    email_verified: bool,
    #[schema(value_type = schema::RoleWord)]
    role: &'static str,
    /// Whether a login needs a second factor.
    mfa_enabled: bool,
    #[schema(value_type = schema::Time)]
    created_at: Text<WallTime>,
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
            email_verified: user.email_verified_at.is_some(),
            email: user.email.map(|email| email.to_string()),
            role: user.role.word(),
            mfa_enabled: user.mfa_enabled,
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
