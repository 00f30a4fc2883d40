//! What workers and their clocks bring about. A payment of which nobody knows whether it left is unknown, and nothing else.

use crate::decision::{Draft, Effect, Misfit, Refusal};
use crate::event::{Acknowledgement, Event};
use crate::phase::{Attention, Phase};
use crate::rail::Rail;
use crate::reason::Reason;

/// For so long a worker has a payment.
const LEASE_SECONDS: i64 = 30;
/// So often we fail to send a payment before people look at it.
const OWN_ERRORS_MAX: u32 = 5;
const RAIL_AWAY: &str = "ED06";
const NOT_UNDERSTOOD: &str = "FF02";

pub(super) fn taken(draft: &mut Draft, event: &Event) -> Result<(), Misfit> {
    let Event::Taken(gate) = event else { return Err(Misfit::PassedOver) };
    if draft.payment.sending.is_parked {
        return Err(Misfit::Refused(Refusal::Parked));
    }
    if !(gate.is_head && gate.is_open && gate.is_let_through) {
        return Err(Misfit::Refused(Refusal::NotYet));
    }
    if !draft.payment.sending.has_message {
        draft.does(Effect::StoreMessage);
    }
    draft.goes_to(Phase::Sending);
    let now = draft.now;
    let sending = &mut draft.payment.sending;
    sending.attempt += 1;
    sending.has_message = true;
    sending.taken = Some(now);
    sending.lease_ends = Some(now.plus_seconds(LEASE_SECONDS));
    sending.settles = gate.settles;
    sending.is_acknowledged = false;
    Ok(())
}

/// Whether a worker speaks of the attempt that is under way.
fn check_attempt(draft: &Draft, attempt: u32) -> Result<(), Misfit> {
    if draft.payment.sending.attempt == attempt { Ok(()) } else { Err(Misfit::Refused(Refusal::Stale)) }
}

pub(super) fn not_sent(draft: &mut Draft, event: &Event) -> Result<(), Misfit> {
    let Event::NotSent { attempt } = event else { return Err(Misfit::PassedOver) };
    check_attempt(draft, *attempt)?;
    draft.goes_to(Phase::Queued);
    draft.does(Effect::BackOff);
    Ok(())
}

pub(super) fn taken_over(draft: &mut Draft, event: &Event) -> Result<(), Misfit> {
    let is_in_order = matches!(event, Event::TakenOver(Acknowledgement::InOrder));
    draft.goes_to(Phase::Sent);
    let sending = &mut draft.payment.sending;
    sending.may_have_left = true;
    sending.is_acknowledged = is_in_order;
    if !waits_for_window(draft) {
        let sent = draft.payment.sending.taken.unwrap_or(draft.now);
        draft.does(Effect::AwaitUntil(sent.plus_seconds(draft.payment.rail.terms().deadline)));
    }
    Ok(())
}

/// A batch that the rail finds in order settles with its window, unless something else is heard.
fn waits_for_window(draft: &Draft) -> bool {
    draft.payment.rail == Rail::Ach && draft.payment.sending.is_acknowledged
}

pub(super) fn in_order_later(draft: &mut Draft, event: &Event) -> Result<(), Misfit> {
    let is_news = draft.payment.rail == Rail::Ach && !draft.payment.sending.is_acknowledged;
    if !is_news || !matches!(event, Event::TakenOver(Acknowledgement::InOrder)) {
        return Err(Misfit::PassedOver);
    }
    draft.payment.sending.is_acknowledged = true;
    Ok(())
}

pub(super) fn perhaps_sent(draft: &mut Draft, event: &Event) -> Result<(), Misfit> {
    let Event::PerhapsSent { attempt } = event else { return Err(Misfit::PassedOver) };
    check_attempt(draft, *attempt)?;
    draft.is_unknown();
    Ok(())
}

pub(super) fn lease_over(draft: &mut Draft, _: &Event) -> Result<(), Misfit> {
    if draft.payment.sending.lease_ends.is_some_and(|ends| ends > draft.now) {
        return Err(Misfit::PassedOver);
    }
    draft.is_unknown();
    Ok(())
}

pub(super) fn deadline_over(draft: &mut Draft, _: &Event) -> Result<(), Misfit> {
    let sent = draft.payment.sending.taken.unwrap_or(draft.now);
    let is_over = sent.plus_seconds(draft.payment.rail.terms().deadline) <= draft.now;
    if !is_over || waits_for_window(draft) {
        return Err(Misfit::PassedOver);
    }
    draft.is_unknown();
    Ok(())
}

pub(super) fn rail_away(draft: &mut Draft, _: &Event) -> Result<(), Misfit> {
    if draft.payment.sending.may_have_left {
        // It never left is what FAILED says, and that is not known.
        draft.row = "T27a";
        draft.is_unknown();
        draft.raises(Attention::Unresolved);
    } else {
        draft.ends(Phase::Failed, Some(Reason::of(RAIL_AWAY)));
    }
    Ok(())
}

pub(super) fn not_understood(draft: &mut Draft, event: &Event) -> Result<(), Misfit> {
    if draft.payment.sending.may_have_left {
        // A rail that refuses a name that it has seen before says the same: then it may have the payment.
        draft.row = "T31a";
        return not_understood_later(draft, event);
    }
    draft.ends(Phase::Failed, Some(Reason::of(NOT_UNDERSTOOD)));
    draft.raises(Attention::NotUnderstood);
    Ok(())
}

pub(super) fn not_understood_later(draft: &mut Draft, _: &Event) -> Result<(), Misfit> {
    draft.is_unknown();
    draft.raises(Attention::NotUnderstood);
    Ok(())
}

pub(super) fn not_understood_again(draft: &mut Draft, _: &Event) -> Result<(), Misfit> {
    draft.only_raises(Attention::NotUnderstood)
}

pub(super) fn own_error(draft: &mut Draft, _: &Event) -> Result<(), Misfit> {
    let sending = &mut draft.payment.sending;
    sending.own_errors += 1;
    if sending.own_errors < OWN_ERRORS_MAX {
        draft.does(Effect::BackOff);
    } else {
        sending.is_parked = true;
        draft.raises(Attention::AccountParked);
    }
    Ok(())
}
