//! Follows what happens: for each event and each endpoint that is told of it a delivery, in the commit of the place in the
//! stream.

use crate::Webhooks;
use crate::delivery::DeliveryStatus;
use crate::delivery::store::{self as deliveries, New};
use crate::endpoint::store::{self as endpoints, Listening};
use crate::events;
use audience::{Known, Owners};
use db::{DbError, Tx};
use ids::{DeliveryId, UserId, WebhookId};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use stream::{Consumer, Consuming, Recorded, Start};

/// Puts what happens on its way to those who want to be told.
pub struct Queueing {
    webhooks: Arc<Webhooks>,
    owners: Owners,
}

impl Queueing {
    /// For these endpoints.
    pub fn new(webhooks: Arc<Webhooks>) -> Self {
        Self { webhooks, owners: Owners::default() }
    }
}

impl Consumer for Queueing {
    fn name(&self) -> &'static str {
        "webhooks"
    }

    /// Nobody wanted to be told before there were webhooks.
    fn start(&self) -> Start {
        Start::Next
    }

    fn consume<'a>(&'a self, tx: &'a Tx, events: &'a [Recorded]) -> Consuming<'a> {
        Box::pin(async move { Ok(self.queue_in_tx(tx, events).await?) })
    }
}

impl Queueing {
    async fn queue_in_tx(&self, tx: &Tx, events: &[Recorded]) -> Result<(), DbError> {
        if !endpoints::is_any(tx).await? {
            return Ok(());
        }
        let known = Known::of(tx, &self.owners, events).await?;
        let tellings = known.tellings(events);
        let people: BTreeSet<UserId> = tellings.iter().map(|telling| telling.user_id).collect();
        if people.is_empty() {
            return Ok(());
        }
        let mut of_person: HashMap<UserId, Vec<Listening>> = HashMap::new();
        for listening in endpoints::listening(tx, people.into_iter().collect()).await? {
            of_person.entry(listening.user_id).or_default().push(listening);
        }
        let now = (self.webhooks.clock)();
        let mut queued = Vec::new();
        for telling in &tellings {
            let event = &telling.recorded.event;
            let wanted = |listening: &&Listening| {
                let is_later = listening.created_at <= event.happened_at;
                is_later && events::is_told(&event.kind) && listening.patterns.have(&event.kind)
            };
            for listening in of_person.get(&telling.user_id).into_iter().flatten().filter(wanted) {
                queued.push(New {
                    id: DeliveryId::generate(),
                    endpoint_id: listening.id,
                    event_id: event.id,
                    kind: event.kind.clone(),
                    subject: stream::subject(event),
                    body: telling.to_json(),
                    status: DeliveryStatus::Queued,
                    tries: 0,
                    attempts: 0,
                    next_try_at: now,
                    happened_at: event.happened_at,
                });
            }
        }
        if queued.is_empty() {
            return Ok(());
        }
        let woken: BTreeSet<WebhookId> = queued.iter().map(|new| new.endpoint_id).collect();
        metrics::counter!("florin_webhook_queued_total").increment(queued.len() as u64);
        deliveries::insert_in_tx(tx, queued).await?;
        endpoints::wake_in_tx(tx, woken.into_iter().collect(), now).await?;
        Ok(())
    }
}
