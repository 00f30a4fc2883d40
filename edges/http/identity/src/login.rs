//! `/api/auth`: registering, logging in and out, and who one is.

use crate::App;
use crate::wire::mfa::LoginOutcomeReply;
use crate::wire::user::{CredentialsBody, LoginReply, RefreshBody, RegisterBody, UserReply};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use factors::FactorError;
use http_core::body::JsonBody;
use http_core::caller::Caller;
use http_core::problem::{Outcome, Problem};
use http_core::reply::json;
use http_core::visitor::Visitor;
use identity::{IdentityError, NewUser, Password};
use std::sync::Arc;

/// Makes a customer and logs them in.
#[utoipa::path(
    post,
    path = "/api/auth/register",
    tag = "identity",
    request_body = RegisterBody,
    responses((status = 201, description = "Registered and logged in", body = LoginReply)),
)]
pub(crate) async fn register(State(app): State<Arc<App>>, visitor: Visitor, body: JsonBody) -> Outcome<Response> {
    let RegisterBody { username, password, email } = body.read()?;
    let new_user = NewUser { username, password: Password::new(password), email };
    let login = app.identity.register(new_user, visitor.at(app.now())).await?;
    Ok(json(StatusCode::CREATED, &LoginReply::from(login)))
}

/// Logs somebody in.
#[utoipa::path(
    post,
    path = "/api/auth/login",
    tag = "identity",
    request_body = CredentialsBody,
    responses((status = 200, description = "Logged in, or half of it", body = LoginOutcomeReply)),
)]
pub(crate) async fn login(State(app): State<Arc<App>>, visitor: Visitor, body: JsonBody) -> Outcome<Response> {
    let CredentialsBody { username, password } = body.read()?;
    let attempt = app.front_door.limits.begin_login(visitor.address, &username).await?;
    let outcome = attempt.end(app.factors.login(&username, Password::new(password), visitor.at(app.now())).await).await;
    let reply = match outcome {
        Ok(login) => LoginOutcomeReply::Session(Box::new(login.into())),
        Err(FactorError::Required(challenge)) => LoginOutcomeReply::SecondFactor(challenge.into()),
        Err(error) => return Err(error.into()),
    };
    Ok(json(StatusCode::OK, &reply))
}

/// Continues a session with new tokens.
#[utoipa::path(
    post,
    path = "/api/auth/refresh",
    tag = "identity",
    request_body = RefreshBody,
    responses((status = 200, description = "New tokens; the old refresh token is used up, and leads to the same one again for ten seconds", body = LoginReply)),
)]
pub(crate) async fn refresh(State(app): State<Arc<App>>, visitor: Visitor, body: JsonBody) -> Outcome<Response> {
    let RefreshBody { refresh_token } = body.read()?;
    let login = app.identity.refresh(&refresh_token, visitor.at(app.now())).await?;
    Ok(json(StatusCode::OK, &LoginReply::from(login)))
}

/// Ends the caller's session.
#[utoipa::path(
    delete,
    path = "/api/auth/logout",
    tag = "identity",
    responses((status = 204, description = "Logged out")),
)]
pub(crate) async fn logout(State(app): State<Arc<App>>, caller: Caller) -> Outcome<Response> {
    app.identity.logout(&caller.identity, app.now()).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Who the caller is.
#[utoipa::path(
    get,
    path = "/api/auth/me",
    tag = "identity",
    responses((status = 200, description = "The caller", body = UserReply)),
)]
pub(crate) async fn me(State(app): State<Arc<App>>, caller: Caller) -> Outcome<Response> {
    let user = app.identity.user(caller.user_id()).await?.ok_or(IdentityError::UnknownUser).map_err(Problem::from)?;
    Ok(json(StatusCode::OK, &UserReply::from(user)))
}
