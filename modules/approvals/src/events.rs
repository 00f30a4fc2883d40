//! What approvals tell the rest of the bank. The subject is the approval; every payload is JSON with `approvalId`,
//! `action` and `by` (null: the bank itself), and what the kind adds.

use crate::{Approval, ApprovalStatus};
use ::events::Event;
use ids::UserId;
use serde_json::{Value, json};
use store::Timestamp;

/// `approvals.requested`: adds `details`.
pub(crate) fn requested(approval: &Approval) -> Event {
    let details = json!({ "details": approval.action.details() });
    about(approval, ("approvals.requested", details), Some(approval.requested_by), approval.requested_at)
}

/// `approvals.approved`: adds `comment`.
pub(crate) fn approved(approval: &Approval) -> Event {
    decided(approval, "approvals.approved")
}

/// `approvals.rejected`: adds `comment`.
pub(crate) fn rejected(approval: &Approval) -> Event {
    decided(approval, "approvals.rejected")
}

/// `approvals.executed`, `approvals.expired` or `approvals.failed`, which adds `failure`.
pub(crate) fn ended(approval: &Approval, now: Timestamp) -> Event {
    let kind = match approval.status {
        ApprovalStatus::Executed => "approvals.executed",
        ApprovalStatus::Expired => "approvals.expired",
        _ => "approvals.failed",
    };
    about(approval, (kind, json!({ "failure": approval.failure })), None, now)
}

fn decided(approval: &Approval, kind: &'static str) -> Event {
    let decision = approval.decision.as_ref();
    let comment = json!({ "comment": decision.and_then(|decision| decision.comment.as_deref()) });
    let at = decision.map_or(approval.requested_at, |decision| decision.at);
    about(approval, (kind, comment), decision.map(|decision| decision.by), at)
}

fn about(approval: &Approval, (kind, more): (&str, Value), by: Option<UserId>, now: Timestamp) -> Event {
    let mut payload = json!({
        "approvalId": approval.id.to_string(),
        "action": approval.action.word(),
        "by": by.map(|by| by.to_string()),
    });
    if let (Value::Object(payload), Value::Object(more)) = (&mut payload, more) {
        payload.extend(more);
    }
    Event::new(approval.id.uuid(), kind, payload.to_string(), now)
}
