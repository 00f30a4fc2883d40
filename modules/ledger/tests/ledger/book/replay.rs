//! A batch is nothing but its movements one after the other, each in a book of its own.

use crate::book::scenario::{Scenario, scenarios};
use ledger::{Account, Book, Changes, Entry, Hold, Posting, Refusal};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What the database would hold: everything that changes have written.
#[derive(Clone, Debug, PartialEq)]
struct Stored {
    accounts: BTreeMap<ids::AccountId, Account>,
    holds: BTreeMap<ids::HoldId, Hold>,
    entries: Vec<Entry>,
    postings: Vec<Posting>,
}

impl Stored {
    fn before(scenario: &Scenario) -> Self {
        Self {
            accounts: scenario.accounts.iter().map(|account| (account.id, *account)).collect(),
            holds: scenario.holds.iter().map(|hold| (hold.id, *hold)).collect(),
            entries: Vec::new(),
            postings: Vec::new(),
        }
    }

    /// Writes as the database does: what is new must be new, what changes must be there, and nothing is named twice.
    fn write(&mut self, changes: Changes) {
        let mut changed: Vec<_> = changes.accounts.iter().map(|change| change.after.id).collect();
        changed.sort();
        changed.dedup();
        assert_eq!(changed.len(), changes.accounts.len(), "an account is written once");
        for ledger::AccountChange { before, after } in changes.accounts {
            let known = self.accounts.insert(after.id, after);
            assert_eq!(known, Some(before), "an account changes from what it was");
        }
        for hold in changes.new_holds {
            assert!(self.holds.insert(hold.id, hold).is_none(), "a new hold is new");
        }
        for hold in changes.closed_holds {
            assert!(self.holds.insert(hold.id, hold).is_some(), "a closed hold had been stored");
        }
        self.entries.extend(changes.entries);
        self.postings.extend(changes.postings);
    }

    fn book(&self) -> Book {
        Book::new(self.accounts.values().copied(), self.holds.values().copied())
    }
}

/// Applies the movements in batches of the given size; gives the outcomes and what is stored in the end.
fn run(scenario: &Scenario, batch_size: usize) -> (Vec<Result<(), Refusal>>, Stored) {
    let mut stored = Stored::before(scenario);
    let mut outcomes = Vec::new();
    for batch in scenario.timed().collect::<Vec<_>>().chunks(batch_size) {
        let mut book = stored.book();
        outcomes.extend(batch.iter().map(|(now, movement)| movement.apply(&mut book, *now)));
        stored.write(book.into_changes());
    }
    (outcomes, stored)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_batch_is_its_movements_one_by_one(scenario in scenarios(), batch_size in 2_usize..50) {
        let (outcomes, stored) = run(&scenario, 1);
        let (outcomes_of_batches, stored_by_batches) = run(&scenario, batch_size);
        prop_assert_eq!(outcomes_of_batches, outcomes);
        prop_assert_eq!(stored_by_batches, stored);
    }

    #[test]
    fn refused_movements_could_as_well_not_have_been_there(scenario in scenarios()) {
        let (outcomes, stored) = run(&scenario, usize::MAX);
        let mut book = scenario.book();
        for ((now, movement), _) in scenario.timed().zip(outcomes).filter(|(_, outcome)| outcome.is_ok()) {
            prop_assert_eq!(movement.apply(&mut book, now), Ok(()));
        }
        let mut without_refused = Stored::before(&scenario);
        without_refused.write(book.into_changes());
        prop_assert_eq!(without_refused, stored);
    }
}
