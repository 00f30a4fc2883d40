//! What is trimmed, what stays, and what a walk over the stream finds.

use crate::{NOW, append, event, migrations, open, wait_for};
use db::{Db, WallTime, params, statements};
use std::sync::Arc;
use stream::{Broken, Start, Subscription};
use uuid::Uuid;

statements! {
    DELETE_SECOND_PAGE =
        "DELETE FROM stream_page WHERE last_position = (SELECT MIN(last_position) FROM stream_page WHERE last_position >
             (SELECT MIN(last_position) FROM stream_page))";
}

async fn broken(db: &Db) -> Vec<Broken> {
    stream::verify(&db.snapshot().await.unwrap()).await.unwrap()
}

/// So many rounds of two events, a page each.
async fn pages(db: &Db, rounds: i64) -> Uuid {
    let (subject, stream) = (Uuid::now_v7(), open(db));
    let running = stream.start(Vec::new()).await.unwrap();
    let begun = stream::head(db).await.unwrap();
    for round in 1..=rounds {
        append(db, vec![event(subject, round), event(subject, round)]).await;
        wait_for(&stream, begun + 2 * round).await;
    }
    running.stop().await;
    subject
}

#[test]
fn what_is_old_goes_when_everybody_has_seen_it_and_positions_go_on() {
    testkit::on_each_engine(&migrations(), async |db| {
        let clock: db::Clock = Arc::new(WallTime::now);
        let mut slow = Subscription::open(&db, &clock, "slow", Start::First).await.unwrap();
        pages(&db, 4).await;
        let (before, after) = (NOW, NOW.plus_seconds(1));
        assert_eq!(stream::trim(&db, after).await, Ok(0), "somebody has not seen them");
        let lease = slow.lease().await.unwrap().unwrap();
        assert!(slow.advance(lease, 5).await.unwrap());
        assert_eq!(stream::trim(&db, before).await, Ok(0), "they are not old enough");
        assert_eq!(stream::trim(&db, after).await, Ok(4), "whole pages");
        assert_eq!(broken(&db).await, []);
        let kept: Vec<_> = stream::read(&db, 0, 100).await.unwrap();
        assert_eq!(
            kept.iter().map(|event| (event.position, event.sequence)).collect::<Vec<_>>(),
            [(5, 5), (6, 6), (7, 7), (8, 8)]
        );
        assert!(stream::forget(&db, "slow").await.unwrap() && !stream::forget(&db, "slow").await.unwrap());
        assert!(!stream::forget(&db, "sequencer").await.unwrap(), "the stream itself stays");
        assert_eq!(stream::trim(&db, after).await, Ok(2), "the last page stays");
        pages(&db, 1).await;
        assert_eq!(stream::read(&db, 8, 100).await.unwrap()[0].position, 9);
        assert_eq!(broken(&db).await, []);
    });
}

#[test]
fn a_walk_finds_what_was_taken_out() {
    testkit::on_each_engine(&migrations(), async |db| {
        pages(&db, 4).await;
        assert_eq!(broken(&db).await, []);
        let seventh = &stream::read(&db, 6, 1).await.unwrap()[0].event;
        let number = outbox::number_of(&db, seventh.id).await.unwrap().unwrap();
        let tx = db.begin().await.unwrap();
        outbox::forget_in_tx(&tx, &[number]).await.unwrap();
        tx.commit().await.unwrap();
        let rules: Vec<_> = broken(&db).await.into_iter().map(|found| found.place).collect();
        assert_eq!(rules.len(), 2, "{rules:?}");
        assert!(rules[0].starts_with("position 7,") && rules[1].contains("7 events"), "{rules:?}");
        let tx = db.begin().await.unwrap();
        tx.execute(&DELETE_SECOND_PAGE, params![]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(broken(&db).await[0].place, "position 3");
    });
}
