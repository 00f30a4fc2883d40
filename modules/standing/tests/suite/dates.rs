//! Dates that fall due: in order, each once, also late, twice at once, without money, and after a kill.

use crate::bank::{Bank, at, schedule, wish, with_bank};
use clock::ClockCommand;
use futures_util::future;
use ids::TransactionId;
use ledger::AccountStatus;
use standing::{Frequency, OwnedOrder, RunWord, Schedule, StandingStatus, StandingWish};

fn words(runs: &[standing::StandingRun]) -> Vec<String> {
    let word = |run: &standing::StandingRun| {
        format!("{} {} {}", run.date, run.outcome.word(), run.why.as_deref().unwrap_or("-"))
    };
    runs.iter().map(word).collect()
}

#[test]
fn forty_days_at_once_pay_each_date_exactly_once_and_in_order() {
    with_bank(async |bank| {
        bank.command(ClockCommand::Freeze).await;
        let payer = bank.payer(100_000).await;
        let daily = bank.create(&payer, wish(&payer, 1_00, schedule(Frequency::Daily, "2026-11-28"))).await;
        let monthly = Schedule { day_of_month: Some(31), ..schedule(Frequency::Monthly, "2026-11-27") };
        let monthly = bank.create(&payer, wish(&payer, 50_00, monthly)).await;
        bank.command(ClockCommand::AdvanceBy(40 * 86_400)).await;
        bank.keep_up().await;
        let runs = bank.runs(&payer, &daily).await;
        assert_eq!(runs.len(), 40);
        assert!(runs.iter().all(|run| run.outcome == RunWord::Paid));
        assert!(runs.is_sorted_by(|one, next| one.date < next.date && one.happened_at < next.happened_at));
        assert_eq!(runs[0].happened_at, at("2026-11-28T11:00:00Z"));
        let transactions: std::collections::BTreeSet<TransactionId> =
            runs.iter().filter_map(|run| run.transaction_id).collect();
        assert_eq!(transactions.len(), 40);
        assert_eq!(words(&bank.runs(&payer, &monthly).await), ["2026-11-30 PAID -", "2026-12-31 PAID -"]);
        assert_eq!(bank.posted(payer.landlord).await, 40_00 + 10_000);
        bank.assert_sound().await;
    });
}

#[test]
fn what_is_not_there_is_looked_for_three_times_more_on_the_day() {
    with_bank(async |bank| {
        let payer = bank.payer(0).await;
        let order = bank.create(&payer, wish(&payer, 5_00, schedule(Frequency::Daily, "2026-11-28"))).await;
        for (time, tries) in [("11:00", 1), ("15:00", 2), ("19:00", 3)] {
            bank.wake_at(&format!("2026-11-28T{time}:30Z")).await;
            assert_eq!(bank.now_is(&payer, &order).await.tries, tries, "{time}");
            assert!(bank.runs(&payer, &order).await.is_empty());
        }
        bank.pay_in(&payer, 5_00).await;
        bank.wake_at("2026-11-28T23:00:30Z").await;
        for time in ["11:00", "15:00", "19:00", "23:00"] {
            bank.wake_at(&format!("2026-11-29T{time}:30Z")).await;
        }
        let expected = ["2026-11-28 PAID -", "2026-11-29 REFUSED INSUFFICIENT_FUNDS"];
        assert_eq!(words(&bank.runs(&payer, &order).await), expected);
        let now = bank.now_is(&payer, &order).await;
        assert_eq!((now.status, now.tries), (StandingStatus::Active, 0));
        assert_eq!(bank.posted(payer.landlord).await, 5_00);
    });
}

#[test]
fn after_three_dates_that_failed_it_stops() {
    with_bank(async |bank| {
        let payer = bank.payer(0).await;
        let order = bank.create(&payer, wish(&payer, 5_00, schedule(Frequency::Daily, "2026-11-28"))).await;
        for day in 28..=30 {
            bank.wake_at(&format!("2026-11-{day}T23:30:00Z")).await;
        }
        let now = bank.now_is(&payer, &order).await;
        assert_eq!((now.status, now.next), (StandingStatus::Stopped, None));
        assert_eq!(bank.runs(&payer, &order).await.len(), 3);
        let told = bank.told().await;
        let (kind, data) = told.last().unwrap();
        assert_eq!(kind, "payments.order_ended");
        assert!(data.contains(r#""status":"STOPPED""#), "{data}");
        bank.pay_in(&payer, 10_000).await;
        bank.wake_at("2026-12-05T23:30:00Z").await;
        assert_eq!(bank.posted(payer.landlord).await, 0);
    });
}

#[test]
fn five_dates_that_were_missed_are_all_paid_and_of_more_only_the_last() {
    with_bank(async |bank| {
        let payer = bank.payer(100_000).await;
        let weekly = schedule(Frequency::Weekly, "2026-11-28");
        let few = bank.create(&payer, wish(&payer, 1_00, weekly)).await;
        let daily = schedule(Frequency::Daily, "2026-11-28");
        let many = bank.create(&payer, wish(&payer, 10_00, daily)).await;
        let all = StandingWish { catches_up: true, ..wish(&payer, 2_00, daily) };
        let all = bank.create(&payer, all).await;
        bank.wake_at("2026-12-28T12:00:00Z").await;
        let dates = bank.runs(&payer, &few).await;
        let expected = ["2026-11-28", "2026-12-05", "2026-12-12", "2026-12-19", "2026-12-26"];
        assert_eq!(dates.iter().map(|run| run.date.to_string()).collect::<Vec<_>>(), expected);
        let skipped = bank.runs(&payer, &many).await;
        assert_eq!(words(&skipped), ["2026-12-27 SKIPPED MISSED", "2026-12-28 PAID -"]);
        assert_eq!(skipped[0].dates, 30);
        assert_eq!(bank.runs(&payer, &all).await.len(), 31);
        assert_eq!(bank.posted(payer.landlord).await, 5_00 + 10_00 + 31 * 2_00);
        let kinds: std::collections::BTreeSet<String> = bank.told().await.into_iter().map(|(kind, _)| kind).collect();
        assert!(kinds.contains("payments.order_run") && kinds.contains("payments.order_skipped"), "{kinds:?}");
    });
}

#[test]
fn a_date_that_was_missed_a_year_ago_is_paid_once() {
    with_bank(async |bank| {
        let payer = bank.payer(10_000).await;
        let once = bank.create(&payer, wish(&payer, 7_00, schedule(Frequency::Once, "2026-12-01"))).await;
        bank.wake_at("2027-12-01T12:00:00Z").await;
        bank.keep_up().await;
        assert_eq!(words(&bank.runs(&payer, &once).await), ["2026-12-01 PAID -"]);
        assert_eq!(bank.now_is(&payer, &once).await.status, StandingStatus::Ended);
        assert_eq!(bank.posted(payer.landlord).await, 7_00);
    });
}

#[test]
fn several_processes_and_turns_that_are_cut_short_pay_a_date_once() {
    with_bank(async |bank| {
        let payer = bank.payer(100_000).await;
        let mut made = Vec::new();
        for _ in 0..20 {
            made.push(bank.create(&payer, wish(&payer, 1_00, schedule(Frequency::Daily, "2026-11-28"))).await);
        }
        bank.machine.shift(86_400);
        let now = at("2026-11-28T12:00:00Z");
        // Whoever is cut short between paying and writing down leaves what the next one finds.
        let turn = || tokio::time::timeout(std::time::Duration::from_millis(4), bank.orders.pay_due(now));
        drop(future::join_all((0..8).map(|_| turn())).await);
        drop(future::join_all((0..4).map(|_| bank.orders.pay_due(now))).await);
        bank.keep_up().await;
        for order in &made {
            assert_eq!(words(&bank.runs(&payer, order).await), ["2026-11-28 PAID -"]);
        }
        assert_eq!(bank.posted(payer.landlord).await, 20_00);
        assert_eq!(bank.posted(payer.account).await, 98_000);
        bank.assert_sound().await;
    });
}

#[test]
fn what_cannot_be_paid_any_more_stops_and_a_frozen_account_is_tried_on_the_next_date() {
    with_bank(async |bank| {
        let payer = bank.payer(10_000).await;
        let order = bank.create(&payer, wish(&payer, 1_00, schedule(Frequency::Daily, "2026-11-28"))).await;
        bank.set_status(payer.account, AccountStatus::Frozen).await;
        bank.wake_at("2026-11-28T12:00:00Z").await;
        bank.set_status(payer.account, AccountStatus::Active).await;
        bank.wake_at("2026-11-29T12:00:00Z").await;
        let expected = ["2026-11-28 REFUSED ACCOUNT_NOT_ACTIVE", "2026-11-29 PAID -"];
        assert_eq!(words(&bank.runs(&payer, &order).await), expected);
        // It becomes somebody else's.
        let other = standing_of_another(&bank).await;
        assert_eq!(other, StandingStatus::Stopped);
    });
}

/// How an order stands whose account was closed before its date.
async fn standing_of_another(bank: &Bank) -> StandingStatus {
    let payer = bank.payer(0).await;
    let order = bank.create(&payer, wish(&payer, 1_00, schedule(Frequency::Daily, "2026-11-30"))).await;
    bank.set_status(payer.account, AccountStatus::Closed).await;
    bank.wake_at("2026-11-30T12:00:00Z").await;
    let of = OwnedOrder { owner: payer.id, id: order.id };
    bank.orders.find(of).await.unwrap().status
}
