//! Replies that are made of JSON.

use axum::Extension;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Stands in the extensions of a reply that may be kept by whoever gets it, as long as they see fit.
#[derive(Clone, Copy, Debug)]
pub struct Cacheable;

/// A reply that changes only with the program: unlike all others, nobody is asked not to keep it.
pub fn cacheable(reply: impl IntoResponse) -> Response {
    (Extension(Cacheable), reply).into_response()
}

/// A value as JSON.
pub fn json(status: StatusCode, value: &impl Serialize) -> Response {
    json_bytes(status, serde_json::to_vec(value).expect("wire types have text keys and serialise"))
}

/// JSON that is already bytes.
pub fn json_bytes(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
