//! What those who run the bank look at: health, readiness, metrics, the API's description.

use crate::App;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use clock::Clocks;
use db::Db;
use http_core::problem::Outcome;
use http_core::reply::json_bytes;
use metrics_exporter_prometheus::PrometheusHandle;
use std::sync::Arc;
use utoipa::ToSchema;

/// What there is to look at.
pub(crate) struct Operations {
    db: Db,
    clocks: Clocks,
    metrics: PrometheusHandle,
}

impl Operations {
    /// Of this bank.
    pub(crate) fn of(app: &App) -> Self {
        Self { db: app.db.clone(), clocks: app.clocks.clone(), metrics: app.metrics.clone() }
    }
}

/// Whether something is as it should be.
#[derive(ToSchema)]
#[schema(as = Health)]
#[expect(dead_code, reason = "it only describes")]
struct HealthWord {
    #[schema(example = "UP")]
    status: String,
}

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
pub(crate) async fn ready(State(operations): State<Arc<Operations>>) -> Outcome<Response> {
    operations.db.ready(operations.clocks.wall()).await?;
    Ok(json_bytes(StatusCode::OK, br#"{"status":"READY"}"#.to_vec()))
}

/// Counters and timings in the text format of Prometheus.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operations",
    responses((status = 200, description = "Metrics", body = String, content_type = "text/plain")),
)]
pub(crate) async fn metrics(State(operations): State<Arc<Operations>>) -> Response {
    let headers = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (headers, operations.metrics.render()).into_response()
}
