//! What those who run the bank look at: health, readiness, metrics, the API's description.

use crate::App;
use crate::problem::Outcome;
use crate::reply::json_bytes;
use crate::wire::schema::HealthWord;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// The process runs.
#[utoipa::path(
    get,
    path = "/health",
    tag = "operations",
    responses((status = 200, description = "The process runs", body = HealthWord)),
)]
pub(crate) async fn health() -> Response {
    json_bytes(StatusCode::OK, br#"{"status":"UP"}"#.to_vec())
}

/// The database takes writes, so that requests can be served. Asked by everybody together at most once a second.
#[utoipa::path(
    get,
    path = "/ready",
    tag = "operations",
    responses((status = 200, description = "Requests can be served", body = HealthWord)),
)]
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Outcome<Response> {
    app.db.ready(app.now()).await?;
    Ok(json_bytes(StatusCode::OK, br#"{"status":"READY"}"#.to_vec()))
}

/// Counters and timings in the text format of Prometheus.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operations",
    responses((status = 200, description = "Metrics", body = String, content_type = "text/plain")),
)]
pub(crate) async fn metrics(State(app): State<Arc<App>>) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (headers, app.metrics.render()).into_response()
}
