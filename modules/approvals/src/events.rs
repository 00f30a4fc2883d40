//! What approvals tell the rest of the bank. The subject is the approval; `by` is null for the bank itself.

use crate::{Approval, ApprovalStatus};
use ids::{ApprovalId, UserId};
use outbox::{Act, Event, event_data, events};
use serde_json::Value;

event_data! {
    /// What was decided, and why.
    pub(crate) struct Decided {
        approval_id: ApprovalId,
        action: String,
        by: Option<UserId>,
        comment: Option<String>,
    }
}

event_data! {
    /// How it ended; with what failed, if anything did.
    pub(crate) struct Ended {
        approval_id: ApprovalId,
        action: String,
        by: Option<UserId>,
        failure: Option<String>,
    }
}

events! {
    /// What happens to what takes two people.
    pub(crate) enum ApprovalEvent about Approval for Staff {
        /// Somebody asked for it.
        Requested = "approvals.requested" { approval_id: ApprovalId, action: String, by: Option<UserId>, details: Value },
        /// Another one approved it.
        Approved = "approvals.approved"(Decided),
        /// Another one rejected it.
        Rejected = "approvals.rejected"(Decided),
        /// It was done.
        Executed = "approvals.executed"(Ended),
        /// Nobody decided in time.
        Expired = "approvals.expired"(Ended),
        /// It could not be done.
        Failed = "approvals.failed"(Ended),
    }
}

pub(crate) fn requested(approval: &Approval, act: Act) -> Event {
    let (approval_id, action, details) = (approval.id, approval.action.clone(), approval.details.clone());
    let requested = ApprovalEvent::Requested { approval_id, action, by: act.user(), details };
    Event::of(approval.id.uuid(), &requested, act)
}

pub(crate) fn approved(approval: &Approval, act: Act) -> Event {
    Event::of(approval.id.uuid(), &ApprovalEvent::Approved(decided(approval, act)), act)
}

pub(crate) fn rejected(approval: &Approval, act: Act) -> Event {
    Event::of(approval.id.uuid(), &ApprovalEvent::Rejected(decided(approval, act)), act)
}

pub(crate) fn ended(approval: &Approval, act: Act) -> Event {
    let (approval_id, action, failure) = (approval.id, approval.action.clone(), approval.failure.clone());
    let ended = Ended { approval_id, action, by: act.user(), failure };
    let how = match approval.status {
        ApprovalStatus::Executed => ApprovalEvent::Executed(ended),
        ApprovalStatus::Expired => ApprovalEvent::Expired(ended),
        _ => ApprovalEvent::Failed(ended),
    };
    Event::of(approval.id.uuid(), &how, act)
}

fn decided(approval: &Approval, act: Act) -> Decided {
    let comment = approval.decision.as_ref().and_then(|decision| decision.comment.as_deref()).map(str::to_owned);
    Decided { approval_id: approval.id, action: approval.action.clone(), by: act.user(), comment }
}
