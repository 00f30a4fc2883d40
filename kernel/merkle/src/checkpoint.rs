//! Checkpoints (C2SP tlog-checkpoint): the head of a tree as the text of a signed note.

use crate::hash::Hash;
use crate::note::{InvalidNote, SignerKey, VerifierKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// How large the tree of a log was, and its root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The name of the log.
    pub origin: String,
    /// How many leaves there were.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

impl Checkpoint {
    /// As a note.
    pub fn sign(&self, key: &SignerKey) -> String {
        let Self { origin, size, root } = self;
        key.sign(&format!("{origin}\n{size}\n{}\n", STANDARD.encode(root)))
    }

    /// Reads one that the key signed in the name of the log.
    ///
    /// # Errors
    /// [`InvalidNote`].
    pub fn open(note: &str, key: &VerifierKey) -> Result<Self, InvalidNote> {
        let text = key.open(note)?;
        let mut lines = text.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(InvalidNote::Form);
        };
        // Numbers are written in one way only.
        let size = size.parse().ok().filter(|number: &u64| number.to_string() == size).ok_or(InvalidNote::Form)?;
        let root = STANDARD.decode(root).ok().and_then(|root| root.try_into().ok()).ok_or(InvalidNote::Form)?;
        if origin == key.name() { Ok(Self { origin: origin.to_owned(), size, root }) } else { Err(InvalidNote::Form) }
    }
}
