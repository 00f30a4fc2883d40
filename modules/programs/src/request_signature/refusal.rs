//! Refused signatures are told to the outbox: somebody holds the API key and not the key that signs for it, or changed a
//! request on its way. A key can be refused a thousand times a second, so of each kind one a minute is told, with how
//! many there were since the last.

use crate::{KnownKey, ProgramError, Programs, Result};
use db::WallTime;
use identity::Occasion;
use ids::{ApiKeyId, UserId};
use outbox::{Act, Event, events};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// In each process one refusal of a kind is told in so many seconds.
const RECORDED_SECONDS: i64 = 60;
/// When so many keys are refused within a minute, further ones are not told before it is over.
const REMEMBERED_MAX: usize = 10_000;

/// Why a signed request does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SignatureRefusal {
    /// There is no signature, it is not whole, too old, or does not fit the request.
    Invalid,
    /// It was shown before.
    Replayed,
    /// It fits, and the body does not fit the digest that it covers.
    ChangedBody,
}

/// What was recorded lately.
#[derive(Default)]
pub(crate) struct Refusals(Mutex<HashMap<Kind, Recorded>>);

/// Of these one a minute is recorded.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Kind {
    key: ApiKeyId,
    refusal: SignatureRefusal,
}

struct Recorded {
    at: WallTime,
    /// How many there were since.
    passed_over: u64,
}

impl Programs {
    /// Records in the outbox that a request with the key was refused, unless the same was recorded within a minute.
    ///
    /// # Errors
    /// The database failed.
    pub async fn record_refused_signature(
        &self,
        key: &KnownKey,
        refusal: SignatureRefusal,
        occasion: &Occasion,
    ) -> Result<()> {
        let kind = Kind { key: key.id, refusal };
        let Some(passed_over) = self.refusals.note(kind, occasion.now) else { return Ok(()) };
        let owner = key.caller().user_id;
        let tx = self.db.begin().await?;
        let refused = Refused { owner, key: key.id, refusal, passed_over };
        outbox::append_in_tx(&tx, vec![refused.event(occasion)]).await?;
        Ok(tx.commit().await?)
    }
}

/// What is written of a refusal, with how many of the kind this process has not written since the last.
struct Refused {
    owner: UserId,
    key: ApiKeyId,
    refusal: SignatureRefusal,
    passed_over: u64,
}

impl Refused {
    fn event(&self, occasion: &Occasion) -> Event {
        let Self { owner, key, refusal, passed_over } = self;
        let (reason, address) = (refusal.word(), occasion.address_text());
        let refused = SignatureEvent::Refused { api_key_id: *key, reason, untold: *passed_over, address };
        // Who sent it is just what is not known.
        Event::of(owner.uuid(), &refused, Act::of_nobody(occasion.now))
    }
}

events! {
    /// What happens to signed requests.
    enum SignatureEvent about User for Owner {
        /// A request with a key of theirs was not signed as it must be; so many more of the kind were not written down.
        Refused = "auth.signature_refused" {
            api_key_id: ApiKeyId,
            reason: &'static str,
            untold: u64,
            #[serde(skip_serializing_if = "Option::is_none")]
            address: Option<String>,
        },
    }
}

impl SignatureRefusal {
    /// The refusal behind an error, if it is one.
    pub const fn of(error: &ProgramError) -> Option<Self> {
        match error {
            ProgramError::InvalidSignature(_) => Some(Self::Invalid),
            ProgramError::SignatureReplayed => Some(Self::Replayed),
            _ => None,
        }
    }

    /// The word in events.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Invalid => "INVALID",
            Self::Replayed => "REPLAYED",
            Self::ChangedBody => "BODY_CHANGED",
        }
    }
}

impl Refusals {
    /// How many were passed over since the last one that was recorded; `None` when this one is passed over too.
    fn note(&self, kind: Kind, now: WallTime) -> Option<u64> {
        let mut recorded = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = recorded.get_mut(&kind) {
            if now < last.at.plus_seconds(RECORDED_SECONDS) {
                last.passed_over += 1;
                return None;
            }
            last.at = now;
            return Some(std::mem::take(&mut last.passed_over));
        }
        if recorded.len() >= REMEMBERED_MAX {
            recorded.retain(|_, last| now < last.at.plus_seconds(RECORDED_SECONDS));
        }
        if recorded.len() >= REMEMBERED_MAX {
            return None;
        }
        recorded.insert(kind, Recorded { at: now, passed_over: 0 });
        Some(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: WallTime = WallTime::from_unix_micros(1_767_225_600_000_000);

    #[test]
    fn of_each_key_and_kind_one_a_minute_is_recorded_with_the_number_of_the_others() {
        let (refusals, key) = (Refusals::default(), ApiKeyId::generate());
        let replayed = Kind { key, refusal: SignatureRefusal::Replayed };
        assert_eq!(refusals.note(replayed, NOW), Some(0));
        for seconds in [0, 30, 59] {
            assert_eq!(refusals.note(replayed, NOW.plus_seconds(seconds)), None);
        }
        assert_eq!(refusals.note(Kind { refusal: SignatureRefusal::Invalid, ..replayed }, NOW), Some(0));
        assert_eq!(refusals.note(Kind { key: ApiKeyId::generate(), ..replayed }, NOW), Some(0));
        assert_eq!(refusals.note(replayed, NOW.plus_seconds(60)), Some(3));
        assert_eq!(refusals.note(replayed, NOW.plus_seconds(120)), Some(0));
    }

    #[test]
    fn what_is_remembered_has_a_bound() {
        let refusals = Refusals::default();
        let other = || Kind { key: ApiKeyId::generate(), refusal: SignatureRefusal::Invalid };
        assert!((0..REMEMBERED_MAX).all(|_| refusals.note(other(), NOW) == Some(0)));
        assert_eq!(refusals.note(other(), NOW.plus_seconds(59)), None);
        assert_eq!(refusals.note(other(), NOW.plus_seconds(60)), Some(0));
        assert_eq!(refusals.0.lock().unwrap().len(), 1);
    }
}
