//! Consumers: each event has its effect once, whoever is killed; what cannot be taken holds up its subject only.

use super::{append, event, migrations, open, wait_for};
use db::{Clock, Db, DbError, Executor as _, Tx, WallTime, params, statements};
use outbox::Actor;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use stream::{ConsumeError, Consumer, Consuming, OnFailure, Recorded, Start, Subscription};
use uuid::Uuid;

statements! {
    INSERT_EFFECT =
        "INSERT INTO test_effect (consumer, id, subject_id, sequence, place)
         VALUES ($1, $2, $3, $4, (SELECT COUNT(*) FROM test_effect WHERE consumer = $1))";
    SELECT_EFFECTS -> (Uuid, i64) = "SELECT subject_id, sequence FROM test_effect WHERE consumer = $1 ORDER BY place";
}

/// Writes down what it sees.
struct Scribe {
    name: &'static str,
    on_failure: OnFailure,
    /// What it refuses.
    refuses: Mutex<BTreeSet<Uuid>>,
    panics: AtomicBool,
}

impl Scribe {
    fn new(name: &'static str) -> Self {
        Self { name, on_failure: OnFailure::ParkSubject, refuses: Mutex::default(), panics: AtomicBool::new(false) }
    }

    fn must_refuse(&self, recorded: &Recorded) -> bool {
        self.refuses.lock().unwrap().contains(&recorded.event.id.uuid())
    }
}

impl Consumer for Scribe {
    fn name(&self) -> &'static str {
        self.name
    }

    fn on_failure(&self) -> OnFailure {
        self.on_failure
    }

    fn consume<'a>(&'a self, tx: &'a Tx, events: &'a [Recorded]) -> Consuming<'a> {
        Box::pin(async move {
            for recorded in events {
                let Recorded { event, sequence, .. } = recorded;
                tx.execute(&INSERT_EFFECT, params![self.name, event.id, event.subject_id, *sequence]).await?;
                if self.must_refuse(recorded) {
                    assert!(!self.panics.load(Ordering::SeqCst), "this event is poison");
                    return Err(ConsumeError::Refused("this event is poison".to_owned()));
                }
            }
            Ok(())
        })
    }
}

async fn effects(db: &Db, consumer: &str) -> Vec<(Uuid, i64)> {
    db.query_as(&SELECT_EFFECTS, params![consumer]).await.unwrap()
}

async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    for _ in 0..600 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what} did not come");
}

#[test]
fn each_event_has_its_effect_once_though_consumers_are_killed() {
    testkit::on_each_engine(&migrations(), async |db| {
        let subjects: Vec<Uuid> = (0..10).map(|_| Uuid::now_v7()).collect();
        let writing = async {
            for round in 1..=60 {
                append(&db, subjects.iter().map(|subject| event(*subject, round)).collect()).await;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let killing = async {
            for round in 0..12_u64 {
                let running = open(&db).start(vec![Arc::new(Scribe::new("scribe"))]).await.unwrap();
                tokio::time::sleep(Duration::from_millis(20 + 13 * round)).await;
                // What is under way is left as it stands; to give back the lease is all that a stop does more.
                if round % 4 == 3 { drop(running) } else { running.stop().await }
            }
        };
        tokio::join!(writing, killing);
        let running = open(&db).start(vec![Arc::new(Scribe::new("scribe"))]).await.unwrap();
        until("the last effect", async || effects(&db, "scribe").await.len() == 600).await;
        running.stop().await;
        let found = effects(&db, "scribe").await;
        for subject in subjects {
            let of = found.iter().filter(|(id, _)| *id == subject).map(|(_, sequence)| *sequence);
            assert!(of.eq(1..=60), "in order, once each");
        }
    });
}

#[test]
fn what_cannot_be_taken_holds_up_its_subject_only_until_somebody_looks_into_it() {
    testkit::on_each_engine(&migrations(), async |db| {
        for panics in [false, true] {
            let name = if panics { "panicking" } else { "refusing" };
            let scribe = Arc::new(Scribe::new(name));
            scribe.panics.store(panics, Ordering::SeqCst);
            let (sick, well) = (Uuid::now_v7(), Uuid::now_v7());
            let poison = event(sick, 2);
            scribe.refuses.lock().unwrap().insert(poison.id.uuid());
            append(&db, vec![event(sick, 1), event(well, 1), poison, event(well, 2), event(sick, 3)]).await;
            // Its tries are half a minute apart in the end: here the clock does as it is told.
            let ahead = Arc::new(AtomicI64::new(0));
            let clock: Clock = {
                let ahead = Arc::clone(&ahead);
                Arc::new(move || WallTime::now().plus_seconds(ahead.load(Ordering::SeqCst)))
            };
            let stream = stream::Stream::new(&db, clock.clone());
            let running = stream.start(vec![scribe.clone()]).await.unwrap();
            let mine = async || {
                let found = effects(&db, name).await;
                found.into_iter().filter(|(subject, _)| [sick, well].contains(subject)).collect::<Vec<_>>()
            };
            until("what is not poison", async || mine().await.len() == 3).await;
            append(&db, vec![event(well, 3), event(sick, 4)]).await;
            until("what follows elsewhere", async || mine().await.len() == 4).await;
            until("the end of its tries", async || {
                ahead.fetch_add(1, Ordering::SeqCst);
                !stream::parked(&db, 10).await.unwrap().is_empty()
            })
            .await;
            let parked = stream::parked(&db, 10).await.unwrap();
            let [parked] = parked.as_slice() else { panic!("{parked:?}") };
            assert_eq!((parked.subject_id, parked.tries, parked.subscription.as_str()), (sick, 5, name));
            assert!(parked.reason.is_some());
            let held_up = stream::held_up(&db, name, 0, 10).await.unwrap();
            assert_eq!(
                held_up.iter().map(|held| (held.parked.subject_id, held.waiting)).collect::<Vec<_>>(),
                [(sick, 2)]
            );
            assert_eq!(held_up[0].recorded.position, held_up[0].parked.position);
            assert_eq!(stream::held_up(&db, name, held_up[0].parked.position, 10).await, Ok(Vec::new()));
            let followers = stream::followers(&db).await.unwrap();
            let follower = followers.iter().find(|follower| follower.name == name).unwrap();
            assert_eq!((follower.behind, follower.parked_subjects), (0, 1));
            // Nothing helps while it is what it is.
            assert_eq!(stream::unpark(&db, name, sick, Actor::COMMAND_LINE.does(clock())).await, Ok(true));
            until("the same end", async || {
                ahead.fetch_add(1, Ordering::SeqCst);
                !stream::parked(&db, 10).await.unwrap().is_empty()
            })
            .await;
            scribe.refuses.lock().unwrap().clear();
            assert_eq!(stream::unpark(&db, name, well, Actor::COMMAND_LINE.does(clock())).await, Ok(false));
            assert_eq!(stream::unpark(&db, name, sick, Actor::COMMAND_LINE.does(clock())).await, Ok(true));
            until("the rest", async || mine().await.len() == 7).await;
            append(&db, vec![event(sick, 5)]).await;
            until("what comes later", async || mine().await.len() == 8).await;
            running.stop().await;
            let of_sick =
                mine().await.into_iter().filter(|(subject, _)| *subject == sick).map(|(_, sequence)| sequence);
            assert!(of_sick.eq(1..=5), "in order, once each");
        }
    });
}

#[test]
fn one_that_has_to_see_all_waits_instead() {
    testkit::on_each_engine(&migrations(), async |db| {
        let scribe = Arc::new(Scribe { on_failure: OnFailure::Wait, ..Scribe::new("strict") });
        let poison = event(Uuid::now_v7(), 1);
        scribe.refuses.lock().unwrap().insert(poison.id.uuid());
        append(&db, vec![poison, event(Uuid::now_v7(), 1)]).await;
        let stream = open(&db);
        let running = stream.start(vec![scribe.clone()]).await.unwrap();
        wait_for(&stream, 2).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(effects(&db, "strict").await.len(), 0);
        scribe.refuses.lock().unwrap().clear();
        until("both", async || effects(&db, "strict").await.len() == 2).await;
        running.stop().await;
        assert_eq!(stream::parked(&db, 10).await, Ok(Vec::new()));
    });
}

/// Somebody was stopped in the middle, and goes on after another has taken over.
#[test]
fn who_has_lost_the_lease_writes_nothing_more() {
    testkit::on_each_engine(&migrations(), async |db| {
        append(&db, vec![event(Uuid::now_v7(), 1), event(Uuid::now_v7(), 1)]).await;
        let stream = open(&db);
        let running = stream.start(Vec::new()).await.unwrap();
        wait_for(&stream, 2).await;
        running.stop().await;
        let now: Clock = Arc::new(WallTime::now);
        let later: Clock = Arc::new(|| WallTime::now().plus_seconds(60));
        let mut stopped = Subscription::open(&db, &now, "fenced", Start::First).await.unwrap();
        let mut other = Subscription::open(&db, &later, "fenced", Start::First).await.unwrap();
        let lease = stopped.lease().await.unwrap().unwrap();
        let taken = other.lease().await.unwrap().unwrap();
        assert_eq!((lease.position, taken.position), (0, 0));
        let effect = async |place: i64| -> Result<Tx, DbError> {
            let tx = db.begin().await?;
            tx.execute(&INSERT_EFFECT, params!["fenced", Uuid::now_v7(), Uuid::nil(), place]).await?;
            Ok(tx)
        };
        let tx = effect(1).await.unwrap();
        assert_eq!(stopped.commit(tx, lease, 1).await, Ok(false));
        let tx = effect(2).await.unwrap();
        assert_eq!(other.commit(tx, taken, 2).await, Ok(true));
        assert_eq!(effects(&db, "fenced").await, [(Uuid::nil(), 2)]);
        assert_eq!(stream::subscriptions(&db).await.unwrap()[0], ("fenced".to_owned(), 2));
        let mut stopped = Subscription::open(&db, &now, "fenced", Start::First).await.unwrap();
        if db.engine() == db::Engine::Postgres {
            assert_eq!(stopped.lease().await, Ok(None), "while the other has it");
        }
        other.release().await.unwrap();
        assert_eq!(stopped.lease().await.unwrap().unwrap().position, 2);
        let next = Subscription::open(&db, &now, "new", Start::Next).await.unwrap().lease().await.unwrap().unwrap();
        assert_eq!(next.position, 2);
    });
}
