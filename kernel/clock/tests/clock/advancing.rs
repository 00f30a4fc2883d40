//! Advances: what falls due on the way is done in its order, each thing once, whatever stops in between.

use crate::{bank, command, shown, with_clocks};
use clock::{ClockCommand, ClockError, Clocks, DueWork};
use db::{BankTime, DbError};
use std::sync::{Arc, Mutex};

/// Something with many due times: what was done of it, and at which bank time it was called for.
#[derive(Clone, Default)]
struct Tasks(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    waiting: Vec<BankTime>,
    done: Vec<(BankTime, BankTime)>,
    fails_after: Option<usize>,
}

impl Tasks {
    fn due_at(times: impl IntoIterator<Item = BankTime>) -> Self {
        let state = State { waiting: times.into_iter().collect(), ..State::default() };
        Self(Arc::new(Mutex::new(state)))
    }

    fn work(&self) -> DueWork {
        let (next, tasks) = (self.clone(), self.clone());
        DueWork {
            what: "tasks",
            next: Box::new(move || {
                let earliest = next.0.lock().unwrap().waiting.iter().min().copied();
                Box::pin(async move { Ok(earliest) })
            }),
            work: Box::new(move |until| {
                let outcome = tasks.0.lock().unwrap().do_due(until);
                Box::pin(async move { outcome })
            }),
        }
    }

    fn done(&self) -> Vec<(BankTime, BankTime)> {
        self.0.lock().unwrap().done.clone()
    }
}

impl State {
    fn do_due(&mut self, until: BankTime) -> db::Result<usize> {
        if self.fails_after.is_some_and(|count| self.done.len() >= count) {
            self.fails_after = None;
            return Err(DbError::Unavailable("the database has gone".to_owned()));
        }
        let (due, waiting) = self.waiting.iter().partition(|at| **at <= until);
        self.waiting = waiting;
        let due: Vec<BankTime> = due;
        self.done.extend(due.iter().map(|at| (*at, until)));
        Ok(due.len())
    }
}

const DAYS: [&str; 5] = [
    "2028-02-28T23:59:59Z",
    "2028-02-29T00:00:00Z",
    "2028-02-29T23:59:59Z",
    "2028-03-01T00:00:00Z",
    "2028-03-31T09:00:00Z",
];

#[test]
fn an_advance_does_each_thing_at_its_own_time_over_a_leap_day() {
    with_clocks("2028-02-27T12:00:00Z", async |db, clocks, _| {
        // Not in order, and one of them after the end.
        let tasks = Tasks::due_at(DAYS.iter().rev().copied().chain(["2028-04-29T12:00:01Z"]).map(bank));
        command(&clocks, &db, ClockCommand::Freeze).await.unwrap();
        clocks.keep_up(&db, &[tasks.work()]).await.unwrap();
        assert_eq!(tasks.done(), [], "a frozen clock makes nothing due");
        command(&clocks, &db, ClockCommand::AdvanceTo(bank("2028-04-29T12:00:00Z"))).await.unwrap();
        assert!(clocks.view(&db).await.unwrap().is_advancing);
        clocks.keep_up(&db, &[tasks.work()]).await.unwrap();
        assert_eq!(tasks.done(), DAYS.map(|day| (bank(day), bank(day))));
        let view = clocks.view(&db).await.unwrap();
        assert_eq!((view.bank, view.is_advancing, view.is_frozen), (bank("2028-04-29T12:00:00Z"), false, true));
        assert_eq!(view.advance.unwrap().done, 5);
    });
}

#[test]
fn an_advance_that_stops_in_the_middle_is_finished_by_whoever_comes() {
    with_clocks("2026-12-31T12:00:00Z", async |db, clocks, machine| {
        let start = bank("2026-12-31T12:00:00Z");
        let tasks = Tasks::due_at((1..=50).map(|hour| start.plus_seconds(hour * 3_600)));
        tasks.0.lock().unwrap().fails_after = Some(20);
        command(&clocks, &db, ClockCommand::Freeze).await.unwrap();
        command(&clocks, &db, ClockCommand::AdvanceBy(40 * 3_600)).await.unwrap();
        assert!(matches!(clocks.keep_up(&db, &[tasks.work()]).await, Err(ClockError::Store(_))));
        let view = clocks.view(&db).await.unwrap();
        assert!(view.is_advancing && view.bank == start.plus_seconds(20 * 3_600), "{view:?}");
        machine.shift(7_200);
        let other = Clocks::of_sandbox(machine.reader(), &db).await.unwrap();
        assert_eq!(command(&other, &db, ClockCommand::Resume).await, Err(ClockError::Advancing));
        other.keep_up(&db, &[tasks.work()]).await.unwrap();
        let hours: Vec<BankTime> = (1..=40).map(|hour| start.plus_seconds(hour * 3_600)).collect();
        assert_eq!(tasks.done().iter().map(|(due, _)| *due).collect::<Vec<_>>(), hours);
        assert!(tasks.done().iter().all(|(due, at)| due == at), "each at its own time");
        assert_eq!(shown(&clocks, &db).await, start.plus_seconds(40 * 3_600));
        let events = outbox::audited(&db, &outbox::EventFilter::default(), None, 10).await.unwrap();
        for kind in ["clock.advance_started", "clock.advanced"] {
            assert_eq!(events.iter().filter(|event| event.kind == kind).count(), 1, "{kind}");
        }
    });
}

#[test]
fn two_processes_that_advance_at_once_do_each_thing_once() {
    with_clocks("2026-12-31T12:00:00Z", async |db, clocks, machine| {
        let start = bank("2026-12-31T12:00:00Z");
        let tasks = Tasks::due_at((1..=100).map(|hour| start.plus_seconds(hour * 3_600)));
        let other = Clocks::of_sandbox(machine.reader(), &db).await.unwrap();
        command(&clocks, &db, ClockCommand::Freeze).await.unwrap();
        command(&clocks, &db, ClockCommand::AdvanceBy(62 * 86_400)).await.unwrap();
        let (works, others) = ([tasks.work()], [tasks.work()]);
        let (one, two) = tokio::join!(clocks.keep_up(&db, &works), other.keep_up(&db, &others));
        assert_eq!((one, two), (Ok(()), Ok(())));
        let done = tasks.done();
        assert!(done.len() == 100 && done.is_sorted(), "{done:?}");
    });
}

#[test]
fn a_freeze_ends_an_advance_that_is_stuck() {
    with_clocks("2026-12-31T12:00:00Z", async |db, clocks, _| {
        let stuck = DueWork {
            what: "poison",
            next: Box::new(|| Box::pin(async { Ok(Some(bank("2026-12-31T13:00:00Z"))) })),
            work: Box::new(|until| Box::pin(async move { Ok(usize::from(until >= bank("2026-12-31T13:00:00Z"))) })),
        };
        command(&clocks, &db, ClockCommand::Freeze).await.unwrap();
        command(&clocks, &db, ClockCommand::AdvanceBy(86_400)).await.unwrap();
        let outcome = clocks.keep_up(&db, &[stuck]).await;
        assert_eq!(outcome, Err(ClockError::Stuck { bank_time: bank("2026-12-31T13:00:00Z"), what: "poison" }));
        command(&clocks, &db, ClockCommand::Freeze).await.unwrap();
        let view = clocks.view(&db).await.unwrap();
        assert_eq!((view.bank, view.is_advancing), (bank("2026-12-31T13:00:00Z"), false));
    });
}
