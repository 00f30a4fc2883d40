//! Holds: each ends exactly once, and what is held on an account is the sum of its open ones.

use crate::book::scenario::{Movement, View, scenarios};
use ids::{AccountId, HoldId};
use ledger::{Hold, HoldStatus, Refusal};
use proptest::prelude::*;

fn held_by_open_holds(view: &View, account: AccountId) -> i128 {
    let open = view.holds.values().filter(|hold| hold.account == account && hold.status == HoldStatus::Held);
    open.map(|hold| i128::from(hold.amount_minor)).sum()
}

/// The hold that a movement ends when it is not refused, and how.
fn ending(movement: &Movement) -> Option<(HoldId, HoldStatus)> {
    match movement {
        Movement::Capture(hold, _) => Some((*hold, HoldStatus::Captured)),
        Movement::Release(hold) => Some((*hold, HoldStatus::Released)),
        Movement::Expire(hold) => Some((*hold, HoldStatus::Expired)),
        Movement::Post(_) | Movement::Place(_) => None,
    }
}

fn is_sound(hold: &Hold) -> bool {
    let taken_fits = match hold.status {
        HoldStatus::Captured => (1..=hold.amount_minor).contains(&hold.captured_minor),
        HoldStatus::Held | HoldStatus::Released | HoldStatus::Expired => hold.captured_minor == 0,
    };
    taken_fits && hold.amount_minor > 0 && hold.closed_at.is_some() == (hold.status != HoldStatus::Held)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_held_is_the_sum_of_the_open_holds(scenario in scenarios()) {
        for step in scenario.steps().0 {
            for account in step.after.accounts.values() {
                let held = held_by_open_holds(&step.after, account.id);
                prop_assert_eq!(i128::from(account.held_minor), held, "{:?}", step.movement);
            }
        }
    }

    #[test]
    fn a_hold_ends_exactly_once_and_then_never_changes(scenario in scenarios()) {
        for step in scenario.steps().0 {
            let ended = ending(step.movement).filter(|_| step.outcome.is_ok());
            for (id, before) in &step.before.holds {
                let after = &step.after.holds[id];
                match ended {
                    Some((hold, how)) if hold == *id => {
                        prop_assert_eq!((before.status, after.status), (HoldStatus::Held, how));
                    }
                    _ => prop_assert_eq!(before, after, "{:?}", step.movement),
                }
            }
        }
    }

    #[test]
    fn every_hold_is_sound_at_every_moment(scenario in scenarios()) {
        for step in scenario.steps().0 {
            for hold in step.after.holds.values() {
                prop_assert!(is_sound(hold), "{:?} left {:?}", step.movement, hold);
            }
        }
    }

    #[test]
    fn a_capture_takes_what_it_says_and_gives_the_rest_back(scenario in scenarios()) {
        for step in scenario.steps().0.iter().filter(|step| step.outcome.is_ok()) {
            if let Movement::Capture(id, draft) = step.movement {
                let hold = step.after.holds[id];
                let legs = draft.legs.iter().filter(|leg| leg.account == hold.account);
                let taken: i64 = legs.map(|leg| -leg.amount_minor).sum();
                let (before, after) = (&step.before.accounts[&hold.account], &step.after.accounts[&hold.account]);
                prop_assert_eq!(hold.captured_minor, taken);
                prop_assert_eq!(before.posted_minor - after.posted_minor, taken);
                prop_assert_eq!(before.held_minor - after.held_minor, hold.amount_minor);
            }
        }
    }

    #[test]
    fn held_money_is_never_refused_for_lack_of_funds(scenario in scenarios()) {
        for step in scenario.steps().0 {
            if let (Movement::Capture(id, _), Err(Refusal::InsufficientFunds { account, .. })) = (step.movement, step.outcome) {
                prop_assert_ne!(step.before.holds[id].account, account);
            }
        }
    }

    #[test]
    fn a_hold_is_not_captured_after_its_time_and_not_expired_before_it(scenario in scenarios()) {
        for (step, (now, _)) in scenario.steps().0.iter().zip(scenario.timed()) {
            if let Some((id, how)) = ending(step.movement).filter(|_| step.outcome.is_ok()) {
                let is_over = now >= step.before.holds[&id].expires_at;
                prop_assert!(how == HoldStatus::Released || is_over == (how == HoldStatus::Expired));
            }
        }
    }
}
