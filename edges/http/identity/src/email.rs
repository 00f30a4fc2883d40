//! `/api/auth/email`: giving an address, and showing that it is one's own.

use crate::App;
use crate::wire::user::{EmailBody, PromiseReply, UserReply, VerifyEmailBody};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use http_core::body::JsonBody;
use http_core::caller::Caller;
use http_core::problem::Outcome;
use http_core::reply::json;
use std::sync::Arc;

/// Gives the caller another address, which has to be verified; the old one is told.
#[utoipa::path(
    put,
    path = "/api/auth/email",
    tag = "identity",
    operation_id = "change_email",
    request_body = EmailBody,
    responses((status = 200, description = "The caller with the new address", body = UserReply)),
)]
pub(crate) async fn change(State(app): State<Arc<App>>, caller: Caller, body: JsonBody) -> Outcome<Response> {
    let EmailBody { email } = body.read()?;
    let user = app.identity.change_email(&caller.identity, &email, app.now()).await?;
    Ok(json(StatusCode::OK, &UserReply::from(user)))
}

/// Mails a token that verifies the caller's address; nothing if it is verified already.
#[utoipa::path(
    post,
    path = "/api/auth/email/verification",
    tag = "identity",
    operation_id = "request_email_verification",
    responses((status = 202, description = "A mail is on its way, or none is needed", body = PromiseReply)),
)]
pub(crate) async fn request_verification(State(app): State<Arc<App>>, caller: Caller) -> Outcome<Response> {
    app.identity.request_verification(&caller.identity, app.now()).await?;
    let message = "If the address is not verified yet, a mail is on its way";
    Ok(json(StatusCode::ACCEPTED, &PromiseReply { message }))
}

/// Takes the mailed token as proof that the address is its user's.
#[utoipa::path(
    post,
    path = "/api/auth/email/verify",
    tag = "identity",
    operation_id = "verify_email",
    request_body = VerifyEmailBody,
    responses((status = 204, description = "Verified")),
)]
pub(crate) async fn verify(State(app): State<Arc<App>>, body: JsonBody) -> Outcome<Response> {
    let VerifyEmailBody { token } = body.read()?;
    app.identity.verify_email(&token, app.now()).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
