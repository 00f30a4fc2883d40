//! What leaves no trace: refused movements, and everything after a savepoint that is returned to.

use crate::book::scenario::{Movement, scenarios};
use ledger::Refusal;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeSet;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_refused_movement_leaves_no_trace(scenario in scenarios()) {
        let mut book = scenario.book();
        for (now, movement) in scenario.timed() {
            let before = book.clone();
            if movement.apply(&mut book, now).is_err() {
                prop_assert_eq!(scenario.view(&book), scenario.view(&before));
                prop_assert_eq!(book.clone().into_changes(), before.into_changes(), "{:?}", movement);
            }
        }
    }

    #[test]
    fn rolling_back_restores_everything_and_the_same_movements_do_the_same_again(
        scenario in scenarios(),
        marked in any::<prop::sample::Index>(),
    ) {
        let mut book = scenario.book();
        let timed: Vec<_> = scenario.timed().collect();
        let (kept, taken_back) = timed.split_at(marked.index(timed.len()));
        for (now, movement) in kept {
            drop(movement.apply(&mut book, *now));
        }
        let (before, savepoint) = (book.clone(), book.savepoint());
        let outcomes: Vec<_> = taken_back.iter().map(|(now, movement)| movement.apply(&mut book, *now)).collect();
        let after = book.clone();
        book.roll_back_to(savepoint);
        prop_assert_eq!(scenario.view(&book), scenario.view(&before));
        prop_assert_eq!(book.clone().into_changes(), before.into_changes());
        for ((now, movement), outcome) in taken_back.iter().zip(outcomes) {
            prop_assert_eq!(movement.apply(&mut book, *now), outcome);
        }
        prop_assert_eq!(book.into_changes(), after.into_changes());
    }

    #[test]
    fn rolling_back_to_the_start_leaves_nothing_to_store(scenario in scenarios()) {
        let mut book = scenario.book();
        let savepoint = book.savepoint();
        for (now, movement) in scenario.timed() {
            drop(movement.apply(&mut book, now));
        }
        book.roll_back_to(savepoint);
        prop_assert_eq!(book.into_changes(), ledger::Changes::default());
    }
}

fn outcome_of(movement: &Movement, outcome: &Result<(), Refusal>) -> String {
    let debug = format!("{movement:?}");
    let what = debug.split('(').next().unwrap().to_owned();
    match outcome {
        Ok(()) => what,
        Err(refusal) => format!("{refusal:?}").split(' ').next().unwrap().to_owned(),
    }
}

/// The properties above mean little if the random movements never get anywhere.
#[test]
fn the_scenarios_reach_every_outcome() {
    let mut runner = TestRunner::deterministic();
    let mut reached = BTreeSet::new();
    let (mut done, mut all) = (0, 0);
    for _ in 0..300 {
        let scenario = scenarios().new_tree(&mut runner).unwrap().current();
        for step in scenario.steps().0 {
            reached.insert(outcome_of(step.movement, &step.outcome));
            done += usize::from(step.outcome.is_ok());
            all += 1;
        }
    }
    let done_kinds = ["Post", "Place", "Capture", "Release", "Expire"];
    let refusals = [
        "NoSuchAccount",
        "NotActive",
        "InsufficientFunds",
        "Unbalanced",
        "NothingHeld",
        "HoldTaken",
        "NothingCaptured",
        "BalanceTooLarge",
        "NoSuchHold",
        "HoldClosed",
        "MoreThanHeld",
        "HoldNotExpired",
    ];
    for outcome in done_kinds.into_iter().chain(refusals) {
        assert!(reached.contains(outcome), "{outcome} is not among {reached:?}");
    }
    assert!(4 * done > all, "only {done} of {all} movements were done");
}
