//! How the words of this room are described in OpenAPI. Nothing here is ever made.
#![expect(dead_code, reason = "these types only describe")]

use utoipa::ToSchema;

/// A webhook's identifier.
#[derive(ToSchema)]
#[schema(as = WebhookId, pattern = "^hook_[0-9a-z]{26}$", example = "hook_01k6w3m8pq2v5x7z9b1d3f5h7k")]
pub(crate) struct WebhookIdText(String);

/// A delivery's identifier.
#[derive(ToSchema)]
#[schema(as = DeliveryId, pattern = "^dlv_[0-9a-z]{26}$", example = "dlv_01k6w3m8pq2v5x7z9b1d3f5h7k")]
pub(crate) struct DeliveryIdText(String);

/// A notification's identifier.
#[derive(ToSchema)]
#[schema(as = NotificationId, pattern = "^ntc_[0-9a-z]{26}$", example = "ntc_01k6w3m8pq2v5x7z9b1d3f5h7k")]
pub(crate) struct NoticeIdText(String);

/// Where somebody is told.
#[derive(ToSchema)]
#[schema(as = NotificationChannel, rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ChannelWord {
    Inbox,
    Mail,
    Sms,
}

/// A language that the bank writes mails in.
#[derive(ToSchema)]
#[schema(as = Language, rename_all = "lowercase")]
pub(crate) enum LanguageWord {
    En,
    De,
    Ar,
}

/// How calls are signed: `v1` or `v1a` of Standard Webhooks.
#[derive(ToSchema)]
#[schema(as = WebhookAlgorithm)]
pub(crate) enum WebhookAlgorithmWord {
    #[schema(rename = "hmac-sha256")]
    HmacSha256,
    #[schema(rename = "ed25519")]
    Ed25519,
}

/// Whether a webhook is called.
#[derive(ToSchema)]
#[schema(as = WebhookStatus, rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum WebhookStatusWord {
    Active,
    Disabled,
}

/// Why a webhook is called no more: it answered 410, or has failed for five days.
#[derive(ToSchema)]
#[schema(as = WebhookDisabled, rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum WebhookDisabledWord {
    Gone,
    Failing,
}

/// How a delivery stands.
#[derive(ToSchema)]
#[schema(as = DeliveryStatus, rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum DeliveryStatusWord {
    Queued,
    Delivered,
    Failed,
}

/// Why a try does not count as delivered.
#[derive(ToSchema)]
#[schema(as = DeliveryFailure, rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum DeliveryFailureWord {
    Target,
    Unresolved,
    Address,
    Connection,
    Tls,
    Timeout,
    Protocol,
    Redirect,
    Status,
}
