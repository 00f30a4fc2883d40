//! `/.well-known`: what programs look up before they speak to this bank.

use crate::App;
use crate::reply::json;
use ::auth::PublicKey;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// Whoever verifies tokens keeps the keys for so long; one that is not among them is a reason to ask again sooner.
const KEYS_CACHE: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// The keys with which access tokens are verified (RFC 7517).
#[derive(Serialize, ToSchema)]
#[schema(as = KeySet)]
pub(crate) struct KeySetReply {
    keys: Vec<KeyReply>,
}

/// One Ed25519 key (RFC 8037).
#[derive(Serialize, ToSchema)]
#[schema(as = PublicKey)]
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

/// The public keys of access tokens.
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    tag = "oauth",
    responses((status = 200, description = "The keys that stand, the one that signs first", body = KeySetReply)),
)]
pub(crate) async fn key_set(State(app): State<Arc<App>>) -> Response {
    let keys = app.auth.public_keys().into_iter().map(KeyReply::from).collect();
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
