//! What people do with their endpoints.

use crate::delivery::store::{self as deliveries, Span};
use crate::endpoint::store;
use crate::endpoint::{Endpoint, EndpointWish, OwnedEndpoint, PER_USER_MAX};
use crate::events::{self, WebhookEvent};
use crate::signature::OVERLAP_SECONDS;
use crate::{
    Algorithm, Attempt, Delivery, DeliveryStatus, Health, Result, SigningSecret, Webhooks, WebhooksError, change,
};
use db::{Tx, WallTime};
use ids::{DeliveryId, EventId, UserId, WebhookId};
use outbox::Act;
use serde_json::json;

/// So many deliveries are sent again in one request.
const REPLAYED_MAX: u32 = 10_000;
/// What a ping is called where events have their type.
pub(crate) const TEST: &str = "webhook.test";

/// An endpoint, and what its receiver checks signatures with: a secret that is never shown again, or a public key.
pub struct IssuedEndpoint {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// `whsec_…` or `whpk_…`.
    pub for_receiver: String,
}

/// What is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replay {
    /// One delivery.
    One(DeliveryId),
    /// What happened in that time, the oldest first.
    Span(Span),
}

impl Webhooks {
    /// Makes an endpoint; the first that is told to it is a ping.
    ///
    /// # Errors
    /// The wish cannot be fulfilled, `TooMany`, the person may not log in, or the database failed.
    pub async fn create(
        &self,
        owner: UserId,
        wish: &EndpointWish,
        algorithm: Algorithm,
        act: Act,
    ) -> Result<IssuedEndpoint> {
        let wished = wish.checked(&self.policy)?;
        let tx = self.db.begin().await?;
        let user = self.identity.lock_user_in_tx(&tx, owner).await?;
        user.require_active()?;
        if store::list(&tx, owner).await?.len() >= PER_USER_MAX {
            return Err(WebhooksError::TooMany);
        }
        let endpoint = Endpoint {
            id: WebhookId::generate(),
            user_id: owner,
            url: wished.url,
            patterns: wished.patterns,
            description: wished.description,
            algorithm,
            health: Health::default(),
            former_secret_until: None,
            created_at: act.at,
        };
        let (sealed, for_receiver) = self.new_secret_in_tx(&tx, &endpoint).await?;
        store::insert_in_tx(&tx, &endpoint, sealed).await?;
        ping_in_tx(&tx, endpoint.id, act.at).await?;
        store::wake_in_tx(&tx, vec![endpoint.id], act.at).await?;
        let event = events::about(owner, endpoint.id, &endpoint.url, WebhookEvent::Created, act);
        outbox::append_in_tx(&tx, vec![event]).await?;
        self.mail_in_tx(&tx, &user, change::created(&endpoint.url), act.at).await?;
        tx.commit().await?;
        Ok(IssuedEndpoint { endpoint, for_receiver })
    }

    /// Somebody's endpoints, at most ten, in the order of their making.
    ///
    /// # Errors
    /// The database failed.
    pub async fn list(&self, owner: UserId) -> Result<Vec<Endpoint>> {
        Ok(store::list(&self.db, owner).await?)
    }

    /// One of them.
    ///
    /// # Errors
    /// `UnknownEndpoint`, or the database failed.
    pub async fn find(&self, of: OwnedEndpoint) -> Result<Endpoint> {
        store::find(&self.db, of).await?.ok_or(WebhooksError::UnknownEndpoint)
    }

    /// Tells it elsewhere, or other things.
    ///
    /// # Errors
    /// `UnknownEndpoint`, the wish cannot be fulfilled, or the database failed.
    pub async fn change(&self, of: OwnedEndpoint, wish: &EndpointWish, act: Act) -> Result<Endpoint> {
        let wished = wish.checked(&self.policy)?;
        let tx = self.db.begin().await?;
        let user = self.identity.lock_user_in_tx(&tx, of.owner).await?;
        let before = lock_in_tx(&tx, of).await?;
        let url = wished.url.clone();
        store::update_in_tx(&tx, of.id, wished).await?;
        let event = events::about(of.owner, of.id, &url, WebhookEvent::Changed, act);
        outbox::append_in_tx(&tx, vec![event]).await?;
        if before.url != url {
            self.mail_in_tx(&tx, &user, change::changed(&url), act.at).await?;
        }
        tx.commit().await?;
        self.find(of).await
    }

    /// Tells it nothing any more.
    ///
    /// # Errors
    /// `UnknownEndpoint`, or the database failed.
    pub async fn delete(&self, of: OwnedEndpoint, act: Act) -> Result<()> {
        let tx = self.db.begin().await?;
        let endpoint = lock_in_tx(&tx, of).await?;
        tx.overwrite_deleted().await?;
        store::delete_in_tx(&tx, of.id, act.at).await?;
        let event = events::about(of.owner, of.id, &endpoint.url, WebhookEvent::Deleted, act);
        outbox::append_in_tx(&tx, vec![event]).await?;
        Ok(tx.commit().await?)
    }

    /// Gives it another secret; the one before signs beside it for a day, the one before that no more.
    ///
    /// # Errors
    /// `UnknownEndpoint`, or the database failed.
    pub async fn rotate_secret(&self, of: OwnedEndpoint, act: Act) -> Result<IssuedEndpoint> {
        let tx = self.db.begin().await?;
        let user = self.identity.lock_user_in_tx(&tx, of.owner).await?;
        let endpoint = lock_in_tx(&tx, of).await?;
        let (sealed, for_receiver) = self.new_secret_in_tx(&tx, &endpoint).await?;
        let former_until = act.at.plus_seconds(OVERLAP_SECONDS);
        store::rotate_in_tx(&tx, of.id, sealed, former_until).await?;
        let event = events::about(of.owner, of.id, &endpoint.url, WebhookEvent::SecretRotated, act);
        outbox::append_in_tx(&tx, vec![event]).await?;
        self.mail_in_tx(&tx, &user, change::secret_rotated(&endpoint.url), act.at).await?;
        tx.commit().await?;
        Ok(IssuedEndpoint { endpoint: Endpoint { former_secret_until: Some(former_until), ..endpoint }, for_receiver })
    }

    /// Calls it again, with what waited meanwhile.
    ///
    /// # Errors
    /// `UnknownEndpoint`, or the database failed.
    pub async fn enable(&self, of: OwnedEndpoint, act: Act) -> Result<Endpoint> {
        let tx = self.db.begin().await?;
        let endpoint = lock_in_tx(&tx, of).await?;
        store::enable_in_tx(&tx, of.id, act.at).await?;
        if endpoint.health.disabled.is_some() {
            let event = events::about(of.owner, of.id, &endpoint.url, WebhookEvent::Changed, act);
            outbox::append_in_tx(&tx, vec![event]).await?;
        }
        tx.commit().await?;
        Ok(Endpoint { health: Health::default(), ..endpoint })
    }

    /// Sends a ping.
    ///
    /// # Errors
    /// `UnknownEndpoint`, `IsDisabled`, or the database failed.
    pub async fn ping(&self, of: OwnedEndpoint, now: WallTime) -> Result<Delivery> {
        let tx = self.db.begin().await?;
        require_called(&lock_in_tx(&tx, of).await?)?;
        let id = ping_in_tx(&tx, of.id, now).await?;
        store::wake_in_tx(&tx, vec![of.id], now).await?;
        tx.commit().await?;
        deliveries::find(&self.db, of.id, id).await?.ok_or(WebhooksError::UnknownDelivery)
    }

    /// What was and is told to an endpoint, the newest first, with what came of the tries.
    ///
    /// # Errors
    /// `UnknownEndpoint`, or the database failed.
    pub async fn deliveries(
        &self,
        of: OwnedEndpoint,
        before: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<(Delivery, Vec<Attempt>)>> {
        self.find(of).await?;
        let found = deliveries::list(&self.db, of.id, before, limit).await?;
        let mut attempts = deliveries::attempts(&self.db, &found).await?;
        let with_attempts = found.into_iter().map(|delivery| {
            // What was recorded between the two looks is shown with the next one.
            let is_its = |attempt: &mut Attempt| attempt.delivery_id == delivery.id;
            let mut of_it: Vec<Attempt> = attempts.extract_if(.., is_its).collect();
            of_it.retain(|attempt| attempt.number <= delivery.attempts);
            (delivery, of_it)
        });
        Ok(with_attempts.collect())
    }

    /// Sends again what has ended, under the same `webhook-id`; gives how many. At most so many at once that it can be
    /// called again for the rest.
    ///
    /// # Errors
    /// `UnknownEndpoint`, `UnknownDelivery`, `IsDisabled`, or the database failed.
    pub async fn replay(&self, of: OwnedEndpoint, replay: Replay, now: WallTime) -> Result<u64> {
        let tx = self.db.begin().await?;
        require_called(&lock_in_tx(&tx, of).await?)?;
        let replayed = match replay {
            Replay::One(id) => {
                if deliveries::find(&tx, of.id, id).await?.is_none() {
                    return Err(WebhooksError::UnknownDelivery);
                }
                deliveries::replay_one_in_tx(&tx, of.id, id, now).await?
            }
            Replay::Span(span) => deliveries::replay_in_tx(&tx, of.id, span, now, REPLAYED_MAX).await?,
        };
        store::wake_in_tx(&tx, vec![of.id], now).await?;
        tx.commit().await?;
        Ok(replayed)
    }

    async fn new_secret_in_tx(&self, tx: &Tx, endpoint: &Endpoint) -> Result<(Vec<u8>, String)> {
        let secret = SigningSecret::generate(endpoint.algorithm);
        let secrets = self.identity.secrets();
        let sealed = secrets.seal_in_tx(tx, secret.to_text().as_bytes(), &context(endpoint.id)).await?;
        Ok((sealed, secret.for_receiver()))
    }
}

/// Sealed with this, a secret is worth nothing in another row, or anywhere else.
pub(crate) fn context(id: WebhookId) -> Vec<u8> {
    [b"webhooks_endpoint", &id.uuid().as_bytes()[..]].concat()
}

async fn lock_in_tx(tx: &Tx, of: OwnedEndpoint) -> Result<Endpoint> {
    Ok(store::lock_in_tx(tx, of).await?.ok_or(WebhooksError::UnknownEndpoint)?.endpoint)
}

const fn require_called(endpoint: &Endpoint) -> Result<()> {
    if endpoint.health.disabled.is_some() { Err(WebhooksError::IsDisabled) } else { Ok(()) }
}

/// A ping stands outside of what happened: its sequence is 0.
async fn ping_in_tx(tx: &Tx, endpoint_id: WebhookId, now: WallTime) -> Result<DeliveryId> {
    let (id, event_id, subject) = (DeliveryId::generate(), EventId::generate(), endpoint_id.to_string());
    let body = json!({
        "id": event_id, "type": TEST, "version": 1, "subject": subject, "sequence": 0, "timestamp": now.to_string(),
        "data": { "webhookId": endpoint_id }
    });
    let ping = deliveries::New {
        id,
        endpoint_id,
        event_id,
        kind: TEST.to_owned(),
        subject,
        body: body.to_string(),
        status: DeliveryStatus::Queued,
        tries: 0,
        attempts: 0,
        next_try_at: now,
        happened_at: now,
    };
    deliveries::insert_in_tx(tx, vec![ping]).await?;
    Ok(id)
}

impl std::fmt::Debug for IssuedEndpoint {
    /// Without the secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("IssuedEndpoint").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}
