//! What token keys leave in the outbox.

use db::WallTime;
use ids::EventId;
use outbox::{Actor, Event, events};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

events! {
    /// What happens to the keys that sign tokens.
    enum TokenKeyEvent<'a> about Bank for Staff {
        /// A key was made.
        SigningKeyMade = "auth.signing_key_made" { key_id: &'a str },
    }
}

/// About nobody. Its identifier is made of the key's name and age: the same key is the
/// same event in every process.
pub(crate) fn token_key_made(key_id: &str, made_at: WallTime) -> Event {
    let hash = Sha256::digest(format!("auth.signing_key_made {key_id}"));
    let (millis, mut bits) = (u64::try_from(made_at.unix_micros() / 1_000).unwrap_or_default(), [0; 10]);
    bits.copy_from_slice(&hash[..10]);
    let id = EventId::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &bits).into_uuid());
    let made = TokenKeyEvent::SigningKeyMade { key_id };
    Event { id, ..Event::of(Uuid::nil(), &made, Actor::ITSELF.does(made_at)) }
}
