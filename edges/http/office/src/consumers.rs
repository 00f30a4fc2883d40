//! `/api/admin/consumers`: who follows what happens, how far they are, and the events that one of them could not take.

use crate::App;
use crate::events::read_subject;
use crate::wire::consumer::{ConsumerReply, ConsumersReply, ParkedPage, ParkedReply};
use axum::extract::{FromRequestParts, Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use http_core::ErrorCode;
use http_core::caller::Caller;
use http_core::page::{CursorId, Page};
use http_core::parameters::Parameters;
use http_core::problem::{Outcome, Problem};
use http_core::reply::json;
use http_core::table::Wanted;
use http_core::wire::schema::PageParameters;
use std::sync::Arc;
use stream::HeldUp;
use uuid::Uuid;

/// Behind which event a page begins.
#[derive(Clone, Copy)]
struct Position(i64);

/// What a path names: a subject that waits for a consumer.
pub(crate) struct Waiting {
    consumer: String,
    subject_id: Uuid,
}

/// Everybody who does something about what happens, how far they are, and for how many subjects somebody has to look into it.
#[utoipa::path(
    get,
    path = "/api/admin/consumers",
    tag = "office",
    operation_id = "list_event_consumers",
    responses((
        status = 200, description = "All of them",
        content((ConsumersReply = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn list(State(app): State<Arc<App>>, wanted: Wanted) -> Outcome<Response> {
    let data: Vec<ConsumerReply> = stream::followers(&app.db).await?.into_iter().map(ConsumerReply::from).collect();
    if wanted.is_csv() {
        return Ok(wanted.rows(&data));
    }
    Ok(json(StatusCode::OK, &ConsumersReply { data }))
}

/// The events that this consumer could not take in five tries, the earliest first: what follows of their subjects waits.
#[utoipa::path(
    get,
    path = "/api/admin/consumers/{consumer}/parked",
    tag = "office",
    operation_id = "list_parked_events",
    params(("consumer" = String, Path, description = "The name of a consumer", example = "inbox"), PageParameters),
    responses((
        status = 200, description = "A page of parked events",
        content((ParkedPage<'_> = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn parked(
    State(app): State<Arc<App>>,
    Path(consumer): Path<String>,
    parameters: Parameters,
    wanted: Wanted,
) -> Outcome<Response> {
    let page = Page::<Position>::read(&parameters)?;
    if !stream::is_followed_by(&app.db, &consumer).await? {
        return Err(Problem::new(ErrorCode::NotFound, "There is no such consumer").with("field", "consumer"));
    }
    let after = page.after.map_or(0, |position| position.0);
    let found = stream::held_up(&app.db, &consumer, after, page.rows()).await?;
    Ok(page.answer(wanted, found, |one: &HeldUp| Position(one.parked.position), ParkedReply::from))
}

/// The event that holds up a subject for this consumer, and how many wait behind it.
#[utoipa::path(
    get,
    path = "/api/admin/consumers/{consumer}/parked/{subject}",
    tag = "office",
    operation_id = "get_parked_event",
    params(
        ("consumer" = String, Path, description = "The name of a consumer", example = "inbox"),
        ("subject" = String, Path, description = "What the event happened to"),
    ),
    responses((status = 200, description = "The event", body = ParkedReply)),
)]
pub(crate) async fn held_up(State(app): State<Arc<App>>, waiting: Waiting) -> Outcome<Response> {
    let found = stream::held_up_of(&app.db, &waiting.consumer, waiting.subject_id).await?;
    Ok(json(StatusCode::OK, &ParkedReply::from(found.ok_or_else(nothing_waits)?)))
}

/// Has the event that holds up a subject tried again, and then what waits behind it. Do it when what was in its way is gone.
#[utoipa::path(
    post,
    path = "/api/admin/consumers/{consumer}/parked/{subject}/unpark",
    tag = "office",
    operation_id = "unpark_events",
    params(
        ("consumer" = String, Path, description = "The name of a consumer", example = "inbox"),
        ("subject" = String, Path, description = "What the event happened to"),
    ),
    responses((status = 204, description = "It is tried again")),
)]
pub(crate) async fn unpark(State(app): State<Arc<App>>, caller: Caller, waiting: Waiting) -> Outcome<Response> {
    let act = caller.identity.does(app.now());
    if stream::unpark(&app.db, &waiting.consumer, waiting.subject_id, act).await? {
        Ok(StatusCode::NO_CONTENT.into_response())
    } else {
        Err(nothing_waits())
    }
}

fn nothing_waits() -> Problem {
    Problem::new(ErrorCode::NotFound, "Nothing of this subject waits for this consumer").with("field", "subject")
}

impl<S: Send + Sync> FromRequestParts<S> for Waiting {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path(named) = path.map_err(|_| nothing_waits())?;
        let subject_id = match named.1.as_str() {
            "bank" => Uuid::nil(),
            text => read_subject(text).map_err(|_| nothing_waits())?,
        };
        Ok(Self { consumer: named.0, subject_id })
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}

impl CursorId for Position {
    fn parse(text: &str) -> Option<Self> {
        text.parse().ok().filter(|position| *position > 0).map(Self)
    }
}
