//! How what the staff is shown is described in OpenAPI. Nothing here is ever made.
#![expect(dead_code, reason = "these types only describe")]

use http_core::wire::schema::RoleWord;
use utoipa::{IntoParams, ToSchema};

/// What an event is about: a UUID.
#[derive(ToSchema)]
#[schema(as = EventSubject, pattern = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
pub(crate) struct SubjectText(String);

/// What an issuer of identities calls somebody.
#[derive(ToSchema)]
#[schema(as = IssuerSubject, pattern = "^[ -~]{1,255}$", example = "248289761001")]
pub(crate) struct SubjectOfIssuerText(String);

/// Whether somebody may log in.
#[derive(ToSchema)]
#[schema(as = UserStatus, rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum UserStatusWord {
    Active,
    Disabled,
}

/// The roles of those who work for the bank.
#[derive(ToSchema)]
#[schema(as = StaffRole, rename_all = "snake_case")]
pub(crate) enum StaffRoleWord {
    Teller,
    Analyst,
    Admin,
    Auditor,
}

/// Which people.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UserParameters {
    #[param(value_type = Option<RoleWord>)]
    role: Option<String>,
    #[param(value_type = Option<UserStatusWord>)]
    status: Option<String>,
    /// What the name begins with, in any case.
    #[param(min_length = 1, max_length = 64)]
    username: Option<String>,
}

/// Which events.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventParameters {
    /// What the kind begins with: `auth.`
    #[param(pattern = "^[a-z._]{1,64}$")]
    kind: Option<String>,
    /// The user, account, transaction or approval that it is about, by its identifier or as `subject` of an event.
    #[param(pattern = "^((usr|acct|txn|appr)_[0-9a-z]{26}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$")]
    subject: Option<String>,
    /// The user who brought it about.
    #[param(pattern = "^usr_[0-9a-z]{26}$")]
    actor: Option<String>,
}
