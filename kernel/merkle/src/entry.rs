//! What a leaf says, to the byte, and segments: many of them behind each other.

use sha2::{Digest as _, Sha256};

/// What is logged of an event. Its payload is not in it, only a hash over a salt and the payload: what is erased can
/// no longer be guessed, and the tree stays what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The event's identifier.
    pub id: String,
    /// When it happened, RFC 3339 in UTC with six digits behind the second.
    pub at: String,
    /// Its kind.
    pub kind: String,
    /// What it happened to.
    pub subject: String,
    /// [`salted_hash`] of its payload.
    pub payload: [u8; 32],
}

impl Entry {
    /// The bytes that are hashed: JSON with these members in this order and nothing between them.
    ///
    /// # Panics
    /// Never: identifiers, times, kinds and subjects have nothing that JSON would escape; what had would be escaped.
    pub fn to_bytes(&self) -> Vec<u8> {
        let payload: String = self.payload.iter().map(|byte| format!("{byte:02x}")).collect();
        let [id, at, kind, subject] = [&self.id, &self.at, &self.kind, &self.subject].map(|text| escaped(text));
        format!(r#"{{"v":1,"id":"{id}","at":"{at}","kind":"{kind}","subject":"{subject}","payload":"{payload}"}}"#)
            .into_bytes()
    }
}

fn escaped(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '"' | '\\' => written.extend(['\\', character]),
            control if control < ' ' => written.push_str(&format!("\\u{:04x}", u32::from(control))),
            plain => written.push(plain),
        }
    }
    written
}

/// The hash over a salt and a payload.
pub fn salted_hash(salt: &[u8; 16], payload: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(salt).chain_update(payload).finalize().into()
}

/// Entries behind each other, each with its length in two bytes, most significant first, before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Segment(Vec<u8>);

/// It is no segment, or an entry does not fit into one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SegmentError {
    /// It ends in the middle of an entry.
    #[error("ends in the middle of entry {0}")]
    Cut(usize),
    /// An entry has more than 65,535 bytes.
    #[error("an entry is too long")]
    TooLong,
}

impl Segment {
    /// Adds an entry.
    ///
    /// # Errors
    /// [`SegmentError::TooLong`].
    pub fn push(&mut self, entry: &[u8]) -> Result<(), SegmentError> {
        let length = u16::try_from(entry.len()).map_err(|_| SegmentError::TooLong)?;
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(entry);
        Ok(())
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The same, without a copy.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// The hash of its bytes.
    pub fn sha256(&self) -> [u8; 32] {
        crate::hash::sha256(&self.0)
    }

    /// The entries of a segment.
    ///
    /// # Errors
    /// [`SegmentError::Cut`].
    pub fn entries(bytes: &[u8]) -> Result<Vec<&[u8]>, SegmentError> {
        let (mut rest, mut entries) = (bytes, Vec::new());
        while !rest.is_empty() {
            let cut = SegmentError::Cut(entries.len());
            let (length, behind) = rest.split_first_chunk().ok_or(cut)?;
            let (entry, behind) = behind.split_at_checked(u16::from_be_bytes(*length).into()).ok_or(cut)?;
            entries.push(entry);
            rest = behind;
        }
        Ok(entries)
    }
}
