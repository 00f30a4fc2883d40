//! Consumers: whoever does something about what happened. The effect and the place in the stream are one commit, so that each
//! event has its effect once, whatever is killed in between.

use crate::parked::Parked;
use crate::store;
use crate::subscription::{Lease, Start, Subscription};
use crate::{Recorded, Stream, read};
use db::{DbError, Result, Tx};
use futures_util::FutureExt as _;
use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// How many events a consumer gets at once.
const BATCH_EVENTS_MAX: u32 = 2_000;
/// How many events that wait are tried in one turn.
const RETRIES_MAX: u32 = 100;

/// What a consumer answers, when it is ready.
pub type Consuming<'a> = Pin<Box<dyn Future<Output = std::result::Result<(), ConsumeError>> + Send + 'a>>;

/// Why a consumer could not take events.
#[derive(Debug, thiserror::Error)]
pub enum ConsumeError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] DbError),
    /// It makes no sense to it; the same event will be refused again.
    #[error("{0}")]
    Refused(String),
}

/// What becomes of events that a consumer cannot take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// They wait with what follows of their subjects; everything else goes on.
    ParkSubject,
    /// Nothing goes on before they are taken.
    Wait,
}

/// Somebody who does something about what happened.
pub trait Consumer: Send + Sync + 'static {
    /// Its subscription's name, for ever.
    fn name(&self) -> &'static str;

    /// Where it begins when it is new.
    fn start(&self) -> Start {
        Start::First
    }

    /// What becomes of events that it cannot take.
    fn on_failure(&self) -> OnFailure {
        OnFailure::ParkSubject
    }

    /// Writes its effect of the events, in their order, in the transaction that moves its place. It may be called again with
    /// the same events when that is not committed.
    fn consume<'a>(&'a self, tx: &'a Tx, events: &'a [Recorded]) -> Consuming<'a>;
}

/// How a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Another process reads for it.
    NotOurs,
    /// Nothing is left to do.
    Idle,
    /// Events were taken or tried again.
    Went,
    /// As many as are taken at once: there are more.
    Full,
}

enum Attempt {
    Done,
    LeaseLost,
    Failed(String),
}

/// A consumer with its place.
pub(crate) struct Runner {
    stream: Stream,
    consumer: Arc<dyn Consumer>,
    subscription: Subscription,
}

impl Runner {
    pub(crate) async fn open(stream: &Stream, consumer: Arc<dyn Consumer>) -> Result<Self> {
        let subscription = Subscription::open(&stream.db, &stream.clock, consumer.name(), consumer.start()).await?;
        Ok(Self { stream: stream.clone(), consumer, subscription })
    }

    pub(crate) async fn release(&mut self) -> Result<()> {
        self.subscription.release().await
    }

    pub(crate) async fn turn(&mut self) -> Result<Turn> {
        let Some(lease) = self.subscription.lease().await? else { return Ok(Turn::NotOurs) };
        let any_wait = store::is_any_parked(&self.stream.db, self.consumer.name()).await?;
        let has_retried = any_wait && self.retry().await?;
        let is_at_head = lease.position >= *self.stream.head.borrow();
        let events = match is_at_head {
            true => Vec::new(),
            false => self.stream.read(lease.position, BATCH_EVENTS_MAX).await?,
        };
        self.measure(lease, events.first()).await?;
        if events.is_empty() {
            return Ok(if has_retried { Turn::Went } else { Turn::Idle });
        }
        let mut waiting = match any_wait {
            true => self.waiting(&events).await?,
            false => BTreeSet::new(),
        };
        match self.attempt(lease, &events, &waiting).await? {
            Attempt::Done if events.len() >= BATCH_EVENTS_MAX as usize => return Ok(Turn::Full),
            Attempt::Done => return Ok(Turn::Went),
            Attempt::LeaseLost => return Ok(Turn::NotOurs),
            Attempt::Failed(reason) if self.consumer.on_failure() == OnFailure::Wait => {
                return Err(DbError::Internal(format!("{} cannot go on: {reason}", self.consumer.name())));
            }
            Attempt::Failed(_) => {}
        }
        // One by one, to see which it is.
        for event in &events {
            let Some(lease) = self.subscription.lease().await? else { return Ok(Turn::NotOurs) };
            let one = std::slice::from_ref(event);
            let failed = match self.attempt(lease, one, &waiting).await? {
                Attempt::Done => continue,
                Attempt::LeaseLost => return Ok(Turn::NotOurs),
                Attempt::Failed(reason) => self.behind(event).failed(reason, (self.stream.clock)()),
            };
            tracing::warn!(
                consumer = failed.subscription,
                position = failed.position,
                reason = failed.reason,
                "an event could not be taken: what follows of its subject waits"
            );
            waiting.insert(failed.subject_id);
            let Some(lease) = self.subscription.lease().await? else { return Ok(Turn::NotOurs) };
            let tx = self.stream.db.begin().await?;
            store::park_in_tx(&tx, vec![failed]).await?;
            if !self.subscription.commit(tx, lease, event.position).await? {
                return Ok(Turn::NotOurs);
            }
        }
        Ok(Turn::Went)
    }

    /// Which of the events' subjects wait.
    async fn waiting(&self, events: &[Recorded]) -> Result<BTreeSet<Uuid>> {
        let subjects: BTreeSet<Uuid> = events.iter().map(|recorded| recorded.event.subject_id).collect();
        let waiting = store::waiting(&self.stream.db, self.consumer.name(), subjects.into_iter().collect()).await?;
        Ok(waiting.into_iter().collect())
    }

    fn behind(&self, event: &Recorded) -> Parked {
        Parked::behind(self.consumer.name().to_owned(), event.position, event.event.subject_id)
    }

    /// Takes the events, and lets those of subjects that wait, wait.
    async fn attempt(&mut self, lease: Lease, events: &[Recorded], waiting: &BTreeSet<Uuid>) -> Result<Attempt> {
        let Some(last) = events.last() else { return Ok(Attempt::Done) };
        let (behind, now): (Vec<&Recorded>, Vec<&Recorded>) =
            events.iter().partition(|recorded| waiting.contains(&recorded.event.subject_id));
        let tx = self.stream.db.begin_async_commit().await?;
        let effect = if behind.is_empty() {
            self.effect(&tx, events).await
        } else {
            let now: Vec<Recorded> = now.into_iter().cloned().collect();
            self.effect(&tx, &now).await
        };
        if let Err(error) = effect {
            tx.rollback().await?;
            return failed(error).map(Attempt::Failed);
        }
        let behind = behind.into_iter().map(|recorded| self.behind(recorded)).collect();
        store::park_in_tx(&tx, behind).await?;
        let (count, happened) = (events.len(), last.event.happened_at);
        if !self.subscription.commit(tx, lease, last.position).await? {
            return Ok(Attempt::LeaseLost);
        }
        metrics::counter!("florin_events_consumed_total", "consumer" => self.consumer.name()).increment(count as u64);
        let lag = (self.stream.clock)().unix_micros() - happened.unix_micros();
        let lag = Duration::from_micros(u64::try_from(lag).unwrap_or_default());
        metrics::histogram!("florin_events_lag_seconds", "consumer" => self.consumer.name()).record(lag);
        Ok(Attempt::Done)
    }

    /// A consumer that panics over an event refuses it.
    async fn effect(&self, tx: &Tx, events: &[Recorded]) -> std::result::Result<(), ConsumeError> {
        if events.is_empty() {
            return Ok(());
        }
        let effect = AssertUnwindSafe(self.consumer.consume(tx, events)).catch_unwind().await;
        effect.unwrap_or_else(|_| Err(ConsumeError::Refused("it panicked".to_owned())))
    }

    /// Tries again what is due; whether anything was.
    async fn retry(&mut self) -> Result<bool> {
        let now = (self.stream.clock)();
        let due = store::parked_due(&self.stream.db, self.consumer.name(), now, RETRIES_MAX).await?;
        let any = !due.is_empty();
        for parked in due {
            let Some(lease) = self.subscription.lease().await? else { break };
            let event = read(&self.stream.db, parked.position - 1, 1).await?;
            let tx = self.stream.db.begin().await?;
            match self.effect(&tx, &event).await {
                Ok(()) => {
                    store::delete_parked_in_tx(&tx, &parked).await?;
                    let next = store::next_of_subject(&tx, self.consumer.name(), parked.subject_id).await?;
                    if let Some(next) = next {
                        store::update_parked_in_tx(&tx, next.released(now)).await?;
                    }
                    self.subscription.commit(tx, lease, lease.position).await?;
                }
                Err(error) => {
                    tx.rollback().await?;
                    let failed = parked.failed(failed(error)?, now);
                    let tx = self.stream.db.begin().await?;
                    store::update_parked_in_tx(&tx, failed).await?;
                    self.subscription.commit(tx, lease, lease.position).await?;
                }
            }
        }
        Ok(any)
    }

    async fn measure(&self, lease: Lease, next: Option<&Recorded>) -> Result<()> {
        let name = self.consumer.name();
        let backlog = next.map_or(0, |_| (*self.stream.head.borrow() - lease.position).max(0));
        metrics::gauge!("florin_events_backlog", "consumer" => name).set(crate::sequencer::precise_enough(backlog));
        if next.is_none() {
            let parked = store::count_parked(&self.stream.db, name).await?;
            metrics::gauge!("florin_events_parked_subjects", "consumer" => name)
                .set(crate::sequencer::precise_enough(parked));
        }
        Ok(())
    }
}

/// Why an event was refused; what only the database's state is to blame for is tried again without counting.
fn failed(error: ConsumeError) -> Result<String> {
    match error {
        ConsumeError::Store(error) if error.is_transient() => Err(error),
        other => Ok(other.to_string()),
    }
}
