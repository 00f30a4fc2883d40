//! `/api/simulations/clock`: the bank's own time in a sandbox: how it stands, and what an administrator does to it.

use crate::App;
use crate::wire::{AdvanceBody, ClockReply, RateBody};
use ::clock::{ClockCommand, CommandKey, Ordered};
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use http_core::body::{JsonBody, OptionalJsonBody};
use http_core::caller::Caller;
use http_core::idempotency_header::{IDEMPOTENT_REPLAYED, IdempotencyHeader};
use http_core::problem::Outcome;
use http_core::reply::{json, json_bytes};
use http_core::wire::empty::EmptyBody;
use payments::IdempotencyKey;
use std::sync::Arc;

/// How the bank's clock stands.
#[utoipa::path(
    get,
    path = "/api/simulations/clock",
    tag = "simulations",
    operation_id = "get_clock",
    responses((status = 200, description = "The clock", body = ClockReply)),
)]
pub(crate) async fn show(State(app): State<Arc<App>>) -> Outcome<Response> {
    let view = app.clocks.view(&app.db).await?;
    Ok(json(StatusCode::OK, &ClockReply::from(&view)))
}

/// Lets bank time stand still. An advance that is under way ends where it is.
#[utoipa::path(
    post,
    path = "/api/simulations/clock/freeze",
    tag = "simulations",
    operation_id = "freeze_clock",
    request_body = Option<EmptyBody>,
    responses((status = 200, description = "It stands still", body = ClockReply)),
)]
pub(crate) async fn freeze(
    State(app): State<Arc<App>>,
    caller: Caller,
    key: IdempotencyHeader,
    body: OptionalJsonBody,
) -> Outcome<Response> {
    body.read::<EmptyBody>()?;
    command(&app, &caller, &key, ClockCommand::Freeze).await
}

/// Lets bank time run on from where it stands.
#[utoipa::path(
    post,
    path = "/api/simulations/clock/resume",
    tag = "simulations",
    operation_id = "resume_clock",
    request_body = Option<EmptyBody>,
    responses((status = 200, description = "It runs", body = ClockReply)),
)]
pub(crate) async fn resume(
    State(app): State<Arc<App>>,
    caller: Caller,
    key: IdempotencyHeader,
    body: OptionalJsonBody,
) -> Outcome<Response> {
    body.read::<EmptyBody>()?;
    command(&app, &caller, &key, ClockCommand::Resume).await
}

/// Lets bank time run so many times as fast as the real world; a frozen clock runs so fast once it is resumed.
#[utoipa::path(
    post,
    path = "/api/simulations/clock/rate",
    tag = "simulations",
    operation_id = "set_clock_rate",
    request_body = RateBody,
    responses((status = 200, description = "It has this rate", body = ClockReply)),
)]
pub(crate) async fn rate(
    State(app): State<Arc<App>>,
    caller: Caller,
    key: IdempotencyHeader,
    body: JsonBody,
) -> Outcome<Response> {
    let RateBody { rate } = body.read()?;
    command(&app, &caller, &key, ClockCommand::Rate(rate)).await
}

/// Takes a frozen clock forward, at most 62 days, from one thing that falls due to the next: each is done at its own time.
///
/// It is answered at once. The clock is `ADVANCING` until it is there, and `READY` then.
#[utoipa::path(
    post,
    path = "/api/simulations/clock/advance",
    tag = "simulations",
    operation_id = "advance_clock",
    request_body = AdvanceBody,
    responses((status = 202, description = "It is on its way", body = ClockReply)),
)]
pub(crate) async fn advance(
    State(app): State<Arc<App>>,
    caller: Caller,
    key: IdempotencyHeader,
    body: JsonBody,
) -> Outcome<Response> {
    let wanted = body.read::<AdvanceBody>()?.read()?;
    command(&app, &caller, &key, wanted).await
}

async fn command(app: &App, caller: &Caller, key: &IdempotencyHeader, command: ClockCommand) -> Outcome<Response> {
    let (user, asked) = (caller.user_id().to_string(), fingerprint(command));
    let owner = [user.as_str(), caller.route.method, caller.route.path];
    let key = IdempotencyKey::new(&owner, key.as_str(), &[asked.as_bytes()]);
    let key = CommandKey { hash: key.hash(), fingerprint: key.fingerprint() };
    let ordered = Ordered { command, by: caller.identity.actor(), key };
    let render = |view: &::clock::ClockView| {
        serde_json::to_vec(&ClockReply::from(view)).expect("wire types have text keys and serialise")
    };
    let done = app.clocks.command(&app.db, ordered, render).await?;
    let status = match command {
        ClockCommand::AdvanceTo(_) | ClockCommand::AdvanceBy(_) => StatusCode::ACCEPTED,
        ClockCommand::Freeze | ClockCommand::Resume | ClockCommand::Rate(_) => StatusCode::OK,
    };
    let mut response = json_bytes(status, done.body);
    if done.is_replayed {
        response.headers_mut().insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// What a command asks for, however its JSON was written. The route says which command it is.
fn fingerprint(command: ClockCommand) -> String {
    match command {
        ClockCommand::Freeze | ClockCommand::Resume => String::new(),
        ClockCommand::Rate(rate) => rate.to_string(),
        ClockCommand::AdvanceTo(to) => to.to_string(),
        ClockCommand::AdvanceBy(seconds) => seconds.to_string(),
    }
}
