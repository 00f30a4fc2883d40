//! `/api/notifications`: the caller's inbox, and what of it they want.

use crate::App;
use crate::wire::notice::{
    NoticePage, NoticeReply, PreferenceList, PreferencesBody, ReadBody, UnreadParameters, UnreadReply,
};
use crate::wire::schema::NoticeIdText;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use http_core::ErrorCode;
use http_core::body::{JsonBody, OptionalJsonBody};
use http_core::caller::Caller;
use http_core::page::Page;
use http_core::parameters::Parameters;
use http_core::path::PathId;
use http_core::problem::{Outcome, Problem};
use http_core::reply::json;
use http_core::table::Wanted;
use http_core::wire::empty::EmptyBody;
use http_core::wire::schema::PageParameters;
use ids::NoticeId;
use notifications::inbox::{self, Which};
use notifications::news;
use std::sync::Arc;

/// What happened to the caller and is worth a look, the newest first. It is kept for 90 days.
#[utoipa::path(
    get,
    path = "/api/notifications",
    tag = "notifications",
    operation_id = "list_notifications",
    params(PageParameters, UnreadParameters),
    responses((
        status = 200, description = "A page of the inbox",
        content((NoticePage<'_> = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    parameters: Parameters,
    wanted: Wanted,
) -> Outcome<Response> {
    let page = Page::<NoticeId>::read(&parameters)?;
    let which = parameters.read("unread", |text| match text {
        "true" => Ok(Which::Unread),
        "false" => Ok(Which::All),
        _ => Err("must be true or false"),
    })?;
    let which = which.unwrap_or(Which::All);
    let found = inbox::list(&app.db, caller.user_id(), which, page.after, page.rows()).await?;
    Ok(page.answer(wanted, found, |notice| notice.id, NoticeReply::new))
}

/// How many the caller has not read; more than a hundred are not counted.
#[utoipa::path(
    get,
    path = "/api/notifications/unread",
    tag = "notifications",
    operation_id = "count_unread_notifications",
    responses((status = 200, description = "So many", body = UnreadReply)),
)]
pub(crate) async fn unread(State(app): State<Arc<App>>, caller: Caller) -> Outcome<Response> {
    let unread = inbox::unread(&app.db, caller.user_id()).await?;
    Ok(json(StatusCode::OK, &UnreadReply { unread }))
}

/// The caller has read one.
#[utoipa::path(
    post,
    path = "/api/notifications/{id}/read",
    tag = "notifications",
    operation_id = "read_notification",
    params(("id" = NoticeIdText, Path)),
    request_body = Option<EmptyBody>,
    responses((status = 204, description = "It is read")),
)]
pub(crate) async fn read_one(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<NoticeId>,
    body: OptionalJsonBody,
) -> Outcome<Response> {
    body.read::<EmptyBody>()?;
    match inbox::read_one(&app.db, caller.user_id(), id, app.now()).await? {
        true => Ok(StatusCode::NO_CONTENT.into_response()),
        false => Err(Problem::new(ErrorCode::NotFound, "Notification not found").with("field", "id")),
    }
}

/// The caller has read all, or all up to one of them.
#[utoipa::path(
    post,
    path = "/api/notifications/read",
    tag = "notifications",
    operation_id = "read_notifications",
    request_body = Option<ReadBody<'_>>,
    responses((status = 204, description = "They are read")),
)]
pub(crate) async fn read_all(State(app): State<Arc<App>>, caller: Caller, body: OptionalJsonBody) -> Outcome<Response> {
    let until = body.read::<ReadBody<'_>>()?.until()?;
    inbox::read_all(&app.db, caller.user_id(), until, app.now()).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Where the caller is told otherwise than is usual.
#[utoipa::path(
    get,
    path = "/api/notifications/preferences",
    tag = "notifications",
    operation_id = "get_notification_preferences",
    responses((status = 200, description = "What they prefer", body = PreferenceList)),
)]
pub(crate) async fn preferences(State(app): State<Arc<App>>, caller: Caller) -> Outcome<Response> {
    preferred(&app, &caller).await
}

/// The caller wants, or does not want, to be told of types; what is not named stays. What protects a login is always told.
#[utoipa::path(
    put,
    path = "/api/notifications/preferences",
    tag = "notifications",
    operation_id = "set_notification_preferences",
    request_body = PreferencesBody<'_>,
    responses((status = 200, description = "What they prefer now", body = PreferenceList)),
)]
pub(crate) async fn prefer(State(app): State<Arc<App>>, caller: Caller, body: JsonBody) -> Outcome<Response> {
    let body: PreferencesBody<'_> = body.read()?;
    let (wanted, language) = (body.read()?, body.language()?);
    inbox::prefer(&app.db, caller.user_id(), wanted).await?;
    if let Some(language) = language {
        news::speak(&app.db, caller.user_id(), language).await?;
    }
    preferred(&app, &caller).await
}

async fn preferred(app: &App, caller: &Caller) -> Outcome<Response> {
    let found = inbox::preferences(&app.db, caller.user_id()).await?;
    let language = news::language(&app.db, caller.user_id()).await?;
    Ok(json(StatusCode::OK, &PreferenceList::new(found, language)))
}
