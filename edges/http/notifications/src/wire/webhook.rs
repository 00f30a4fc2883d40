//! Webhooks and deliveries on the wire. A secret is in one reply only: the one to its making or rotation.

use crate::wire::schema::{
    DeliveryFailureWord, DeliveryIdText, DeliveryStatusWord, WebhookAlgorithmWord, WebhookDisabledWord, WebhookIdText,
    WebhookStatusWord,
};
use db::WallTime;
use http_core::problem::{Outcome, Problem};
use http_core::table::{Head, InTable};
use http_core::wire::Text;
use http_core::wire::schema;
use ids::{DeliveryId, EventId, WebhookId};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use utoipa::ToSchema;
use webhooks::{
    Attempt, Delivery, DeliveryStatus, Disabled, Endpoint, EndpointWish, Failure, IssuedEndpoint, Replay, Span,
};

/// A new webhook.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewWebhook)]
pub(crate) struct NewEndpointBody<'a> {
    /// Where it is: `https`, with a name, on port 443, 8443 or one from 1024 on; in a sandbox `http` too.
    #[serde(borrow)]
    #[schema(max_length = 1024, example = "https://hooks.example.com/florin")]
    url: Cow<'a, str>,
    /// What is told: types such as `payments.transaction_settled`, all of a module (`payments.*`), or `*`.
    #[serde(borrow)]
    #[schema(min_items = 1, max_items = 20)]
    types: Vec<Cow<'a, str>>,
    /// What you call it.
    #[serde(borrow, default)]
    #[schema(max_length = 200)]
    description: Cow<'a, str>,
    /// `hmac-sha256` if absent.
    #[serde(borrow)]
    #[schema(value_type = Option<WebhookAlgorithmWord>)]
    pub(crate) algorithm: Option<Cow<'a, str>>,
}

/// What a webhook is to be.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ChangedWebhook)]
pub(crate) struct EndpointBody<'a> {
    /// Where it is.
    #[serde(borrow)]
    #[schema(max_length = 1024)]
    url: Cow<'a, str>,
    /// What is told.
    #[serde(borrow)]
    #[schema(min_items = 1, max_items = 20)]
    types: Vec<Cow<'a, str>>,
    /// What you call it.
    #[serde(borrow, default)]
    #[schema(max_length = 200)]
    description: Cow<'a, str>,
}

/// A webhook, without its secret.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Webhook)]
pub(crate) struct WebhookReply {
    #[schema(value_type = WebhookIdText)]
    id: Text<WebhookId>,
    url: String,
    types: Vec<String>,
    description: String,
    #[schema(value_type = WebhookAlgorithmWord)]
    algorithm: &'static str,
    #[schema(value_type = WebhookStatusWord)]
    status: &'static str,
    #[schema(value_type = Option<WebhookDisabledWord>)]
    disabled_reason: Option<&'static str>,
    /// Failed tries since the last that was taken.
    failures: i64,
    #[schema(value_type = Option<schema::Time>)]
    failing_since: Option<Text<WallTime>>,
    /// Until when the secret before the last rotation signs too.
    #[schema(value_type = Option<schema::Time>)]
    former_secret_until: Option<Text<WallTime>>,
    #[schema(value_type = schema::Time)]
    created_at: Text<WallTime>,
}

impl InTable for WebhookReply {
    const HEAD: Head = Head {
        file_name: "webhooks",
        columns: &[
            "id",
            "url",
            "types",
            "description",
            "algorithm",
            "status",
            "disabledReason",
            "failures",
            "failingSince",
            "formerSecretUntil",
            "createdAt",
        ],
    };
}

/// A webhook and what its receiver checks signatures with.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = IssuedWebhook)]
pub(crate) struct IssuedEndpointReply {
    /// The secret (`whsec_…`), which is never shown again; of `ed25519` the public key (`whpk_…`).
    #[schema(pattern = "^wh(sec|pk)_[A-Za-z0-9+/=]+$")]
    secret: String,
    webhook: WebhookReply,
}

/// All webhooks of somebody.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookList)]
pub(crate) struct WebhookList {
    pub(crate) data: Vec<WebhookReply>,
}

/// One event on its way to one webhook.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookDelivery)]
pub(crate) struct DeliveryReply {
    #[schema(value_type = DeliveryIdText)]
    id: Text<DeliveryId>,
    /// The event, which is the `webhook-id` of all its tries.
    #[schema(value_type = String, pattern = "^evt_[0-9a-z]{26}$")]
    event_id: Text<EventId>,
    r#type: String,
    subject: String,
    #[schema(value_type = DeliveryStatusWord)]
    status: &'static str,
    #[schema(value_type = schema::Time)]
    happened_at: Text<WallTime>,
    /// When it is tried next, while it is queued.
    #[schema(value_type = Option<schema::Time>)]
    next_try_at: Option<Text<WallTime>>,
    #[schema(value_type = Option<schema::Time>)]
    ended_at: Option<Text<WallTime>>,
    /// The last 30 of them.
    tries: Vec<TryReply>,
}

impl InTable for DeliveryReply {
    const HEAD: Head = Head {
        file_name: "deliveries",
        columns: &["id", "eventId", "type", "subject", "status", "happenedAt", "nextTryAt", "endedAt", "tries"],
    };
}

/// What came of a try.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookTry)]
pub(crate) struct TryReply {
    /// The first has 1.
    number: i64,
    #[schema(value_type = schema::Time)]
    at: Text<WallTime>,
    duration_ms: i64,
    /// The status of HTTP; null: there was no answer.
    http_status: Option<i64>,
    /// Null: it was taken.
    #[schema(value_type = Option<DeliveryFailureWord>)]
    failure: Option<&'static str>,
    /// The first 512 characters of the answer.
    answer: Option<String>,
}

/// A page of deliveries, the newest first.
#[derive(ToSchema)]
#[schema(as = WebhookDeliveryPage, rename_all = "camelCase")]
#[expect(dead_code, reason = "it only describes")]
pub(crate) struct DeliveryPage<'a> {
    data: &'a [DeliveryReply],
    /// What to send as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

/// What is sent again: `deliveryId`, or `from` and `to`.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ReplayWebhook)]
pub(crate) struct ReplayBody<'a> {
    #[serde(borrow)]
    #[schema(value_type = Option<DeliveryIdText>)]
    delivery_id: Option<Cow<'a, str>>,
    /// What happened at that time or later.
    #[serde(borrow)]
    #[schema(value_type = Option<schema::Time>)]
    from: Option<Cow<'a, str>>,
    /// And before that time.
    #[serde(borrow)]
    #[schema(value_type = Option<schema::Time>)]
    to: Option<Cow<'a, str>>,
}

/// How many are sent again.
#[derive(Serialize, ToSchema)]
#[schema(as = WebhookReplay)]
pub(crate) struct ReplayReply {
    pub(crate) replayed: u64,
}

impl NewEndpointBody<'_> {
    pub(crate) fn wish(&self) -> EndpointWish {
        wish(&self.url, &self.types, &self.description)
    }
}

impl EndpointBody<'_> {
    pub(crate) fn wish(&self) -> EndpointWish {
        wish(&self.url, &self.types, &self.description)
    }
}

fn wish(url: &str, types: &[Cow<'_, str>], description: &str) -> EndpointWish {
    let patterns = types.iter().map(|pattern| pattern.clone().into_owned()).collect();
    EndpointWish { url: url.to_owned(), patterns, description: description.to_owned() }
}

impl ReplayBody<'_> {
    /// What it asks for.
    pub(crate) fn read(&self) -> Outcome<Replay> {
        let time = |field: &'static str, text: &str| {
            WallTime::parse(text).map_err(|error| Problem::invalid(field, error.to_string()))
        };
        match (&self.delivery_id, &self.from, &self.to) {
            (Some(id), None, None) => {
                let id = DeliveryId::parse(id).map_err(|error| Problem::invalid("deliveryId", error.to_string()))?;
                Ok(Replay::One(id))
            }
            (None, Some(from), Some(to)) => {
                let span = Span { from: time("from", from)?, to: time("to", to)? };
                if span.from < span.to {
                    Ok(Replay::Span(span))
                } else {
                    Err(Problem::invalid("to", "must be after from"))
                }
            }
            _ => Err(Problem::invalid("deliveryId", "or from and to must be given")),
        }
    }
}

impl WebhookReply {
    pub(crate) fn new(endpoint: Endpoint, now: WallTime) -> Self {
        let health = endpoint.health;
        Self {
            id: Text(endpoint.id),
            types: endpoint.patterns.words().map(str::to_owned).collect(),
            url: endpoint.url,
            description: endpoint.description,
            algorithm: endpoint.algorithm.word(),
            status: if health.disabled.is_some() { "DISABLED" } else { "ACTIVE" },
            disabled_reason: health.disabled.map(Disabled::word),
            failures: health.failures,
            failing_since: health.failing_since.map(Text),
            former_secret_until: endpoint.former_secret_until.filter(|until| *until > now).map(Text),
            created_at: Text(endpoint.created_at),
        }
    }
}

impl IssuedEndpointReply {
    pub(crate) fn new(issued: IssuedEndpoint, now: WallTime) -> Self {
        Self { secret: issued.for_receiver, webhook: WebhookReply::new(issued.endpoint, now) }
    }
}

impl WebhookList {
    pub(crate) fn new(endpoints: Vec<Endpoint>, now: WallTime) -> Self {
        Self { data: endpoints.into_iter().map(|endpoint| WebhookReply::new(endpoint, now)).collect() }
    }
}

impl DeliveryReply {
    pub(crate) fn new(delivery: Delivery, tries: Vec<Attempt>) -> Self {
        let is_queued = delivery.status == DeliveryStatus::Queued;
        Self {
            id: Text(delivery.id),
            event_id: Text(delivery.event_id),
            r#type: delivery.kind,
            subject: delivery.subject,
            status: delivery.status.word(),
            happened_at: Text(delivery.happened_at),
            next_try_at: is_queued.then_some(Text(delivery.next_try_at)),
            ended_at: delivery.ended_at.map(Text),
            tries: tries.into_iter().map(TryReply::new).collect(),
        }
    }
}

impl TryReply {
    fn new(attempt: Attempt) -> Self {
        Self {
            number: attempt.number,
            at: Text(attempt.at),
            duration_ms: attempt.duration_ms,
            http_status: attempt.code,
            failure: attempt.failure.map(Failure::word),
            answer: attempt.excerpt,
        }
    }
}
