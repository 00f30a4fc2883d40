//! What a verification sees of a vault.

use std::collections::VecDeque;

/// A vault, as far as it is read.
pub trait Vault: Send + Sync {
    /// What is under a key, if it is not longer than so many bytes.
    ///
    /// # Errors
    /// It is longer, or cannot be read: why.
    fn get(&self, key: &str, bytes_max: u64) -> std::result::Result<Option<Vec<u8>>, String>;
}

/// A vault, and what was in it before the snapshot was opened: what came later is no surprise.
pub struct InVault {
    /// Where it is.
    pub vault: Box<dyn Vault>,
    /// The names in its folder of segments.
    pub segments: Vec<String>,
    /// The names in its folder of signed heads.
    pub heads: Vec<String>,
}

impl std::fmt::Debug for InVault {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("InVault").finish_non_exhaustive()
    }
}

impl InVault {
    pub(super) fn get(&self, key: &str, bytes_max: u64) -> std::result::Result<Option<Vec<u8>>, String> {
        self.vault.get(key, bytes_max)
    }

    /// The sizes of the heads, smallest first, and names that are none.
    pub(super) fn sizes(&self) -> (VecDeque<u64>, Vec<&str>) {
        let size_of = |name: &str| {
            let size = name.strip_suffix(".txt")?.parse().ok()?;
            crate::checkpoint_key(size).ends_with(&format!("/{name}")).then_some(size)
        };
        let mut sizes: Vec<u64> = self.heads.iter().filter_map(|name| size_of(name)).collect();
        sizes.sort_unstable();
        let strays = self.heads.iter().map(String::as_str).filter(|name| size_of(name).is_none()).collect();
        (sizes.into(), strays)
    }
}
