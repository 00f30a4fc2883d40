//! What API keys leave in the outbox; the subject is their owner.

use super::{ApiKey, OwnedKey};
use crate::SignatureAlgorithm;
use ids::{ApiKeyId, UserId};
use outbox::{Act, Event, events};

events! {
    /// What happens to API keys.
    enum ApiKeyEvent about User for Owner {
        /// A key was made.
        Created = "auth.api_key_created" { api_key_id: ApiKeyId, scopes: String },
        /// A key has a new secret; the old one holds for so many seconds more.
        Rotated = "auth.api_key_rotated" { api_key_id: ApiKeyId, overlap_seconds: i64 },
        /// A key was revoked.
        Revoked = "auth.api_key_revoked" { api_key_id: ApiKeyId },
        /// Requests with a key are signed from now on.
        SignerKeySet = "auth.signer_key_set" { api_key_id: ApiKeyId, algorithm: &'static str },
        /// Requests with a key are no longer signed.
        SignerKeyRemoved = "auth.signer_key_removed" { api_key_id: ApiKeyId },
    }
}

pub(super) fn created(owner: UserId, key: &ApiKey, act: Act) -> Event {
    let created = ApiKeyEvent::Created { api_key_id: key.id, scopes: key.scopes.to_string() };
    Event::of(owner.uuid(), &created, act)
}

pub(super) fn rotated(key: OwnedKey, overlap_seconds: i64, act: Act) -> Event {
    Event::of(key.owner.uuid(), &ApiKeyEvent::Rotated { api_key_id: key.id, overlap_seconds }, act)
}

pub(super) fn revoked(key: OwnedKey, act: Act) -> Event {
    Event::of(key.owner.uuid(), &ApiKeyEvent::Revoked { api_key_id: key.id }, act)
}

pub(super) fn program_key_changed(key: OwnedKey, algorithm: Option<SignatureAlgorithm>, act: Act) -> Event {
    let api_key_id = key.id;
    let changed = match algorithm {
        Some(algorithm) => ApiKeyEvent::SignerKeySet { api_key_id, algorithm: algorithm.word() },
        None => ApiKeyEvent::SignerKeyRemoved { api_key_id },
    };
    Event::of(key.owner.uuid(), &changed, act)
}
