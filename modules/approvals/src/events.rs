//! What approvals tell the rest of the bank. The subject is the approval; every payload is JSON with `approvalId`,
//! `action` and `by` (null: the bank itself), and what the kind adds.

use crate::{Approval, ApprovalStatus};
use outbox::{Act, Event};
use serde_json::{Value, json};

/// `approvals.requested`: adds `details`.
pub(crate) fn requested(approval: &Approval, act: Act) -> Event {
    let details = json!({ "details": approval.details });
    about(approval, ("approvals.requested", details), act)
}

/// `approvals.approved`: adds `comment`.
pub(crate) fn approved(approval: &Approval, act: Act) -> Event {
    decided(approval, "approvals.approved", act)
}

/// `approvals.rejected`: adds `comment`.
pub(crate) fn rejected(approval: &Approval, act: Act) -> Event {
    decided(approval, "approvals.rejected", act)
}

/// `approvals.executed`, `approvals.expired` or `approvals.failed`, which adds `failure`.
pub(crate) fn ended(approval: &Approval, act: Act) -> Event {
    let kind = match approval.status {
        ApprovalStatus::Executed => "approvals.executed",
        ApprovalStatus::Expired => "approvals.expired",
        _ => "approvals.failed",
    };
    about(approval, (kind, json!({ "failure": approval.failure })), act)
}

fn decided(approval: &Approval, kind: &'static str, act: Act) -> Event {
    let decision = approval.decision.as_ref();
    let comment = json!({ "comment": decision.and_then(|decision| decision.comment.as_deref()) });
    about(approval, (kind, comment), act)
}

fn about(approval: &Approval, (kind, more): (&str, Value), act: Act) -> Event {
    let mut payload = json!({
        "approvalId": approval.id.to_string(),
        "action": approval.action,
        "by": act.user().map(|by| by.to_string()),
    });
    if let (Value::Object(payload), Value::Object(more)) = (&mut payload, more) {
        payload.extend(more);
    }
    Event::new(approval.id.uuid(), kind, payload.to_string(), act)
}
