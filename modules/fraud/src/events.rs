//! What this module leaves in the outbox. All of it is for the bank's own people: who pays is told nothing of it.

use crate::{Conclusion, Decision, Finding, Label, Review, Snooze};
use ids::{AccountId, ApprovalId, TransactionId, UserId};
use money::Money;
use outbox::{Act, Event, Place, events};
use uuid::Uuid;

events! {
    /// What was decided by the rules.
    enum DecisionEvent about AccountOrTransaction for Staff {
        /// A payment is looked at before it is made, or is not made.
        DecisionMade = "fraud.decision_made" {
            outcome: &'static str,
            points: u32,
            reasons: Vec<String>,
            rules_version: i64,
            source_account_id: AccountId,
            amount: String,
            currency: String,
        },
    }
}

events! {
    /// What happens to reviews.
    enum ReviewEvent about Transaction for Staff {
        /// Somebody has to look at a payment.
        Opened = "fraud.review_opened" {
            customer_id: UserId,
            amount: String,
            currency: String,
            due_at: String,
        },
        /// Somebody looks at it, or nobody any more.
        Assigned = "fraud.review_assigned" { assignee_id: Option<UserId> },
        /// It was decided: `APPROVED`, `DECLINED`, or `EXPIRED` where nobody decided in time.
        Decided = "fraud.review_decided" { outcome: &'static str, reason: Option<String> },
        /// Somebody says what it turned out to be: `FRAUD`, `GENUINE` or `UNSURE`.
        Labelled = "fraud.review_labelled" { label: &'static str },
    }
}

events! {
    /// What happens to the rules.
    enum RulesEvent about Bank for Staff {
        /// Another set of rules counts from now on.
        Activated = "fraud.rules_activated" { rules_version: i64, approval_id: Option<ApprovalId> },
    }
}

events! {
    /// What happens to the rules for one customer.
    enum SnoozeEvent about User for Staff {
        /// A rule rests for a customer for a while.
        Snoozed = "fraud.rule_snoozed" { rule: &'static str, until: String, reason: String },
    }
}

/// A decision that somebody should know of, about the payment if there is one, else about the account.
pub fn decision_made(
    decision: &Decision,
    source: AccountId,
    money: Money,
    transaction: Option<TransactionId>,
    act: Act,
) -> Event {
    let made = DecisionEvent::DecisionMade {
        outcome: decision.conclusion.word(),
        points: decision.points,
        reasons: decision.reasons().map(|finding: &Finding| finding.rule.word().to_owned()).collect(),
        rules_version: decision.version,
        source_account_id: source,
        amount: money.to_decimal(),
        currency: money.currency().code().to_owned(),
    };
    let subject = transaction.map_or(source.uuid(), TransactionId::uuid);
    let place = if transaction.is_some() { Place::Following } else { Place::Counted };
    let event = Event::of(subject, &made, act).placed(place);
    // Limits are everyday: they say nothing of fraud.
    if decision.conclusion == Conclusion::Decline && decision.limit.is_some() { event.everyday() } else { event }
}

/// Somebody has to look at a payment.
pub fn review_opened(review: &Review, act: Act) -> Event {
    let opened = ReviewEvent::Opened {
        customer_id: review.customer,
        amount: review.money.to_decimal(),
        currency: review.money.currency().code().to_owned(),
        due_at: review.due_at.to_string(),
    };
    of_payment(review.transaction, &opened, act)
}

/// Every payment that is looked at began with an event of its own.
fn of_payment(transaction: TransactionId, happened: &ReviewEvent, act: Act) -> Event {
    Event::of(transaction.uuid(), happened, act).placed(Place::Following)
}

/// A review is over.
pub fn review_decided(closing: &crate::Closing, act: Act) -> Event {
    let decided = ReviewEvent::Decided { outcome: closing.state.word(), reason: closing.reason.clone() };
    of_payment(closing.transaction, &decided, act)
}

pub(crate) fn assigned(transaction: TransactionId, to: Option<UserId>, act: Act) -> Event {
    of_payment(transaction, &ReviewEvent::Assigned { assignee_id: to }, act)
}

pub(crate) fn labelled(transaction: TransactionId, label: Label, act: Act) -> Event {
    of_payment(transaction, &ReviewEvent::Labelled { label: label.word() }, act)
}

pub(crate) fn activated(version: i64, approval: Option<ApprovalId>, act: Act) -> Event {
    Event::of(Uuid::nil(), &RulesEvent::Activated { rules_version: version, approval_id: approval }, act)
}

pub(crate) fn snoozed(snooze: &Snooze, act: Act) -> Event {
    let Snooze { rule, until, reason, .. } = snooze;
    let snoozed = SnoozeEvent::Snoozed { rule: rule.word(), until: until.to_string(), reason: reason.clone() };
    Event::of(snooze.customer.uuid(), &snoozed, act)
}
