//! API keys on the wire. The text of a key is in one reply only: the one to its making or rotation.

use db::WallTime;
use http_core::table::{Head, InTable};
use http_core::wire::Text;
use http_core::wire::schema;
use identity::Scope;
use ids::ApiKeyId;
use programs::{ApiKey, IssuedApiKey, SignatureAlgorithm};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use utoipa::ToSchema;

/// A new API key.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewApiKey)]
pub(crate) struct NewApiKeyBody<'a> {
    /// What you call it: 1 to 100 characters.
    #[serde(borrow)]
    #[schema(min_length = 1, max_length = 100)]
    pub(crate) name: Cow<'a, str>,
    /// How far it reaches: at least one scope, and none that your role does not have.
    #[serde(borrow)]
    #[schema(value_type = Vec<schema::ScopeWord>)]
    pub(crate) scopes: Vec<Cow<'a, str>>,
    /// From where it may be used: networks such as `192.0.2.0/24`, at most 50. Empty: from everywhere.
    #[serde(borrow, default)]
    #[schema(max_items = 50)]
    pub(crate) allowed_addresses: Vec<Cow<'a, str>>,
    /// When it ends by itself. Absent: it does not.
    #[schema(value_type = Option<schema::Time>)]
    pub(crate) expires_at: Option<Cow<'a, str>>,
}

/// How a secret is exchanged for a new one.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = RotateApiKey)]
pub(crate) struct RotateBody {
    /// For so long the old secret goes on working: 0 to 604800 seconds, 86400 if absent.
    #[schema(minimum = 0, maximum = 604_800)]
    pub(crate) overlap_seconds: Option<i64>,
}

/// With what requests are signed from now on.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = SigningKey)]
pub(crate) struct SigningKeyBody<'a> {
    #[serde(borrow)]
    #[schema(value_type = crate::wire::schema::PublicKey)]
    pub(crate) public_key: &'a RawValue,
    #[serde(borrow)]
    #[schema(value_type = crate::wire::schema::SignatureAlgorithmWord)]
    pub(crate) algorithm: Cow<'a, str>,
}

/// An API key, without its secret.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ApiKey)]
pub(crate) struct ApiKeyReply {
    #[schema(value_type = schema::ApiKeyIdText)]
    id: Text<ApiKeyId>,
    name: String,
    /// The beginning of its text.
    #[schema(example = "flk_01k6w3m8pq2v5x7z9b1d3f5h7k")]
    prefix: String,
    #[schema(value_type = Vec<schema::ScopeWord>)]
    scopes: Vec<&'static str>,
    /// The networks from which it may be used; empty: from everywhere.
    allowed_addresses: Vec<String>,
    #[schema(value_type = crate::wire::schema::ApiKeyStatusWord)]
    status: &'static str,
    /// How requests with it have to be signed; null: they need not be.
    #[schema(value_type = Option<crate::wire::schema::SignatureAlgorithmWord>)]
    signature_algorithm: Option<&'static str>,
    #[schema(value_type = schema::Time)]
    created_at: Text<WallTime>,
    #[schema(value_type = Option<schema::Time>)]
    expires_at: Option<Text<WallTime>>,
    #[schema(value_type = Option<schema::Time>)]
    revoked_at: Option<Text<WallTime>>,
    /// Until when the secret before the last rotation works too.
    #[schema(value_type = Option<schema::Time>)]
    previous_secret_until: Option<Text<WallTime>>,
    /// To the minute.
    #[schema(value_type = Option<schema::Time>)]
    last_used_at: Option<Text<WallTime>>,
}

impl InTable for ApiKeyReply {
    const HEAD: Head = Head {
        file_name: "api-keys",
        columns: &[
            "id",
            "name",
            "prefix",
            "scopes",
            "allowedAddresses",
            "status",
            "signatureAlgorithm",
            "createdAt",
            "expiresAt",
            "revokedAt",
            "previousSecretUntil",
            "lastUsedAt",
        ],
    };
}

/// An API key and its text.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = IssuedApiKey)]
pub(crate) struct IssuedApiKeyReply {
    /// What a program sends behind `Authorization: Bearer`. Keep it now: it is never shown again.
    #[schema(pattern = "^flk_[0-9a-z]{26}_[0-9a-f]{72}$")]
    key: String,
    api_key: ApiKeyReply,
}

/// A page of API keys, the oldest first.
#[derive(ToSchema)]
#[schema(as = ApiKeyPage, rename_all = "camelCase")]
#[expect(dead_code, reason = "it only describes")]
pub(crate) struct ApiKeyPage<'a> {
    data: &'a [ApiKeyReply],
    /// What to send as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

impl SigningKeyBody<'_> {
    /// A string's content (PEM), or an object as it is written (JWK).
    pub(crate) fn public_key_text(&self) -> Cow<'_, str> {
        let raw = self.public_key.get();
        serde_json::from_str::<String>(raw).map_or(Cow::Borrowed(raw), Cow::Owned)
    }
}

impl ApiKeyReply {
    pub(crate) fn new(key: ApiKey, now: WallTime) -> Self {
        Self {
            id: Text(key.id),
            prefix: key.prefix(),
            scopes: key.scopes.iter().map(Scope::word).collect(),
            allowed_addresses: key.allowed_addresses.words().collect(),
            status: key.status(now).word(),
            signature_algorithm: key.signature_algorithm.map(SignatureAlgorithm::word),
            created_at: Text(key.created_at),
            expires_at: key.expires_at.map(Text),
            revoked_at: key.revoked_at.map(Text),
            previous_secret_until: key.previous_secret_until.filter(|until| *until > now).map(Text),
            last_used_at: key.last_used_at.map(Text),
            name: key.name,
        }
    }
}

impl IssuedApiKeyReply {
    pub(crate) fn new(issued: IssuedApiKey, now: WallTime) -> Self {
        Self { key: issued.text, api_key: ApiKeyReply::new(issued.key, now) }
    }
}
