//! Money that comes back, and asking for it. What came back is booked as a payment of its own, to the last unit, and never
//! twice.

use crate::decision::{Draft, Effect, Misfit, Refusal, Told};
use crate::event::{Event, Return};
use crate::phase::{Attention, Phase, Recall};
use crate::rail::Rail;
use calendar::{Eastern, banking_days_after};

/// For so long a payment may be called back for other reasons than fraud.
const RECALL_DAYS: i64 = 60;
const RECALL_BANKING_DAYS: u32 = 5;
const DAY_SECONDS: i64 = 86_400;

/// What of a payment has not come back.
fn rest_minor(draft: &Draft) -> i64 {
    draft.payment.amount.minor() - draft.payment.returned_minor
}

fn money_of(event: &Event) -> Result<&Return, Misfit> {
    match event {
        Event::Returned(returned) if returned.amount.minor() > 0 => Ok(returned),
        _ => Err(Misfit::PassedOver),
    }
}

pub(super) fn returned(draft: &mut Draft, event: &Event) -> Result<(), Misfit> {
    let returned = money_of(event)?;
    let is_other_currency = returned.amount.currency() != draft.payment.amount.currency();
    if !is_other_currency && returned.amount.minor() > rest_minor(draft) {
        // More than was sent: it is there, and it is not the customer's as far as anybody knows.
        draft.row = "T24a";
        draft.does(Effect::Unapply(returned.amount));
        draft.raises(Attention::Contradiction);
        return Ok(());
    }
    let is_over = draft.payment.phase == Phase::Returned;
    if !is_other_currency {
        draft.payment.returned_minor += returned.amount.minor();
    }
    let is_whole = is_other_currency || rest_minor(draft) == 0;
    if is_other_currency || !returned.account_takes_it {
        draft.row = "T24";
        draft.does(Effect::Unapply(returned.amount));
        draft.raises(Attention::Unapplied);
    } else {
        draft.row = if is_whole { "T22" } else { "T23" };
        draft.does(Effect::Refund(returned.amount));
    }
    draft.payment.reason = Some(returned.reason.clone());
    if is_whole && !is_over {
        draft.goes_to(Phase::Returned);
    } else {
        draft.does(Effect::Tell(Told::Returned));
    }
    Ok(())
}

/// What came back must have been settled; who says so has not been heard yet.
pub(super) fn too_early(draft: &mut Draft, event: &Event) -> Result<(), Misfit> {
    money_of(event)?;
    let may_be = draft.payment.phase != Phase::Queued || draft.payment.sending.may_have_left;
    Err(if may_be { Misfit::Kept } else { Misfit::PassedOver })
}

pub(super) fn returned_after_all(draft: &mut Draft, event: &Event) -> Result<(), Misfit> {
    let returned = money_of(event)?;
    let is_ours = returned.amount.currency() == draft.payment.amount.currency()
        && returned.amount.minor() <= rest_minor(draft)
        && draft.payment.in_suspense;
    if !is_ours {
        return draft.only_raises(Attention::Contradiction);
    }
    draft.payment.returned_minor += returned.amount.minor();
    draft.payment.in_suspense = rest_minor(draft) > 0;
    draft.does(Effect::Unsuspend(returned.amount));
    Ok(())
}

pub(super) fn recall_asked(draft: &mut Draft, event: &Event) -> Result<(), Misfit> {
    let Event::RecallAsked { is_fraud } = event else { return Err(Misfit::PassedOver) };
    if !matches!(draft.payment.recall, None | Some(Recall::Refused)) {
        return Err(Misfit::Refused(Refusal::AskedBefore));
    }
    let settled = draft.payment.settled.unwrap_or(draft.now);
    let is_late = match draft.payment.rail {
        Rail::Ach => {
            let last = banking_days_after(Eastern::at(settled).date, RECALL_BANKING_DAYS);
            Eastern::at(draft.now).date > last
        }
        Rail::Instant | Rail::Wire => settled.plus_seconds(RECALL_DAYS * DAY_SECONDS) < draft.now,
    };
    if is_late && !is_fraud {
        return Err(Misfit::Refused(Refusal::TooLate));
    }
    draft.payment.recall = Some(Recall::Requested);
    draft.does(Effect::SendRecall);
    Ok(())
}

pub(super) fn recall_answered(draft: &mut Draft, event: &Event) -> Result<(), Misfit> {
    let Event::RecallAnswered(answer) = event else { return Err(Misfit::PassedOver) };
    let is_open = matches!(draft.payment.recall, Some(Recall::Requested | Recall::Pending));
    if !is_open || *answer == Recall::Requested || draft.payment.recall == Some(*answer) {
        return Err(Misfit::PassedOver);
    }
    draft.payment.recall = Some(*answer);
    draft.does(Effect::Tell(Told::RecallAnswered));
    Ok(())
}
