//! `/api/stream`: what happens to the caller, as it happens, as an event stream of HTML (server-sent events).

use crate::App;
use crate::live::{Full, Item, Listener, Topics};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use db::DbError;
use futures_util::stream::unfold;
use http_core::ErrorCode;
use http_core::caller::Caller;
use http_core::parameters::Parameters;
use http_core::problem::{Outcome, Problem};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// Whoever comes back has missed at most so much.
const MISSED_MAX: i64 = 10_000;
const MISSED_SECONDS_MAX: i64 = 24 * 60 * 60;
/// A stream ends after so long; the browser comes back by itself.
const TIME: Duration = Duration::from_secs(15 * 60);
/// So often it is looked whether the login still holds.
const LOOK: Duration = Duration::from_secs(1);
const RETRY: &str = "retry: 3000\n";
const LAST_EVENT_ID: &str = "last-event-id";

/// What happens to the caller, as it happens: events of their `accounts`, of their `payments`, and what comes into the `inbox`.
///
/// An event stream of HTML: `id` is the event's position, `event` its type, `data` the event. `Last-Event-ID` goes on after that
/// one, without gap or repeat, within a day and 10,000 events of the bank; what lies further back is answered with
/// `event: reset`: load anew what is shown. It ends after 15 minutes, with the access token and with the session.
#[utoipa::path(
    get,
    path = "/api/stream",
    tag = "notifications",
    operation_id = "listen",
    params(
        ("topics" = Option<String>, Query, description = "Of `accounts`, `payments`, `inbox`, with commas; absent: all",
         example = "accounts,payments"),
        ("Last-Event-ID" = Option<i64>, Header, description = "The position of the last event that was seen"),
    ),
    responses((status = 200, description = "Events, as they happen", body = String, content_type = "text/event-stream")),
)]
pub(crate) async fn listen(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    parameters: Parameters,
) -> Outcome<Response> {
    let wrong = || Problem::invalid("topics", "must be of accounts, payments, inbox, each at most once");
    let topics = Topics::parse(parameters.text("topics").unwrap_or("accounts,payments,inbox")).ok_or_else(wrong)?;
    let last = headers.get(LAST_EVENT_ID).map(|value| value.to_str().ok().and_then(|text| text.parse().ok()));
    let listener = app.telling.live.sit(caller.user_id(), topics).map_err(|full| match full {
        Full::OfTheirs => Problem::new(ErrorCode::TooManyStreams, "You listen as often as one may"),
        Full::OfAll => Problem::unavailable("too many people listen"),
    })?;
    let place = place(&app, &listener, last).await?;
    let token = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.split_once(' '));
    let token = token.map(|(_, token)| token.trim().to_owned()).unwrap_or_default();
    let now = Instant::now();
    let step = Step::Begin(place);
    let listening = Listening { app, listener, step, seen: 0, token, looked: now, until: now + TIME };
    let mut response = Body::from_stream(unfold(listening, Listening::next)).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    // Proxies pass on at once what comes.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

/// Where a listener goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// With what happens from now on.
    Now,
    /// After what they saw last.
    After(i64),
    /// With what happens from now on, and what they knew is to be loaded anew.
    Anew,
}

/// A stream under way.
struct Listening {
    app: Arc<App>,
    listener: Listener,
    step: Step,
    /// What comes up to here was seen before.
    seen: i64,
    token: String,
    looked: Instant,
    until: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Begin(Place),
    CatchUp { after: i64 },
    Follow,
}

async fn place(app: &App, listener: &Listener, last: Option<Option<i64>>) -> Result<Place, DbError> {
    let Some(last) = last else { return Ok(Place::Now) };
    let Some(last) = last.filter(|last| *last >= 0) else { return Ok(Place::Anew) };
    if last >= listener.since {
        // Another process of the bank may be ahead of this one, and none is ahead of what happened.
        return Ok(if last <= app.telling.live.head().await? { Place::After(last) } else { Place::Anew });
    }
    if listener.since - last > MISSED_MAX {
        return Ok(Place::Anew);
    }
    let first_missed = app.telling.live.at(last + 1).await?;
    let earliest = app.now().plus_seconds(-MISSED_SECONDS_MAX);
    let is_recent = first_missed.is_some_and(|missed| missed.event.happened_at >= earliest);
    Ok(if is_recent { Place::After(last) } else { Place::Anew })
}

impl Listening {
    /// What is sent next; nothing: the stream ends.
    async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        loop {
            let text = match self.step {
                Step::Begin(place) => self.begin(place),
                Step::CatchUp { after } => self.catch_up(after).await?,
                Step::Follow => self.follow().await?,
            };
            if !text.is_empty() {
                return Some((Ok(Bytes::from(text)), self));
            }
        }
    }

    fn begin(&mut self, place: Place) -> String {
        let since = self.listener.since;
        self.step = match place {
            Place::After(after) if after < since => Step::CatchUp { after },
            Place::Now | Place::After(_) | Place::Anew => Step::Follow,
        };
        match place {
            Place::Now => format!("{RETRY}id: {since}\n\n"),
            Place::Anew => format!("{RETRY}id: {since}\nevent: reset\ndata: {{}}\n\n"),
            Place::After(after) => {
                self.seen = after;
                format!("{RETRY}\n")
            }
        }
    }

    /// Whoever cannot be told what they missed comes back.
    async fn catch_up(&mut self, after: i64) -> Option<String> {
        let missed = self.app.telling.live.missed(&self.listener, after).await.ok()?;
        self.step = match missed.until {
            Some(until) if until < self.listener.since => Step::CatchUp { after: until },
            Some(_) | None => Step::Follow,
        };
        Some(missed.text)
    }

    async fn follow(&mut self) -> Option<String> {
        if self.looked.elapsed() >= LOOK {
            self.looked = Instant::now();
            let is_known = self.app.identity.authenticate(&self.token, self.app.now()).is_ok();
            if !is_known || self.looked >= self.until {
                return None;
            }
        }
        match timeout(LOOK, self.listener.queue.recv()).await {
            Ok(None) => None,
            Ok(Some(Item::Told(position, text))) if position > self.seen => Some(text.as_ref().to_owned()),
            Ok(Some(Item::Tick(position))) if position >= self.seen => {
                Some(format!(": still here\nid: {position}\n\n"))
            }
            Ok(Some(_)) | Err(_) => Some(String::new()),
        }
    }
}
