//! `/api/auth/step-up`: proving again who one is, inside a session.

use crate::App;
use crate::wire::mfa::{QuestionReply, StepUpBody, SteppedUpReply};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use factors::RelyingParty;
use http_core::body::{JsonBody, OptionalJsonBody};
use http_core::caller::Caller;
use http_core::problem::Outcome;
use http_core::reply::json;
use http_core::wire::empty::EmptyBody;
use std::sync::Arc;

/// Proves again who the caller is: with the second factor, or with the password where there is none.
///
/// The new access token opens for five minutes what answers `STEP_UP_REQUIRED` to older ones.
#[utoipa::path(
    post,
    path = "/api/auth/step-up",
    tag = "second factors",
    request_body = StepUpBody<'_>,
    responses((status = 200, description = "Proved", body = SteppedUpReply)),
)]
pub(crate) async fn step_up(State(app): State<Arc<App>>, caller: Caller, body: JsonBody) -> Outcome<Response> {
    let given = body.read::<StepUpBody<'_>>()?.read(&app.settings.public_url)?;
    let stepped_up = app.factors.step_up(&caller.identity, given, app.now()).await?;
    Ok(json(StatusCode::OK, &SteppedUpReply::from(stepped_up)))
}

/// What to ask the caller's passkeys.
#[utoipa::path(
    post,
    path = "/api/auth/step-up/passkey",
    tag = "second factors",
    operation_id = "step_up_passkey",
    request_body = Option<EmptyBody>,
    responses((status = 200, description = "The answer goes to `/api/auth/step-up`", body = QuestionReply)),
)]
pub(crate) async fn ask_passkeys(
    State(app): State<Arc<App>>,
    caller: Caller,
    body: OptionalJsonBody,
) -> Outcome<Response> {
    body.read::<EmptyBody>()?;
    let relying_party = RelyingParty::of(&app.settings.public_url)?;
    let question = app.factors.ask_passkeys_for_step_up(&caller.identity, &relying_party, app.now()).await?;
    Ok(json(StatusCode::OK, &QuestionReply::try_from(question)?))
}
