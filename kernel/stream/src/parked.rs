//! Events that a consumer could not take. They and what follows of their subjects wait; everything else goes on.

use db::WallTime;
use uuid::Uuid;

/// How long until the next try, by how many were made; after the fifth somebody has to look into it.
const WAITS_MILLIS: [i64; 4] = [100, 1_000, 5_000, 30_000];

/// An event that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parked {
    /// Whose reader could not take it.
    pub subscription: String,
    /// Its place in the stream.
    pub position: i64,
    /// What it happened to.
    pub subject_id: Uuid,
    /// How often it was tried; 0: it waits behind another one.
    pub tries: i64,
    /// Why the last try failed.
    pub reason: Option<String>,
    /// When it is tried again; nothing: when somebody says so, or when what is before it is done.
    pub next_try_at: Option<WallTime>,
}

impl Parked {
    /// It waits behind an earlier one.
    pub(crate) const fn behind(subscription: String, position: i64, subject_id: Uuid) -> Self {
        Self { subscription, position, subject_id, tries: 0, reason: None, next_try_at: None }
    }

    /// After one more try that failed.
    pub(crate) fn failed(self, reason: String, now: WallTime) -> Self {
        let tries = self.tries + 1;
        let wait = usize::try_from(tries - 1).ok().and_then(|made| WAITS_MILLIS.get(made));
        let next_try_at = wait.map(|millis| WallTime::from_unix_micros(now.unix_micros() + millis * 1_000));
        Self { tries, reason: Some(reason), next_try_at, ..self }
    }

    /// To be tried at once, as if for the first time.
    pub(crate) fn released(self, now: WallTime) -> Self {
        Self { tries: 0, next_try_at: Some(now), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_five_tries_somebody_has_to_look() {
        let now = WallTime::from_unix_micros(1_767_225_600_000_000);
        let mut parked = Parked::behind("mail".to_owned(), 7, Uuid::nil());
        for millis in WAITS_MILLIS {
            parked = parked.failed("no".to_owned(), now);
            assert_eq!(parked.next_try_at.unwrap().unix_micros(), now.unix_micros() + millis * 1_000);
        }
        parked = parked.failed("no".to_owned(), now);
        assert_eq!((parked.tries, parked.next_try_at), (5, None));
        parked = parked.released(now);
        assert_eq!((parked.tries, parked.next_try_at), (0, Some(now)));
    }
}
