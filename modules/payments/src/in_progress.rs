//! The keys that this process is working on: each once.

use ids::IdempotencyKey;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

/// The keys that this process is working on.
#[derive(Clone, Debug, Default)]
pub(crate) struct InProgress(Arc<Mutex<HashSet<[u8; 32]>>>);

/// Holds a key until the work on it is over, however it ends.
#[derive(Debug)]
pub(crate) struct Claim {
    hash: [u8; 32],
    claims: InProgress,
}

impl InProgress {
    /// Claims the key, unless somebody works on it already.
    pub(crate) fn claim(&self, key: &IdempotencyKey) -> Option<Claim> {
        self.lock().insert(*key.hash()).then(|| Claim { hash: *key.hash(), claims: self.clone() })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<[u8; 32]>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.claims.lock().remove(&self.hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_claimed_once_until_let_go() {
        let claims = InProgress::default();
        let key = IdempotencyKey::new(&["usr"], "key", &[]);
        let claim = claims.claim(&key);
        assert!(claim.is_some());
        assert!(claims.claim(&key).is_none());
        drop(claim);
        assert!(claims.claim(&key).is_some());
    }
}
