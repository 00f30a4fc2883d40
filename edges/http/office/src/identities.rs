//! `/api/admin/users/{id}/external-identity`: how the trusted issuer calls somebody. A link is made by two people, and so in
//! `office/approvals.rs`; one of them is enough to end it.

use crate::App;
use crate::wire::office::ExternalIdentityReply;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use http_core::caller::Caller;
use http_core::path::PathId;
use http_core::problem::Outcome;
use http_core::reply::json;
use http_core::wire::schema::UserIdText;
use ids::UserId;
use programs::ProgramError;
use std::sync::Arc;

/// How the trusted issuer calls somebody.
#[utoipa::path(
    get,
    path = "/api/admin/users/{id}/external-identity",
    tag = "office",
    operation_id = "get_external_identity",
    params(("id" = UserIdText, Path)),
    responses((status = 200, description = "Whom the issuer speaks of", body = ExternalIdentityReply)),
)]
pub(crate) async fn get(State(app): State<Arc<App>>, PathId(id): PathId<UserId>) -> Outcome<Response> {
    let identity = app.programs.external_identity(id).await?.ok_or(ProgramError::NotLinked)?;
    Ok(json(StatusCode::OK, &ExternalIdentityReply::from(identity)))
}

/// From now on the trusted issuer does not speak for somebody any more.
#[utoipa::path(
    delete,
    path = "/api/admin/users/{id}/external-identity",
    tag = "office",
    operation_id = "unlink_external_identity",
    params(("id" = UserIdText, Path)),
    responses((status = 204, description = "Its tokens open nothing of theirs any more")),
)]
pub(crate) async fn unlink(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<UserId>,
) -> Outcome<Response> {
    app.programs.unlink_identity(id, caller.identity.does(app.now())).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
