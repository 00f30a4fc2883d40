//! A command that is refused leaves a trace for those who are asked why; and nobody makes a flood of it.

use crate::common::{Bank, caller, deposit, migrations, transfer};
use db::WallTime;
use ids::UserId;
use ledger::AccountStatus;
use payments::{BrokenRule, Command, Hat, OrderError, REFUSALS_KEPT_DAYS, Refusal, RefusalFilter, Refused, Request};
use testkit::on_each_engine;

async fn listed(bank: &Bank, filter: RefusalFilter) -> Vec<Refused> {
    bank.payments.refusals(&filter, None, 1_000).await.unwrap()
}

fn words(refused: &[Refused]) -> Vec<(&str, &str)> {
    refused.iter().map(|one| (one.command.as_str(), one.reason.as_str())).collect()
}

#[test]
fn a_refusal_is_found_by_account_person_and_request_with_its_figures_and_once() {
    on_each_engine(&migrations(), async |db| {
        let bank = Bank::open(db).await;
        let [ann, bob] = [(); 2].map(|()| UserId::generate());
        let (from, to) = (bank.account(ann, 100).await, bank.account(bob, 0).await);
        for _ in 0..2 {
            bank.submit(Hat::Customer(ann), vec![transfer(from, to, 250)], true, "too-much").await.1.unwrap();
        }
        let paid = bank.done(Hat::Customer(ann), transfer(from, to, 10)).await.id;
        let refund = Command::Refund { transaction: paid, money: None };
        bank.submit(Hat::Customer(ann), vec![refund], true, "not-hers").await.1.unwrap();

        let of_account = listed(&bank, RefusalFilter::Account(from)).await;
        let expected = [("REFUND", "NOT_ALLOWED"), ("TRANSFER", "INSUFFICIENT_FUNDS")];
        assert_eq!(words(&of_account), expected, "the newest first, and a replay is nothing new");
        for filter in [RefusalFilter::All, RefusalFilter::Account(to), RefusalFilter::User(ann)] {
            assert_eq!(listed(&bank, filter).await, of_account);
        }
        assert_eq!(listed(&bank, RefusalFilter::Request("too-much".to_owned())).await, of_account[1..]);
        assert_eq!(listed(&bank, RefusalFilter::User(bob)).await, []);
        let before = bank.payments.refusals(&RefusalFilter::Account(from), Some(of_account[0].id), 9).await;
        assert_eq!(before.unwrap(), of_account[1..]);

        let [refund, too_much] = &of_account[..] else { panic!("{of_account:?}") };
        assert_eq!((refund.transaction, refund.source, refund.money.unwrap().minor()), (Some(paid), Some(from), 10));
        assert_eq!((too_much.source, too_much.destination), (Some(from), Some(to)));
        for figure in [r#""available":"1.00""#, r#""requested":"2.50""#] {
            assert!(too_much.figures.contains(figure), "{}", too_much.figures);
        }
        let events = outbox::numbered_after(&bank.db, 0, 100).await.unwrap();
        let refused: Vec<_> = events.iter().filter(|event| event.kind == "payments.refused").collect();
        assert_eq!(refused.len(), 2);
        assert_eq!((refused[0].subject_id, refused[0].is_audited), (from.uuid(), false));
        assert!(refused[0].payload.contains(&too_much.id.to_string()), "{}", refused[0].payload);
        bank.assert_sound().await;
    });
}

#[test]
fn what_the_caller_is_not_shown_is_kept_for_the_bank() {
    on_each_engine(&migrations(), async |db| {
        let bank = Bank::open(db).await;
        let [ann, bob] = [(); 2].map(|()| UserId::generate());
        let (from, to) = (bank.account(ann, 100).await, bank.account(bob, 0).await);
        bank.set_status(to, AccountStatus::Frozen).await;
        let outcome = bank.outcome(Hat::Customer(ann), transfer(from, to, 1)).await;
        assert_eq!(outcome, Err(Refusal::Unavailable { account: to }));
        let kept = listed(&bank, RefusalFilter::Account(to)).await;
        assert_eq!(words(&kept), [("TRANSFER", "ACCOUNT_NOT_ACTIVE")]);
        assert!(kept[0].figures.contains("FROZEN"), "{}", kept[0].figures);
    });
}

#[test]
fn whoever_has_no_part_in_it_leaves_no_trace() {
    on_each_engine(&migrations(), async |db| {
        let bank = Bank::open(db).await;
        let [ann, bob, stranger] = [(); 3].map(|()| UserId::generate());
        let (from, to) = (bank.account(ann, 100).await, bank.account(bob, 0).await);
        let paid = bank.done(Hat::Customer(ann), transfer(from, to, 10)).await.id;
        for command in [transfer(from, to, 1), Command::Refund { transaction: paid, money: None }] {
            bank.outcome(Hat::Customer(stranger), command).await.unwrap_err();
        }
        assert_eq!(listed(&bank, RefusalFilter::All).await, []);
    });
}

#[test]
fn staff_power_that_does_not_reach_is_shown_to_those_who_check() {
    on_each_engine(&migrations(), async |db| {
        let bank = Bank::open(db).await;
        let [ann, teller] = [(); 2].map(|()| UserId::generate());
        let account = bank.account(ann, 0).await;
        bank.outcome(Hat::Teller { user: teller, is_fresh: false }, deposit(account, 1)).await.unwrap_err();
        let kept = listed(&bank, RefusalFilter::User(teller)).await;
        assert_eq!(words(&kept), [("DEPOSIT", "STALE_PROOF")]);
        assert_eq!(kept[0].actor.on_behalf_of, Some(ann));
        let filter = outbox::EventFilter { actor: Some(teller), ..outbox::EventFilter::default() };
        let audited = outbox::audited(&bank.db, &filter, None, 9).await.unwrap();
        assert_eq!(audited.len(), 1);
        assert_eq!((audited[0].kind.as_str(), audited[0].subject_id), ("payments.refused", account.uuid()));
    });
}

#[test]
fn of_a_flood_a_bounded_part_is_kept_and_only_for_some_weeks() {
    on_each_engine(&migrations(), async |db| {
        let bank = Bank::open(db).await;
        let [ann, bob] = [(); 2].map(|()| UserId::generate());
        let (from, to) = (bank.account(ann, 0).await, bank.account(bob, 5).await);
        let flood = vec![transfer(from, to, 1); 600];
        bank.submit(Hat::Customer(ann), flood, false, "flood").await.1.unwrap();
        assert_eq!(listed(&bank, RefusalFilter::User(ann)).await.len(), 240);
        bank.outcome(Hat::Customer(bob), transfer(to, from, 9)).await.unwrap_err();
        assert_eq!(listed(&bank, RefusalFilter::User(bob)).await.len(), 1, "nobody else's suffers");

        let day = |days: i64| WallTime::now().plus_seconds(days * 86_400);
        assert_eq!(bank.payments.purge_refusals(day(REFUSALS_KEPT_DAYS - 1)).await, Ok(0));
        assert_eq!(bank.payments.purge_refusals(day(REFUSALS_KEPT_DAYS + 1)).await, Ok(241));
        assert_eq!(listed(&bank, RefusalFilter::All).await, []);
    });
}

#[test]
fn what_a_rule_of_the_bank_forbids_is_kept_too() {
    on_each_engine(&migrations(), async |db| {
        let bank = Bank::open(db).await;
        let [ann, stranger] = [(); 2].map(|()| UserId::generate());
        let account = bank.account(ann, 0).await;
        for user in [ann, stranger] {
            let caller = caller(Hat::Customer(user)).unwrap();
            let commands = vec![deposit(account, 100_000_000_001)];
            let pack = Box::new(payments::Receipt::plain);
            let request = Request { commands, is_atomic: true, key: None, pack, request_id: Some("cash".to_owned()) };
            let refused = bank.payments.order(&caller, request, WallTime::now()).await.unwrap_err();
            assert!(matches!(refused, OrderError::Rule(BrokenRule::TooMuchCash { .. })), "{refused}");
        }
        let kept = listed(&bank, RefusalFilter::Request("cash".to_owned())).await;
        assert_eq!((words(&kept), kept[0].actor.user), (vec![("DEPOSIT", "TOO_MUCH_CASH")], Some(ann)));
    });
}
