//! Signed notes (C2SP signed-note): a text, an empty line, and lines of signatures. Ed25519 is what is written and read here;
//! lines of other keys are passed over.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

/// No note is longer.
const BYTES_MAX: usize = 16 * 1024;
/// Nor has it more signatures.
const SIGNATURES_MAX: usize = 16;
/// The kind of key that Ed25519 is.
const ED25519: u8 = 1;
const DASH: &str = "— ";

/// It is no note that the key signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNote {
    /// It is not put together as a note is.
    #[error("not a signed note")]
    Form,
    /// Nothing in it is signed by the key.
    #[error("not signed by this key")]
    Unsigned,
    /// What should be the key's signature is another's, or of another text.
    #[error("a signature that is wrong")]
    Forged,
    /// The text of the key is none.
    #[error("not a verifier key")]
    Key,
}

/// Checks what a key signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    key: VerifyingKey,
}

/// Signs notes in a name.
pub struct SignerKey {
    name: String,
    key: SigningKey,
}

impl SignerKey {
    /// The key in this name; nothing: it is none that a key can have.
    pub fn new(name: &str, key: SigningKey) -> Option<Self> {
        is_name(name).then(|| Self { name: name.to_owned(), key })
    }

    /// Who checks what it signs.
    pub fn verifier(&self) -> VerifierKey {
        VerifierKey::new(&self.name, self.key.verifying_key())
    }

    /// The text, which ends with a new line, as a note.
    pub fn sign(&self, text: &str) -> String {
        let VerifierKey { name, id, .. } = self.verifier();
        let signature = self.key.sign(text.as_bytes());
        let line = STANDARD.encode([id.as_slice(), &signature.to_bytes()].concat());
        format!("{text}\n{DASH}{name} {line}\n")
    }
}

impl VerifierKey {
    fn new(name: &str, key: VerifyingKey) -> Self {
        let hash =
            Sha256::new().chain_update(name).chain_update([b'\n', ED25519]).chain_update(key.as_bytes()).finalize();
        Self { name: name.to_owned(), id: [hash[0], hash[1], hash[2], hash[3]], key }
    }

    /// The name in which it signs.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// As it is published: name, identifier and key, with a plus sign between them.
    pub fn text(&self) -> String {
        let id: String = self.id.iter().map(|byte| format!("{byte:02x}")).collect();
        let key = STANDARD.encode([&[ED25519], self.key.as_bytes().as_slice()].concat());
        format!("{}+{id}+{key}", self.name)
    }

    /// Reads what was published.
    ///
    /// # Errors
    /// [`InvalidNote::Key`].
    pub fn parse(text: &str) -> Result<Self, InvalidNote> {
        let mut pieces = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (pieces.next(), pieces.next(), pieces.next()) else {
            return Err(InvalidNote::Key);
        };
        let bytes = STANDARD.decode(key).map_err(|_| InvalidNote::Key)?;
        let Some((&ED25519, key)) = bytes.split_first() else { return Err(InvalidNote::Key) };
        let key = key.try_into().ok().and_then(|key| VerifyingKey::from_bytes(key).ok()).ok_or(InvalidNote::Key)?;
        let parsed = Self::new(name, key);
        let hex: String = parsed.id.iter().map(|byte| format!("{byte:02x}")).collect();
        if is_name(name) && hex == id { Ok(parsed) } else { Err(InvalidNote::Key) }
    }

    /// The text of a note, if this key signed it.
    ///
    /// # Errors
    /// [`InvalidNote`].
    pub fn open<'a>(&self, note: &'a str) -> Result<&'a str, InvalidNote> {
        if note.len() > BYTES_MAX || note.chars().any(|character| character < ' ' && character != '\n') {
            return Err(InvalidNote::Form);
        }
        // The last empty line is the one before the signatures.
        let at = note.rfind("\n\n").ok_or(InvalidNote::Form)?;
        let (text, signatures) = (&note[..=at], &note[at + 2..]);
        let lines = signatures.strip_suffix('\n').ok_or(InvalidNote::Form)?;
        let mut is_signed = false;
        for (number, line) in lines.split('\n').enumerate() {
            let signed = line.strip_prefix(DASH).and_then(|line| line.split_once(' '));
            let (name, signature) = signed.filter(|_| number < SIGNATURES_MAX).ok_or(InvalidNote::Form)?;
            let signature = STANDARD.decode(signature).map_err(|_| InvalidNote::Form)?;
            let (id, signature) = signature.split_first_chunk::<4>().ok_or(InvalidNote::Form)?;
            if !is_name(name) || signature.is_empty() {
                return Err(InvalidNote::Form);
            }
            if name == self.name && *id == self.id {
                let signature = Signature::from_slice(signature).map_err(|_| InvalidNote::Forged)?;
                self.key.verify_strict(text.as_bytes(), &signature).map_err(|_| InvalidNote::Forged)?;
                is_signed = true;
            }
        }
        if is_signed { Ok(text) } else { Err(InvalidNote::Unsigned) }
    }
}

impl std::fmt::Debug for SignerKey {
    /// Without the key.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SignerKey").field("name", &self.name).finish_non_exhaustive()
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|character: char| character.is_whitespace() || character == '+')
}
