//! Races on the money path: many at once, on both engines, and what must hold afterwards.

use crate::common::{Bank, deposit, hold, migrations, transfer};
use ids::UserId;
use ledger::AccountStatus;
use payments::{Answer, Command, Hat, PosterError, TransactionStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use testkit::on_each_engine;
use tokio::task::JoinSet;

#[test]
fn two_hundred_parallel_debits_worth_ten_times_the_balance_never_overspend() {
    on_each_engine(&migrations(), async |db| {
        let bank = Bank::open(db).await;
        let user = UserId::generate();
        let source = bank.account(user, 20_000).await;
        let destination = bank.account(UserId::generate(), 0).await;
        let mut running = JoinSet::new();
        for _ in 0..200 {
            let bank = bank.clone();
            running.spawn(async move {
                bank.outcome(Hat::Customer(user), transfer(source, destination, 1_000)).await.is_ok()
            });
        }
        let settled = running.join_all().await.into_iter().filter(|done| *done).count();
        assert_eq!(settled, 20);
        assert_eq!((bank.posted(source).await, bank.posted(destination).await), (0, 20_000));
        bank.assert_sound().await;
    });
}

#[test]
fn one_hundred_parallel_requests_with_one_key_have_one_effect() {
    on_each_engine(&migrations(), async |db| {
        let bank = Bank::open(db).await;
        let user = UserId::generate();
        let source = bank.account(user, 10_000).await;
        let destination = bank.account(UserId::generate(), 0).await;
        let mut running = JoinSet::new();
        for _ in 0..100 {
            let bank = bank.clone();
            running.spawn(async move {
                let command = transfer(source, destination, 100);
                loop {
                    match bank.submit(Hat::Customer(user), vec![command.clone()], true, "one key").await.1 {
                        Err(PosterError::InProgress) => tokio::task::yield_now().await,
                        answer => return answer.unwrap(),
                    }
                }
            });
        }
        let answers = running.join_all().await;
        let fresh = answers.iter().filter(|answer| matches!(answer, Answer::Fresh { .. })).count();
        let replies: std::collections::HashSet<Vec<u8>> = answers
            .into_iter()
            .map(|answer| match answer {
                Answer::Fresh { receipt, .. } | Answer::Replayed(receipt) => receipt.body,
                Answer::KeyReused => panic!("it was the same request"),
            })
            .collect();
        assert_eq!((fresh, replies.len()), (1, 1));
        assert_eq!(bank.posted(destination).await, 100);
        bank.assert_sound().await;
    });
}

#[test]
fn two_processes_with_one_key_have_one_effect() {
    on_each_engine(&migrations(), async |db| {
        // Two posters on one database know nothing of each other, as two processes do.
        let one = Bank::open(db.clone()).await;
        let other = Bank::open(db).await;
        let user = UserId::generate();
        let source = one.account(user, 100_000).await;
        let destination = one.account(UserId::generate(), 0).await;
        for round in 0..25 {
            let key = format!("round {round}");
            let command = || vec![transfer(source, destination, 100)];
            let (first, second) = tokio::join!(
                one.submit(Hat::Customer(user), command(), true, &key),
                other.submit(Hat::Customer(user), command(), true, &key),
            );
            let answers = [first.1.unwrap(), second.1.unwrap()];
            assert_eq!(answers.iter().filter(|answer| matches!(answer, Answer::Replayed(_))).count(), 1);
        }
        assert_eq!(one.posted(destination).await, 2_500);
        one.assert_sound().await;
    });
}

#[test]
fn opposite_transfers_between_two_accounts_do_not_block_each_other() {
    on_each_engine(&migrations(), async |db| {
        let one = Bank::open(db.clone()).await;
        let other = Bank::open(db).await;
        let (ann, bob) = (UserId::generate(), UserId::generate());
        let accounts = (one.account(ann, 50_000).await, one.account(bob, 50_000).await);
        let mut running = JoinSet::new();
        for number in 0..200 {
            let bank = if number % 4 < 2 { one.clone() } else { other.clone() };
            running.spawn(async move {
                let (actor, command) = if number % 2 == 0 {
                    (Hat::Customer(ann), transfer(accounts.0, accounts.1, 10))
                } else {
                    (Hat::Customer(bob), transfer(accounts.1, accounts.0, 10))
                };
                bank.done(actor, command).await;
            });
        }
        running.join_all().await;
        assert_eq!((one.posted(accounts.0).await, one.posted(accounts.1).await), (50_000, 50_000));
        one.assert_sound().await;
    });
}

#[test]
fn of_capture_and_release_at_once_exactly_one_wins() {
    on_each_engine(&migrations(), async |db| {
        let one = Bank::open(db.clone()).await;
        let other = Bank::open(db).await;
        let (payer, payee) = (UserId::generate(), UserId::generate());
        let source = one.account(payer, 100_000).await;
        let destination = one.account(payee, 0).await;
        let mut captured = 0;
        for round in 0..25 {
            let pending = one.done(Hat::Customer(payer), hold(source, destination, 100)).await;
            assert_eq!(pending.status, TransactionStatus::Pending);
            let capture = Command::Capture { transaction: pending.id, money: None };
            let release = Command::Release { transaction: pending.id };
            let rival = if round % 2 == 0 { &one } else { &other };
            let (captures, releases) =
                tokio::join!(one.outcome(Hat::Customer(payee), capture), rival.outcome(Hat::Customer(payer), release),);
            assert_ne!(captures.is_ok(), releases.is_ok(), "{captures:?} {releases:?}");
            captured += i64::from(captures.is_ok());
        }
        assert_eq!(one.posted(destination).await, captured * 100);
        assert_eq!(one.state(source).await.held_minor, 0);
        one.assert_sound().await;
    });
}

#[test]
fn of_refunds_and_reversals_at_once_exactly_one_wins() {
    on_each_engine(&migrations(), async |db| {
        let one = Bank::open(db.clone()).await;
        let other = Bank::open(db).await;
        let (payer, payee, admin) = (UserId::generate(), UserId::generate(), UserId::generate());
        let source = one.account(payer, 1_000).await;
        let destination = one.account(payee, 1_000_000).await;
        for _ in 0..25 {
            let paid = one.done(Hat::Customer(payer), transfer(source, destination, 1_000)).await;
            let refund = || Command::Refund { transaction: paid.id, money: None };
            let outcomes = tokio::join!(
                one.outcome(Hat::Customer(payee), refund()),
                other.outcome(Hat::Customer(payee), refund()),
                other.outcome(Hat::Admin { user: admin, is_fresh: true }, Command::Reverse { transaction: paid.id }),
            );
            let wins = [outcomes.0.is_ok(), outcomes.1.is_ok(), outcomes.2.is_ok()];
            assert_eq!(wins.iter().filter(|won| **won).count(), 1);
            assert_eq!(one.posted(source).await, 1_000);
        }
        one.assert_sound().await;
    });
}

#[test]
fn a_refused_command_does_not_spoil_its_neighbours() {
    on_each_engine(&migrations(), async |db| {
        let bank = Bank::open(db).await;
        let user = UserId::generate();
        let source = bank.account(user, 1_000).await;
        let destination = bank.account(UserId::generate(), 0).await;
        let commands = vec![
            transfer(source, destination, 600),
            transfer(source, destination, 600),
            transfer(source, destination, 400),
        ];
        let (outcomes, _) = bank.submit(Hat::Customer(user), commands.clone(), false, "each on its own").await;
        assert_eq!(outcomes.unwrap().iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
        bank.done(Hat::Customer(user), deposit(source, 1_000)).await;
        let (outcomes, _) = bank.submit(Hat::Customer(user), commands, true, "all or nothing").await;
        assert!(outcomes.unwrap().iter().all(Result::is_err));
        assert_eq!(bank.posted(source).await, 1_000);
        bank.assert_sound().await;
    });
}

#[test]
fn nothing_moves_between_the_answers_to_freezing_and_thawing() {
    on_each_engine(&migrations(), async |db| {
        let bank = Bank::open(db).await;
        let user = UserId::generate();
        let busy = bank.account(user, 1_000_000).await;
        let others = [bank.account(UserId::generate(), 0).await, bank.account(UserId::generate(), 0).await];
        let stop = Arc::new(AtomicBool::new(false));
        let mut running = JoinSet::new();
        for number in 0..32 {
            let (bank, stop) = (bank.clone(), Arc::clone(&stop));
            running.spawn(async move {
                let mut settled = 0;
                while !stop.load(Ordering::Relaxed) {
                    let command = transfer(busy, others[number % 2], 1);
                    settled += i64::from(bank.outcome(Hat::Customer(user), command).await.is_ok());
                }
                settled
            });
        }
        for _ in 0..40 {
            bank.set_status(busy, AccountStatus::Frozen).await;
            let frozen_at = bank.posted(busy).await;
            let refused = bank.outcome(Hat::Customer(user), transfer(busy, others[0], 1)).await;
            assert!(refused.is_err(), "a frozen account paid");
            assert_eq!(bank.posted(busy).await, frozen_at);
            bank.set_status(busy, AccountStatus::Active).await;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        stop.store(true, Ordering::Relaxed);
        let settled: i64 = running.join_all().await.into_iter().sum();
        assert!(settled > 0);
        assert_eq!(bank.posted(busy).await, 1_000_000 - settled);
        bank.assert_sound().await;
    });
}

#[test]
fn several_processes_with_many_requests_on_few_accounts_book_each_answer_once() {
    on_each_engine(&migrations(), async |db| {
        let banks = [Bank::open(db.clone()).await, Bank::open(db.clone()).await, Bank::open(db).await];
        let user = UserId::generate();
        let mut accounts = Vec::new();
        for _ in 0..6 {
            accounts.push(banks[0].account(user, 5_000).await);
        }
        let mut running = JoinSet::new();
        for worker in 0..48_usize {
            let (bank, accounts) = (banks[worker % 3].clone(), accounts.clone());
            running.spawn(async move {
                let mut moved = [0_i64; 6];
                for step in 0..20 {
                    let (from, to) = ((worker + step) % 6, (worker * 5 + step * 7 + 1) % 6);
                    if from == to {
                        continue;
                    }
                    let minor = i64::try_from(1 + (worker * 31 + step * 17) % 900).unwrap();
                    let command = transfer(accounts[from], accounts[to], minor);
                    if bank.outcome(Hat::Customer(user), command).await.is_ok() {
                        moved[from] -= minor;
                        moved[to] += minor;
                    }
                }
                moved
            });
        }
        let moved = running.join_all().await;
        for (number, account) in accounts.iter().enumerate() {
            let expected = 5_000 + moved.iter().map(|moved| moved[number]).sum::<i64>();
            assert_eq!(banks[0].posted(*account).await, expected, "account {number}");
            assert!(expected >= 0, "account {number} is overspent");
        }
        banks[0].assert_sound().await;
    });
}
