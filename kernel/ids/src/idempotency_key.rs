//! The caller's name for one request, and what was asked for under it. Whoever keeps answers keeps them under its hash.

use sha2::{Digest, Sha256};

/// A key in its scope, and what was asked for under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    hash: [u8; 32],
    fingerprint: [u8; 32],
}

impl IdempotencyKey {
    /// The key of a request: the scope is caller, method and route; the request is everything that says what to do.
    pub fn new(scope: &[&str], key: &str, request: &[&[u8]]) -> Self {
        let scope = scope.iter().map(|part| part.as_bytes()).chain([key.as_bytes()]);
        Self { hash: digest(scope), fingerprint: digest(request.iter().copied()) }
    }

    /// SHA-256 over scope and key.
    pub const fn hash(&self) -> &[u8; 32] {
        &self.hash
    }

    /// SHA-256 over what was asked for.
    pub const fn fingerprint(&self) -> &[u8; 32] {
        &self.fingerprint
    }
}

/// Each part with its length before it, so that no two lists of parts look alike.
fn digest<'a>(parts: impl Iterator<Item = &'a [u8]>) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scope_and_request_cannot_be_shifted_into_each_other() {
        let one = IdempotencyKey::new(&["usr", "POST", "/a"], "key", &[b"ab", b"c"]);
        assert_ne!(one.hash, IdempotencyKey::new(&["usr", "POST/", "a"], "key", &[b"ab", b"c"]).hash);
        assert_ne!(one.fingerprint, IdempotencyKey::new(&["usr", "POST", "/a"], "key", &[b"a", b"bc"]).fingerprint);
    }
}
