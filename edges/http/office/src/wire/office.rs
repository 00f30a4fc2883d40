//! What the staff sends and is shown: people with their status, and events.

use super::schema as own_schema;
use db::WallTime;
use http_core::table::{Head, InTable};
use http_core::wire::Text;
use http_core::wire::actor::ActorReply;
use http_core::wire::approval::ApprovalReply;
use http_core::wire::schema;
use identity::{RequestedStaff, User};
use ids::{EventId, UserId};
use outbox::Event;
use programs::ExternalIdentity;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

/// Somebody who is to work for the bank.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CreateStaff)]
pub(crate) struct CreateStaffBody {
    #[schema(value_type = schema::UsernameText)]
    pub(crate) username: String,
    /// Absent: one is made up and told once.
    #[schema(value_type = Option<schema::NewPasswordText>)]
    pub(crate) password: Option<String>,
    #[schema(value_type = own_schema::StaffRoleWord)]
    pub(crate) role: String,
}

/// Whose an account is.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = AssignOwner)]
pub(crate) struct AssignOwnerBody {
    #[schema(value_type = schema::UserIdText)]
    pub(crate) user_id: String,
}

/// A person as administrators see them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AdministeredUser)]
pub(crate) struct AdministeredUserReply {
    #[schema(value_type = schema::UserIdText)]
    id: Text<UserId>,
    username: String,
    email: Option<String>,
    #[schema(value_type = schema::RoleWord)]
    role: &'static str,
    #[schema(value_type = own_schema::UserStatusWord)]
    status: &'static str,
    #[schema(value_type = schema::Time)]
    created_at: Text<WallTime>,
}

impl InTable for AdministeredUserReply {
    const HEAD: Head =
        Head { file_name: "users", columns: &["id", "username", "email", "role", "status", "createdAt"] };
}

/// A page of people, the oldest first.
#[derive(ToSchema)]
#[schema(as = AdministeredUserPage, rename_all = "camelCase")]
#[expect(dead_code, reason = "it only describes")]
pub(crate) struct AdministeredUserPage<'a> {
    data: &'a [AdministeredUserReply],
    /// What to send as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

/// Somebody who is to work for the bank, and waits to be let in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CreatedStaff)]
pub(crate) struct CreatedStaffReply {
    /// Disabled until a second administrator approves.
    user: AdministeredUserReply,
    /// What a second administrator approves.
    approval: ApprovalReply,
    /// The password that was made up, if one was: it is never told again.
    initial_password: Option<String>,
}

/// Whom the trusted issuer speaks of.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ExternalIdentity)]
pub(crate) struct ExternalIdentityReply {
    #[schema(value_type = schema::UserIdText)]
    user_id: Text<UserId>,
    /// The claim `iss`.
    issuer: String,
    /// The claim `sub`.
    #[schema(value_type = own_schema::SubjectOfIssuerText)]
    subject: String,
    #[schema(value_type = schema::Time)]
    linked_at: Text<WallTime>,
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Event)]
pub(crate) struct EventReply {
    #[schema(value_type = schema::EventIdText)]
    id: Text<EventId>,
    /// What happened: `module.what_happened`.
    #[schema(example = "auth.logged_in")]
    kind: String,
    /// To whom or what, as the database has it; the nil identifier is nobody that is known.
    #[schema(value_type = own_schema::SubjectText)]
    subject: Text<Uuid>,
    /// What the kind tells; never a secret.
    #[schema(value_type = Object)]
    details: Box<RawValue>,
    #[schema(value_type = schema::Time)]
    happened_at: Text<WallTime>,
    /// Who brought it about; null for nobody who was known, such as the one behind a wrong password.
    actor: Option<ActorReply>,
}

impl InTable for EventReply {
    const HEAD: Head = Head {
        file_name: "events",
        columns: &[
            "id",
            "kind",
            "subject",
            "details",
            "happenedAt",
            "actor.userId",
            "actor.credential",
            "actor.credentialId",
            "actor.clientId",
            "actor.onBehalfOf",
        ],
    };
}

/// A page of events, the newest first.
#[derive(ToSchema)]
#[schema(as = EventPage, rename_all = "camelCase")]
#[expect(dead_code, reason = "it only describes")]
pub(crate) struct EventPage<'a> {
    data: &'a [EventReply],
    /// What to send as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

impl From<User> for AdministeredUserReply {
    fn from(user: User) -> Self {
        Self {
            id: Text(user.id),
            username: user.username.to_string(),
            email: user.email.map(|email| email.to_string()),
            role: user.role.word(),
            status: user.status.word(),
            created_at: Text(user.created_at),
        }
    }
}

impl From<ExternalIdentity> for ExternalIdentityReply {
    fn from(identity: ExternalIdentity) -> Self {
        let ExternalIdentity { user_id, issuer, subject, linked_at } = identity;
        Self { user_id: Text(user_id), issuer, subject, linked_at: Text(linked_at) }
    }
}

impl From<RequestedStaff> for CreatedStaffReply {
    fn from(RequestedStaff { created, approval }: RequestedStaff) -> Self {
        Self { user: created.user.into(), approval: approval.into(), initial_password: created.initial_password }
    }
}

impl From<Event> for EventReply {
    fn from(event: Event) -> Self {
        // A payload that is no JSON would be a defect of whoever wrote it; it must not hide the rest of the page.
        let details = RawValue::from_string(event.payload).unwrap_or_else(|_| RawValue::NULL.to_owned());
        Self {
            id: Text(event.id),
            kind: event.kind,
            subject: Text(event.subject_id),
            details,
            happened_at: Text(event.happened_at),
            actor: event.actor.map(ActorReply::from),
        }
    }
}
