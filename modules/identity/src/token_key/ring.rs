//! The keys that stand at a moment: the newest signs, and those before it verify what they have signed until the last
//! of it has expired. The ring follows the folder while the process runs.

use super::folder::{KeyFolder, StoredKey};
use super::{PublicKey, TOKEN_SECONDS, TokenKey};
use crate::Result;
use db::WallTime;
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// By so much longer than a token lives an old key verifies: other processes go on signing with it until they notice
/// the new one, and clocks differ.
const OVERLAP_SECONDS: i64 = 120;

/// Tokens that name unknown keys make the folder be read again, but not more often than this.
const RELOAD_INTERVAL_MICROS: i64 = 1_000_000;

/// When a key was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyBirth {
    pub(crate) key_id: String,
    pub(crate) made_at: WallTime,
}

/// The keys of a running process.
pub(crate) struct TokenKeys {
    folder: KeyFolder,
    ring: RwLock<Arc<KeyRing>>,
    /// Grows with every change of the ring.
    generation: AtomicU64,
    /// When an unknown key last made the folder be read again, in microseconds.
    reloaded_at: AtomicI64,
    /// The names of those that stand and that the outbox knows of.
    recorded: Mutex<Vec<String>>,
}

/// The keys that stand, the newest first; never empty.
pub(crate) struct KeyRing(Vec<StoredKey>);

impl TokenKeys {
    /// Reads the folder, or makes it with a first key.
    pub(crate) fn open(path: &Path, now: WallTime) -> Result<Self> {
        let folder = KeyFolder::open(path, now)?;
        let ring = RwLock::new(Arc::new(KeyRing::of(folder.read()?, now)));
        Ok(Self {
            folder,
            ring,
            generation: AtomicU64::new(0),
            reloaded_at: AtomicI64::new(i64::MIN),
            recorded: Mutex::default(),
        })
    }

    /// The keys as they stand now.
    pub(crate) fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Those of which the outbox may know nothing yet: their names, and when they were made.
    pub(crate) fn unrecorded(&self) -> Vec<KeyBirth> {
        let mut births = self.ring().births();
        let recorded = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        births.retain(|birth| !recorded.contains(&birth.key_id));
        births
    }

    /// The outbox knows of these now; those that are gone are forgotten.
    pub(crate) fn note_recorded(&self, keys: Vec<KeyBirth>) {
        let ring = self.ring();
        let mut recorded = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        recorded.extend(keys.into_iter().map(|birth| birth.key_id));
        recorded.retain(|key_id| ring.find(key_id).is_some());
    }

    /// Another number than before means that keys came or went.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Follows the folder. What is known stays known when it cannot be read.
    pub(crate) fn reload(&self, now: WallTime) -> Result<()> {
        let found = KeyRing::of(self.folder.read()?, now);
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        if !found.is_same_as(&ring) {
            tracing::info!(signing_key = found.active().public.key_id, verifying = found.0.len(), "token keys changed");
            *ring = Arc::new(found);
            // While nobody can read the ring: whoever sees the new keys sees the new number.
            self.generation.fetch_add(1, Ordering::AcqRel);
        }
        Ok(())
    }

    /// Follows the folder because a token names a key that is not known: another process may just have made it.
    pub(crate) fn reload_for_unknown_key(&self, now: WallTime) {
        let (micros, last) = (now.unix_micros(), self.reloaded_at.load(Ordering::Acquire));
        let is_due = micros.saturating_sub(last) >= RELOAD_INTERVAL_MICROS;
        let is_first = || self.reloaded_at.compare_exchange(last, micros, Ordering::AcqRel, Ordering::Acquire).is_ok();
        if is_due
            && is_first()
            && let Err(error) = self.reload(now)
        {
            tracing::warn!(%error, "the token keys could not be read again");
        }
    }
}

impl KeyRing {
    fn of(keys: Vec<StoredKey>, now: WallTime) -> Self {
        let ends = ends(&keys);
        let standing = keys.into_iter().zip(ends).filter(|(_, end)| end.is_none_or(|end| now < end));
        Self(standing.map(|(stored, _)| stored).collect())
    }

    /// The key that signs.
    pub(crate) fn active(&self) -> &TokenKey {
        &self.0.first().expect("the newest key always stands").key
    }

    /// The key of this name.
    pub(crate) fn find(&self, key_id: &str) -> Option<&TokenKey> {
        self.0.iter().map(|stored| &stored.key).find(|key| key.public.key_id == key_id)
    }

    /// What everybody may know.
    pub(crate) fn public_keys(&self) -> Vec<PublicKey> {
        self.0.iter().map(|stored| stored.key.public.clone()).collect()
    }

    /// Their names, and when they were made.
    pub(crate) fn births(&self) -> Vec<KeyBirth> {
        let birth = |stored: &StoredKey| KeyBirth { key_id: stored.key.public.key_id.clone(), made_at: stored.made_at };
        self.0.iter().map(birth).collect()
    }

    fn is_same_as(&self, other: &Self) -> bool {
        let names = |ring: &Self| ring.0.iter().map(|stored| stored.key.public.key_id.clone()).collect::<Vec<_>>();
        names(self) == names(other)
    }
}

/// Until when each key verifies: the newest without end, each other one until what it signed before it was replaced
/// has expired.
pub(super) fn ends(newest_first: &[StoredKey]) -> Vec<Option<WallTime>> {
    let replaced = newest_first.iter().map(|newer| Some(newer.made_at.plus_seconds(TOKEN_SECONDS + OVERLAP_SECONDS)));
    std::iter::once(None).chain(replaced).take(newest_first.len()).collect()
}

/// Removes the keys that verify nothing any more.
pub(super) fn prune(folder: &KeyFolder, now: WallTime) -> Result<()> {
    let keys = folder.read()?;
    let ends = ends(&keys);
    let mut over = keys.iter().zip(ends).filter(|(_, end)| end.is_some_and(|end| end <= now));
    over.try_for_each(|(stored, _)| folder.remove(stored.number))
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: WallTime = WallTime::from_unix_micros(1_767_225_600_000_000);
    const END_SECONDS: i64 = TOKEN_SECONDS + OVERLAP_SECONDS;

    struct Place(std::path::PathBuf);

    impl Place {
        fn fresh() -> Self {
            Self(std::env::temp_dir().join(format!("florin_ring_{}", crate::random_token())))
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            drop(std::fs::remove_dir_all(&self.0));
        }
    }

    fn key_ids(keys: &TokenKeys) -> Vec<String> {
        keys.ring().public_keys().into_iter().map(|key| key.key_id).collect()
    }

    #[test]
    fn an_old_key_verifies_until_what_it_signed_has_expired_and_is_then_removed() {
        let place = Place::fresh();
        let keys = TokenKeys::open(&place.0, START).unwrap();
        let first = key_ids(&keys);
        super::super::rotate_token_keys(&place.0, START).unwrap();
        keys.reload(START).unwrap();
        assert_eq!((key_ids(&keys).len(), &key_ids(&keys)[1]), (2, &first[0]));
        assert_ne!(keys.ring().active().public.key_id, first[0]);
        keys.reload(START.plus_seconds(END_SECONDS - 1)).unwrap();
        assert!(keys.ring().find(&first[0]).is_some());
        keys.reload(START.plus_seconds(END_SECONDS)).unwrap();
        assert!(keys.ring().find(&first[0]).is_none());
        let listed = super::super::rotate_token_keys(&place.0, START.plus_seconds(END_SECONDS)).unwrap();
        assert_eq!(listed.len(), 2, "the first is gone, the second verifies, the third signs: {listed:?}");
        assert_eq!(listed[0].verifies_until, None);
        assert_eq!(listed[1].verifies_until, Some(START.plus_seconds(2 * END_SECONDS)));
    }

    #[test]
    fn the_generation_tells_of_changes_only() {
        let place = Place::fresh();
        let keys = TokenKeys::open(&place.0, START).unwrap();
        keys.reload(START).unwrap();
        assert_eq!(keys.generation(), 0);
        super::super::rotate_token_keys(&place.0, START).unwrap();
        keys.reload(START).unwrap();
        assert_eq!(keys.generation(), 1);
    }

    #[test]
    fn unknown_keys_make_the_folder_be_read_at_most_once_a_second() {
        let place = Place::fresh();
        let keys = TokenKeys::open(&place.0, START).unwrap();
        keys.reload_for_unknown_key(START);
        super::super::rotate_token_keys(&place.0, START).unwrap();
        keys.reload_for_unknown_key(WallTime::from_unix_micros(START.unix_micros() + RELOAD_INTERVAL_MICROS - 1));
        assert_eq!(key_ids(&keys).len(), 1, "it was just read");
        keys.reload_for_unknown_key(START.plus_seconds(1));
        assert_eq!(key_ids(&keys).len(), 2);
    }

    #[test]
    fn a_folder_that_became_unreadable_leaves_what_is_known() {
        let place = Place::fresh();
        let keys = TokenKeys::open(&place.0, START).unwrap();
        let known = key_ids(&keys);
        std::fs::remove_dir_all(&place.0).unwrap();
        assert!(keys.reload(START).is_err());
        assert_eq!(key_ids(&keys), known);
    }
}
