//! The vault: what is written once and never again, where nobody who changes the database reaches it
//! (ADR 20, docs/adr/0020-a-vault-that-is-only-added-to.md). It knows no way to change or to delete: these cannot be expressed.
//! `folder.rs` is one in a folder; `sealing.rs` carries segments of the audit log and its signed heads there.

mod folder;
mod sealing;

pub use folder::Folder;
pub use sealing::keep_sealing;

use std::io;
use std::path::PathBuf;

/// Longer keys are none.
const KEY_CHARACTERS_MAX: usize = 256;

/// Why the vault does not take or give something.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// It is no place for a vault.
    #[error("{0} is no vault: write file:/path/of/a/folder")]
    Url(String),
    /// The name is none that something in a vault can have.
    #[error("{0:?} is no key of a vault")]
    Key(String),
    /// It is longer than what anybody stored there.
    #[error("{0} is longer than what was stored")]
    TooLong(String),
    /// The folder failed.
    #[error("the vault cannot use {path}: {error}")]
    Folder {
        /// What of it.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

/// The outcome of anything that touches the vault.
pub type Result<T> = std::result::Result<T, VaultError>;

/// What became of what was to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is stored, and stays so when the machine loses its power.
    Stored,
    /// Something is there under the key, which stays: the same bytes, or others.
    AlreadyThere {
        /// Whether they are the same.
        is_same: bool,
    },
}

/// Whether something in a vault can have this name: lower case letters, digits, dots, dashes, underscores, and slashes between names that
/// begin with a letter or a digit.
pub fn is_key(key: &str) -> bool {
    let is_name = |name: &str| {
        let first = name.bytes().next();
        first.is_some_and(|first| first.is_ascii_lowercase() || first.is_ascii_digit())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte))
    };
    key.len() <= KEY_CHARACTERS_MAX && key.split('/').all(is_name)
}
