//! What the app has to know of this bank before anybody is known to it.

use crate::App;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use http_core::MfaPolicy;
use http_core::reply::json;
use payments::Mode;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// What the web app is told of this bank.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AppConfig {
    /// `sandbox`: money can be made out of nothing.
    #[schema(example = "sandbox")]
    mode: &'static str,
    /// `required`: nobody gets far without a second factor.
    #[schema(example = "optional")]
    mfa: &'static str,
    /// The version of the bank.
    #[schema(example = "0.1.0")]
    version: &'static str,
}

/// What the web app is told of this bank.
#[utoipa::path(
    get,
    path = "/app-config.json",
    tag = "web",
    operation_id = "app_config",
    responses((status = 200, description = "The configuration", body = AppConfig)),
)]
pub(crate) async fn show(State(app): State<Arc<App>>) -> Response {
    let config = AppConfig {
        mode: match app.mode {
            Mode::Sandbox => "sandbox",
            Mode::Production => "production",
        },
        mfa: match app.mfa {
            MfaPolicy::Optional => "optional",
            MfaPolicy::Required => "required",
        },
        version: env!("CARGO_PKG_VERSION"),
    };
    let mut response = json(StatusCode::OK, &config);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
