//! `/api/auth/sessions`: where somebody is logged in, and how they end it. Others' sessions look as if they were not there.

use crate::App;
use crate::wire::session::{ActiveSessionPage, ActiveSessionReply};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use http_core::caller::Caller;
use http_core::page::Page;
use http_core::parameters::Parameters;
use http_core::path::PathId;
use http_core::problem::Outcome;
use http_core::table::Wanted;
use http_core::wire::schema::{PageParameters, SessionIdText};
use ids::SessionId;
use std::sync::Arc;

/// The caller's sessions that go on, the newest first.
#[utoipa::path(
    get,
    path = "/api/auth/sessions",
    tag = "identity",
    operation_id = "list_sessions",
    params(PageParameters),
    responses((
        status = 200, description = "A page of sessions",
        content((ActiveSessionPage<'_> = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    parameters: Parameters,
    wanted: Wanted,
) -> Outcome<Response> {
    let page = Page::<SessionId>::read(&parameters)?;
    let sessions = app.identity.sessions(caller.user_id(), page.after, page.rows(), app.now()).await?;
    let current = caller.identity.session_id();
    Ok(page.answer(wanted, sessions, |session| session.id, |session| ActiveSessionReply::new(session, current)))
}

/// Ends all of the caller's sessions but the current one.
#[utoipa::path(
    delete,
    path = "/api/auth/sessions",
    tag = "identity",
    operation_id = "revoke_other_sessions",
    responses((status = 204, description = "Ended")),
)]
pub(crate) async fn revoke_others(State(app): State<Arc<App>>, caller: Caller) -> Outcome<Response> {
    app.identity.revoke_other_sessions(&caller.identity, app.now()).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Ends one of the caller's sessions; the current one too.
#[utoipa::path(
    delete,
    path = "/api/auth/sessions/{id}",
    tag = "identity",
    operation_id = "revoke_session",
    params(("id" = SessionIdText, Path)),
    responses((status = 204, description = "Ended")),
)]
pub(crate) async fn revoke(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<SessionId>,
) -> Outcome<Response> {
    app.identity.revoke_session(caller.user_id(), id, caller.identity.does(app.now())).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
