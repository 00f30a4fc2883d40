//! The API over HTTP: the rooms joined. The core (`edges/http/core`) is what they share; each room stands in a crate of its
//! own, so that an edit in one rebuilds no other. Here are only the whole table, its description, and what shows the two.

mod app;
mod description;
mod docs;
mod operations;
mod routes;

pub use app::{App, Settings, serve};
pub use description::{openapi, routes_markdown};
pub use http_core::address::{ClientAddress, ForwardedHeader, Networks, ParseNetworksError};
pub use http_core::cross_origin::{Origins, ParseOriginsError};
pub use http_core::route::{Failure, Needs, RouteSpec, Who, Work};
pub use http_core::server::Listener;
pub use http_core::telemetry::{install_metrics, metrics_for_tests};
pub use http_core::tls::{Reload, Tls, TlsClients, TlsError, TlsFiles};
pub use http_core::{ErrorCode, FrontDoor, FrontDoorSettings, InvalidRedisUrl, MfaPolicy, OperationsPlace, RateLimits};
pub use http_money::transactions_told;
pub use http_notifications::{Live, Telling};
pub use metrics_exporter_prometheus::PrometheusHandle;
pub use payments::Mode;
pub use routes::ROUTES;

/// The API as a service.
pub fn router(app: &App) -> axum::Router {
    routes::router(app, description::openapi_json)
}
