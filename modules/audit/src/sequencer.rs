//! Puts events into the log: follows the stream, so that no event is missed and none comes twice. Leaves, hashes and size
//! are one commit with the place in the stream, outside the commits of money.

use crate::error::AuditError;
use crate::kinds::{SETTLED, is_logged};
use crate::payload::{Booked, Settled, payload};
use crate::rows::{StoredHead, StoredLeaf, StoredPayload};
use crate::store::{self, Addition, signed};
use crate::tree;
use db::Tx;
use ids::EntryId;
use merkle::{Entry, Tree, leaf_hash, salted_hash};
use outbox::Event;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use stream::{ConsumeError, Consumer, Consuming, OnFailure, Recorded};

/// The name of the log's place in the stream.
pub const SUBSCRIPTION: &str = "audit";

/// Follows the stream for the log.
#[derive(Default)]
pub(crate) struct Sequencer {
    /// As of the last commit of this process, as far as it knows.
    tree: Mutex<Tree>,
}

impl Consumer for Sequencer {
    fn name(&self) -> &'static str {
        SUBSCRIPTION
    }

    /// A log without one of its events would be none.
    fn on_failure(&self) -> OnFailure {
        OnFailure::Wait
    }

    fn consume<'a>(&'a self, tx: &'a Tx, events: &'a [Recorded]) -> Consuming<'a> {
        Box::pin(async move {
            let outcome = self.log(tx, events).await;
            match &outcome {
                Ok(()) => metrics::gauge!("florin_audit_forked").set(0.0),
                Err(error) => tell_fork(error),
            }
            outcome.map_err(|error| match error {
                AuditError::Store(error) => ConsumeError::Store(error),
                other => ConsumeError::Refused(other.to_string()),
            })
        })
    }
}

/// Has those who run the bank look, where it is a fork.
pub(crate) fn tell_fork(error: &AuditError) {
    if let AuditError::Forked(reason) = error {
        tracing::error!(reason, "AUDIT_FORKED: the audit log stands still (docs/audit.md)");
        metrics::gauge!("florin_audit_forked").set(1.0);
    }
}

impl Sequencer {
    async fn log(&self, tx: &Tx, events: &[Recorded]) -> crate::Result<()> {
        let events: Vec<&Event> = events.iter().map(|recorded| &*recorded.event).collect();
        let events: Vec<&Event> = events.into_iter().filter(|event| is_logged(&event.kind)).collect();
        if events.is_empty() {
            return Ok(());
        }
        let head = tree::head(tx).await?;
        let mut tree = self.tree_at(tx, &head).await?;
        let booked = booked(tx, &events).await?;
        let mut addition = Addition::default();
        let salts = salts(events.len());
        for (((event, booked), salt), leaf_index) in events.iter().zip(booked).zip(salts).zip(head.size..) {
            let payload = payload(event, booked);
            let (leaf, payload) = leaf(leaf_index, event, salt, payload);
            addition.leaves.push(leaf);
            addition.payloads.push(payload);
        }
        addition.parts = tree.grow(addition.leaves.iter().map(|leaf| leaf.hash));
        let head = StoredHead { size: signed(tree.size()), root: tree.root() };
        store::add_in_tx(tx, addition, head).await?;
        fail::fail_point!("audit::added");
        self.remember(tree);
        Ok(())
    }

    /// What this process has in memory if that is what is stored; else it is taken up from there.
    async fn tree_at(&self, tx: &Tx, head: &StoredHead) -> crate::Result<Tree> {
        let known = self.tree.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if head.size > 0 && signed(known.size()) == head.size && known.root() == head.root {
            return Ok(known);
        }
        tree::restored(tx, head).await
    }

    /// If the commit is lost, the next look at the head tells.
    fn remember(&self, tree: Tree) {
        *self.tree.lock().unwrap_or_else(PoisonError::into_inner) = tree;
    }
}

/// What was booked for the events that settled something, in their order: as they say, or else as the ledger does.
async fn booked(tx: &Tx, events: &[&Event]) -> crate::Result<Vec<Option<Booked>>> {
    let mut booked = Vec::with_capacity(events.len());
    let mut wanted = Vec::new();
    for event in events {
        let settled = (event.kind == SETTLED).then(|| Settled::read(event));
        booked.push(match settled {
            Some(Settled::Booked(booked)) => Some(booked),
            Some(Settled::On(entry, accounts)) => {
                wanted.push((entry, accounts));
                None
            }
            None => None,
        });
    }
    let found = ledger::booked(tx, &wanted).await?;
    let mut found: HashMap<EntryId, Booked> =
        found.into_iter().map(|(entry, postings)| (entry.id, Booked::of(&entry, postings))).collect();
    for (event, booked) in events.iter().zip(&mut booked).filter(|(event, _)| event.kind == SETTLED) {
        *booked = booked.take().or_else(|| found.remove(&EntryId::from_uuid(event.subject_id)));
    }
    Ok(booked)
}

/// A salt for each of so many leaves.
fn salts(count: usize) -> Vec<[u8; 16]> {
    let mut salts = vec![[0; 16]; count];
    getrandom::fill(salts.as_flattened_mut()).expect("the operating system gives random bytes");
    salts
}

fn leaf(leaf_index: i64, event: &Event, salt: [u8; 16], payload: String) -> (StoredLeaf, StoredPayload) {
    let entry = Entry {
        id: event.id.to_string(),
        at: event.happened_at.to_string(),
        kind: event.kind.clone(),
        subject: stream::subject(event),
        payload: salted_hash(&salt, payload.as_bytes()),
    };
    let entry = entry.to_bytes();
    let leaf = StoredLeaf {
        leaf_index,
        event_id: event.id,
        subject_id: event.subject_id,
        kind: event.kind.clone(),
        happened_at: event.happened_at,
        actor_user_id: event.actor.and_then(|actor| actor.user),
        hash: leaf_hash(&entry),
        entry,
    };
    (leaf, StoredPayload { leaf_index, salt: Some(salt.to_vec()), payload: Some(payload) })
}
