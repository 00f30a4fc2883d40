//! `/api/auth/activity`: what happened to somebody's own login.

use crate::App;
use crate::wire::activity::{ActivityPage, ActivityReply};
use axum::extract::State;
use axum::response::Response;
use http_core::caller::Caller;
use http_core::page::Page;
use http_core::parameters::Parameters;
use http_core::problem::Outcome;
use http_core::table::Wanted;
use http_core::wire::schema::PageParameters;
use ids::EventId;
use std::sync::Arc;

/// What happened to the caller's login and to what gets in by it: logins, also those that failed, factors, keys, grants. The
/// newest first.
#[utoipa::path(
    get,
    path = "/api/auth/activity",
    tag = "identity",
    operation_id = "list_activity",
    params(PageParameters),
    responses((
        status = 200, description = "A page of what happened",
        content((ActivityPage<'_> = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    parameters: Parameters,
    wanted: Wanted,
) -> Outcome<Response> {
    let page = Page::<EventId>::read(&parameters)?;
    let events = app.identity.activity(caller.user_id(), page.after, page.rows()).await?;
    Ok(page.answer(wanted, events, |event| event.id, |event| ActivityReply::new(event, caller.user_id())))
}
