//! The order: nothing is lost, doubled or overtaken within a subject, however commits overtake each other.

use super::{append, event, migrations, open, wait_for};
use db::{Db, Engine, params, statements};
use ids::EventId;
use outbox::Place;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use stream::Recorded;
use tokio::sync::Mutex;
use uuid::Uuid;

statements! {
    INSERT_EFFECT = "INSERT INTO test_effect (consumer, id, subject_id, sequence, place) VALUES ($1, $2, $3, $4, $5)";
}

const WRITERS: u64 = 12;
const SUBJECTS: usize = 40;

/// A subject, and how many events of it were committed. Who holds it is the only one who writes about it.
struct Subject {
    id: Uuid,
    events: u64,
}

/// The same numbers from the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap()
    }
}

async fn all(db: &Db) -> Vec<Recorded> {
    let mut found: Vec<Recorded> = Vec::new();
    loop {
        let more = stream::read(db, found.last().map_or(0, |last| last.position), 300).await.unwrap();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

/// One writer: two subjects a transaction, identifiers made before it; some are slow to commit, some give up.
async fn write(db: Db, subjects: Arc<Vec<Mutex<Subject>>>, seed: u64, transactions: usize) {
    let mut dice = Dice(seed);
    for _ in 0..transactions {
        let first = dice.index(SUBJECTS - 1);
        let second = first + 1 + dice.index(SUBJECTS - first - 1);
        let (mut first, mut second) = (subjects[first].lock().await, subjects[second].lock().await);
        let events = vec![event(first.id, first.events + 1), event(second.id, second.events + 1)];
        let tx = db.begin().await.unwrap();
        if dice.below(3) == 0 {
            // It has begun, and writes its events later.
            let effect = params!["writer", Uuid::now_v7(), first.id, 1_i64, 1_i64];
            tx.execute(&INSERT_EFFECT, effect).await.unwrap();
            tokio::time::sleep(Duration::from_millis(dice.below(4))).await;
        }
        outbox::append_in_tx(&tx, events).await.unwrap();
        if dice.below(10) == 0 {
            tokio::time::sleep(Duration::from_millis(5 + dice.below(60))).await;
        }
        if dice.below(20) == 0 {
            tx.rollback().await.unwrap();
            continue;
        }
        tx.commit().await.unwrap();
        first.events += 1;
        second.events += 1;
    }
}

/// What a reader finds that remembers the last thing it saw.
async fn follow_naively<K: Copy>(done: Arc<AtomicBool>, mut last: K, next: impl AsyncFn(K) -> Vec<K>) -> usize {
    let mut found = 0;
    loop {
        let was_done = done.load(Ordering::SeqCst);
        let more = next(last).await;
        found += more.len();
        last = more.last().copied().unwrap_or(last);
        if more.is_empty() && was_done {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}

fn subjects() -> Arc<Vec<Mutex<Subject>>> {
    Arc::new((0..SUBJECTS).map(|_| Mutex::new(Subject { id: Uuid::now_v7(), events: 0 })).collect())
}

async fn check(db: &Db, subjects: &[Mutex<Subject>]) -> usize {
    let found = all(db).await;
    let positions: Vec<i64> = found.iter().map(|recorded| recorded.position).collect();
    assert!(positions.iter().copied().eq(1..=i64::try_from(found.len()).unwrap()), "positions have gaps");
    let distinct: BTreeSet<EventId> = found.iter().map(|recorded| recorded.event.id).collect();
    assert_eq!(distinct.len(), found.len(), "an event has two places");
    let mut by_subject: BTreeMap<Uuid, Vec<i64>> = BTreeMap::new();
    for Recorded { sequence, event, .. } in &found {
        assert_eq!(event.payload, sequence.to_string(), "an event was overtaken");
        by_subject.entry(event.subject_id).or_default().push(*sequence);
    }
    for subject in subjects {
        let subject = subject.lock().await;
        let sequences = by_subject.remove(&subject.id).unwrap_or_default();
        assert!(
            sequences.iter().copied().eq(1..=i64::try_from(subject.events).unwrap()),
            "events of a subject are lost"
        );
    }
    assert!(by_subject.is_empty());
    found.len()
}

/// Twelve writers on PostgreSQL, and a sequencer that is killed again and again. The two cursors that are usually advised are
/// there to show that the test can fail: each of them loses events.
#[test]
fn nothing_is_lost_or_overtaken_under_writers_that_overtake_each_other() {
    testkit::on_each_engine(&migrations(), async |db| {
        let is_postgres = db.engine() == Engine::Postgres;
        let transactions = if is_postgres { 460 } else { 60 };
        let subjects = subjects();
        let done = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = (0..WRITERS)
            .map(|seed| tokio::spawn(write(db.clone(), Arc::clone(&subjects), seed, transactions)))
            .collect();
        let by_identifier = follow_naively(Arc::clone(&done), EventId::from_uuid(Uuid::nil()), async |last| {
            let newest = outbox::written_after(&db, 0, 1_000_000).await.unwrap().last().map_or(0, |last| last.number);
            let events = outbox::numbered_after(&db, (newest - 2_000).max(0), 1_000_000).await.unwrap();
            let mut later: Vec<EventId> = events.into_iter().map(|event| event.id).filter(|id| *id > last).collect();
            later.sort_unstable();
            later
        });
        let by_number = follow_naively(Arc::clone(&done), 0, async |last| {
            let later = outbox::written_after(&db, last, 500).await.unwrap();
            later.into_iter().map(|written| written.number).collect()
        });
        let stream = open(&db);
        let killing = async {
            let mut dice = Dice(7);
            while !writers.iter().all(tokio::task::JoinHandle::is_finished) {
                let running = open(&db).start(Vec::new()).await.unwrap();
                tokio::time::sleep(Duration::from_millis(30 + dice.below(150))).await;
                // Half of them die in the middle, and their lease has to run out or be given back.
                if dice.below(2) == 0 { drop(running) } else { running.stop().await }
            }
            done.store(true, Ordering::SeqCst);
        };
        let ((), by_identifier, by_number) = tokio::join!(killing, by_identifier, by_number);
        for writer in writers {
            writer.await.unwrap();
        }
        let mut written = 0;
        for subject in subjects.iter() {
            written += subject.lock().await.events;
        }
        let running = stream.start(Vec::new()).await.unwrap();
        wait_for(&stream, i64::try_from(written).unwrap()).await;
        running.stop().await;
        let found = check(&db, &subjects).await;
        println!("{found} events; by identifier {by_identifier}, by number {by_number}");
        if is_postgres {
            assert!(found > 10_000);
            assert!(by_identifier < found, "a cursor on identifiers loses nothing: the writers do not race");
            assert!(by_number < found, "a cursor on numbers loses nothing: the writers do not race");
        }
    });
}

/// While one transaction takes long, others' events go on.
#[test]
fn a_slow_transaction_holds_up_its_own_events_only() {
    testkit::on_each_engine(&migrations(), async |db| {
        if db.engine() == Engine::Sqlite {
            return;
        }
        let stream = open(&db);
        let running = stream.start(Vec::new()).await.unwrap();
        let slow = db.begin().await.unwrap();
        outbox::append_in_tx(&slow, vec![event(Uuid::now_v7(), 1)]).await.unwrap();
        append(&db, (0..5).map(|_| event(Uuid::now_v7(), 1)).collect()).await;
        wait_for(&stream, 5).await;
        slow.commit().await.unwrap();
        wait_for(&stream, 6).await;
        running.stop().await;
        assert_eq!(all(&db).await.len(), 6);
    });
}

/// A transaction's number says when it began, and an event's when it was written: neither follows from the other.
#[test]
fn what_began_later_and_wrote_sooner_is_not_passed() {
    testkit::on_each_engine(&migrations(), async |db| {
        if db.engine() == Engine::Sqlite {
            return;
        }
        let stream = open(&db);
        let running = stream.start(Vec::new()).await.unwrap();
        for round in 0..5 {
            let first = db.begin().await.unwrap();
            let effect = params!["early", Uuid::now_v7(), Uuid::now_v7(), 1_i64, 1_i64];
            first.execute(&INSERT_EFFECT, effect).await.unwrap();
            let second = db.begin().await.unwrap();
            outbox::append_in_tx(&second, vec![event(Uuid::now_v7(), 1)]).await.unwrap();
            outbox::append_in_tx(&first, vec![event(Uuid::now_v7(), 1)]).await.unwrap();
            first.commit().await.unwrap();
            wait_for(&stream, 2 * round + 1).await;
            second.commit().await.unwrap();
            wait_for(&stream, 2 * round + 2).await;
        }
        running.stop().await;
    });
}

#[test]
fn what_knows_its_place_is_not_counted() {
    testkit::on_each_engine(&migrations(), async |db| {
        let (payment, imported, person) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
        let placed = |subject, place| event(subject, "{}").placed(place);
        append(&db, vec![placed(payment, Place::Opening), placed(person, Place::Counted)]).await;
        append(&db, vec![placed(payment, Place::Following), placed(imported, Place::Counted)]).await;
        append(&db, vec![placed(payment, Place::Following), placed(person, Place::Counted)]).await;
        let stream = open(&db);
        let running = stream.start(Vec::new()).await.unwrap();
        wait_for(&stream, 6).await;
        running.stop().await;
        let places = async |subject| {
            let of = |recorded: &Recorded| recorded.event.subject_id == subject;
            all(&db).await.into_iter().filter(of).map(|recorded| recorded.sequence).collect::<Vec<_>>()
        };
        assert_eq!(places(payment).await, [1, 2, 3]);
        assert_eq!(places(imported).await, [1]);
        assert_eq!(places(person).await, [1, 2]);
        for recorded in all(&db).await {
            assert_eq!(stream::position_of(&db, recorded.event.id).await, Ok(Some(recorded.position)));
        }
        assert_eq!(stream::position_of(&db, EventId::generate()).await, Ok(None));
    });
}
