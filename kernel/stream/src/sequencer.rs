//! The sequencer: gives every committed event its position, once, and its sequence among its subject's events. What an event
//! rests on was committed before it and has a lower number, so the order of numbers within one look is a right order; what
//! a look did not show yet comes with a later one. One transaction that takes long holds up its own events only.

use crate::frontier::{Frontier, Moment};
use crate::page::{Page, PlaceOfEvent, count};
use crate::subscription::{Lease, Start, Subscription};
use crate::{Recorded, store};
use db::{Clock, Db, DbError, Result};
use outbox::{Place, Written};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// The events of one page at most.
const PAGE_EVENTS_MAX: u32 = 1_000;
/// How many missing numbers are looked for at once.
const WANTED_MAX: usize = 1_000;
pub(crate) const NAME: &str = "sequencer";

/// What a round did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Round {
    /// Another process does it.
    NotOurs,
    /// These events have their places now; the last position there is.
    Placed { events: Vec<Recorded>, head: i64 },
}

impl Round {
    /// Whether there is probably more.
    pub(crate) fn is_full(&self) -> bool {
        matches!(self, Self::Placed { events, .. } if events.len() >= PAGE_EVENTS_MAX as usize)
    }
}

/// Puts events in their places while it holds the lease.
pub(crate) struct Sequencer {
    db: Db,
    subscription: Subscription,
    /// As of the lease that is held.
    known: Option<Known>,
}

#[derive(Clone)]
struct Known {
    head: i64,
    frontier: Frontier,
}

impl Sequencer {
    pub(crate) async fn open(db: &Db, clock: &Clock) -> Result<Self> {
        let subscription = Subscription::open(db, clock, NAME, Start::First).await?;
        Ok(Self { db: db.clone(), subscription, known: None })
    }

    pub(crate) async fn round(&mut self) -> Result<Round> {
        let Some(lease) = self.subscription.lease().await? else {
            self.known = None;
            return Ok(Round::NotOurs);
        };
        // On any failure what is known is read anew.
        let known = match self.known.take().filter(|known| known.head == lease.position) {
            Some(known) => known,
            None => self.restore(lease.position).await?,
        };
        let (found, frontier) = self.look(&known.frontier).await?;
        let first_position = known.head + 1;
        let head = known.head + count(found.len());
        let mut events = Vec::with_capacity(found.len());
        if !found.is_empty() {
            let settled_number = frontier.settled();
            let (sequences, counts) = self.sequences(&found).await?;
            let places = found.iter().zip(&sequences);
            let places = places.map(|(written, sequence)| PlaceOfEvent { number: written.number, sequence: *sequence });
            let page = Page { first_position, settled_number, events: places.collect() };
            if !self.store(lease, &page, &counts).await? {
                return Ok(Round::NotOurs);
            }
            for ((position, written), sequence) in (first_position..).zip(found).zip(sequences) {
                events.push(Recorded { position, sequence: i64::from(sequence), event: Arc::new(written.event) });
            }
        }
        metrics::gauge!("florin_events_missing_numbers").set(precise_enough(frontier.missing()));
        self.known = Some(Known { head, frontier });
        Ok(Round::Placed { events, head })
    }

    pub(crate) async fn release(&mut self) -> Result<()> {
        self.subscription.release().await
    }

    async fn restore(&self, position: i64) -> Result<Known> {
        let snapshot = self.db.snapshot().await?;
        let oldest = store::oldest_transaction(&snapshot).await?;
        let Some(last) = store::last_page(&snapshot).await? else {
            return Ok(Known { head: position, frontier: Frontier::default() });
        };
        if last.last_position() != position {
            let reason = format!("the stream ends at {}, its sequencer at {position}", last.last_position());
            return Err(DbError::Internal(reason));
        }
        let pages = store::pages_seen_after(&snapshot, last.settled_number).await?;
        let numbers = pages.iter().flat_map(|page| &page.events).map(|event| event.number);
        let mut seen: Vec<i64> = numbers.filter(|number| *number > last.settled_number).collect();
        seen.sort_unstable();
        let moment = Moment { oldest, next: store::next_transaction(&self.db).await? };
        Ok(Known { head: position, frontier: Frontier::restored(last.settled_number, &seen, moment) })
    }

    /// What one look shows, in its order.
    async fn look(&self, known: &Frontier) -> Result<(Vec<Written>, Frontier)> {
        let snapshot = self.db.snapshot().await?;
        let oldest = store::oldest_transaction(&snapshot).await?;
        let wanted = known.wanted(WANTED_MAX);
        let mut found = match wanted.is_empty() {
            true => Vec::new(),
            false => outbox::written(&snapshot, &wanted).await?,
        };
        found.extend(outbox::written_after(&snapshot, known.seen(), PAGE_EVENTS_MAX).await?);
        let numbers: Vec<i64> = found.iter().map(|written| written.number).collect();
        drop(snapshot);
        // Whoever has a number that is missing had begun before this look.
        let next = if known.has_gap_before(&numbers) { store::next_transaction(&self.db).await? } else { oldest };
        let moment = Moment { oldest, next };
        let mut frontier = known.clone();
        frontier.look(wanted.last().copied(), &numbers, moment);
        Ok((found, frontier))
    }

    /// The sequence of each, and the counts that change by them.
    async fn sequences(&self, found: &[Written]) -> Result<(Vec<u32>, HashMap<Uuid, i64>)> {
        let counted = found.iter().map(|written| &written.event).filter(|event| event.place != Place::Opening);
        let mut subjects: Vec<Uuid> = counted.map(|event| event.subject_id).collect();
        subjects.sort_unstable();
        subjects.dedup();
        let mut counts = store::counts(&self.db, subjects).await?;
        let mut changed = HashMap::new();
        let mut sequences = Vec::with_capacity(found.len());
        for Written { event, .. } in found {
            let subject = event.subject_id;
            let sequence = match event.place {
                Place::Opening => 1,
                Place::Following => counts.get(&subject).copied().unwrap_or(1) + 1,
                Place::Counted => counts.get(&subject).copied().unwrap_or(0) + 1,
            };
            if event.place != Place::Opening {
                counts.insert(subject, sequence);
                changed.insert(subject, sequence);
            }
            let too_many = || DbError::Internal(format!("subject {subject} has too many events"));
            sequences.push(u32::try_from(sequence).map_err(|_| too_many())?);
        }
        Ok((sequences, changed))
    }

    async fn store(&mut self, lease: Lease, page: &Page, counts: &HashMap<Uuid, i64>) -> Result<bool> {
        let tx = self.db.begin().await?;
        tx.write(vec![store::as_page(page), store::as_counts(counts)]).await?;
        fail::fail_point!("stream::after_page");
        self.subscription.commit(tx, lease, page.last_position()).await
    }
}

/// As metrics are.
#[expect(clippy::cast_precision_loss, reason = "a gauge is a float, and nobody reads its 53rd bit")]
pub(crate) const fn precise_enough(number: i64) -> f64 {
    number as f64
}
