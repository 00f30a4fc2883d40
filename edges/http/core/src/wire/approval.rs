//! What takes two people, as it is shown.

use super::Text;
use super::schema;
use crate::table::{Head, InTable};
use approvals::Approval;
use db::WallTime;
use ids::{ApprovalId, UserId};
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// Something that takes two people.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Approval)]
pub struct ApprovalReply {
    /// A transaction that comes of it has the same 26 characters behind `txn_`.
    #[schema(value_type = schema::ApprovalIdText)]
    id: Text<ApprovalId>,
    #[schema(value_type = ActionWord)]
    action: String,
    /// What is to be done: `accountId`, `amount`, `currency` and `reason`; `accountId`, `overdraftLimit` and `currency`;
    /// `userId` and `role`; `userId`, `issuer` and `subject`; `accountId` and `userId`; `transactionId`, `isHold` and `reason`; or `rules`.
    #[schema(value_type = Object)]
    details: Value,
    #[schema(value_type = ApprovalStatusWord)]
    status: &'static str,
    #[schema(value_type = schema::UserIdText)]
    requested_by: Text<UserId>,
    #[schema(value_type = schema::Time)]
    requested_at: Text<WallTime>,
    /// Until when it can be decided.
    #[schema(value_type = schema::Time)]
    expires_at: Text<WallTime>,
    #[schema(value_type = Option<schema::UserIdText>)]
    decided_by: Option<Text<UserId>>,
    #[schema(value_type = Option<schema::Time>)]
    decided_at: Option<Text<WallTime>>,
    comment: Option<String>,
    /// When it was done, or came to its end otherwise.
    #[schema(value_type = Option<schema::Time>)]
    ended_at: Option<Text<WallTime>>,
    /// Why it could not be done.
    failure: Option<String>,
}

impl InTable for ApprovalReply {
    const HEAD: Head = Head {
        file_name: "approvals",
        columns: &[
            "id",
            "action",
            "details",
            "status",
            "requestedBy",
            "requestedAt",
            "expiresAt",
            "decidedBy",
            "decidedAt",
            "comment",
            "endedAt",
            "failure",
        ],
    };
}

/// What takes two people.
#[derive(ToSchema)]
#[schema(as = ApprovalAction, rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(dead_code, reason = "it only describes")]
enum ActionWord {
    Adjustment,
    OverdraftRaise,
    RoleChange,
    IdentityLink,
    StaffEnable,
    OwnerAssignment,
    ReviewApproval,
    FraudRulesActivation,
}

/// Where an approval stands.
#[derive(ToSchema)]
#[schema(as = ApprovalStatus, rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(dead_code, reason = "it only describes")]
enum ApprovalStatusWord {
    Pending,
    Executing,
    Executed,
    Rejected,
    Expired,
    Failed,
}

/// A page of approvals, the newest first.
#[derive(ToSchema)]
#[schema(as = ApprovalPage, rename_all = "camelCase")]
#[expect(dead_code, reason = "it only describes")]
pub struct ApprovalPage<'a> {
    data: &'a [ApprovalReply],
    /// What to send as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

/// Which approvals.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it only describes")]
pub struct ApprovalParameters {
    #[param(value_type = Option<ApprovalStatusWord>)]
    status: Option<String>,
}

impl From<Approval> for ApprovalReply {
    fn from(approval: Approval) -> Self {
        let decision = approval.decision.as_ref();
        Self {
            id: Text(approval.id),
            action: approval.action,
            details: approval.details,
            status: approval.status.word(),
            requested_by: Text(approval.requested_by),
            requested_at: Text(approval.requested_at),
            expires_at: Text(approval.expires_at),
            decided_by: decision.map(|decision| Text(decision.by)),
            decided_at: decision.map(|decision| Text(decision.at)),
            comment: decision.and_then(|decision| decision.comment.clone()),
            ended_at: approval.ended_at.map(Text),
            failure: approval.failure,
        }
    }
}
