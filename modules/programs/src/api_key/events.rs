//! What API keys leave in the outbox; the subject is their owner.

use super::{ApiKey, OwnedKey};
use crate::SignatureAlgorithm;
use ids::UserId;
use outbox::{Act, Event};

/// `auth.api_key_created {"apiKeyId", "scopes"}`
pub(super) fn created(owner: UserId, key: &ApiKey, act: Act) -> Event {
    let payload = format!(r#"{{"apiKeyId":"{}","scopes":"{}"}}"#, key.id, key.scopes);
    Event::new(owner.uuid(), "auth.api_key_created", payload, act)
}

/// `auth.api_key_rotated {"apiKeyId", "overlapSeconds"}`
pub(super) fn rotated(OwnedKey { owner, id }: OwnedKey, overlap_seconds: i64, act: Act) -> Event {
    let payload = format!(r#"{{"apiKeyId":"{id}","overlapSeconds":{overlap_seconds}}}"#);
    Event::new(owner.uuid(), "auth.api_key_rotated", payload, act)
}

/// `auth.api_key_revoked {"apiKeyId"}`
pub(super) fn revoked(OwnedKey { owner, id }: OwnedKey, act: Act) -> Event {
    Event::new(owner.uuid(), "auth.api_key_revoked", format!(r#"{{"apiKeyId":"{id}"}}"#), act)
}

/// `auth.signer_key_set {"apiKeyId", "algorithm"}` or `auth.signer_key_removed {"apiKeyId"}`
pub(super) fn program_key_changed(
    OwnedKey { owner, id }: OwnedKey,
    algorithm: Option<SignatureAlgorithm>,
    act: Act,
) -> Event {
    let (kind, payload) = match algorithm {
        Some(algorithm) => {
            ("auth.signer_key_set", format!(r#"{{"apiKeyId":"{id}","algorithm":"{}"}}"#, algorithm.word()))
        }
        None => ("auth.signer_key_removed", format!(r#"{{"apiKeyId":"{id}"}}"#)),
    };
    Event::new(owner.uuid(), kind, payload, act)
}
