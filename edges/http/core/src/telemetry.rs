//! What is counted and timed. Handles are made once per route, so that a request costs a few atomic additions.

use crate::tls::HANDSHAKES_TOTAL;
use axum::http::StatusCode;
use metrics::{Counter, Histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;
use std::time::Duration;

const REQUESTS_TOTAL: &str = "florin_http_requests_total";
const REQUEST_SECONDS: &str = "florin_http_request_seconds";
const SECONDS: &[f64] = &[0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Statuses that have a counter of their own; whatever else may come is counted as 0.
const STATUSES: [u16; 20] =
    [200, 201, 204, 303, 400, 401, 403, 404, 405, 408, 409, 413, 415, 422, 429, 431, 500, 501, 503, 0];

/// Installs the recorder of this process; call it once, before the router is made.
///
/// # Errors
/// Another recorder is there already.
pub fn install_metrics() -> Result<PrometheusHandle, BuildError> {
    let handle = builder()?.install_recorder()?;
    metrics::describe_counter!(REQUESTS_TOTAL, "HTTP requests answered");
    metrics::describe_histogram!(REQUEST_SECONDS, metrics::Unit::Seconds, "Time from the request's head to its reply");
    metrics::describe_counter!(
        HANDSHAKES_TOTAL,
        "TLS handshakes: done, refused for the client's certificate, failed, timed out"
    );
    Ok(handle)
}

/// A recorder that nobody records to: for tests, which share a process.
///
/// # Panics
/// Never: the buckets are given.
pub fn metrics_for_tests() -> PrometheusHandle {
    builder().expect("the buckets are not empty").build_recorder().handle()
}

fn builder() -> Result<PrometheusBuilder, BuildError> {
    PrometheusBuilder::new().set_buckets_for_metric(Matcher::Full(REQUEST_SECONDS.to_owned()), SECONDS)
}

/// The counters of one route.
pub(crate) struct RouteMetrics {
    method: &'static str,
    route: &'static str,
    by_status: [OnceLock<Counter>; STATUSES.len()],
    seconds: Histogram,
}

impl RouteMetrics {
    pub(crate) fn new(method: &'static str, route: &'static str) -> Self {
        let seconds = metrics::histogram!(REQUEST_SECONDS, "method" => method, "route" => route);
        Self { method, route, by_status: Default::default(), seconds }
    }

    pub(crate) fn record(&self, status: StatusCode, took: Duration) {
        let known = STATUSES.iter().position(|known| *known == status.as_u16()).unwrap_or(STATUSES.len() - 1);
        self.by_status[known].get_or_init(|| self.counter(STATUSES[known])).increment(1);
        self.seconds.record(took.as_secs_f64());
    }

    fn counter(&self, status: u16) -> Counter {
        let (method, route) = (self.method, self.route);
        metrics::counter!(REQUESTS_TOTAL, "method" => method, "route" => route, "status" => status.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_route_and_status_and_timed_by_route() {
        let recorder = builder().unwrap().build_recorder();
        metrics::with_local_recorder(&recorder, || {
            let route = RouteMetrics::new("GET", "/api/accounts/{id}");
            for status in [StatusCode::OK, StatusCode::OK, StatusCode::NOT_FOUND, StatusCode::IM_A_TEAPOT] {
                route.record(status, Duration::from_millis(3));
            }
        });
        let text = recorder.handle().render();
        let labels = r#"method="GET",route="/api/accounts/{id}""#;
        for line in [
            format!("florin_http_requests_total{{{labels},status=\"200\"}} 2"),
            format!("florin_http_requests_total{{{labels},status=\"404\"}} 1"),
            format!("florin_http_requests_total{{{labels},status=\"0\"}} 1"),
            format!("florin_http_request_seconds_bucket{{{labels},le=\"0.005\"}} 4"),
            format!("florin_http_request_seconds_bucket{{{labels},le=\"0.0025\"}} 0"),
        ] {
            assert!(text.contains(&line), "{line} in {text}");
        }
    }
}
