//! Races on the money path: many at once, on both engines, and what must hold afterwards.

mod common;

use common::{Bank, deposit, hold, migrations, transfer};
use ids::UserId;
use payments::{Actor, Answer, Command, PosterError, TransactionStatus};
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
                bank.outcome(Actor::Customer(user), transfer(source, destination, 1_000)).await.is_ok()
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
                    match bank.submit(Actor::Customer(user), vec![command.clone()], true, "one key").await.1 {
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
                Answer::Fresh { reply, .. } | Answer::Replayed(reply) => reply.body,
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
                one.submit(Actor::Customer(user), command(), true, &key),
                other.submit(Actor::Customer(user), command(), true, &key),
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
                    (Actor::Customer(ann), transfer(accounts.0, accounts.1, 10))
                } else {
                    (Actor::Customer(bob), transfer(accounts.1, accounts.0, 10))
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
            let pending = one.done(Actor::Customer(payer), hold(source, destination, 100)).await;
            assert_eq!(pending.status, TransactionStatus::Pending);
            let capture = Command::Capture { transaction: pending.id, money: None };
            let release = Command::Release { transaction: pending.id };
            let rival = if round % 2 == 0 { &one } else { &other };
            let (captures, releases) = tokio::join!(
                one.outcome(Actor::Customer(payee), capture),
                rival.outcome(Actor::Customer(payer), release),
            );
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
            let paid = one.done(Actor::Customer(payer), transfer(source, destination, 1_000)).await;
            let refund = || Command::Refund { transaction: paid.id, money: None };
            let outcomes = tokio::join!(
                one.outcome(Actor::Customer(payee), refund()),
                other.outcome(Actor::Customer(payee), refund()),
                other.outcome(Actor::Admin(admin), Command::Reverse { transaction: paid.id }),
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
        let (outcomes, _) = bank.submit(Actor::Customer(user), commands.clone(), false, "each on its own").await;
        assert_eq!(outcomes.unwrap().iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
        bank.done(Actor::Customer(user), deposit(source, 1_000)).await;
        let (outcomes, _) = bank.submit(Actor::Customer(user), commands, true, "all or nothing").await;
        assert!(outcomes.unwrap().iter().all(Result::is_err));
        assert_eq!(bank.posted(source).await, 1_000);
        bank.assert_sound().await;
    });
}
