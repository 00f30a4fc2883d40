//! Bodies: read whole (`body/collect.rs`) and parsed as JSON with the exact place of what is wrong.

mod collect;
mod room;
mod wish;

pub use collect::Collected;
pub(crate) use room::Rooms;

use crate::problem::{Outcome, Problem};
use crate::wire::Object;
use crate::{ErrorCode, HasFrontDoor};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use collect::collect;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::sync::Arc;

/// How large a body may be: metadata of 4 KiB and whatever else belongs to one thing, with room for spaces.
pub const BYTES_MAX: usize = 16 * 1024;
/// What authenticators say, with the certificates of their makers.
pub const PASSKEY_BYTES_MAX: usize = 64 * 1024;
/// Up to 1,000 transfers.
pub const BATCH_BYTES_MAX: usize = 1024 * 1024;
const TOLD_CHARACTERS_MAX: usize = 200;
/// Instead of "unexpected end of hex escape" and the like.
const HALF_ESCAPE: &str = "has an escape that is half a character: \\ud800 to \\udfff stand in pairs only";

/// A body that says of itself that it is JSON.
#[derive(Debug)]
pub struct JsonBody<const MAX: usize = BYTES_MAX>(Collected);

/// A body that may also be absent, which means `{}`.
#[derive(Debug)]
pub struct OptionalJsonBody(Collected);

impl<const MAX: usize> JsonBody<MAX> {
    /// Reads the body, borrowing from it where that is possible.
    pub fn read<'a, T: Deserialize<'a>>(&'a self) -> Outcome<T> {
        parse(&self.0)
    }
}

impl OptionalJsonBody {
    /// Reads the body, borrowing from it where that is possible.
    pub fn read<'a, T: Deserialize<'a>>(&'a self) -> Outcome<T> {
        parse(if self.0.is_empty() { b"{}" } else { &self.0 })
    }
}

impl<A: HasFrontDoor, const MAX: usize> FromRequest<Arc<A>> for JsonBody<MAX> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<A>) -> Result<Self, Problem> {
        require_json(request.headers())?;
        collect(request, &app.front_door().rooms, MAX).await.map(Self)
    }
}

impl<A: HasFrontDoor> FromRequest<Arc<A>> for OptionalJsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<A>) -> Result<Self, Problem> {
        let declared = require_json(request.headers());
        let body = collect(request, &app.front_door().rooms, BYTES_MAX).await?;
        if !body.is_empty() {
            declared?;
        }
        Ok(Self(body))
    }
}

/// Reads a body of another kind, up to the limit and within the time.
pub async fn collect_in_time(request: Request, app: &impl HasFrontDoor) -> Outcome<Collected> {
    collect(request, &app.front_door().rooms, BYTES_MAX).await
}

fn require_json(headers: &HeaderMap) -> Outcome<()> {
    let declared = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = declared.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Problem::new(ErrorCode::UnsupportedMediaType, "The body must be sent with `Content-Type: application/json`"))
}

fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Outcome<T> {
    match serde_json::from_slice::<Object<T>>(body) {
        Ok(Object(value)) => Ok(value),
        // A wrong field may come before what is not even JSON.
        Err(_) => Err(match serde_json::from_slice::<IgnoredAny>(body) {
            Ok(_) => locate::<T>(body),
            Err(error) => not_json(&error),
        }),
    }
}

fn not_json(error: &serde_json::Error) -> Problem {
    let problem = Problem::new(ErrorCode::InvalidJson, "The body is not JSON");
    problem.with("reason", reason(error)).with("line", error.line()).with("column", error.column())
}

/// Parses again, slower, to learn where the wrong value stands.
fn locate<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Problem {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let Err(error) = serde_path_to_error::deserialize::<_, Object<T>>(&mut deserializer) else {
        return Problem::invalid("body", "is not as it must be");
    };
    // The top is written as a point, a field that is not known to the reader as a question mark.
    let path = error.path().to_string();
    let place = path.trim_end_matches('?').trim_end_matches('.');
    let reason = reason(error.inner());
    match complaint(&reason) {
        Some((field, complaint)) => Problem::invalid(shortened(&inside(place, field)), complaint),
        None if place.is_empty() => Problem::invalid("body", reason),
        None => Problem::invalid(shortened(place), reason),
    }
}

/// The field that a reader complains about, and what about it.
fn complaint(reason: &str) -> Option<(&str, &'static str)> {
    const COMPLAINTS: [(&str, &str); 3] = [
        ("missing field `", "is required"),
        ("unknown field `", "is not known here"),
        ("duplicate field `", "is given twice"),
    ];
    COMPLAINTS.iter().find_map(|(beginning, complaint)| {
        let field = reason.strip_prefix(beginning)?.split('`').next()?;
        Some((field, *complaint))
    })
}

/// The path of a field; some paths end with it already.
fn inside(place: &str, field: &str) -> String {
    match place.strip_suffix(field) {
        _ if place.is_empty() => field.to_owned(),
        Some(outer) if outer.is_empty() || outer.ends_with('.') => place.to_owned(),
        _ => format!("{place}.{field}"),
    }
}

/// What is wrong, without the position, which is told apart.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if text.starts_with("unexpected end of hex escape") || text.starts_with("lone leading surrogate") {
        return HALF_ESCAPE.to_owned();
    }
    let reason = text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason);
    wish::of_reader(reason).unwrap_or_else(|| shortened(reason))
}

/// What a client made up is not repeated at length.
fn shortened(text: &str) -> String {
    text.chars().take(TOLD_CHARACTERS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[serde(rename = "list")]
        _list: Vec<Object<Inner>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[serde(rename = "number")]
        _number: u8,
    }

    #[test]
    fn what_is_wrong_is_named_by_its_path() {
        for (body, field) in [
            (r#"{"list":[{"number":1},{"number":256}]}"#, "list[1].number"),
            (r#"{"list":[{"number":1},{"number":"1"}]}"#, "list[1].number"),
            (r#"{"list":[{}]}"#, "list[0].number"),
            (r#"{"list":[{"number":1,"number":2}]}"#, "list[0].number"),
            (r#"{"list":[{"number":1,"extra":2}]}"#, "list[0].extra"),
            (r#"{"list":[[1]]}"#, "list[0]"),
            (r#"{"list":{}}"#, "list"),
            (r#"{"extra":{}}"#, "extra"),
            ("{}", "list"),
            ("[]", "body"),
            (r#"{"number":{"list":1}}"#, "number"),
        ] {
            let problem = parse::<Outer>(body.as_bytes()).unwrap_err();
            let told = serde_json::to_value(problem.body()).unwrap();
            assert_eq!(told["details"]["field"], field, "{body}: {told}");
        }
    }

    #[test]
    fn half_a_character_is_told_in_plain_words() {
        #[derive(Debug, Deserialize)]
        struct Text {
            #[serde(rename = "text")]
            _text: String,
        }
        for half in [r"\ud83d", r"\ud83d and more", r"\ude00", r"\ud83d\n", r"\ud83d\ud83d"] {
            let problem = parse::<Text>(format!(r#"{{"text":"{half}"}}"#).as_bytes()).unwrap_err();
            let told = serde_json::to_value(problem.body()).unwrap();
            assert_eq!(told["details"]["field"], "text", "{half}: {told}");
            assert!(told["message"].as_str().unwrap().contains("half a character"), "{half}: {told}");
        }
        parse::<Text>(br#"{"text":"\ud83d\ude00"}"#).unwrap();
    }

    #[test]
    fn what_a_client_made_up_is_not_repeated_at_length() {
        let long = "x".repeat(100_000);
        for body in [format!("{{\"{long}\":1}}"), format!("{{\"list\":\"{long}\"}}"), format!("\"{long}\"")] {
            let problem = parse::<Outer>(body.as_bytes()).unwrap_err();
            assert!(serde_json::to_string(&problem.body()).unwrap().len() < 1_000);
        }
    }
}
