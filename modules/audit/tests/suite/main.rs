//! The audit log on a real database: it grows without gaps, whoever is killed, and what was changed in it is found.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod changed;
mod growing;
mod sealing;
mod verifying;

use audit::{Audit, AuditError};
use db::{Clock, Db, Migration, WallTime};
use merkle::{Checkpoint, Hash, VerifierKey};
use outbox::{Act, Actor, Event};
use std::sync::Arc;
use std::time::Duration;
use stream::{Running, Stream};
use uuid::Uuid;

const ORIGIN: &str = "bank.example/audit";
const KEY: [u8; 32] = [7; 32];

fn migrations() -> Vec<Migration> {
    [db::MIGRATIONS, outbox::MIGRATIONS, stream::MIGRATIONS, ledger::MIGRATIONS, audit::MIGRATIONS].concat()
}

async fn open(db: &Db) -> Audit {
    Audit::open(db, Arc::new(WallTime::now), ORIGIN, &KEY).await.unwrap()
}

async fn follow(db: &Db, audit: &Audit) -> Running {
    follow_at(db, audit, Arc::new(WallTime::now)).await
}

async fn follow_at(db: &Db, audit: &Audit, clock: Clock) -> Running {
    Stream::new(db, clock).start(vec![audit.sequencer()]).await.unwrap()
}

fn event(kind: &str) -> Event {
    let act = Act { by: Some(Actor::COMMAND_LINE), at: WallTime::now() };
    Event::new(Uuid::now_v7(), kind, r#"{"username":"ann"}"#.to_owned(), act)
}

async fn append(db: &Db, events: Vec<Event>) {
    let tx = db.begin().await.unwrap();
    outbox::append_in_tx(&tx, events).await.unwrap();
    tx.commit().await.unwrap();
}

/// The head, opened as anybody can who has the key's text.
async fn head(audit: &Audit) -> Option<Checkpoint> {
    let note = match audit.checkpoint().await {
        Ok(head) => head.note,
        Err(AuditError::NotYetLogged) => return None,
        Err(error) => panic!("{error}"),
    };
    let keys = audit.keys().await.unwrap();
    let opened = keys.iter().find_map(|key| Checkpoint::open(&note, &VerifierKey::parse(&key.vkey).unwrap()).ok());
    Some(opened.expect("one of the keys signed it"))
}

/// Waits until a head of at least so many leaves is signed.
async fn signed(audit: &Audit, size: u64) -> Checkpoint {
    for _ in 0..600 {
        audit.sign_head().await.unwrap();
        if let Some(head) = head(audit).await.filter(|head| head.size >= size) {
            return head;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("no head of {size} leaves was signed");
}

/// The definition of RFC 9162, 2.1.1, word by word.
fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => merkle::empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            merkle::node_hash(&naive_root(left), &naive_root(right))
        }
    }
}

#[test]
fn every_statement_prepares() {
    testkit::prepare_every_statement(&[&migrations()]);
}
