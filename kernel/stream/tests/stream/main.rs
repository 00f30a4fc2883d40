//! The stream on a real database: under writers that overtake each other, readers that are killed, and events that nobody can take.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod consuming;
mod sequencing;
mod trimming;

use db::{Db, Migration, WallTime};
use outbox::{Act, Actor, Event};
use std::sync::Arc;
use stream::Stream;
use uuid::Uuid;

const NOW: WallTime = WallTime::from_unix_micros(1_767_225_600_000_000);

/// What consumers of these tests write.
const EFFECTS: Migration = Migration {
    module: "test",
    number: 1,
    sql: "CREATE TABLE test_effect (
    consumer TEXT NOT NULL,
    id UUID NOT NULL,
    subject_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    place BIGINT NOT NULL,
    PRIMARY KEY (consumer, id)
);",
    postgres: "",
    sqlite: "",
    append_only: &[],
};

fn migrations() -> Vec<Migration> {
    [db::MIGRATIONS, outbox::MIGRATIONS, stream::MIGRATIONS, &[EFFECTS]].concat()
}

fn open(db: &Db) -> Stream {
    Stream::new(db, Arc::new(WallTime::now))
}

fn event(subject: Uuid, payload: impl ToString) -> Event {
    let act = Act { by: Some(Actor::ITSELF), at: NOW };
    Event::new(subject, "test.happened", payload.to_string(), act)
}

async fn append(db: &Db, events: Vec<Event>) {
    let tx = db.begin().await.unwrap();
    outbox::append_in_tx(&tx, events).await.unwrap();
    tx.commit().await.unwrap();
}

/// Waits until the stream has so many events.
async fn wait_for(stream: &Stream, events: i64) {
    let mut head = stream.head();
    let reached = tokio::time::timeout(std::time::Duration::from_secs(60), head.wait_for(|head| *head >= events)).await;
    assert!(reached.is_ok(), "only {} of {events} events have a place", *stream.head().borrow());
}

#[test]
fn every_statement_prepares() {
    testkit::prepare_every_statement(&[&migrations()]);
}
