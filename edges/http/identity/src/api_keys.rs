//! `/api/auth/api-keys`: the caller's keys for programs. Others' keys look as if they were not there.

use crate::App;
use crate::wire::api_key::{ApiKeyPage, ApiKeyReply, IssuedApiKeyReply, NewApiKeyBody, RotateBody, SigningKeyBody};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use db::WallTime;
use http_core::body::{JsonBody, OptionalJsonBody};
use http_core::caller::Caller;
use http_core::page::Page;
use http_core::parameters::Parameters;
use http_core::path::PathId;
use http_core::problem::{Outcome, Problem};
use http_core::reply::json;
use http_core::table::Wanted;
use http_core::wire::schema::{ApiKeyIdText, PageParameters};
use identity::Scope;
use ids::ApiKeyId;
use programs::{AllowedAddresses, NewApiKey, Overlap, OwnedKey, ProgramKey, SignatureAlgorithm};
use std::sync::Arc;

/// Makes an API key. Its text is in this reply and never shown again.
#[utoipa::path(
    post,
    path = "/api/auth/api-keys",
    tag = "identity",
    operation_id = "create_api_key",
    request_body = NewApiKeyBody<'_>,
    responses((status = 201, description = "Made", body = IssuedApiKeyReply)),
)]
pub(crate) async fn create(State(app): State<Arc<App>>, caller: Caller, body: JsonBody) -> Outcome<Response> {
    let NewApiKeyBody { name, scopes, allowed_addresses, expires_at } = body.read()?;
    let unknown = || Problem::invalid("scopes", "must be scopes such as accounts:read, each at most once");
    let mut chosen: Vec<Scope> = Vec::new();
    for word in &scopes {
        match Scope::parse(word) {
            Some(scope) if !chosen.contains(&scope) => chosen.push(scope),
            _ => return Err(unknown()),
        }
    }
    let expires_at = expires_at.as_deref().map(WallTime::parse).transpose();
    let new = NewApiKey {
        name: name.into_owned(),
        scopes: chosen.into_iter().collect(),
        allowed_addresses: AllowedAddresses::parse(allowed_addresses.iter().map(AsRef::as_ref))?,
        expires_at: expires_at.map_err(|error| Problem::invalid("expiresAt", error.to_string()))?,
    };
    let now = app.now();
    let issued = app.programs.create_api_key(caller.user_id(), new, caller.identity.does(now)).await?;
    Ok(json(StatusCode::CREATED, &IssuedApiKeyReply::new(issued, now)))
}

/// The caller's API keys, the revoked ones too.
#[utoipa::path(
    get,
    path = "/api/auth/api-keys",
    tag = "identity",
    operation_id = "list_api_keys",
    params(PageParameters),
    responses((
        status = 200, description = "A page of API keys",
        content((ApiKeyPage<'_> = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    parameters: Parameters,
    wanted: Wanted,
) -> Outcome<Response> {
    let page = Page::<ApiKeyId>::read(&parameters)?;
    let keys = app.programs.api_keys(caller.user_id(), page.after, page.rows()).await?;
    let now = app.now();
    Ok(page.answer(wanted, keys, |key| key.id, |key| ApiKeyReply::new(key, now)))
}

/// Gives an API key a new secret; the old one goes on working for the overlap, a day if none is given.
#[utoipa::path(
    post,
    path = "/api/auth/api-keys/{id}/rotate",
    tag = "identity",
    operation_id = "rotate_api_key",
    params(("id" = ApiKeyIdText, Path)),
    request_body = Option<RotateBody>,
    responses((status = 200, description = "The new secret, shown once", body = IssuedApiKeyReply)),
)]
pub(crate) async fn rotate(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<ApiKeyId>,
    body: OptionalJsonBody,
) -> Outcome<Response> {
    let RotateBody { overlap_seconds } = body.read()?;
    let overlap = overlap_seconds.map(Overlap::try_new).transpose()?.unwrap_or_default();
    let now = app.now();
    let issued = app.programs.rotate_api_key(own(&caller, id), overlap, caller.identity.does(now)).await?;
    Ok(json(StatusCode::OK, &IssuedApiKeyReply::new(issued, now)))
}

/// Takes an API key back, at once.
#[utoipa::path(
    delete,
    path = "/api/auth/api-keys/{id}",
    tag = "identity",
    operation_id = "revoke_api_key",
    params(("id" = ApiKeyIdText, Path)),
    responses((status = 204, description = "It works no longer")),
)]
pub(crate) async fn revoke(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<ApiKeyId>,
) -> Outcome<Response> {
    app.programs.revoke_api_key(own(&caller, id), caller.identity.does(app.now())).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// From now on every request with the API key has to be signed with this key (RFC 9421).
#[utoipa::path(
    put,
    path = "/api/auth/api-keys/{id}/signing-key",
    tag = "identity",
    operation_id = "set_signing_key",
    params(("id" = ApiKeyIdText, Path)),
    request_body = SigningKeyBody<'_>,
    responses((status = 200, description = "Requests have to be signed", body = ApiKeyReply)),
)]
pub(crate) async fn set_signing_key(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<ApiKeyId>,
    body: JsonBody,
) -> Outcome<Response> {
    let body: SigningKeyBody<'_> = body.read()?;
    let wrong = || Problem::invalid("algorithm", "must be ed25519 or ecdsa-p256-sha256");
    let algorithm = SignatureAlgorithm::parse(&body.algorithm).ok_or_else(wrong)?;
    let signer = ProgramKey::parse(algorithm, &body.public_key_text())?;
    let now = app.now();
    let key = app.programs.set_program_key(own(&caller, id), Some(signer), caller.identity.does(now)).await?;
    Ok(json(StatusCode::OK, &ApiKeyReply::new(key, now)))
}

/// Requests with the API key need no signature any more.
#[utoipa::path(
    delete,
    path = "/api/auth/api-keys/{id}/signing-key",
    tag = "identity",
    operation_id = "remove_signing_key",
    params(("id" = ApiKeyIdText, Path)),
    responses((status = 200, description = "Requests need no signature", body = ApiKeyReply)),
)]
pub(crate) async fn remove_signing_key(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<ApiKeyId>,
) -> Outcome<Response> {
    let now = app.now();
    let key = app.programs.set_program_key(own(&caller, id), None, caller.identity.does(now)).await?;
    Ok(json(StatusCode::OK, &ApiKeyReply::new(key, now)))
}

/// A key that has to be the caller's.
fn own(caller: &Caller, id: ApiKeyId) -> OwnedKey {
    OwnedKey { owner: caller.user_id(), id }
}
