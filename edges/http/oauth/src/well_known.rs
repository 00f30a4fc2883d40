//! `/.well-known`: what programs look up before they speak to this bank.

use crate::App;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_core::reply::json;
use identity::{PublicKey, Scope};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// Whoever verifies tokens keeps the keys for so long; one that is not among them is a reason to ask again sooner.
const KEYS_CACHE: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// Changes only with the version and the settings.
const METADATA_CACHE: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// The keys with which access tokens are verified (RFC 7517).
#[derive(Serialize, ToSchema)]
#[schema(as = KeySet)]
pub(crate) struct KeySetReply {
    keys: Vec<KeyReply>,
}

/// One Ed25519 key (RFC 8037).
#[derive(Serialize, ToSchema)]
#[schema(as = JsonWebKey)]
struct KeyReply {
    #[schema(example = "OKP")]
    kty: &'static str,
    #[schema(example = "Ed25519")]
    crv: &'static str,
    /// The public key in base64url.
    x: String,
    /// Its name in tokens.
    kid: String,
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    usage: &'static str,
    #[schema(example = "EdDSA")]
    alg: &'static str,
}

/// What a client has to know of the authorization server (RFC 8414).
#[derive(Serialize, ToSchema)]
#[schema(as = AuthorizationServer)]
pub(crate) struct AuthorizationServerReply {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    introspection_endpoint: String,
    revocation_endpoint: String,
    jwks_uri: String,
    service_documentation: String,
    scopes_supported: Vec<&'static str>,
    response_types_supported: [&'static str; 1],
    response_modes_supported: [&'static str; 1],
    grant_types_supported: [&'static str; 3],
    token_endpoint_auth_methods_supported: [&'static str; 3],
    introspection_endpoint_auth_methods_supported: [&'static str; 2],
    revocation_endpoint_auth_methods_supported: [&'static str; 3],
    code_challenge_methods_supported: [&'static str; 1],
    authorization_response_iss_parameter_supported: bool,
}

/// What a client has to know of the authorization server.
#[utoipa::path(
    get,
    path = "/.well-known/oauth-authorization-server",
    tag = "oauth",
    responses((status = 200, description = "The metadata of RFC 8414", body = AuthorizationServerReply)),
)]
pub(crate) async fn authorization_server(State(app): State<Arc<App>>) -> Response {
    let at = |path: &str| format!("{}{path}", app.settings.public_url);
    let mut response = json(
        StatusCode::OK,
        &AuthorizationServerReply {
            issuer: app.settings.public_url.clone(),
            authorization_endpoint: at("/oauth/authorize"),
            token_endpoint: at("/oauth/token"),
            introspection_endpoint: at("/oauth/introspect"),
            revocation_endpoint: at("/oauth/revoke"),
            jwks_uri: at("/.well-known/jwks.json"),
            service_documentation: at("/docs/"),
            scopes_supported: Scope::ALL.iter().map(|scope| scope.word()).collect(),
            response_types_supported: ["code"],
            response_modes_supported: ["query"],
            grant_types_supported: ["authorization_code", "refresh_token", "client_credentials"],
            token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
            introspection_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
            revocation_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "none"],
            code_challenge_methods_supported: ["S256"],
            authorization_response_iss_parameter_supported: true,
        },
    );
    response.headers_mut().insert(header::CACHE_CONTROL, METADATA_CACHE);
    response
}

/// The public keys of access tokens.
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    tag = "oauth",
    responses((status = 200, description = "The keys that stand, the one that signs first", body = KeySetReply)),
)]
pub(crate) async fn key_set(State(app): State<Arc<App>>) -> Response {
    let keys = app.identity.public_keys().into_iter().map(KeyReply::from).collect();
    let mut response = json(StatusCode::OK, &KeySetReply { keys });
    response.headers_mut().insert(header::CACHE_CONTROL, KEYS_CACHE);
    response
}

impl From<PublicKey> for KeyReply {
    fn from(key: PublicKey) -> Self {
        let x = URL_SAFE_NO_PAD.encode(key.bytes);
        Self { kty: "OKP", crv: "Ed25519", x, kid: key.key_id, usage: "sig", alg: "EdDSA" }
    }
}
