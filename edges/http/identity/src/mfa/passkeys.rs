//! `/api/auth/mfa/passkeys`: the caller's passkeys. `/api/auth/passkey`: logging in with nothing else.

use crate::App;
use crate::wire::mfa::{
    NewPasskeyBody, PasskeyAddedReply, PasskeyBody, PasskeyNameBody, PasskeyReply, PasskeysReply, QuestionReply,
};
use crate::wire::user::LoginReply;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use factors::RelyingParty;
use http_core::body::{JsonBody, OptionalJsonBody, PASSKEY_BYTES_MAX};
use http_core::caller::Caller;
use http_core::path::PathId;
use http_core::problem::Outcome;
use http_core::reply::json;
use http_core::table::Wanted;
use http_core::visitor::Visitor;
use http_core::wire::empty::EmptyBody;
use http_core::wire::schema::PasskeyIdText;
use ids::PasskeyId;
use std::sync::Arc;

/// The caller's passkeys.
#[utoipa::path(
    get,
    path = "/api/auth/mfa/passkeys",
    tag = "second factors",
    operation_id = "list_passkeys",
    responses((
        status = 200, description = "The oldest first",
        content((PasskeysReply = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn list(State(app): State<Arc<App>>, caller: Caller, wanted: Wanted) -> Outcome<Response> {
    let passkeys = app.factors.passkeys(caller.user_id()).await?;
    let list = PasskeysReply { data: passkeys.into_iter().map(PasskeyReply::from).collect() };
    Ok(if wanted.is_csv() { wanted.rows(&list.data) } else { json(StatusCode::OK, &list) })
}

/// What to ask an authenticator that is to be registered.
#[utoipa::path(
    post,
    path = "/api/auth/mfa/passkeys/begin",
    tag = "second factors",
    operation_id = "begin_passkey",
    request_body = Option<EmptyBody>,
    responses((status = 200, description = "For `navigator.credentials.create`", body = QuestionReply)),
)]
pub(crate) async fn begin(State(app): State<Arc<App>>, caller: Caller, body: OptionalJsonBody) -> Outcome<Response> {
    body.read::<EmptyBody>()?;
    let relying_party = RelyingParty::of(&app.settings.public_url)?;
    let question = app.factors.begin_passkey(&caller.identity, &relying_party, app.now()).await?;
    Ok(json(StatusCode::OK, &QuestionReply::try_from(question)?))
}

/// Registers the authenticator that has answered.
///
/// As the first factor it ends every session and answers a new one, and recovery codes.
#[utoipa::path(
    post,
    path = "/api/auth/mfa/passkeys/finish",
    tag = "second factors",
    operation_id = "finish_passkey",
    request_body = NewPasskeyBody<'_>,
    responses((status = 201, description = "Registered", body = PasskeyAddedReply)),
)]
pub(crate) async fn finish(
    State(app): State<Arc<App>>,
    caller: Caller,
    visitor: Visitor,
    body: JsonBody<PASSKEY_BYTES_MAX>,
) -> Outcome<Response> {
    let new = body.read::<NewPasskeyBody<'_>>()?.read(&app.settings.public_url)?;
    let added = app.factors.add_passkey(&caller.identity, new, visitor.at(app.now())).await?;
    Ok(json(StatusCode::CREATED, &PasskeyAddedReply::from(added)))
}

/// Gives a passkey another name.
#[utoipa::path(
    put,
    path = "/api/auth/mfa/passkeys/{id}",
    tag = "second factors",
    operation_id = "rename_passkey",
    params(("id" = PasskeyIdText, Path)),
    request_body = PasskeyNameBody,
    responses((status = 200, description = "Renamed", body = PasskeyReply)),
)]
pub(crate) async fn rename(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<PasskeyId>,
    body: JsonBody,
) -> Outcome<Response> {
    let PasskeyNameBody { name } = body.read()?;
    let passkey = app.factors.rename_passkey(&caller.identity, id, &name).await?;
    Ok(json(StatusCode::OK, &PasskeyReply::from(passkey)))
}

/// Takes a passkey away.
#[utoipa::path(
    delete,
    path = "/api/auth/mfa/passkeys/{id}",
    tag = "second factors",
    operation_id = "remove_passkey",
    params(("id" = PasskeyIdText, Path)),
    responses((status = 204, description = "Gone; with the last factor the recovery codes go too, and every session ends")),
)]
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<PasskeyId>,
) -> Outcome<Response> {
    app.factors.remove_passkey(&caller.identity, id, app.now()).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What to ask whatever passkeys are at hand: the same for everybody.
#[utoipa::path(
    post,
    path = "/api/auth/passkey/begin",
    tag = "identity",
    operation_id = "begin_passkey_login",
    request_body = Option<EmptyBody>,
    responses((status = 200, description = "For `navigator.credentials.get`", body = QuestionReply)),
)]
pub(crate) async fn begin_login(State(app): State<Arc<App>>, body: OptionalJsonBody) -> Outcome<Response> {
    body.read::<EmptyBody>()?;
    let relying_party = RelyingParty::of(&app.settings.public_url)?;
    let question = app.factors.ask_passkeys_of_anybody(&relying_party, app.now()).await?;
    Ok(json(StatusCode::OK, &QuestionReply::try_from(question)?))
}

/// Logs in with a passkey and nothing else.
#[utoipa::path(
    post,
    path = "/api/auth/passkey/finish",
    tag = "identity",
    operation_id = "finish_passkey_login",
    request_body = PasskeyBody<'_>,
    responses((status = 200, description = "Logged in", body = LoginReply)),
)]
pub(crate) async fn finish_login(State(app): State<Arc<App>>, visitor: Visitor, body: JsonBody) -> Outcome<Response> {
    let answer = body.read::<PasskeyBody<'_>>()?.read(&app.settings.public_url)?;
    let login = app.factors.login_with_passkey(&answer, visitor.at(app.now())).await?;
    Ok(json(StatusCode::OK, &LoginReply::from(login)))
}
