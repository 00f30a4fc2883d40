//! Money in bank time: frozen, taken forward, ahead of the real world and behind it.

use crate::common::{Bank, RULES, cents, deposit, hold, migrations, transfer};
use clock::{ClockCommand, Clocks, CommandKey, Ordered};
use db::{BankTime, Db, Engine};
use ids::{HoldId, TransactionId, UserId};
use ledger::HoldStatus;
use outbox::Actor;
use payments::{Command, Hat, HoldLength, PageRequest, Payments, TransactionFilter, TransactionStatus};
use testkit::{SetClock, on_each_engine};

const START: &str = "2026-12-31T12:00:00Z";
const DAY: i64 = 86_400;

/// A bank of a sandbox, and the machine's clock behind it.
fn with_bank(body: impl AsyncFn(Bank, Clocks, SetClock)) {
    on_each_engine(&[migrations(), clock::MIGRATIONS.to_vec()].concat(), async |db| {
        let machine = SetClock::at(START);
        let clocks = Clocks::of_sandbox(machine.reader(), &db).await.unwrap();
        let bank = Bank::open_with(db, clocks.clone()).await;
        body(bank, clocks, machine).await;
    });
}

fn at(text: &str) -> BankTime {
    BankTime::parse(text).unwrap()
}

async fn set(clocks: &Clocks, db: &Db, command: ClockCommand) {
    let name = TransactionId::generate().to_string();
    let key = CommandKey { hash: name.as_bytes(), fingerprint: b"" };
    clocks.command(db, Ordered { command, by: Actor::COMMAND_LINE, key }, |_| Vec::new()).await.unwrap();
}

async fn advance(bank: &Bank, clocks: &Clocks, command: ClockCommand) {
    set(clocks, &bank.db, command).await;
    clocks.keep_up(&bank.db, &[bank.payments.due_holds()]).await.unwrap();
}

/// A thousand of them are a little less than the longest hold.
const STEP_SECONDS: i64 = 2_600;

#[test]
fn a_thousand_holds_expire_each_at_its_own_time_within_a_month() {
    with_bank(async |bank, clocks, machine| {
        set(&clocks, &bank.db, ClockCommand::Freeze).await;
        let (payer, payee) = (UserId::generate(), UserId::generate());
        let (from, to) = (bank.account(payer, 1_000).await, bank.account(payee, 0).await);
        let Command::Hold { order, .. } = hold(from, to, 1) else { unreachable!() };
        // From the longest to the shortest.
        let lasting = |number: i64| {
            let length = HoldLength::try_new(number * STEP_SECONDS).unwrap();
            Command::Hold { order: order.clone(), length }
        };
        let holds = (1..=1_000).rev().map(lasting).collect();
        let (outcomes, _) = bank.submit(Hat::Customer(payer), holds, false, "holds").await;
        let placed: Vec<TransactionId> = outcomes.unwrap().into_iter().map(|outcome| outcome.unwrap().id).collect();
        machine.shift(40 * DAY);
        clocks.keep_up(&bank.db, &[bank.payments.due_holds()]).await.unwrap();
        assert_eq!(bank.state(from).await.held_minor, 1_000, "a frozen clock lets nothing expire");
        advance(&bank, &clocks, ClockCommand::AdvanceBy(500 * STEP_SECONDS)).await;
        assert_eq!(bank.state(from).await.held_minor, 500);
        advance(&bank, &clocks, ClockCommand::AdvanceBy(500 * STEP_SECONDS + DAY)).await;
        let ids: Vec<HoldId> = placed.iter().map(|id| HoldId::from_uuid(id.uuid())).collect();
        let holds = ledger::holds(&bank.db, &ids).await.unwrap();
        assert_eq!(holds.len(), 1_000);
        for hold in holds {
            assert_eq!((hold.status, hold.closed_at), (HoldStatus::Expired, Some(hold.expires_at)));
        }
        assert_eq!(bank.state(from).await.held_minor, 0);
        bank.assert_sound().await;
    });
}

#[test]
fn over_the_end_of_the_year_money_counts_from_the_banks_day() {
    with_bank(async |bank, clocks, _| {
        let user = UserId::generate();
        let (from, to) = (bank.account(user, 1_000).await, bank.account(user, 0).await);
        set(&clocks, &bank.db, ClockCommand::Freeze).await;
        for (day, minor) in [("2027-01-31T23:59:59Z", 1), ("2027-02-28T23:59:59Z", 2), ("2027-03-01T00:00:00Z", 4)] {
            advance(&bank, &clocks, ClockCommand::AdvanceTo(at(day))).await;
            let done = bank.done(Hat::Customer(user), transfer(from, to, minor)).await;
            assert_eq!((done.created_at, done.value_date), (at(day), at(day).date()));
            assert_eq!(done.id.unix_millis(), at(day).unix_micros().unsigned_abs() / 1_000);
        }
        for (then, minor) in [("2027-02-28T23:59:58Z", 1), ("2027-02-28T23:59:59Z", 3), ("2027-03-01T00:00:00Z", 7)] {
            assert_eq!(ledger::balance_at(&bank.db, to, at(then)).await, Ok(minor), "{then}");
        }
        assert_eq!(ledger::balance_by_value_date(&bank.db, to, at("2027-02-28T00:00:00Z").date()).await, Ok(3));
        bank.assert_sound().await;
    });
}

#[test]
fn lists_find_what_was_done_while_the_clocks_were_apart() {
    with_bank(async |bank, clocks, machine| {
        let user = UserId::generate();
        let (from, to) = (bank.account(user, 1_000).await, bank.account(user, 0).await);
        let found = async |since: BankTime, until: BankTime| {
            let filter = TransactionFilter { from: Some(since), to: Some(until), ..TransactionFilter::default() };
            let page = PageRequest { before: None, limit: 50 };
            let page = bank.payments.transactions(Some(&[to]), &filter, page).await.unwrap();
            page.transactions.iter().map(|one| one.money).collect::<Vec<_>>()
        };
        // Behind by a week, then ahead by two months; each time something comes with an identifier of wall time.
        set(&clocks, &bank.db, ClockCommand::Freeze).await;
        machine.shift(7 * DAY);
        bank.approved(from, to, 1).await;
        let start = at(START);
        assert_eq!(found(start, start.plus_seconds(1)).await, [cents(1)]);
        set(&clocks, &bank.db, ClockCommand::Resume).await;
        machine.shift(60);
        bank.done(Hat::Customer(user), transfer(from, to, 8)).await;
        assert_eq!(ledger::balance_at(&bank.db, to, start.plus_seconds(59)).await, Ok(1));
        assert_eq!(ledger::balance_at(&bank.db, to, start.plus_seconds(60)).await, Ok(9));
        set(&clocks, &bank.db, ClockCommand::Freeze).await;
        advance(&bank, &clocks, ClockCommand::AdvanceBy(62 * DAY)).await;
        bank.approved(from, to, 2).await;
        bank.done(Hat::Customer(user), transfer(from, to, 4)).await;
        let later = start.plus_seconds(60 + 62 * DAY);
        let mut both = found(later, later.plus_seconds(1)).await;
        both.sort_unstable_by_key(|money| money.minor());
        assert_eq!(both, [cents(2), cents(4)]);
        assert_eq!(ledger::balance_at(&bank.db, to, start).await, Ok(1));
        assert_eq!(ledger::balance_at(&bank.db, to, later).await, Ok(15));
        bank.assert_sound().await;
    });
}

#[test]
fn nobody_books_past_a_freeze_that_another_process_made() {
    with_bank(async |bank, clocks, _| {
        if bank.db.engine() == Engine::Sqlite {
            // One process at a time has it.
            return;
        }
        drop(clocks);
        // Both processes with the machine's real clock, and one of them freezes and resumes while the other books.
        let real = || std::sync::Arc::new(db::WallTime::now);
        let here = Clocks::of_sandbox(real(), &bank.db).await.unwrap();
        let there = Clocks::of_sandbox(real(), &bank.db).await.unwrap();
        set(&here, &bank.db, ClockCommand::Rate(1_000)).await;
        let other = Bank { db: bank.db.clone(), payments: Payments::start(bank.db.clone(), there, RULES) };
        let user = UserId::generate();
        let (from, to) = (bank.account(user, 100_000).await, bank.account(user, 0).await);
        let booking = tokio::spawn(async move {
            let mut done = Vec::new();
            for _ in 0..300 {
                done.push(other.done(Hat::Customer(user), transfer(from, to, 1)).await);
            }
            done
        });
        let mut frozen = Vec::new();
        while !booking.is_finished() {
            set(&here, &bank.db, ClockCommand::Freeze).await;
            let before = bank.posted(to).await;
            frozen.push((before, here.now(&bank.db).await.unwrap().bank));
            set(&here, &bank.db, ClockCommand::Resume).await;
            // An order that loses its race again and again is given up after six tries.
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        let done = booking.await.unwrap();
        assert!(done.is_sorted_by_key(|one| one.created_at), "bank time went back");
        for (count, time) in frozen {
            // What came after may be of a batch that was being committed, and so a little earlier.
            let count = usize::try_from(count).unwrap();
            assert!(done[..count].iter().all(|one| one.created_at <= time), "booked past {time}");
        }
        bank.assert_sound().await;
    });
}

#[test]
fn a_thousand_times_as_fast_a_hold_of_a_day_is_over_in_a_minute_and_a_half() {
    with_bank(async |bank, clocks, machine| {
        let user = UserId::generate();
        let (from, to) = (bank.account(user, 10).await, bank.account(user, 0).await);
        set(&clocks, &bank.db, ClockCommand::Rate(1_000)).await;
        let Command::Hold { order, .. } = hold(from, to, 10) else { unreachable!() };
        let held =
            bank.done(Hat::Customer(user), Command::Hold { order, length: HoldLength::try_new(DAY).unwrap() }).await;
        machine.shift(86);
        clocks.keep_up(&bank.db, &[bank.payments.due_holds()]).await.unwrap();
        let capture = Command::Capture { transaction: held.id, money: Some(cents(4)) };
        assert_eq!(bank.payments.transaction(held.id).await.unwrap().unwrap().status, TransactionStatus::Pending);
        machine.shift(1);
        assert!(bank.outcome(Hat::Customer(user), capture).await.is_err());
        clocks.keep_up(&bank.db, &[bank.payments.due_holds()]).await.unwrap();
        assert_eq!(bank.payments.transaction(held.id).await.unwrap().unwrap().status, TransactionStatus::Cancelled);
        bank.done(Hat::Customer(user), deposit(from, 5)).await;
        assert_eq!(bank.state(from).await.held_minor, 0);
        bank.assert_sound().await;
    });
}
