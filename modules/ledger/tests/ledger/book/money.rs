//! Money is neither made nor lost, limits hold, and every history is a chain.

use crate::book::scenario::{Movement, Scenario, View, scenarios};
use ids::{AccountId, EntryId};
use ledger::{Account, AccountChange, AccountStatus, Changes, Limits, Posting, Refusal};
use money::Currency;
use proptest::prelude::*;
use std::collections::{BTreeMap, HashMap};

/// The sum of all posted balances of each currency.
fn totals(view: &View) -> BTreeMap<Currency, i128> {
    let mut totals = BTreeMap::new();
    for account in view.accounts.values() {
        *totals.entry(account.currency).or_default() += i128::from(account.posted_minor);
    }
    totals
}

/// Said again in other words than the ledger's own.
fn is_within_limit(account: &Account) -> bool {
    let spendable = i128::from(account.posted_minor) - i128::from(account.held_minor);
    account.overdraft_limit_minor.is_none_or(|limit_minor| spendable + i128::from(limit_minor) >= 0)
}

fn changes(scenario: &Scenario) -> (usize, Changes) {
    let (steps, book) = scenario.steps();
    let booked = steps
        .iter()
        .filter(|step| step.outcome.is_ok() && matches!(step.movement, Movement::Post(_) | Movement::Capture(..)));
    (booked.count(), book.into_changes())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn money_is_neither_made_nor_lost_in_any_currency(scenario in scenarios()) {
        for step in scenario.steps().0 {
            prop_assert_eq!(totals(&step.before), totals(&step.after), "{:?}", step.movement);
        }
    }

    #[test]
    fn nobody_gets_past_their_limit_or_further_past_it(scenario in scenarios()) {
        for step in scenario.steps().0.iter().filter(|step| !step.movement.is_history()) {
            for (id, after) in &step.after.accounts {
                let was_minor = step.before.accounts[id].available_minor();
                prop_assert!(
                    is_within_limit(after) || after.available_minor() >= was_minor || step.movement.may_overdraw(*id),
                    "{:?} took {:?} to {:?}", step.movement, step.before.accounts[id], after
                );
            }
        }
    }

    #[test]
    fn nobody_is_refused_what_they_can_pay(scenario in scenarios()) {
        for step in scenario.steps().0 {
            let (Movement::Post(draft), Err(Refusal::InsufficientFunds { account, .. })) = (step.movement, step.outcome) else {
                continue;
            };
            let lifted = draft.legs.iter().filter(|leg| leg.account == account && leg.limits != Limits::Enforced);
            prop_assert!(lifted.count() < draft.legs.iter().filter(|leg| leg.account == account).count());
            if let [debit, credit] = draft.legs.as_slice() && debit.account != credit.account {
                let mut payer = step.before.accounts[&account];
                payer.posted_minor = payer.posted_minor.saturating_add(debit.amount_minor.min(credit.amount_minor));
                prop_assert!(!is_within_limit(&payer), "{:?} can pay {:?}", step.before.accounts[&account], draft);
            }
        }
    }

    #[test]
    fn a_capture_never_lowers_what_its_holder_may_spend(scenario in scenarios()) {
        for step in scenario.steps().0.iter().filter(|step| step.outcome.is_ok()) {
            if let Movement::Capture(hold, _) = step.movement {
                let holder = step.before.holds[hold].account;
                let available = |view: &View| view.accounts[&holder].available_minor();
                prop_assert!(available(&step.after) >= available(&step.before), "{:?}", step.movement);
            }
        }
    }

    #[test]
    fn only_history_books_on_an_account_that_is_not_active(scenario in scenarios()) {
        for step in scenario.steps().0.iter().filter(|step| !step.movement.is_history()) {
            for before in step.before.accounts.values().filter(|before| before.status != AccountStatus::Active) {
                let after = &step.after.accounts[&before.id];
                prop_assert_eq!((after.posted_minor, after.sequence), (before.posted_minor, before.sequence));
                prop_assert!(after.held_minor <= before.held_minor, "{:?}", step.movement);
            }
        }
    }

    #[test]
    fn every_history_is_a_chain_without_gaps(scenario in scenarios()) {
        let (_, changes) = changes(&scenario);
        let mut last: HashMap<AccountId, (i64, i64)> =
            scenario.accounts.iter().map(|account| (account.id, (account.sequence, account.posted_minor))).collect();
        for Posting { account, sequence, amount_minor, balance_minor, .. } in &changes.postings {
            let (sequence_before, balance_before) = last[account];
            prop_assert!(*amount_minor != 0);
            prop_assert_eq!((*sequence, *balance_minor), (sequence_before + 1, balance_before + amount_minor));
            last.insert(*account, (*sequence, *balance_minor));
        }
        for AccountChange { before, after } in &changes.accounts {
            prop_assert!(scenario.accounts.contains(before), "{before:?} was not loaded");
            prop_assert_eq!((after.sequence, after.posted_minor), last[&after.id]);
        }
    }

    #[test]
    fn every_entry_is_booked_once_and_sums_to_zero(scenario in scenarios()) {
        let (booked, changes) = changes(&scenario);
        prop_assert_eq!(changes.entries.len(), booked);
        let mut sums: HashMap<(EntryId, Currency), i128> = HashMap::new();
        for posting in &changes.postings {
            *sums.entry((posting.entry, posting.currency)).or_default() += i128::from(posting.amount_minor);
        }
        prop_assert!(sums.values().all(|sum| *sum == 0));
        for entry in &changes.entries {
            let sides = changes.postings.iter().filter(|posting| posting.entry == entry.id);
            let dated = |posting: &Posting| (posting.value_date, posting.booked_at) == (entry.value_date, entry.booked_at);
            prop_assert!(sides.clone().count() >= 2 && sides.clone().all(dated));
        }
    }
}
