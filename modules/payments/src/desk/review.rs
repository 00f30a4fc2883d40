//! Payments that somebody of the bank looks at before they are made: how they wait, and what becomes of them.

use super::screen::{Known, closing};
use super::{Circumstances, Desk, Movement, Wait, entry};
use crate::by::By;
use crate::transaction::{DECLINED, IN_REVIEW};
use crate::{Hat, Order, Refusal, Transaction, TransactionStatus};
use fraud::review::ENDS_HOURS;
use fraud::{Decision, ReviewState, needs_second_person};
use ids::{HoldId, TransactionId};

impl Desk {
    /// Sets the money aside until somebody has looked at it, for three days at most.
    pub(super) fn wait_for_review(
        &mut self,
        order: &Order,
        decision: Box<Decision>,
        by: By,
        given: Circumstances,
    ) -> Result<Transaction, Refusal> {
        let until = given.now.plus_seconds(ENDS_HOURS * 3_600);
        let pending = self.set_aside(order, Wait { until, reason: Some(IN_REVIEW) }, by, given)?;
        self.open_review(&pending, decision, false, given);
        self.remember_payer(order, Known::NotYet, given);
        Ok(pending)
    }

    /// The payment is made, or goes on as the hold that was asked for.
    pub(super) fn approve(
        &mut self,
        id: TransactionId,
        reason: &str,
        is_hold: bool,
        given: Circumstances,
    ) -> Result<Transaction, Refusal> {
        let (mut pending, by) = self.looked_at(id, given)?;
        if matches!(given.hat, Hat::Admin { .. }) && needs_second_person(pending.money) {
            return Err(Refusal::NeedsTwoPeople { transaction: id });
        }
        if is_hold {
            pending.status_reason = None;
        } else {
            let minor = pending.money.minor();
            let movement = Movement { source: pending.source.account, destination: pending.destination.account, minor };
            let entry = entry(id, pending.kind, &pending.description, &movement, given.now);
            self.book.capture_hold(HoldId::from_uuid(id.uuid()), entry, given.now)?;
            pending.status = TransactionStatus::Settled;
            pending.status_reason = None;
            pending.captured_minor = Some(minor);
            pending.settled_at = Some(given.now);
            pending.value_date = given.now.date();
            pending.source = self.side(pending.source.account)?;
            pending.destination = self.side(pending.destination.account)?;
            self.remember_capture(&pending, given.now);
        }
        self.remember_payee(&pending);
        self.close_review(id, ReviewState::Approved, Some(reason), given);
        Ok(self.change(pending, by))
    }

    /// The money goes back.
    pub(super) fn decline(
        &mut self,
        id: TransactionId,
        reason: &str,
        given: Circumstances,
    ) -> Result<Transaction, Refusal> {
        let (pending, by) = self.looked_at(id, given)?;
        self.book.release_hold(HoldId::from_uuid(id.uuid()), given.now)?;
        self.close_review(id, ReviewState::Declined, Some(reason), given);
        self.cancel(pending, DECLINED, by)
    }

    /// Nobody decided in time.
    pub(super) fn end_review(&mut self, id: TransactionId, given: Circumstances) {
        self.close_review(id, ReviewState::Expired, None, given);
    }

    /// The payment, if it is looked at and whoever asks may decide: nobody who is a party to it.
    fn looked_at(&self, id: TransactionId, given: Circumstances) -> Result<(Transaction, By), Refusal> {
        let pending = self.visible(id, given.hat)?;
        if !matches!(given.hat, Hat::Admin { .. } | Hat::Bank) {
            return Err(Refusal::NotAllowed { reason: "only an administrator decides what becomes of it" });
        }
        let by = By::for_the_bank(&pending.parties(), given)?;
        if !pending.is_in_review() {
            return Err(Refusal::WrongStatus { transaction: id, status: pending.status });
        }
        Ok((pending, by))
    }

    fn close_review(&mut self, id: TransactionId, state: ReviewState, reason: Option<&str>, given: Circumstances) {
        let by = given.actor.and_then(|actor| actor.user);
        self.closed.push((closing(id, state, by, reason), given.actor));
    }
}

/// What somebody looks at neither its parties nor anybody else moves on meanwhile.
pub(super) fn require_not_in_review(pending: &Transaction) -> Result<(), Refusal> {
    if pending.is_in_review() { Err(Refusal::BeingChecked { transaction: pending.id }) } else { Ok(()) }
}
