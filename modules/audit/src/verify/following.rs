//! The log against the stream: it has each event that matters, in the stream's order, and says of it what the stream says. Where old
//! events are forgotten, from the first on that is not.

use super::STREAM;
use super::seen::Seen;
use crate::kinds::{SETTLED, is_logged};
use crate::sequencer::SUBSCRIPTION;
use crate::store::{self, unsigned};
use db::{DbError, Result, Snapshot};
use ids::EntryId;
use ledger::verify::{Finding, find};
use outbox::Event;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use stream::Recorded;

const EVENTS_AT_ONCE: u32 = 1_000;

pub(super) struct Following<'a> {
    on: &'a Snapshot,
    /// Up to here the log has taken the stream.
    until: i64,
    /// Up to here it was read.
    position: i64,
    /// The leaf of the next event that is logged; nothing: of the events nothing can be compared any more.
    next: Option<u64>,
    waiting: VecDeque<Arc<Event>>,
}

impl<'a> Following<'a> {
    pub(super) async fn open(on: &'a Snapshot, from: u64, findings: &mut Vec<Finding>) -> Result<Self> {
        let positions = stream::subscriptions(on).await?;
        let until = positions.into_iter().find(|(name, _)| name == SUBSCRIPTION).map_or(0, |(_, position)| position);
        let mut following = Self { on, until, position: 0, next: Some(from), waiting: VecDeque::new() };
        let first = crate::leaves::leaves(on, from..from + 1).await?;
        let event_id = first.first().and_then(|leaf| leaf.event_id);
        match event_id {
            Some(id) if from > 0 => match stream::position_of(on, id).await? {
                Some(position) => following.position = position - 1,
                None => following.find_first(findings).await?,
            },
            _ => following.find_first(findings).await?,
        }
        Ok(following)
    }

    /// Begins with the first event that is not forgotten, at its leaf.
    async fn find_first(&mut self, findings: &mut Vec<Finding>) -> Result<()> {
        self.fill(findings).await?;
        let Some(event) = self.waiting.front() else { return Ok(()) };
        let leaf = store::leaf_of_event(self.on, event.id).await?;
        if leaf.is_none() {
            find(findings, STREAM, || format!("event {} of the stream, which is not in the log", event.id));
        }
        let from = self.next;
        self.next = leaf.map(|leaf| unsigned(leaf.leaf_index));
        // Events of leaves that are not looked at are passed over.
        while let (Some(next), Some(from)) = (self.next, from) {
            if next >= from || !self.is_there(findings).await? {
                break;
            }
            self.waiting.pop_front();
            self.next = Some(next + 1);
        }
        Ok(())
    }

    async fn is_there(&mut self, findings: &mut Vec<Finding>) -> Result<bool> {
        if self.waiting.is_empty() {
            self.fill(findings).await?;
        }
        Ok(!self.waiting.is_empty())
    }

    /// Reads on until there is an event that is logged, or no more.
    async fn fill(&mut self, findings: &mut Vec<Finding>) -> Result<()> {
        while self.waiting.is_empty() && self.position < self.until {
            let recorded = read(self.on, self.position, findings).await?;
            let Some(last) = recorded.last() else { break };
            self.position = last.position;
            let taken = recorded.into_iter().take_while(|recorded| recorded.position <= self.until);
            self.waiting.extend(taken.map(|recorded| recorded.event).filter(|event| is_logged(&event.kind)));
        }
        Ok(())
    }

    /// Holds leaves, which follow each other, against the events that come next.
    pub(super) async fn compare(&mut self, leaves: &[Seen], findings: &mut Vec<Finding>) -> Result<()> {
        for leaf in leaves {
            if self.next != Some(leaf.index) {
                continue;
            }
            self.next = Some(leaf.index + 1);
            if !self.is_there(findings).await? {
                find(findings, STREAM, || format!("{}: the stream has nothing in its place", leaf.place()));
                self.next = None;
                break;
            }
            if let Some(event) = self.waiting.pop_front() {
                compare(leaf, &event, findings);
            }
        }
        Ok(())
    }

    /// The entries of the ledger that are about to be logged; what should be in the log and is not, is found.
    pub(super) async fn pending(mut self, findings: &mut Vec<Finding>) -> Result<Vec<EntryId>> {
        if self.next.is_some() && self.is_there(findings).await? {
            let event = self.waiting.pop_front().map(|event| event.id.to_string()).unwrap_or_default();
            find(findings, STREAM, || format!("event {event} of the stream, which is not in the log"));
        }
        // Some of those that have no place for certain yet have one nevertheless.
        let mut pending = BTreeSet::new();
        let mut position = self.until;
        loop {
            let recorded = read(self.on, position, findings).await?;
            let Some(last) = recorded.last() else { break };
            position = last.position;
            pending.extend(recorded.iter().filter_map(|recorded| settled(&recorded.event)));
        }
        let mut number = stream::settled(self.on).await?;
        loop {
            let events = outbox::numbered_after(self.on, number, EVENTS_AT_ONCE).await?;
            let Some(last) = events.last() else { break };
            let last = outbox::number_of(self.on, last.id).await?;
            for event in &events {
                if let Some(entry) = settled(event)
                    && store::leaf_of_event(self.on, event.id).await?.is_none()
                {
                    pending.insert(entry);
                }
            }
            match last {
                Some(last) if last > number => number = last,
                _ => break,
            }
        }
        Ok(pending.into_iter().collect())
    }
}

/// An event that the stream has lost is found, and ends it.
async fn read(on: &Snapshot, after: i64, findings: &mut Vec<Finding>) -> Result<Vec<Recorded>> {
    match stream::read(on, after, EVENTS_AT_ONCE).await {
        Err(DbError::Internal(reason)) => {
            find(findings, STREAM, || reason);
            Ok(Vec::new())
        }
        outcome => outcome,
    }
}

fn settled(event: &Event) -> Option<EntryId> {
    (event.kind == SETTLED).then(|| EntryId::from_uuid(event.subject_id))
}

/// What the leaf says that the event does not.
fn compare(leaf: &Seen, event: &Event, findings: &mut Vec<Finding>) {
    if leaf.event_id != Some(event.id) {
        find(findings, STREAM, || format!("{}: the stream has {} in its place", leaf.place(), event.id));
        return;
    }
    let said = leaf.said.as_ref();
    let is_same_entry = said.is_some_and(|said| {
        said.kind == event.kind && said.at == event.happened_at.to_string() && leaf.subject_id == Some(event.subject_id)
    });
    let data = leaf.payload.as_ref().map(|payload| payload.data.as_ref().map_or("", |data| data.get()));
    let is_same_data = data.is_none_or(|data| data == event.payload.trim());
    if !is_same_entry || !is_same_data {
        find(findings, STREAM, || format!("{}: the row of events_outbox says something else", leaf.place()));
    }
}
