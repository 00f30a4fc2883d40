//! `/api/webhooks`: where the caller's own servers are told. Others' webhooks look as if they were not there.

use crate::App;
use crate::wire::schema::WebhookIdText;
use crate::wire::webhook::{
    DeliveryPage, DeliveryReply, EndpointBody, IssuedEndpointReply, NewEndpointBody, ReplayBody, ReplayReply,
    WebhookList, WebhookReply,
};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use http_core::body::{JsonBody, OptionalJsonBody};
use http_core::caller::Caller;
use http_core::page::Page;
use http_core::parameters::Parameters;
use http_core::path::PathId;
use http_core::problem::{Outcome, Problem};
use http_core::reply::json;
use http_core::table::Wanted;
use http_core::wire::empty::EmptyBody;
use http_core::wire::schema::PageParameters;
use ids::{DeliveryId, WebhookId};
use std::sync::Arc;
use webhooks::{Algorithm, OwnedEndpoint};

/// Has events told to a URL, in calls that are signed by Standard Webhooks. The secret is in this reply and never shown again.
///
/// The first that is told is a ping, `webhook.test`.
#[utoipa::path(
    post,
    path = "/api/webhooks",
    tag = "notifications",
    operation_id = "create_webhook",
    request_body = NewEndpointBody<'_>,
    responses((status = 201, description = "Made", body = IssuedEndpointReply)),
)]
pub(crate) async fn create(State(app): State<Arc<App>>, caller: Caller, body: JsonBody) -> Outcome<Response> {
    let body: NewEndpointBody<'_> = body.read()?;
    let wrong = || Problem::invalid("algorithm", "must be hmac-sha256 or ed25519");
    let algorithm = match &body.algorithm {
        Some(word) => Algorithm::parse(word).ok_or_else(wrong)?,
        None => Algorithm::HmacSha256,
    };
    let act = caller.identity.does(app.now());
    let issued = app.telling.webhooks.create(caller.user_id(), &body.wish(), algorithm, act).await?;
    Ok(json(StatusCode::CREATED, &IssuedEndpointReply::new(issued, act.at)))
}

/// The caller's webhooks, at most ten, the oldest first.
#[utoipa::path(
    get,
    path = "/api/webhooks",
    tag = "notifications",
    operation_id = "list_webhooks",
    responses((
        status = 200, description = "All of them",
        content((WebhookList = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn list(State(app): State<Arc<App>>, caller: Caller, wanted: Wanted) -> Outcome<Response> {
    let found = app.telling.webhooks.list(caller.user_id()).await?;
    let list = WebhookList::new(found, app.now());
    Ok(if wanted.is_csv() { wanted.rows(&list.data) } else { json(StatusCode::OK, &list) })
}

/// A webhook.
#[utoipa::path(
    get,
    path = "/api/webhooks/{id}",
    tag = "notifications",
    operation_id = "get_webhook",
    params(("id" = WebhookIdText, Path)),
    responses((status = 200, description = "The webhook", body = WebhookReply)),
)]
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<WebhookId>,
) -> Outcome<Response> {
    let found = app.telling.webhooks.find(own(&caller, id)).await?;
    Ok(json(StatusCode::OK, &WebhookReply::new(found, app.now())))
}

/// Tells it elsewhere, or other things.
#[utoipa::path(
    put,
    path = "/api/webhooks/{id}",
    tag = "notifications",
    operation_id = "change_webhook",
    params(("id" = WebhookIdText, Path)),
    request_body = EndpointBody<'_>,
    responses((status = 200, description = "Changed", body = WebhookReply)),
)]
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<WebhookId>,
    body: JsonBody,
) -> Outcome<Response> {
    let body: EndpointBody<'_> = body.read()?;
    let act = caller.identity.does(app.now());
    let changed = app.telling.webhooks.change(own(&caller, id), &body.wish(), act).await?;
    Ok(json(StatusCode::OK, &WebhookReply::new(changed, act.at)))
}

/// Tells it nothing any more.
#[utoipa::path(
    delete,
    path = "/api/webhooks/{id}",
    tag = "notifications",
    operation_id = "delete_webhook",
    params(("id" = WebhookIdText, Path)),
    responses((status = 204, description = "It is gone")),
)]
pub(crate) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<WebhookId>,
) -> Outcome<Response> {
    app.telling.webhooks.delete(own(&caller, id), caller.identity.does(app.now())).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Gives it another secret. The one before signs beside it for a day, so that each call has two signatures.
#[utoipa::path(
    post,
    path = "/api/webhooks/{id}/rotate-secret",
    tag = "notifications",
    operation_id = "rotate_webhook_secret",
    params(("id" = WebhookIdText, Path)),
    request_body = Option<EmptyBody>,
    responses((status = 200, description = "The new secret, shown once", body = IssuedEndpointReply)),
)]
pub(crate) async fn rotate_secret(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<WebhookId>,
    body: OptionalJsonBody,
) -> Outcome<Response> {
    body.read::<EmptyBody>()?;
    let act = caller.identity.does(app.now());
    let issued = app.telling.webhooks.rotate_secret(own(&caller, id), act).await?;
    Ok(json(StatusCode::OK, &IssuedEndpointReply::new(issued, act.at)))
}

/// Sends it a ping, `webhook.test`.
#[utoipa::path(
    post,
    path = "/api/webhooks/{id}/test",
    tag = "notifications",
    operation_id = "test_webhook",
    params(("id" = WebhookIdText, Path)),
    request_body = Option<EmptyBody>,
    responses((status = 202, description = "It is on its way", body = DeliveryReply)),
)]
pub(crate) async fn test(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<WebhookId>,
    body: OptionalJsonBody,
) -> Outcome<Response> {
    body.read::<EmptyBody>()?;
    let ping = app.telling.webhooks.ping(own(&caller, id), app.now()).await?;
    Ok(json(StatusCode::ACCEPTED, &DeliveryReply::new(ping, Vec::new())))
}

/// Calls a webhook again that was disabled, with what happened meanwhile.
#[utoipa::path(
    post,
    path = "/api/webhooks/{id}/enable",
    tag = "notifications",
    operation_id = "enable_webhook",
    params(("id" = WebhookIdText, Path)),
    request_body = Option<EmptyBody>,
    responses((status = 200, description = "It is called", body = WebhookReply)),
)]
pub(crate) async fn enable(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<WebhookId>,
    body: OptionalJsonBody,
) -> Outcome<Response> {
    body.read::<EmptyBody>()?;
    let act = caller.identity.does(app.now());
    let enabled = app.telling.webhooks.enable(own(&caller, id), act).await?;
    Ok(json(StatusCode::OK, &WebhookReply::new(enabled, act.at)))
}

/// What was told to a webhook within 30 days and what waits, the newest first, with each try.
#[utoipa::path(
    get,
    path = "/api/webhooks/{id}/deliveries",
    tag = "notifications",
    operation_id = "list_webhook_deliveries",
    params(("id" = WebhookIdText, Path), PageParameters),
    responses((
        status = 200, description = "A page of deliveries",
        content((DeliveryPage<'_> = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn deliveries(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<WebhookId>,
    parameters: Parameters,
    wanted: Wanted,
) -> Outcome<Response> {
    let page = Page::<DeliveryId>::read(&parameters)?;
    let found = app.telling.webhooks.deliveries(own(&caller, id), page.after, page.rows()).await?;
    Ok(page.answer(wanted, found, |(delivery, _)| delivery.id, |(delivery, tries)| DeliveryReply::new(delivery, tries)))
}

/// Sends again what has ended: one delivery, or everything that happened in a time. `webhook-id` stays the same.
///
/// Of a time at most 10,000 are sent again at once, the oldest first.
#[utoipa::path(
    post,
    path = "/api/webhooks/{id}/replay",
    tag = "notifications",
    operation_id = "replay_webhook",
    params(("id" = WebhookIdText, Path)),
    request_body = ReplayBody<'_>,
    responses((status = 202, description = "They are on their way", body = ReplayReply)),
)]
pub(crate) async fn replay(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<WebhookId>,
    body: JsonBody,
) -> Outcome<Response> {
    let replay = body.read::<ReplayBody<'_>>()?.read()?;
    let replayed = app.telling.webhooks.replay(own(&caller, id), replay, app.now()).await?;
    Ok(json(StatusCode::ACCEPTED, &ReplayReply { replayed }))
}

/// A webhook that has to be the caller's.
fn own(caller: &Caller, id: WebhookId) -> OwnedEndpoint {
    OwnedEndpoint { owner: caller.user_id(), id }
}
