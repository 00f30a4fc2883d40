//! What rails and statements say became of a payment. What comes late and is not the end changes nothing; what contradicts
//! the end is for people.

use crate::decision::{Draft, Effect, Misfit, Told};
use crate::event::{Accepted, Event};
use crate::phase::{Attention, Delivery, Phase};
use crate::rail::Rail;

/// So often a rail may say that it does not know a payment before people look at it.
const NOT_FOUND_MAX: u32 = 3;
/// So often a payment that came too late goes with the next window.
const LATE_MAX: u32 = 2;
const AFTER_CUT_OFF: &str = "TM01";

fn delivery_of(event: &Event) -> Result<Delivery, Misfit> {
    match event {
        Event::Accepted(acceptance) if acceptance.how == Accepted::WithoutPosting => Ok(Delivery::Withheld),
        Event::Accepted(_) => Ok(Delivery::Credited),
        Event::Blocked => Ok(Delivery::Blocked),
        _ => Err(Misfit::PassedOver),
    }
}

pub(super) fn accepted(draft: &mut Draft, event: &Event) -> Result<(), Misfit> {
    draft.settles(Some(delivery_of(event)?));
    Ok(())
}

pub(super) fn accepted_while_queued(draft: &mut Draft, event: &Event) -> Result<(), Misfit> {
    if draft.payment.sending.may_have_left {
        return accepted(draft, event);
    }
    // We took it for never sent. It is not sent again before somebody knows.
    draft.row = "T15c";
    draft.is_unknown();
    draft.raises(Attention::Contradiction);
    Ok(())
}

pub(super) fn window_settled(draft: &mut Draft, _: &Event) -> Result<(), Misfit> {
    let sending = &draft.payment.sending;
    let is_over = sending.settles.is_some_and(|settles| settles <= draft.now);
    if draft.payment.rail != Rail::Ach || !sending.is_acknowledged || !is_over {
        return Err(Misfit::PassedOver);
    }
    draft.settles(None);
    Ok(())
}

pub(super) fn rejected(draft: &mut Draft, event: &Event) -> Result<(), Misfit> {
    let Event::Rejected(reason) = event else { return Err(Misfit::PassedOver) };
    let sending = &mut draft.payment.sending;
    let has_windows = draft.payment.rail != Rail::Instant;
    if reason.code == AFTER_CUT_OFF && has_windows && sending.late < LATE_MAX {
        draft.row = "T16b";
        sending.late += 1;
        // The rail has rejected that message for good; the next one has a name of its own.
        sending.has_message = false;
        sending.may_have_left = false;
        draft.does(Effect::DropMessage);
        draft.goes_to(Phase::Queued);
        draft.does(Effect::WaitForWindow);
        return Ok(());
    }
    draft.ends(Phase::Rejected, Some(reason.clone()));
    Ok(())
}

pub(super) fn rejected_while_queued(draft: &mut Draft, event: &Event) -> Result<(), Misfit> {
    if !draft.payment.sending.may_have_left {
        return Err(Misfit::PassedOver);
    }
    rejected(draft, event)
}

pub(super) fn not_found(draft: &mut Draft, _: &Event) -> Result<(), Misfit> {
    draft.payment.sending.not_found += 1;
    if draft.payment.sending.not_found < NOT_FOUND_MAX {
        draft.goes_to(Phase::Queued);
        return Ok(());
    }
    draft.row = "T17a";
    draft.payment.sending.asked += 1;
    draft.raises(Attention::NotFound);
    draft.enquires();
    Ok(())
}

pub(super) fn not_resolved(draft: &mut Draft, _: &Event) -> Result<(), Misfit> {
    draft.payment.sending.asked += 1;
    draft.enquires();
    let sending = &draft.payment.sending;
    let is_overdue = match draft.payment.rail.terms().attention {
        Some(after) => sending.unknown_since.is_some_and(|since| since.plus_seconds(after) <= draft.now),
        None => sending.settles.is_none_or(|settles| settles <= draft.now),
    };
    if is_overdue {
        draft.raises(Attention::Unresolved);
    }
    Ok(())
}

pub(super) fn accepted_after_all(draft: &mut Draft, _: &Event) -> Result<(), Misfit> {
    if draft.payment.in_suspense || draft.payment.returned_minor > 0 {
        return Err(Misfit::PassedOver);
    }
    draft.payment.in_suspense = true;
    draft.does(Effect::Suspend);
    draft.raises(Attention::Contradiction);
    Ok(())
}

pub(super) fn rejected_after_all(draft: &mut Draft, _: &Event) -> Result<(), Misfit> {
    draft.only_raises(Attention::Contradiction)
}

pub(super) fn delivered(draft: &mut Draft, event: &Event) -> Result<(), Misfit> {
    let delivery = Some(delivery_of(event)?);
    if draft.payment.delivery >= delivery {
        return Err(Misfit::PassedOver);
    }
    draft.payment.delivery = delivery;
    draft.does(Effect::Tell(Told::DeliveryChanged));
    Ok(())
}

/// It does not say that the payment settled: the answer that does is still to come. What it says is not forgotten.
pub(super) fn blocked_early(draft: &mut Draft, _: &Event) -> Result<(), Misfit> {
    if draft.payment.delivery == Some(Delivery::Blocked) {
        return Err(Misfit::PassedOver);
    }
    draft.payment.delivery = Some(Delivery::Blocked);
    Ok(())
}

pub(super) fn repeated(draft: &mut Draft, _: &Event) -> Result<(), Misfit> {
    draft.does(Effect::RepeatAnswer);
    Ok(())
}

pub(super) fn forged(draft: &mut Draft, _: &Event) -> Result<(), Misfit> {
    draft.does(Effect::RefuseMessage);
    draft.raises(Attention::ForgedOrBroken);
    Ok(())
}

/// Whatever it speaks of, it is not this payment: nobody knows more than before.
pub(super) fn other_amount(draft: &mut Draft, _: &Event) -> Result<(), Misfit> {
    draft.is_unknown();
    draft.raises(Attention::AmountDiffers);
    Ok(())
}

pub(super) fn other_amount_noted(draft: &mut Draft, _: &Event) -> Result<(), Misfit> {
    draft.only_raises(Attention::AmountDiffers)
}

pub(super) fn other_amount_while_queued(draft: &mut Draft, event: &Event) -> Result<(), Misfit> {
    if draft.payment.sending.may_have_left { other_amount(draft, event) } else { other_amount_noted(draft, event) }
}
