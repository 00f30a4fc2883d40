//! Refused signatures are told to the outbox: somebody holds the API key and not the key that signs for it, or changed a
//! request on its way. A key can be refused a thousand times a second, so of each kind one a minute is told, with how
//! many there were since the last.

use crate::{KnownKey, ProgramError, Programs, Result};
use db::WallTime;
use identity::Occasion;
use ids::{ApiKeyId, UserId};
use outbox::{Act, Event};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// In each process one refusal of a kind is told in so many seconds.
const TOLD_SECONDS: i64 = 60;
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

/// What was told lately.
#[derive(Default)]
pub(crate) struct Refusals(Mutex<HashMap<(ApiKeyId, SignatureRefusal), Told>>);

struct Told {
    at: WallTime,
    untold: u64,
}

impl Programs {
    /// Tells the outbox that a request with the key was refused, unless it was told of the same within a minute.
    ///
    /// # Errors
    /// The database failed.
    pub async fn record_refused_signature(
        &self,
        key: &KnownKey,
        refusal: SignatureRefusal,
        occasion: &Occasion,
    ) -> Result<()> {
        let Some(untold) = self.refusals.note((key.id, refusal), occasion.now) else { return Ok(()) };
        let owner = key.caller().user_id;
        let tx = self.db.begin().await?;
        let refused = Refused { owner, key: key.id, refusal, untold };
        outbox::append_in_tx(&tx, vec![refused.event(occasion)]).await?;
        Ok(tx.commit().await?)
    }
}

/// What is written of a refusal, with how many of the kind this process has not written since the last.
struct Refused {
    owner: UserId,
    key: ApiKeyId,
    refusal: SignatureRefusal,
    untold: u64,
}

impl Refused {
    /// `auth.signature_refused {"apiKeyId", "reason", "untold", "address"?}` with a word of [`SignatureRefusal`].
    fn event(&self, occasion: &Occasion) -> Event {
        let Self { owner, key, refusal, untold } = self;
        let address = occasion.address_member().map(|address| format!(",{address}")).unwrap_or_default();
        let reason = refusal.word();
        let payload = format!(r#"{{"apiKeyId":"{key}","reason":"{reason}","untold":{untold}{address}}}"#);
        // Who sent it is just what is not known.
        Event::new(owner.uuid(), "auth.signature_refused", payload, Act::of_nobody(occasion.now))
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
    /// How many were not told since the last one that was; `None` when this one is not to be told either.
    fn note(&self, what: (ApiKeyId, SignatureRefusal), now: WallTime) -> Option<u64> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = told.get_mut(&what) {
            if now < last.at.plus_seconds(TOLD_SECONDS) {
                last.untold += 1;
                return None;
            }
            last.at = now;
            return Some(std::mem::take(&mut last.untold));
        }
        if told.len() >= REMEMBERED_MAX {
            told.retain(|_, last| now < last.at.plus_seconds(TOLD_SECONDS));
        }
        if told.len() >= REMEMBERED_MAX {
            return None;
        }
        told.insert(what, Told { at: now, untold: 0 });
        Some(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: WallTime = WallTime::from_unix_micros(1_767_225_600_000_000);

    #[test]
    fn of_each_key_and_kind_one_a_minute_is_told_with_the_number_of_the_others() {
        let (refusals, key) = (Refusals::default(), ApiKeyId::generate());
        let replayed = (key, SignatureRefusal::Replayed);
        assert_eq!(refusals.note(replayed, NOW), Some(0));
        for seconds in [0, 30, 59] {
            assert_eq!(refusals.note(replayed, NOW.plus_seconds(seconds)), None);
        }
        assert_eq!(refusals.note((key, SignatureRefusal::Invalid), NOW), Some(0));
        assert_eq!(refusals.note((ApiKeyId::generate(), SignatureRefusal::Replayed), NOW), Some(0));
        assert_eq!(refusals.note(replayed, NOW.plus_seconds(60)), Some(3));
        assert_eq!(refusals.note(replayed, NOW.plus_seconds(120)), Some(0));
    }

    #[test]
    fn what_is_remembered_has_a_bound() {
        let refusals = Refusals::default();
        let other = || (ApiKeyId::generate(), SignatureRefusal::Invalid);
        assert!((0..REMEMBERED_MAX).all(|_| refusals.note(other(), NOW) == Some(0)));
        assert_eq!(refusals.note(other(), NOW.plus_seconds(59)), None);
        assert_eq!(refusals.note(other(), NOW.plus_seconds(60)), Some(0));
        assert_eq!(refusals.0.lock().unwrap().len(), 1);
    }
}
