//! The rows of `webhooks_endpoint`.

use super::{Checked, Endpoint, OwnedEndpoint, PER_USER_MAX, Patterns};
use crate::health::FAILURES_UNTIL_DEAD;
use crate::{Algorithm, Disabled, Health};
use db::{Executor, Result, Tx, Value, WallTime, columns, fields, params, statements};
use ids::{UserId, WebhookId};

fields! {
    Text: Algorithm, Algorithm::parse, |algorithm| algorithm.word();
    Text: Disabled, Disabled::parse, |disabled| disabled.word();
    Text: Patterns, Patterns::from_stored, |patterns| patterns.words().collect::<Vec<_>>().join(" ");
}

columns! {
    Health { failures, failing_since, slow_until, disabled }
    Endpoint {
        id, user_id, url, patterns, description, algorithm, health = "*", former_secret_until, created_at
    }
    struct New { endpoint: Endpoint = "*", sealed_secret: Option<Vec<u8>>, token: i64 }
    /// An endpoint with what only its caller needs.
    pub(crate) struct Held {
        pub(crate) endpoint: Endpoint = "*",
        pub(crate) sealed_secret: Option<Vec<u8>>,
        pub(crate) sealed_former_secret: Option<Vec<u8>>,
        pub(crate) token: i64,
        pub(crate) leased_until: Option<WallTime>,
    }
    /// What somebody wants to be told.
    pub(crate) struct Listening {
        pub(crate) id: WebhookId = "e.id",
        pub(crate) user_id: UserId = "e.user_id",
        pub(crate) patterns: Patterns = "e.patterns",
        pub(crate) created_at: WallTime = "e.created_at",
    }
}

statements! {
    INSERT_ENDPOINT(New) = "INSERT INTO webhooks_endpoint ({columns}) VALUES ({values})";
    SELECT_ENDPOINTS -> Endpoint =
        "SELECT {columns} FROM webhooks_endpoint WHERE user_id = $1 AND deleted_at IS NULL ORDER BY id LIMIT $2";
    SELECT_ENDPOINT -> Endpoint =
        "SELECT {columns} FROM webhooks_endpoint WHERE id = $1 AND user_id = $2 AND deleted_at IS NULL";
    LOCK_ENDPOINT -> Held =
        "SELECT {columns} FROM webhooks_endpoint WHERE id = $1 AND user_id = $2 AND deleted_at IS NULL FOR UPDATE";
    UPDATE_ENDPOINT = "UPDATE webhooks_endpoint SET url = $2, patterns = $3, description = $4 WHERE id = $1";
    ROTATE_SECRET =
        "UPDATE webhooks_endpoint
         SET sealed_former_secret = sealed_secret, sealed_secret = $2, former_secret_until = $3 WHERE id = $1";
    ENABLE_ENDPOINT =
        "UPDATE webhooks_endpoint
         SET disabled = NULL, failures = 0, failing_since = NULL, slow_until = NULL, due_at = $2 WHERE id = $1";
    DISABLE_ENDPOINTS_OF =
        "UPDATE webhooks_endpoint SET disabled = $2, due_at = NULL
         WHERE user_id = $1 AND disabled IS NULL AND deleted_at IS NULL";
    DELETE_ENDPOINT =
        "UPDATE webhooks_endpoint
         SET deleted_at = $2, sealed_secret = NULL, sealed_former_secret = NULL, due_at = NULL WHERE id = $1";
    SELECT_ANY_ENDPOINT -> WebhookId = "SELECT id FROM webhooks_endpoint WHERE deleted_at IS NULL LIMIT 1";
    SELECT_LISTENING -> Listening =
        "SELECT {columns} FROM webhooks_endpoint e JOIN auth_user u ON u.id = e.user_id
         WHERE e.user_id = ANY($1) AND e.deleted_at IS NULL AND u.status = 'ACTIVE' ORDER BY e.id";
    LOCK_ENDPOINTS -> Held =
        "SELECT {columns} FROM webhooks_endpoint
         WHERE id = ANY($1) AND disabled IS NULL AND deleted_at IS NULL ORDER BY id FOR UPDATE";
    WAKE_ENDPOINTS =
        "UPDATE webhooks_endpoint SET due_at = CASE WHEN due_at IS NULL OR due_at > $2 THEN $2 ELSE due_at END
         WHERE id = ANY($1)";
    SELECT_DUE_ENDPOINTS -> WebhookId =
        "SELECT id FROM webhooks_endpoint
         WHERE due_at <= $1 AND disabled IS NULL AND deleted_at IS NULL AND (leased_until IS NULL OR leased_until <= $1)
             AND failures < $3 AND (slow_until IS NULL OR slow_until <= $1)
         ORDER BY due_at LIMIT $2";
    SELECT_DUE_ENDPOINTS_IN_CARE -> WebhookId =
        "SELECT id FROM webhooks_endpoint
         WHERE due_at <= $1 AND disabled IS NULL AND deleted_at IS NULL AND (leased_until IS NULL OR leased_until <= $1)
             AND (failures >= $3 OR slow_until > $1)
         ORDER BY due_at LIMIT $2";
    SELECT_ACTIVE_USERS -> UserId = "SELECT id FROM auth_user WHERE id = ANY($1) AND status = 'ACTIVE'";
    LEASE_ENDPOINTS = "UPDATE webhooks_endpoint SET token = token + 1, leased_until = $2 WHERE id = ANY($1)";
    DELAY_ENDPOINTS = "UPDATE webhooks_endpoint SET due_at = $2 WHERE id = ANY($1)";
    LOCK_LEASED -> Held =
        "SELECT {columns} FROM webhooks_endpoint WHERE id = $1 AND token = $2 AND deleted_at IS NULL FOR UPDATE";
    UPDATE_LEASED(Leased) =
        "UPDATE webhooks_endpoint
         SET failures = $failures, failing_since = $failing_since, slow_until = $slow_until, disabled = $disabled,
             due_at = $due_at, leased_until = $leased_until
         WHERE id = $id";
    FREE_LEASES = "UPDATE webhooks_endpoint SET leased_until = NULL WHERE leased_until IS NOT NULL";
    PURGE_ENDPOINTS = "DELETE FROM webhooks_endpoint WHERE deleted_at < $1";
}

columns! {
    /// How an endpoint stands after some calls.
    pub(crate) struct Leased {
        pub(crate) id: WebhookId,
        pub(crate) health: Health = "*",
        pub(crate) due_at: Option<WallTime>,
        pub(crate) leased_until: Option<WallTime>,
    }
}

/// Whom calls are made for, and in what care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Care {
    /// Endpoints that answer.
    Usual,
    /// Those that do not, are slow, or asked to be called slowly.
    Special,
}

pub(crate) async fn insert_in_tx(tx: &Tx, endpoint: &Endpoint, sealed_secret: Vec<u8>) -> Result<()> {
    let new = New { endpoint: endpoint.clone(), sealed_secret: Some(sealed_secret), token: 0 };
    tx.execute_rows(&INSERT_ENDPOINT, [new]).await.map(drop)
}

pub(crate) async fn list(on: &impl Executor, owner: UserId) -> Result<Vec<Endpoint>> {
    on.query_as(&SELECT_ENDPOINTS, params![owner, i64::try_from(PER_USER_MAX).unwrap_or(i64::MAX)]).await
}

pub(crate) async fn find(on: &impl Executor, of: OwnedEndpoint) -> Result<Option<Endpoint>> {
    on.query_optional(&SELECT_ENDPOINT, params![of.id, of.owner]).await
}

pub(crate) async fn lock_in_tx(tx: &Tx, of: OwnedEndpoint) -> Result<Option<Held>> {
    tx.query_optional(&LOCK_ENDPOINT, params![of.id, of.owner]).await
}

pub(crate) async fn update_in_tx(tx: &Tx, id: WebhookId, to: Checked) -> Result<()> {
    tx.execute(&UPDATE_ENDPOINT, params![id, to.url, to.patterns, to.description]).await.map(drop)
}

pub(crate) async fn rotate_in_tx(tx: &Tx, id: WebhookId, sealed: Vec<u8>, former_until: WallTime) -> Result<()> {
    tx.execute(&ROTATE_SECRET, params![id, sealed, former_until]).await.map(drop)
}

pub(crate) async fn enable_in_tx(tx: &Tx, id: WebhookId, now: WallTime) -> Result<()> {
    tx.execute(&ENABLE_ENDPOINT, params![id, now]).await.map(drop)
}

pub(crate) async fn disable_of_in_tx(tx: &Tx, owner: UserId, why: Disabled) -> Result<()> {
    tx.execute(&DISABLE_ENDPOINTS_OF, params![owner, why]).await.map(drop)
}

pub(crate) async fn delete_in_tx(tx: &Tx, id: WebhookId, now: WallTime) -> Result<()> {
    tx.execute(&DELETE_ENDPOINT, params![id, now]).await.map(drop)
}

pub(crate) async fn is_any(on: &impl Executor) -> Result<bool> {
    Ok(on.query_optional(&SELECT_ANY_ENDPOINT, params![]).await?.is_some())
}

/// The endpoints of these people, as far as they may log in.
pub(crate) async fn listening(on: &impl Executor, people: Vec<UserId>) -> Result<Vec<Listening>> {
    on.query_as(&SELECT_LISTENING, params![Value::list(people)]).await
}

/// Endpoints for which something waits now. Their rows are held: whoever takes them off the list sees what is new first.
pub(crate) async fn wake_in_tx(tx: &Tx, ids: Vec<WebhookId>, now: WallTime) -> Result<()> {
    // In the order of everybody else.
    tx.query_as(&LOCK_ENDPOINTS, params![Value::list(ids.iter().copied())]).await?;
    tx.execute(&WAKE_ENDPOINTS, params![Value::list(ids), now]).await.map(drop)
}

pub(crate) async fn due(on: &impl Executor, care: Care, now: WallTime, limit: u32) -> Result<Vec<WebhookId>> {
    let statement = match care {
        Care::Usual => &SELECT_DUE_ENDPOINTS,
        Care::Special => &SELECT_DUE_ENDPOINTS_IN_CARE,
    };
    on.query_as(statement, params![now, limit, FAILURES_UNTIL_DEAD]).await
}

/// Those that are called, in the order of identifiers.
pub(crate) async fn lock_many_in_tx(tx: &Tx, ids: Vec<WebhookId>) -> Result<Vec<Held>> {
    tx.query_as(&LOCK_ENDPOINTS, params![Value::list(ids)]).await
}

/// Which of the people may log in.
pub(crate) async fn active(on: &impl Executor, people: Vec<UserId>) -> Result<Vec<UserId>> {
    on.query_as(&SELECT_ACTIVE_USERS, params![Value::list(people)]).await
}

pub(crate) async fn lease_in_tx(tx: &Tx, ids: Vec<WebhookId>, until: WallTime) -> Result<()> {
    tx.execute(&LEASE_ENDPOINTS, params![Value::list(ids), until]).await.map(drop)
}

pub(crate) async fn delay_in_tx(tx: &Tx, ids: Vec<WebhookId>, until: WallTime) -> Result<()> {
    tx.execute(&DELAY_ENDPOINTS, params![Value::list(ids), until]).await.map(drop)
}

/// The endpoint, if whoever has the token still has it.
pub(crate) async fn lock_leased_in_tx(tx: &Tx, id: WebhookId, token: i64) -> Result<Option<Held>> {
    tx.query_optional(&LOCK_LEASED, params![id, token]).await
}

pub(crate) async fn update_leased_in_tx(tx: &Tx, leased: Leased) -> Result<()> {
    tx.execute_rows(&UPDATE_LEASED, [leased]).await.map(drop)
}

pub(crate) async fn free_leases_in_tx(tx: &Tx) -> Result<()> {
    tx.execute(&FREE_LEASES, params![]).await.map(drop)
}

pub(crate) async fn purge_in_tx(tx: &Tx, before: WallTime) -> Result<u64> {
    tx.execute(&PURGE_ENDPOINTS, params![before]).await
}
