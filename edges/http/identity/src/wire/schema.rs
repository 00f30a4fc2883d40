//! How the words of API keys and second factors are described in OpenAPI. Nothing here is ever made.
#![expect(dead_code, reason = "these types only describe")]

use std::borrow::Cow;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Whether an API key works.
#[derive(ToSchema)]
#[schema(as = ApiKeyStatus, rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ApiKeyStatusWord {
    Active,
    Expired,
    Revoked,
}

/// How a request is signed (RFC 9421, section 6.2.2).
#[derive(ToSchema)]
#[schema(as = SignatureAlgorithm)]
pub(crate) enum SignatureAlgorithmWord {
    #[schema(rename = "ed25519")]
    Ed25519,
    #[schema(rename = "ecdsa-p256-sha256")]
    EcdsaP256Sha256,
}

/// A way of giving a second factor.
#[derive(ToSchema)]
#[schema(as = MfaMethod, rename_all = "snake_case")]
pub(crate) enum MfaMethodWord {
    Totp,
    Passkey,
    Recovery,
}

/// A public key, as PEM in a string or as a JWK.
pub(crate) struct PublicKey;

impl PartialSchema for PublicKey {
    fn schema() -> RefOr<Schema> {
        let pem = ObjectBuilder::new().schema_type(Type::String).max_length(Some(4096));
        let jwk = ObjectBuilder::new().schema_type(Type::Object);
        let description =
            "PEM (`-----BEGIN PUBLIC KEY-----`), or a JSON Web Key with `kty`, `crv`, `x` and, for P-256, `y`";
        OneOfBuilder::new().item(pem).item(jwk).description(Some(description)).into()
    }
}

impl ToSchema for PublicKey {
    fn name() -> Cow<'static, str> {
        "PublicKey".into()
    }
}
