//! One thing that went wrong, and the envelope in which every failure travels.
//! Which failure of a module becomes which problem is in `problems.rs`.

use crate::ErrorCode;
use crate::request_id::RequestId;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use db::WallTime;
use money::{Currency, Money};
use serde::Serialize;
use serde_json::{Map, Value};
use std::borrow::Cow;
use utoipa::ToSchema;

/// A failure as the client is told it.
#[derive(Clone, Debug)]
pub struct Problem(Box<Content>);

#[derive(Clone, Debug)]
struct Content {
    code: ErrorCode,
    status: StatusCode,
    message: Cow<'static, str>,
    details: Map<String, Value>,
    retry_after_seconds: Option<u32>,
    /// What the reply has besides, such as the standing of a limit.
    headers: HeaderMap,
    /// For the log only.
    cause: Option<String>,
}

/// The details that say how much somebody has or moved.
const FIGURES: [&str; 7] = ["available", "requested", "overdraftLimit", "limit", "captured", "refunded", "currency"];

/// The result of a handler.
pub type Outcome<T> = Result<T, Problem>;

/// Every failure.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Error)]
pub struct Envelope<'a> {
    error: ErrorBody<'a>,
    /// Also in the header `X-Request-Id`.
    request_id: &'a str,
    #[schema(value_type = crate::wire::schema::Time)]
    timestamp: String,
}

/// What went wrong: the inner part of the envelope, which also stands in the results of a batch.
#[derive(Serialize, ToSchema)]
#[schema(as = ErrorBody)]
pub struct ErrorBody<'a> {
    code: ErrorCode,
    /// For people.
    message: &'a str,
    /// The field or identifier, and the reason.
    #[schema(value_type = Object)]
    details: &'a Map<String, Value>,
}

impl Problem {
    /// With the code's usual status.
    pub fn new(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Content {
            code,
            status: code.status(),
            message: message.into(),
            details: Map::new(),
            retry_after_seconds: None,
            headers: HeaderMap::new(),
            cause: None,
        }))
    }

    /// A field, header or parameter that is not as it must be.
    pub fn invalid(field: impl Into<String>, reason: impl Into<String>) -> Self {
        let (field, reason) = (field.into(), reason.into());
        Self::new(ErrorCode::InvalidRequest, format!("{field} {reason}")).with("field", field).with("reason", reason)
    }

    /// Something that is our fault; the cause is for the log.
    pub fn internal(cause: impl Into<String>) -> Self {
        let mut problem = Self::new(ErrorCode::Internal, "Something went wrong on our side");
        problem.0.cause = Some(cause.into());
        problem
    }

    /// Something that a later attempt may find gone.
    pub fn unavailable(cause: impl Into<String>) -> Self {
        let mut problem = Self::new(ErrorCode::ServiceUnavailable, "The bank cannot do this right now; try again");
        problem.0.cause = Some(cause.into());
        problem.retry_after(1)
    }

    /// The answer to a path that is not there, or not here.
    pub fn no_such_route() -> Self {
        Self::new(ErrorCode::NotFound, "There is no such route")
    }

    /// What went wrong, for programs.
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// Another status than the code's usual one.
    pub fn status(mut self, status: StatusCode) -> Self {
        self.0.status = status;
        self
    }

    /// Adds a detail.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.details.insert(name.to_owned(), value.into());
        self
    }

    /// Adds amounts in a currency, in minor units, as decimal text.
    pub fn with_amounts(self, currency: Currency, amounts: &[(&str, i64)]) -> Self {
        let with_amount =
            |problem: Self, (name, minor): &(&str, i64)| problem.with(name, Money::new(*minor, currency).to_decimal());
        debug_assert!(amounts.iter().all(|(name, _)| is_figure(name)), "a figure is left out by its name");
        amounts.iter().fold(self, with_amount).with("currency", currency.code())
    }

    /// The same problem for those who may not know how much there is.
    pub fn without_figures(mut self) -> Self {
        self.0.details.retain(|name, _| !is_figure(name));
        self
    }

    /// The same problem, found in one of many: its place, and the field's whole path.
    pub fn at(mut self, list: &str, index: usize) -> Self {
        if let Some(field) = self.0.details.get("field").and_then(Value::as_str) {
            let path = format!("{list}[{index}].{field}");
            if let Some(reason) = self.0.message.strip_prefix(field) {
                self.0.message = format!("{path}{reason}").into();
            }
            self.0.details.insert("field".to_owned(), path.into());
        }
        self.with("index", index)
    }

    /// Tells the client when to try again.
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.0.retry_after_seconds = Some(seconds);
        self
    }

    /// Adds headers to the reply.
    pub fn with_headers(mut self, headers: HeaderMap) -> Self {
        self.0.headers.extend(headers);
        self
    }

    /// The HTTP status.
    pub fn http_status(&self) -> StatusCode {
        self.0.status
    }

    /// How long the client is told to wait.
    pub fn retry_after_seconds(&self) -> Option<u32> {
        self.0.retry_after_seconds
    }

    /// What only the log may know.
    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    /// The part that says what went wrong.
    pub fn body(&self) -> ErrorBody<'_> {
        ErrorBody { code: self.0.code, message: &self.0.message, details: &self.0.details }
    }

    /// The envelope as bytes.
    pub fn envelope(&self, request_id: &RequestId, now: WallTime) -> Vec<u8> {
        let envelope = Envelope { error: self.body(), request_id: request_id.as_str(), timestamp: now.to_string() };
        serde_json::to_vec(&envelope).expect("text keys and plain values serialise")
    }

    /// The whole reply.
    pub fn into_reply(self, request_id: &RequestId, now: WallTime) -> Response {
        let body = self.envelope(request_id, now);
        let mut reply = crate::reply::json_bytes(self.0.status, body);
        let headers = reply.headers_mut();
        headers.extend(self.0.headers);
        if let Some(seconds) = self.0.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.0.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge(self.0.code)));
        }
        reply
    }
}

/// Whether the detail with this name is a figure.
pub fn is_figure(name: &str) -> bool {
    FIGURES.contains(&name)
}

/// What the client is to do about it, for programs (RFC 6750, section 3.1; RFC 9470, section 3).
const fn challenge(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::InvalidToken | ErrorCode::TokenExpired | ErrorCode::SessionEnded => "Bearer error=\"invalid_token\"",
        ErrorCode::StepUpRequired => "Bearer error=\"insufficient_user_authentication\", max_age=300",
        _ => "Bearer",
    }
}

impl IntoResponse for Problem {
    /// A bare status that carries the problem; the gate, which knows the request's name, makes the envelope of it.
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
