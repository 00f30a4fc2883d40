//! The sessions and grants that this process refuses although their access tokens have not expired yet.
//! Its own are in at once; those of other processes on the same database come in with every poll.

use crate::Credential;
use crate::token_key::TOKEN_SECONDS;
use db::WallTime;
use ids::SessionId;
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

/// By so much one poll reaches back behind the one before: commits are slow at times, and clocks differ.
const OVERLAP_SECONDS: i64 = 120;

/// An older revocation needs no memory: every access token of it has expired by itself.
const MEMORY_SECONDS: i64 = TOKEN_SECONDS + OVERLAP_SECONDS;

/// A session or grant that ended before its time.
#[derive(Clone, Copy, Debug)]
pub struct Revoked {
    /// What its access tokens name.
    pub credential: Credential,
    /// When it ended.
    pub revoked_at: WallTime,
}

#[derive(Default)]
pub(crate) struct Revocations(RwLock<Known>);

#[derive(Default)]
struct Known {
    by_credential: HashMap<Credential, WallTime>,
    polled_at: Option<WallTime>,
}

impl Revocations {
    pub(crate) fn contains(&self, credential: impl Into<Credential>) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).by_credential.contains_key(&credential.into())
    }

    pub(crate) fn insert(&self, credential: impl Into<Credential>, revoked_at: WallTime) {
        self.write().by_credential.insert(credential.into(), revoked_at);
    }

    /// From when on the next poll has to read.
    pub(crate) fn unknown_since(&self, now: WallTime) -> WallTime {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let earliest = now.plus_seconds(-MEMORY_SECONDS);
        known.polled_at.map_or(earliest, |polled_at| polled_at.plus_seconds(-OVERLAP_SECONDS).max(earliest))
    }

    /// Takes in what a poll at `now` found, and forgets what no longer matters.
    pub(crate) fn absorb(&self, found: impl IntoIterator<Item = Revoked>, now: WallTime) {
        let mut known = self.write();
        known.by_credential.extend(found.into_iter().map(|ended| (ended.credential, ended.revoked_at)));
        known.by_credential.retain(|_, revoked_at| *revoked_at > now.plus_seconds(-MEMORY_SECONDS));
        known.polled_at = Some(now);
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Known> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<SessionId> for Credential {
    fn from(id: SessionId) -> Self {
        Self::Session(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: WallTime = WallTime::from_unix_micros(1_767_225_600_000_000);

    #[test]
    fn the_first_poll_covers_every_access_token_that_may_still_live() {
        assert!(Revocations::default().unknown_since(START) < START.plus_seconds(-TOKEN_SECONDS));
    }

    #[test]
    fn later_polls_overlap_and_catch_up_after_failed_ones() {
        let revocations = Revocations::default();
        revocations.absorb([], START);
        assert_eq!(revocations.unknown_since(START.plus_seconds(1)), START.plus_seconds(-OVERLAP_SECONDS));
        assert_eq!(revocations.unknown_since(START.plus_seconds(60)), START.plus_seconds(-OVERLAP_SECONDS));
    }

    #[test]
    fn a_revocation_is_kept_as_long_as_an_access_token_lives_and_then_forgotten() {
        let (revocations, id) = (Revocations::default(), SessionId::generate());
        revocations.insert(id, START);
        revocations.absorb([], START.plus_seconds(TOKEN_SECONDS));
        assert!(revocations.contains(id));
        revocations.absorb([], START.plus_seconds(MEMORY_SECONDS));
        assert!(!revocations.contains(id));
    }
}
