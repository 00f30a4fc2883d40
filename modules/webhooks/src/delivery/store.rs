//! The rows of `webhooks_delivery` and `webhooks_attempt`.

use super::{Attempt, Delivery, DeliveryStatus, Due, Failure};
use db::{Executor, Result, Tx, Value, WallTime, columns, fields, params, statements};
use ids::{DeliveryId, EventId, WebhookId};
use uuid::Uuid;

fields! {
    Text: DeliveryStatus, DeliveryStatus::parse, |status| status.word();
    Text: Failure, Failure::parse, |failure| failure.word();
}

columns! {
    Delivery {
        id, endpoint_id, event_id, kind, subject, status, attempts, next_try_at, happened_at, ended_at
    }
    Due { id, event_id, subject, body, tries, attempts }
    Attempt { delivery_id, number, at, duration_ms, code, failure, excerpt }
    /// A delivery that begins.
    pub(crate) struct New {
        pub(crate) id: DeliveryId,
        pub(crate) endpoint_id: WebhookId,
        pub(crate) event_id: EventId,
        pub(crate) kind: String,
        pub(crate) subject: String,
        pub(crate) body: String,
        pub(crate) status: DeliveryStatus,
        pub(crate) tries: i64,
        pub(crate) attempts: i64,
        pub(crate) next_try_at: WallTime,
        pub(crate) happened_at: WallTime,
    }
    /// How a delivery stands after a try.
    pub(crate) struct Stands {
        pub(crate) id: DeliveryId,
        pub(crate) status: DeliveryStatus,
        pub(crate) tries: i64,
        pub(crate) attempts: i64,
        pub(crate) next_try_at: WallTime,
        pub(crate) ended_at: Option<WallTime>,
    }
}

/// Before the first ping has ended, an endpoint is told nothing else.
macro_rules! after_the_ping {
    ($beginning:literal, $end:literal) => {
        concat!(
            $beginning,
            " AND (kind = 'webhook.test' OR NOT EXISTS (",
            "SELECT kind FROM (",
            "SELECT kind, status FROM webhooks_delivery WHERE endpoint_id = $1 ORDER BY id LIMIT 1) AS first_of_all",
            " WHERE first_of_all.kind = 'webhook.test' AND first_of_all.status = 'QUEUED'))",
            $end
        )
    };
}

statements! {
    INSERT_DELIVERIES(New) =
        "INSERT INTO webhooks_delivery ({columns}) VALUES ({values}) ON CONFLICT (endpoint_id, event_id) DO NOTHING";
    SELECT_DUE -> Due = after_the_ping!(
        "SELECT {columns} FROM webhooks_delivery WHERE endpoint_id = $1 AND status = 'QUEUED' AND next_try_at <= $2",
        " ORDER BY next_try_at, id LIMIT $3"
    );
    SELECT_NEXT_TRY -> Option<WallTime> = after_the_ping!(
        "SELECT MIN(next_try_at) FROM webhooks_delivery WHERE endpoint_id = $1 AND status = 'QUEUED'",
        ""
    );
    UPDATE_DELIVERIES(Stands) =
        "UPDATE webhooks_delivery
         SET status = $status, tries = $tries, attempts = $attempts, next_try_at = $next_try_at, ended_at = $ended_at
         WHERE id = $id";
    INSERT_ATTEMPTS(Attempt) = "INSERT INTO webhooks_attempt ({columns}) VALUES ({values})";
    SELECT_DELIVERIES -> Delivery =
        "SELECT {columns} FROM webhooks_delivery WHERE endpoint_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    SELECT_ATTEMPTS -> Attempt =
        "SELECT {a.columns} FROM webhooks_attempt a JOIN webhooks_delivery d ON d.id = a.delivery_id
         WHERE d.id = ANY($1) AND a.number > d.attempts - $2 ORDER BY a.delivery_id, a.number";
    SELECT_DELIVERY -> Delivery =
        "SELECT {columns} FROM webhooks_delivery WHERE id = $1 AND endpoint_id = $2";
    REPLAY_DELIVERY =
        "UPDATE webhooks_delivery SET status = 'QUEUED', tries = 0, next_try_at = $3, ended_at = NULL
         WHERE id = $1 AND endpoint_id = $2 AND status <> 'QUEUED'";
    REPLAY_DELIVERIES =
        "UPDATE webhooks_delivery SET status = 'QUEUED', tries = 0, next_try_at = $4, ended_at = NULL
         WHERE id IN (
             SELECT id FROM webhooks_delivery
             WHERE endpoint_id = $1 AND happened_at >= $2 AND happened_at < $3 AND status <> 'QUEUED'
             ORDER BY happened_at, id LIMIT $5
         )";
    COUNT_QUEUED -> i64 =
        "SELECT COUNT(*) FROM webhooks_delivery d JOIN webhooks_endpoint e ON e.id = d.endpoint_id
         WHERE d.status = 'QUEUED' AND e.disabled IS NULL AND e.deleted_at IS NULL";
    PURGE_DELIVERIES =
        "DELETE FROM webhooks_delivery
         WHERE id IN (SELECT id FROM webhooks_delivery WHERE id < $1 ORDER BY id LIMIT $2)";
    PURGE_ATTEMPTS =
        "DELETE FROM webhooks_attempt WHERE delivery_id IN (
             SELECT delivery_id FROM webhooks_attempt WHERE delivery_id < $1 ORDER BY delivery_id LIMIT $2
         )";
}

/// Attempts beyond so many of a delivery, counted back, are not shown.
const ATTEMPTS_SHOWN: i64 = 30;

pub(crate) async fn insert_in_tx(tx: &Tx, deliveries: Vec<New>) -> Result<()> {
    tx.execute_rows(&INSERT_DELIVERIES, deliveries).await.map(drop)
}

pub(crate) async fn due(on: &impl Executor, endpoint: WebhookId, now: WallTime, limit: u32) -> Result<Vec<Due>> {
    on.query_as(&SELECT_DUE, params![endpoint, now, limit]).await
}

pub(crate) async fn next_try(on: &impl Executor, endpoint: WebhookId) -> Result<Option<WallTime>> {
    Ok(on.query_optional(&SELECT_NEXT_TRY, params![endpoint]).await?.flatten())
}

pub(crate) async fn update_in_tx(tx: &Tx, deliveries: Vec<Stands>, attempts: Vec<Attempt>) -> Result<()> {
    tx.execute_rows(&UPDATE_DELIVERIES, deliveries).await?;
    tx.execute_rows(&INSERT_ATTEMPTS, attempts).await.map(drop)
}

/// The newest first.
pub(crate) async fn list(
    on: &impl Executor,
    endpoint: WebhookId,
    before: Option<DeliveryId>,
    limit: u32,
) -> Result<Vec<Delivery>> {
    let before = before.unwrap_or(DeliveryId::from_uuid(Uuid::max()));
    on.query_as(&SELECT_DELIVERIES, params![endpoint, before, limit]).await
}

/// What came of the tries of these deliveries.
pub(crate) async fn attempts(on: &impl Executor, deliveries: &[Delivery]) -> Result<Vec<Attempt>> {
    let ids = Value::list(deliveries.iter().map(|delivery| delivery.id));
    on.query_as(&SELECT_ATTEMPTS, params![ids, ATTEMPTS_SHOWN]).await
}

pub(crate) async fn find(on: &impl Executor, endpoint: WebhookId, id: DeliveryId) -> Result<Option<Delivery>> {
    on.query_optional(&SELECT_DELIVERY, params![id, endpoint]).await
}

pub(crate) async fn replay_one_in_tx(tx: &Tx, endpoint: WebhookId, id: DeliveryId, now: WallTime) -> Result<u64> {
    tx.execute(&REPLAY_DELIVERY, params![id, endpoint, now]).await
}

/// What happened in a span of time: from its beginning, before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// At the earliest.
    pub from: WallTime,
    /// Before.
    pub to: WallTime,
}

pub(crate) async fn replay_in_tx(tx: &Tx, endpoint: WebhookId, span: Span, now: WallTime, limit: u32) -> Result<u64> {
    tx.execute(&REPLAY_DELIVERIES, params![endpoint, span.from, span.to, now, limit]).await
}

pub(crate) async fn count_queued(on: &impl Executor) -> Result<i64> {
    on.query_one(&COUNT_QUEUED, params![]).await
}

/// Forgets some of what began before; how many deliveries and attempts there were.
pub(crate) async fn purge_in_tx(tx: &Tx, before: DeliveryId, limit: u32) -> Result<u64> {
    let attempts = tx.execute(&PURGE_ATTEMPTS, params![before, limit]).await?;
    Ok(attempts + tx.execute(&PURGE_DELIVERIES, params![before, limit]).await?)
}
