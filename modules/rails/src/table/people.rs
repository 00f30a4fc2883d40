//! What the clock brings, owners ask, and people of the bank decide.

use crate::decision::{Draft, Effect, Misfit, Refusal};
use crate::event::{Event, Verdict};
use crate::phase::Phase;
use crate::reason::Reason;

/// The first time, and three times later on the day.
const TRIES_WITHOUT_FUNDS: u8 = 4;
const NO_FUNDS: &str = "AM04";
/// A word of ours: no network is told why we do not carry something out.
const FRAUD_DECLINED: &str = "FRAUD_DECLINED";

pub(super) fn due(draft: &mut Draft, event: &Event) -> Result<(), Misfit> {
    let Event::Due(verdict) = event else { return Err(Misfit::PassedOver) };
    match verdict {
        Verdict::Ready => {
            draft.does(Effect::Hold);
            draft.goes_to(Phase::Queued);
        }
        Verdict::Review => {
            draft.row = "T5a";
            draft.does(Effect::Hold);
            draft.does(Effect::OpenReview);
            draft.goes_to(Phase::InReview);
        }
        Verdict::Declined => {
            draft.row = "T5b";
            draft.ends(Phase::Cancelled, Some(Reason::of(FRAUD_DECLINED)));
        }
        Verdict::NoFunds => {
            draft.row = "T6";
            draft.payment.due_without_funds += 1;
            if draft.payment.due_without_funds >= TRIES_WITHOUT_FUNDS {
                draft.ends(Phase::Rejected, Some(Reason::of(NO_FUNDS)));
            }
        }
    }
    Ok(())
}

pub(super) fn approved(draft: &mut Draft, event: &Event) -> Result<(), Misfit> {
    let Event::Approved(eyes) = event else { return Err(Misfit::PassedOver) };
    if !eyes.are_enough() {
        return Err(Misfit::Refused(Refusal::NotEnoughPeople));
    }
    draft.does(Effect::CloseReview);
    draft.goes_to(Phase::Queued);
    Ok(())
}

pub(super) fn declined(draft: &mut Draft, _: &Event) -> Result<(), Misfit> {
    draft.ends(Phase::Cancelled, Some(Reason::of(FRAUD_DECLINED)));
    Ok(())
}

pub(super) fn cancelled(draft: &mut Draft, _: &Event) -> Result<(), Misfit> {
    if draft.payment.sending.may_have_left {
        return Err(Misfit::Refused(Refusal::MayHaveLeft));
    }
    draft.ends(Phase::Cancelled, None);
    Ok(())
}

pub(super) fn resolved(draft: &mut Draft, event: &Event) -> Result<(), Misfit> {
    let Event::Resolved { was_sent, eyes } = event else { return Err(Misfit::PassedOver) };
    if !eyes.are_enough() {
        return Err(Misfit::Refused(Refusal::NotEnoughPeople));
    }
    if *was_sent {
        draft.settles(None);
    } else {
        draft.goes_to(Phase::Queued);
    }
    Ok(())
}
