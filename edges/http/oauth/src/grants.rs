//! `/api/auth/grants`: what somebody lets programs do, and taking it back.

use crate::App;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use db::WallTime;
use http_core::caller::Caller;
use http_core::page::Page;
use http_core::parameters::Parameters;
use http_core::path::PathId;
use http_core::problem::Outcome;
use http_core::table::{Head, InTable, Wanted};
use http_core::wire::Text;
use http_core::wire::schema::{ClientIdText, GrantIdText, ScopeWord, Time};
use identity::Scope;
use ids::{ClientId, GrantId};
use programs::oauth::Grant;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// What the caller has granted to a program.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Grant)]
pub(crate) struct GrantReply {
    #[schema(value_type = GrantIdText)]
    id: Text<GrantId>,
    #[schema(value_type = ClientIdText)]
    client_id: Text<ClientId>,
    client_name: String,
    #[schema(value_type = Vec<ScopeWord>)]
    scopes: Vec<&'static str>,
    #[schema(value_type = Time)]
    granted_at: Text<WallTime>,
    /// When it ends by itself, unless the program goes on using it.
    #[schema(value_type = Time)]
    expires_at: Text<WallTime>,
}

impl InTable for GrantReply {
    const HEAD: Head =
        Head { file_name: "grants", columns: &["id", "clientId", "clientName", "scopes", "grantedAt", "expiresAt"] };
}

/// A page of grants.
#[derive(ToSchema)]
#[schema(as = GrantPage, rename_all = "camelCase")]
#[expect(dead_code, reason = "this type only describes")]
pub(crate) struct GrantPageReply {
    data: Vec<GrantReply>,
    next_cursor: Option<String>,
}

/// What the caller lets programs do.
#[utoipa::path(
    get,
    path = "/api/auth/grants",
    tag = "oauth",
    operation_id = "list_grants",
    params(http_core::wire::schema::PageParameters),
    responses((
        status = 200, description = "The oldest first",
        content((GrantPageReply = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    parameters: Parameters,
    wanted: Wanted,
) -> Outcome<Response> {
    let page = Page::<GrantId>::read(&parameters)?;
    let grants = app.programs.grants(&caller.identity, page.after, page.rows(), app.now()).await?;
    Ok(page.answer(wanted, grants, |grant| grant.id, GrantReply::from))
}

/// Takes back what the caller has granted; the program's tokens end at once.
#[utoipa::path(
    delete,
    path = "/api/auth/grants/{id}",
    tag = "oauth",
    operation_id = "revoke_grant",
    params(("id" = GrantIdText, Path)),
    responses((status = 204, description = "Taken back")),
)]
pub(crate) async fn revoke(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<GrantId>,
) -> Outcome<Response> {
    app.programs.revoke_grant(&caller.identity, id, app.now()).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

impl From<Grant> for GrantReply {
    fn from(grant: Grant) -> Self {
        Self {
            id: Text(grant.id),
            client_id: Text(grant.client_id),
            scopes: grant.scopes.iter().map(Scope::word).collect(),
            granted_at: Text(grant.granted_at),
            expires_at: Text(grant.expires_at),
            client_name: grant.client_name,
        }
    }
}
