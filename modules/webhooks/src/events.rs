//! What this module leaves in the outbox. The subject is whose endpoint it is; never a secret, and never what was sent.

use crate::Disabled;
use ids::{DeliveryId, EventId, UserId, WebhookId};
use outbox::{Act, Event, event_data, events};

event_data! {
    /// The endpoint, and where it is.
    pub(crate) struct OfEndpoint {
        webhook_id: WebhookId,
        url: String,
    }
}

events! {
    /// What happens to webhooks.
    pub(crate) enum WebhookEvent about User for Owner {
        /// Events are told to this URL from now on.
        Created = "notifications.endpoint_created"(OfEndpoint),
        /// They are told elsewhere, or others of them; or again.
        Changed = "notifications.endpoint_changed"(OfEndpoint),
        /// Calls are signed with another secret; the one before signs beside it for a day.
        SecretRotated = "notifications.endpoint_secret_rotated"(OfEndpoint),
        /// Nothing is told to it any more.
        Deleted = "notifications.endpoint_deleted"(OfEndpoint),
        /// It is called no more, because it answered that it is gone, has failed for five days, or was made before its owner got another role or way in: `GONE`, `FAILING`, `ACCESS_CHANGED`.
        Disabled = "notifications.endpoint_disabled" {
            webhook_id: WebhookId,
            url: String,
            why: &'static str,
        },
        /// An event was tried for the last time; it can be sent again by hand.
        DeliveryFailed = "notifications.delivery_failed" {
            webhook_id: WebhookId,
            delivery_id: DeliveryId,
            event_id: String,
            tries: i64,
            status: Option<i64>,
        },
    }
}

/// A delivery that is tried no more.
pub(crate) struct GivenUp {
    pub(crate) webhook_id: WebhookId,
    pub(crate) delivery_id: DeliveryId,
    pub(crate) event_id: EventId,
    pub(crate) tries: i64,
    pub(crate) status: Option<i64>,
}

pub(crate) fn about(
    owner: UserId,
    id: WebhookId,
    url: &str,
    happened: fn(OfEndpoint) -> WebhookEvent,
    act: Act,
) -> Event {
    Event::of(owner.uuid(), &happened(OfEndpoint { webhook_id: id, url: url.to_owned() }), act)
}

pub(crate) fn disabled(owner: UserId, id: WebhookId, url: &str, why: Disabled, act: Act) -> Event {
    let happened = WebhookEvent::Disabled { webhook_id: id, url: url.to_owned(), why: why.word() };
    Event::of(owner.uuid(), &happened, act)
}

pub(crate) fn given_up(owner: UserId, given_up: GivenUp, act: Act) -> Event {
    let GivenUp { webhook_id, delivery_id, event_id, tries, status } = given_up;
    let event_id = event_id.to_string();
    Event::of(owner.uuid(), &WebhookEvent::DeliveryFailed { webhook_id, delivery_id, event_id, tries, status }, act)
        .everyday()
}

/// Kinds that are told to no endpoint: one that fails would be told of its own failures.
pub(crate) fn is_told(kind: &str) -> bool {
    kind != "notifications.delivery_failed"
}
