//! Freezing, resuming, rates and keys; and who may have which clocks.

use crate::{bank, command, shown, under, with_clocks};
use clock::{ClockCommand, ClockError, Clocks};
use db::{DbError, Engine};
use outbox::EventFilter;

const START: &str = "2026-02-27T12:00:00Z";

#[test]
fn untouched_bank_time_is_wall_time() {
    with_clocks(START, async |db, clocks, machine| {
        machine.shift(90);
        let now = clocks.now(&db).await.unwrap();
        assert_eq!((now.bank, now.wall), (bank("2026-02-27T12:01:30Z"), machine.now()));
        assert_eq!(clocks.apart_seconds(), 0);
    });
}

#[test]
fn a_frozen_clock_stands_and_goes_on_from_where_it_stood() {
    with_clocks(START, async |db, clocks, machine| {
        command(&clocks, &db, ClockCommand::Freeze).await.unwrap();
        machine.shift(3 * 86_400);
        assert_eq!(shown(&clocks, &db).await, bank(START));
        assert_eq!(clocks.apart_seconds(), 3 * 86_400);
        command(&clocks, &db, ClockCommand::Rate(1_000)).await.unwrap();
        command(&clocks, &db, ClockCommand::Resume).await.unwrap();
        machine.shift(60);
        assert_eq!(shown(&clocks, &db).await, bank("2026-02-28T04:40:00Z"));
        command(&clocks, &db, ClockCommand::Rate(1)).await.unwrap();
        machine.shift(60);
        assert_eq!(shown(&clocks, &db).await, bank("2026-02-28T04:41:00Z"));
    });
}

#[test]
fn each_command_happens_once_under_its_key_and_leaves_an_event() {
    with_clocks(START, async |db, clocks, machine| {
        let first = under(&clocks, &db, "one", ClockCommand::Freeze).await.unwrap();
        machine.shift(60);
        let second = under(&clocks, &db, "one", ClockCommand::Freeze).await.unwrap();
        assert!(!first.is_replayed && second.is_replayed);
        assert_eq!(first.body, second.body);
        assert_eq!(under(&clocks, &db, "one", ClockCommand::Resume).await, Err(ClockError::KeyReused));
        command(&clocks, &db, ClockCommand::Resume).await.unwrap();
        let events = outbox::audited(&db, &EventFilter::default(), None, 10).await.unwrap();
        let kinds: Vec<&str> = events.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(kinds, ["clock.resumed", "clock.frozen"]);
        assert!(events.iter().all(|event| event.payload.contains("2026-02-27T12:00:00")), "{events:?}");
        // What happened, happened in the real world.
        assert_eq!(events[0].happened_at, machine.now());
    });
}

#[test]
fn two_processes_see_one_clock_and_neither_books_past_a_freeze_of_the_other() {
    with_clocks(START, async |db, here, machine| {
        let there = Clocks::of_sandbox(machine.reader(), &db).await.unwrap();
        // There, a batch is being decided when the clock is frozen here.
        if db.engine() == Engine::Postgres {
            let tx = db.begin().await.unwrap();
            let moment = there.moment_in_tx(&tx).await.unwrap();
            machine.shift(5);
            command(&here, &db, ClockCommand::Freeze).await.unwrap();
            let refused = tx.write_and_commit(vec![moment.guard()]).await;
            assert!(matches!(refused, Err(DbError::Conflict(_))), "{refused:?}");
            there.look(&db).await.unwrap();
        } else {
            machine.shift(5);
            command(&here, &db, ClockCommand::Freeze).await.unwrap();
        }
        machine.shift(3_600);
        let tx = db.begin().await.unwrap();
        let moment = there.moment_in_tx(&tx).await.unwrap();
        assert_eq!(moment.bank, bank("2026-02-27T12:00:05Z"));
        assert_eq!(moment.wall, machine.now());
        assert_eq!(tx.write_and_commit(vec![moment.guard()]).await, Ok(()));
        assert_eq!(shown(&there, &db).await, shown(&here, &db).await);
    });
}

#[test]
fn many_who_set_the_clock_at_once_set_it_one_after_the_other() {
    with_clocks(START, async |db, clocks, machine| {
        let setting = (0..8_i64).map(|number| {
            let (db, clocks) = (db.clone(), clocks.clone());
            let wanted = if number % 2 == 0 { ClockCommand::Freeze } else { ClockCommand::Rate(number + 1) };
            tokio::spawn(async move { command(&clocks, &db, wanted).await })
        });
        let setting: Vec<_> = setting.collect();
        for done in setting {
            done.await.unwrap().unwrap();
        }
        let before = shown(&clocks, &db).await;
        machine.shift(-3_600);
        assert_eq!(shown(&clocks, &db).await, before, "a machine that is behind waits");
        let events = outbox::audited(&db, &EventFilter::default(), None, 20).await.unwrap();
        let of = |kind: &str| events.iter().filter(|event| event.kind == kind).count();
        assert_eq!((of("clock.frozen"), of("clock.rate_changed")), (4, 4));
    });
}

#[test]
fn production_refuses_what_a_sandbox_has_left_behind_and_nothing_else() {
    with_clocks(START, async |db, clocks, machine| {
        let production = Clocks::of_production(machine.reader(), &db).await.unwrap();
        assert_eq!(command(&production, &db, ClockCommand::Freeze).await, Err(ClockError::NotSettable));
        command(&clocks, &db, ClockCommand::Freeze).await.unwrap();
        command(&clocks, &db, ClockCommand::Resume).await.unwrap();
        let refused = Clocks::of_production(machine.reader(), &db).await.err().unwrap().to_string();
        assert!(refused.starts_with("a sandbox has set bank time in this database") && !refused.contains('\n'));
    });
}

#[test]
fn what_was_answered_is_forgotten_after_thirty_days_of_wall_time() {
    with_clocks(START, async |db, clocks, machine| {
        under(&clocks, &db, "one", ClockCommand::Freeze).await.unwrap();
        command(&clocks, &db, ClockCommand::AdvanceBy(62 * 86_400)).await.unwrap();
        clocks.keep_up(&db, &[]).await.unwrap();
        assert_eq!(clocks.purge(&db, machine.now()).await, Ok(0), "an advance makes no answer older");
        machine.shift(30 * 86_400 + 1);
        assert_eq!(clocks.purge(&db, machine.now()).await, Ok(2));
    });
}
