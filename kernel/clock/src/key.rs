//! Under which name a command was asked for.

/// The caller's name for a command, and what was asked for under it.
#[derive(Clone, Copy, Debug)]
pub struct CommandKey<'a> {
    /// SHA-256 over scope and key.
    pub hash: &'a [u8],
    /// SHA-256 over what was asked for.
    pub fingerprint: &'a [u8],
}
