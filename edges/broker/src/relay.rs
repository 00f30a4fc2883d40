//! The relay: reads the stream under a lease, publishes, and moves its place after the confirms. On any error the connection
//! is dropped and made anew, and the whole window goes again.

use crate::{Broker, BrokerSettings, Message, Place, finapp};
use db::WallTime;
use identity::Identity;
use std::sync::Arc;
use std::time::Duration;
use stream::{Envelope, Recorded, Start, Stream, Subscription};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

const NAME: &str = "broker";
/// So many events are published before their confirms are awaited.
const WINDOW: u32 = 500;
const IDLE: Duration = Duration::from_secs(1);
const AFTER_A_FAILURE: Duration = Duration::from_millis(500);

/// Publishes from now on. A new relay begins with the first event there is.
///
/// # Errors
/// The database failed.
pub async fn start(stream: &Stream, settings: BrokerSettings, identity: &Arc<Identity>) -> db::Result<JoinHandle<()>> {
    let subscription = stream.subscribe(NAME, Start::First).await?;
    let (stream, identity) = (stream.clone(), Arc::clone(identity));
    Ok(tokio::spawn(run(Relay { stream, settings, subscription, identity, broker: None })))
}

struct Relay {
    stream: Stream,
    settings: BrokerSettings,
    subscription: Subscription,
    /// Signs what says whose a message is.
    identity: Arc<Identity>,
    broker: Option<Broker>,
}

async fn run(mut relay: Relay) {
    let mut head = relay.stream.head();
    let mut is_out = false;
    loop {
        head.mark_unchanged();
        match relay.turn().await {
            Ok(0) => drop(timeout(IDLE, head.changed()).await),
            Ok(events) => {
                metrics::counter!("florin_events_relayed_total").increment(events);
                if std::mem::take(&mut is_out) {
                    tracing::info!("the broker takes events again");
                }
            }
            Err(error) => {
                relay.broker = None;
                // Once for each outage.
                if !std::mem::replace(&mut is_out, true) {
                    tracing::warn!(%error, "events wait for the broker");
                }
                sleep(AFTER_A_FAILURE).await;
            }
        }
    }
}

/// Whatever kept a window from being published.
#[derive(Debug, thiserror::Error)]
enum RelayError {
    #[error(transparent)]
    Broker(#[from] crate::BrokerError),
    #[error(transparent)]
    Database(#[from] db::DbError),
}

impl Relay {
    /// Publishes a window; how many events that were.
    async fn turn(&mut self) -> Result<u64, RelayError> {
        let Some(lease) = self.subscription.lease().await? else { return Ok(0) };
        let events = self.stream.read(lease.position, WINDOW).await?;
        self.measure(lease.position, events.len());
        let Some(last) = events.last() else { return Ok(0) };
        let messages: Vec<Message> = events.iter().flat_map(|recorded| self.messages(recorded)).collect();
        let broker = match self.broker.take() {
            Some(broker) => broker,
            None => Broker::connect(&self.settings).await?,
        };
        broker.publish(messages).await?;
        self.broker = Some(broker);
        // Should another have taken over meanwhile, it publishes them once more.
        let is_ours = self.subscription.advance(lease, last.position).await?;
        let lag = WallTime::now().unix_micros() - last.event.happened_at.unix_micros(); // clock: a metric
        let lag = Duration::from_micros(u64::try_from(lag).unwrap_or_default());
        metrics::histogram!("florin_events_lag_seconds", "consumer" => NAME).record(lag);
        Ok(if is_ours { events.len() as u64 } else { 0 })
    }

    /// How many events wait for the broker.
    fn measure(&self, position: i64, events: usize) {
        let waiting = if events == 0 { 0 } else { (*self.stream.head().borrow() - position).max(0) };
        let waiting = u32::try_from(waiting).unwrap_or(u32::MAX);
        metrics::gauge!("florin_events_backlog", "consumer" => NAME).set(f64::from(waiting));
    }

    fn messages(&self, recorded: &Recorded) -> impl Iterator<Item = Message> + use<> {
        let finapp = self.settings.has_finapp_queues.then(|| finapp::message(&recorded.event, &self.identity));
        std::iter::once(Message::of(recorded)).chain(finapp.flatten())
    }
}

impl Message {
    fn of(recorded: &Recorded) -> Self {
        let envelope = Envelope::of(recorded);
        Self {
            body: envelope.to_json(),
            place: Place::Events { subject: envelope.subject },
            id: envelope.id,
            kind: recorded.event.kind.clone(),
            happened_at: recorded.event.happened_at,
        }
    }
}
