//! `/api/standing-orders`: what the caller told the bank to pay on later days. Others' orders look as if they were not there.

use crate::App;
use crate::transactions::addresses;
use crate::wire::schema::StandingOrderIdText;
use crate::wire::standing::{RunPage, RunReply, StandingOrderBody, StandingOrderPage, StandingOrderReply, fingerprint};
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use http_core::body::{JsonBody, OptionalJsonBody};
use http_core::caller::Caller;
use http_core::idempotency_header::{IDEMPOTENT_REPLAYED, IdempotencyHeader};
use http_core::page::Page;
use http_core::parameters::Parameters;
use http_core::path::PathId;
use http_core::problem::Outcome;
use http_core::reply::json;
use http_core::table::Wanted;
use http_core::wire::empty::EmptyBody;
use http_core::wire::schema::PageParameters;
use ids::{IdempotencyKey, StandingOrderId, StandingRunId};
use standing::{OwnedOrder, StandingOrder};
use std::sync::Arc;

/// Has something paid on later days, once or again and again, to an account of this bank.
///
/// The money is looked for when a date comes, at six in the morning in New York, and three times more on that day. Asked again with
/// the same key it is the same order, as it is by then.
#[utoipa::path(
    post,
    path = "/api/standing-orders",
    tag = "standing orders",
    operation_id = "create_standing_order",
    request_body = StandingOrderBody<'_>,
    responses((status = 201, description = "Taken", body = StandingOrderReply)),
)]
pub(crate) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    key: IdempotencyHeader,
    body: JsonBody,
) -> Outcome<Response> {
    let mut body = body.read::<StandingOrderBody<'_>>()?;
    addresses::resolve(&app, &mut body).await?;
    let wish = body.read()?;
    let user = caller.user_id().to_string();
    let scope = [user.as_str(), caller.route.method, caller.route.path];
    let key = IdempotencyKey::new(&scope, key.as_str(), &[fingerprint(&wish).bytes()]);
    let act = caller.identity.does(app.now());
    let created = app.standing_orders.create(caller.user_id(), wish, &key, act).await?;
    let mut response = json(StatusCode::CREATED, &StandingOrderReply::from(created.order));
    if created.is_replayed {
        response.headers_mut().insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// The caller's standing orders, the oldest first; those that have ended, too.
#[utoipa::path(
    get,
    path = "/api/standing-orders",
    tag = "standing orders",
    operation_id = "list_standing_orders",
    params(PageParameters),
    responses((
        status = 200, description = "A page of orders",
        content((StandingOrderPage<'_> = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    parameters: Parameters,
    wanted: Wanted,
) -> Outcome<Response> {
    let page = Page::<StandingOrderId>::read(&parameters)?;
    let found = app.standing_orders.list(caller.user_id(), page.after, page.rows()).await?;
    Ok(page.answer(wanted, found, |order| order.id, StandingOrderReply::from))
}

/// A standing order.
#[utoipa::path(
    get,
    path = "/api/standing-orders/{id}",
    tag = "standing orders",
    operation_id = "get_standing_order",
    params(("id" = StandingOrderIdText, Path)),
    responses((status = 200, description = "The order", body = StandingOrderReply)),
)]
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<StandingOrderId>,
) -> Outcome<Response> {
    Ok(reply(app.standing_orders.find(own(&caller, id)).await?))
}

/// Has other amounts or dates from tomorrow on. Account and currency that it is paid from stay.
#[utoipa::path(
    put,
    path = "/api/standing-orders/{id}",
    tag = "standing orders",
    operation_id = "change_standing_order",
    params(("id" = StandingOrderIdText, Path)),
    request_body = StandingOrderBody<'_>,
    responses((status = 200, description = "Changed", body = StandingOrderReply)),
)]
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<StandingOrderId>,
    body: JsonBody,
) -> Outcome<Response> {
    let mut body = body.read::<StandingOrderBody<'_>>()?;
    addresses::resolve(&app, &mut body).await?;
    let wish = body.read()?;
    Ok(reply(app.standing_orders.change(own(&caller, id), wish, caller.identity.does(app.now())).await?))
}

/// Ends it: nothing is paid any more.
#[utoipa::path(
    delete,
    path = "/api/standing-orders/{id}",
    tag = "standing orders",
    operation_id = "cancel_standing_order",
    params(("id" = StandingOrderIdText, Path)),
    responses((status = 200, description = "It has ended", body = StandingOrderReply)),
)]
pub(crate) async fn cancel(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<StandingOrderId>,
) -> Outcome<Response> {
    Ok(reply(app.standing_orders.cancel(own(&caller, id), caller.identity.does(app.now())).await?))
}

/// Lets its dates pass by until it is resumed.
#[utoipa::path(
    post,
    path = "/api/standing-orders/{id}/pause",
    tag = "standing orders",
    operation_id = "pause_standing_order",
    params(("id" = StandingOrderIdText, Path)),
    request_body = Option<EmptyBody>,
    responses((status = 200, description = "It rests", body = StandingOrderReply)),
)]
pub(crate) async fn pause(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<StandingOrderId>,
    body: OptionalJsonBody,
) -> Outcome<Response> {
    body.read::<EmptyBody>()?;
    Ok(reply(app.standing_orders.pause(own(&caller, id), caller.identity.does(app.now())).await?))
}

/// Has its dates paid again, from the next one on that is to come.
#[utoipa::path(
    post,
    path = "/api/standing-orders/{id}/resume",
    tag = "standing orders",
    operation_id = "resume_standing_order",
    params(("id" = StandingOrderIdText, Path)),
    request_body = Option<EmptyBody>,
    responses((status = 200, description = "It goes on, or has ended meanwhile", body = StandingOrderReply)),
)]
pub(crate) async fn resume(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<StandingOrderId>,
    body: OptionalJsonBody,
) -> Outcome<Response> {
    body.read::<EmptyBody>()?;
    Ok(reply(app.standing_orders.resume(own(&caller, id), caller.identity.does(app.now())).await?))
}

/// Leaves out its next date.
#[utoipa::path(
    post,
    path = "/api/standing-orders/{id}/skip",
    tag = "standing orders",
    operation_id = "skip_standing_order",
    params(("id" = StandingOrderIdText, Path)),
    request_body = Option<EmptyBody>,
    responses((status = 200, description = "The next date is another one", body = StandingOrderReply)),
)]
pub(crate) async fn skip(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<StandingOrderId>,
    body: OptionalJsonBody,
) -> Outcome<Response> {
    body.read::<EmptyBody>()?;
    Ok(reply(app.standing_orders.skip(own(&caller, id), caller.identity.does(app.now())).await?))
}

/// What became of its dates, the newest first.
#[utoipa::path(
    get,
    path = "/api/standing-orders/{id}/runs",
    tag = "standing orders",
    operation_id = "list_standing_order_runs",
    params(("id" = StandingOrderIdText, Path), PageParameters),
    responses((
        status = 200, description = "A page of dates",
        content((RunPage<'_> = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn runs(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<StandingOrderId>,
    parameters: Parameters,
    wanted: Wanted,
) -> Outcome<Response> {
    let page = Page::<StandingRunId>::read(&parameters)?;
    let found = app.standing_orders.runs(own(&caller, id), page.after, page.rows()).await?;
    Ok(page.answer(wanted, found, |run| run.id, RunReply::from))
}

fn reply(order: StandingOrder) -> Response {
    json(StatusCode::OK, &StandingOrderReply::from(order))
}

/// An order that has to be the caller's.
fn own(caller: &Caller, id: StandingOrderId) -> OwnedOrder {
    OwnedOrder { owner: caller.user_id(), id }
}
