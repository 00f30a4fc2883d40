//! `/api/auth/mfa`: which second factors one has, the authenticator app, the recovery codes, and finishing a login.
//! Passkeys are in `mfa/passkeys.rs`, the proof inside a session in `mfa/step_up.rs`.

pub(crate) mod passkeys;
pub(crate) mod step_up;

use crate::App;
use crate::wire::mfa::{
    CodeBody, EnabledReply, MfaTokenBody, QuestionReply, RecoveryCodesReply, StatusReply, TotpReply, VerifyBody,
};
use crate::wire::user::LoginReply;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use factors::{MfaToken, RelyingParty};
use http_core::body::{JsonBody, OptionalJsonBody};
use http_core::caller::Caller;
use http_core::problem::Outcome;
use http_core::reply::json;
use http_core::visitor::Visitor;
use http_core::wire::empty::EmptyBody;
use std::sync::Arc;

/// Which second factors the caller has.
#[utoipa::path(
    get,
    path = "/api/auth/mfa",
    tag = "second factors",
    operation_id = "mfa_status",
    responses((status = 200, description = "The factors", body = StatusReply)),
)]
pub(crate) async fn status(State(app): State<Arc<App>>, caller: Caller) -> Outcome<Response> {
    let status = app.factors.mfa_status(caller.user_id()).await?;
    Ok(json(StatusCode::OK, &StatusReply::from(status)))
}

/// Makes a secret for an authenticator app; a first code has to confirm it.
#[utoipa::path(
    post,
    path = "/api/auth/mfa/totp",
    tag = "second factors",
    request_body = Option<EmptyBody>,
    responses((status = 201, description = "To be confirmed within 15 minutes", body = TotpReply)),
)]
pub(crate) async fn enrol_totp(
    State(app): State<Arc<App>>,
    caller: Caller,
    body: OptionalJsonBody,
) -> Outcome<Response> {
    body.read::<EmptyBody>()?;
    let enrolment = app.factors.enrol_totp(&caller.identity, app.now()).await?;
    Ok(json(StatusCode::CREATED, &TotpReply::from(enrolment)))
}

/// Confirms the authenticator app with its first code.
///
/// As the first factor it ends every session and answers a new one, and recovery codes.
#[utoipa::path(
    post,
    path = "/api/auth/mfa/totp/confirm",
    tag = "second factors",
    request_body = CodeBody,
    responses((status = 200, description = "From now on logins need it", body = EnabledReply)),
)]
pub(crate) async fn confirm_totp(
    State(app): State<Arc<App>>,
    caller: Caller,
    visitor: Visitor,
    body: JsonBody,
) -> Outcome<Response> {
    let CodeBody { code } = body.read()?;
    let enabled = app.factors.confirm_totp(&caller.identity, &code, visitor.at(app.now())).await?;
    Ok(json(StatusCode::OK, &EnabledReply::from(enabled)))
}

/// Takes the authenticator app away.
#[utoipa::path(
    delete,
    path = "/api/auth/mfa/totp",
    tag = "second factors",
    responses((status = 204, description = "Gone; with the last factor the recovery codes go too, and every session ends")),
)]
pub(crate) async fn remove_totp(State(app): State<Arc<App>>, caller: Caller) -> Outcome<Response> {
    app.factors.remove_totp(&caller.identity, app.now()).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// New recovery codes in place of the old ones.
#[utoipa::path(
    post,
    path = "/api/auth/mfa/recovery-codes",
    tag = "second factors",
    request_body = Option<EmptyBody>,
    responses((status = 201, description = "Shown this once", body = RecoveryCodesReply)),
)]
pub(crate) async fn recovery_codes(
    State(app): State<Arc<App>>,
    caller: Caller,
    body: OptionalJsonBody,
) -> Outcome<Response> {
    body.read::<EmptyBody>()?;
    let recovery_codes = app.factors.regenerate_recovery_codes(&caller.identity, app.now()).await?;
    Ok(json(StatusCode::CREATED, &RecoveryCodesReply { recovery_codes }))
}

/// Finishes a login with the second factor.
#[utoipa::path(
    post,
    path = "/api/auth/mfa/verify",
    tag = "second factors",
    request_body = VerifyBody<'_>,
    responses((status = 200, description = "Logged in", body = LoginReply)),
)]
pub(crate) async fn verify(State(app): State<Arc<App>>, visitor: Visitor, body: JsonBody) -> Outcome<Response> {
    let mut body: VerifyBody<'_> = body.read()?;
    let token = MfaToken::new(std::mem::take(&mut body.mfa_token));
    let given = body.read(&app.settings.public_url)?;
    let login = app.factors.finish_login(&token, &given, visitor.at(app.now())).await?;
    Ok(json(StatusCode::OK, &LoginReply::from(login)))
}

/// What to ask the person's passkeys during a login.
#[utoipa::path(
    post,
    path = "/api/auth/mfa/verify/passkey",
    tag = "second factors",
    request_body = MfaTokenBody,
    responses((status = 200, description = "The answer goes to `/api/auth/mfa/verify`", body = QuestionReply)),
)]
pub(crate) async fn ask_passkeys(State(app): State<Arc<App>>, body: JsonBody) -> Outcome<Response> {
    let MfaTokenBody { mfa_token } = body.read()?;
    let relying_party = RelyingParty::of(&app.settings.public_url)?;
    let question = app.factors.ask_passkeys_for_login(&MfaToken::new(mfa_token), &relying_party, app.now()).await?;
    Ok(json(StatusCode::OK, &QuestionReply::try_from(question)?))
}
