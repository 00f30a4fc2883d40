//! The stream of what happened: every committed event once, in an order that never changes, at a position without gaps, with
//! its sequence among its subject's events (ADR 11, docs/adr/0011-one-order-for-what-happened.md). Events are written through
//! `outbox`; what somebody does about them lives in the modules and edges that consume them.

mod consumer;
mod envelope;
mod frontier;
mod overview;
mod page;
mod parked;
mod running;
mod sequencer;
mod store;
mod subscription;
mod trim;
mod verify;
mod window;

pub use consumer::{ConsumeError, Consumer, Consuming, OnFailure};
pub use envelope::{Envelope, subject};
pub use overview::{Follower, HeldUp, followers, held_up, held_up_of, is_followed_by, unpark};
pub use parked::Parked;
pub use running::Running;
pub use subscription::{Lease, Start, Subscription};
pub use trim::trim;
pub use verify::{Broken, settled, verify};

use db::{Clock, Db, DbError, Executor, Migration, Result};
use ids::EventId;
use outbox::Event;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::watch;
use window::Newest;

/// The tables of the stream.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        module: "stream",
        number: 1,
        sql: include_str!("../migrations/0001_stream.sql"),
        postgres: include_str!("../migrations/0001_stream.postgres.sql"),
        sqlite: "",
        append_only: &[],
    },
    Migration {
        module: "stream",
        number: 2,
        sql: "",
        postgres: include_str!("../migrations/0002_next_transaction.postgres.sql"),
        sqlite: "",
        append_only: &[],
    },
];

/// An event in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its place among all events, from 1 on.
    pub position: i64,
    /// Its place among its subject's events, from 1 on.
    pub sequence: i64,
    /// What happened; shared by everybody who follows.
    pub event: Arc<Event>,
}

/// The stream as this process sees it. Cloning shares it.
#[derive(Clone)]
pub struct Stream {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    /// The last position that is known here.
    pub(crate) head: Arc<watch::Sender<i64>>,
    pub(crate) newest: Arc<Newest>,
}

impl Stream {
    /// The stream of this database; nothing moves before [`Stream::start`].
    pub fn new(db: &Db, clock: Clock) -> Self {
        Self { db: db.clone(), clock, head: Arc::new(watch::Sender::new(0)), newest: Arc::default() }
    }

    /// The last position, as it becomes known.
    pub fn head(&self) -> watch::Receiver<i64> {
        self.head.subscribe()
    }

    /// A place in the stream of one's own, for who does something outside the database about an event.
    ///
    /// # Errors
    /// The database failed.
    pub async fn subscribe(&self, name: &'static str, start: Start) -> Result<Subscription> {
        Subscription::open(&self.db, &self.clock, name, start).await
    }

    /// The events after a position, in their order. The newest ones are read once in a process, whoever asks.
    ///
    /// # Errors
    /// As [`read`].
    pub async fn read(&self, after: i64, limit: u32) -> Result<Vec<Recorded>> {
        self.newest.read(&self.db, after, limit).await
    }

    /// Puts events in their places and calls the consumers, as long as this process is the one whose turn it is.
    ///
    /// # Errors
    /// The database failed.
    pub async fn start(&self, consumers: Vec<Arc<dyn Consumer>>) -> Result<Running> {
        Running::start(self, consumers).await
    }
}

/// The events after a position (all, from 0 on), in their order.
///
/// # Errors
/// The database cannot be read, or has lost some of them.
pub async fn read(on: &impl Executor, after: i64, limit: u32) -> Result<Vec<Recorded>> {
    let pages = store::pages_after(on, after, limit).await?;
    let places = pages.iter().flat_map(page::Page::positions).filter(|(position, _)| *position > after);
    let places: Vec<_> = places.take(limit as usize).collect();
    let numbers: Vec<i64> = places.iter().map(|(_, place)| place.number).collect();
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let events = outbox::written(on, &numbers).await?;
    let mut events: HashMap<i64, Event> = events.into_iter().map(|written| (written.number, written.event)).collect();
    let recorded = |(position, place): (i64, page::PlaceOfEvent)| {
        let lost = || DbError::Internal(format!("the event at position {position} is not there"));
        let event = events.remove(&place.number).ok_or_else(lost)?;
        Ok(Recorded { position, sequence: i64::from(place.sequence), event: Arc::new(event) })
    };
    places.into_iter().map(recorded).collect()
}

/// Where an event has its place; nothing: it is not there, or has none yet.
///
/// # Errors
/// The database cannot be read.
pub async fn position_of(on: &impl Executor, id: EventId) -> Result<Option<i64>> {
    let Some(number) = outbox::number_of(on, id).await? else { return Ok(None) };
    let pages = store::pages_of_number(on, number).await?;
    let mut places = pages.iter().flat_map(page::Page::positions);
    Ok(places.find(|(_, place)| place.number == number).map(|(position, _)| position))
}

/// The last position there is.
///
/// # Errors
/// The database cannot be read.
pub async fn head(on: &impl Executor) -> Result<i64> {
    store::head(on).await
}

/// Every subscription with its position.
///
/// # Errors
/// The database cannot be read.
pub async fn subscriptions(on: &impl Executor) -> Result<Vec<(String, i64)>> {
    store::positions(on).await
}

/// The events that somebody has to look into: each holds up its subject for one consumer.
///
/// # Errors
/// The database cannot be read.
pub async fn parked(on: &impl Executor, limit: u32) -> Result<Vec<Parked>> {
    store::parked(on, limit).await
}

/// Forgets a consumer that does not come back: its place, and what is parked for it. Whether there was one.
///
/// # Errors
/// The database failed.
pub async fn forget(db: &Db, subscription: &str) -> Result<bool> {
    if subscription == sequencer::NAME {
        return Ok(false);
    }
    let tx = db.begin().await?;
    let was_there = store::forget_in_tx(&tx, subscription).await?;
    tx.commit().await?;
    Ok(was_there)
}
