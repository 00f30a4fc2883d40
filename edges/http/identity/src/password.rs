//! `/api/auth/password`: changing a password, and the way back in for who forgot theirs.

use crate::App;
use crate::wire::user::{ChangePasswordBody, ForgotPasswordBody, PromiseReply, ResetPasswordBody};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use http_core::body::JsonBody;
use http_core::caller::Caller;
use http_core::policy::step_up_required;
use http_core::problem::{Outcome, Problem};
use http_core::problems::about_new_password;
use http_core::reply::json;
use identity::{Forgetful, Password};
use std::sync::Arc;

/// Replaces the caller's password; all their other sessions end.
#[utoipa::path(
    post,
    path = "/api/auth/password",
    tag = "identity",
    operation_id = "change_password",
    request_body = ChangePasswordBody,
    responses((status = 204, description = "Changed")),
)]
pub(crate) async fn change(State(app): State<Arc<App>>, caller: Caller, body: JsonBody) -> Outcome<Response> {
    let ChangePasswordBody { current_password, new_password } = body.read()?;
    let now = app.now();
    // The current password is proof enough of who has nothing else.
    if caller.identity.has_second_factor && !caller.identity.is_freshly_proved(now) {
        return Err(step_up_required());
    }
    let (current, new) = (Password::new(current_password), Password::new(new_password));
    let changed = app.identity.change_password(&caller.identity, current, new, now).await;
    changed.map_err(about_new_password)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Mails a token for a new password, if there is such a user and their address is verified. The answer is always the same.
#[utoipa::path(
    post,
    path = "/api/auth/password/forgot",
    tag = "identity",
    operation_id = "forgot_password",
    request_body = ForgotPasswordBody,
    responses((status = 202, description = "Written down", body = PromiseReply)),
)]
pub(crate) async fn forgot(State(app): State<Arc<App>>, body: JsonBody) -> Outcome<Response> {
    let who = match body.read()? {
        ForgotPasswordBody { username: Some(username), email: None } => Forgetful::Username(username),
        ForgotPasswordBody { username: None, email: Some(email) } => Forgetful::Email(email),
        _ => return Err(Problem::invalid("body", "must have either username or email")),
    };
    app.identity.request_reset(who, app.now()).await?;
    let message = "If there is such a user with a verified address, a mail is on its way";
    Ok(json(StatusCode::ACCEPTED, &PromiseReply { message }))
}

/// Replaces the password of whom the token was mailed to; all their sessions end, and they log in as usual.
#[utoipa::path(
    post,
    path = "/api/auth/password/reset",
    tag = "identity",
    operation_id = "reset_password",
    request_body = ResetPasswordBody,
    responses((status = 204, description = "Replaced")),
)]
pub(crate) async fn reset(State(app): State<Arc<App>>, body: JsonBody) -> Outcome<Response> {
    let ResetPasswordBody { token, new_password } = body.read()?;
    let reset = app.identity.reset_password(&token, Password::new(new_password), app.now()).await;
    reset.map_err(about_new_password)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
