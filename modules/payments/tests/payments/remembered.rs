//! What a process remembers of accounts and keys saves reading them; it never decides what happens.

use crate::common::{Bank, RULES, deposit, migrations, transfer};
use ids::UserId;
use ledger::AccountStatus;
use payments::{Answer, Hat, Payments, Refusal};
use testkit::on_each_engine;
use tokio::task::JoinSet;

/// The same database, as another process has it.
fn elsewhere(bank: &Bank) -> Bank {
    Bank { db: bank.db.clone(), payments: Payments::start(bank.db.clone(), testkit::clocks(), RULES) }
}

#[test]
fn nothing_is_refused_over_a_balance_that_is_only_remembered() {
    on_each_engine(&migrations(), async |db| {
        let here = Bank::open(db).await;
        let there = elsewhere(&here);
        let user = UserId::generate();
        let (from, to) = (here.account(user, 1_000).await, here.account(user, 0).await);
        here.done(Hat::Customer(user), transfer(from, to, 900)).await;
        there.done(Hat::Customer(user), deposit(from, 5_000)).await;
        let done = here.done(Hat::Customer(user), transfer(from, to, 5_000)).await;
        assert_eq!(done.source.balance_after.map(|after| after.posted_minor), Some(100));
        here.assert_sound().await;
    });
}

#[test]
fn what_the_office_changed_meanwhile_counts() {
    on_each_engine(&migrations(), async |db| {
        let bank = Bank::open(db).await;
        let user = UserId::generate();
        let (from, to) = (bank.account(user, 1_000).await, bank.account(user, 0).await);
        for round in 0..3 {
            bank.done(Hat::Customer(user), transfer(from, to, 1)).await;
            bank.set_status(from, AccountStatus::Frozen).await;
            let refused = bank.outcome(Hat::Customer(user), transfer(from, to, 1)).await;
            let is_frozen = matches!(refused, Err(Refusal::Ledger(ledger::Refusal::NotActive { .. })));
            assert!(is_frozen, "{refused:?}");
            bank.set_status(from, AccountStatus::Active).await;
            bank.done(Hat::Customer(user), transfer(from, to, 1)).await;
            assert_eq!(bank.posted(to).await, 2 * (round + 1));
        }
        bank.assert_sound().await;
    });
}

#[test]
fn a_key_that_this_process_never_met_has_its_one_effect_all_the_same() {
    on_each_engine(&migrations(), async |db| {
        let before = Bank::open(db).await;
        let user = UserId::generate();
        let (from, to) = (before.account(user, 1_000).await, before.account(user, 0).await);
        let (command, other) = (transfer(from, to, 10), transfer(from, to, 20));
        let (_, first) = before.submit(Hat::Customer(user), vec![command.clone()], true, "key").await;
        let Ok(Answer::Fresh { receipt, .. }) = first else { panic!("{first:?}") };
        let bank = elsewhere(&before);
        let mut neighbours = JoinSet::new();
        for _ in 0..20 {
            let bank = bank.clone();
            neighbours.spawn(async move { drop(bank.done(Hat::Customer(user), transfer(from, to, 1)).await) });
        }
        let (_, again) = bank.submit(Hat::Customer(user), vec![command], true, "key").await;
        assert!(matches!(&again, Ok(Answer::Replayed(replayed)) if *replayed == receipt), "{again:?}");
        neighbours.join_all().await;
        // Once it has met it, and in yet another process at once.
        for bank in [&bank, &elsewhere(&before)] {
            let (_, reused) = bank.submit(Hat::Customer(user), vec![other.clone()], true, "key").await;
            assert!(matches!(reused, Ok(Answer::KeyReused)), "{reused:?}");
        }
        assert_eq!(bank.posted(to).await, 30);
        bank.assert_sound().await;
    });
}
