//! The text of an API key: `flk_`, which key it is, `_`, 256 random bits, and a checksum.
//! The prefix and the checksum let scanners find keys that leaked; the checksum lets us refuse a mistyped one unseen.

use ids::ApiKeyId;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// What every key begins with.
const PREFIX: &str = "flk_";
const ID_CHARACTERS: usize = 26;
/// 32 bytes and a CRC-32 in hexadecimal digits.
const SECRET_CHARACTERS: usize = 64;
const CHECKSUM_CHARACTERS: usize = 8;
const CHARACTERS: usize = PREFIX.len() + ID_CHARACTERS + 1 + SECRET_CHARACTERS + CHECKSUM_CHARACTERS;

/// A key as it is handed out, once.
pub(crate) struct KeyText(String);

/// The SHA-256 of a key's text. The secret in it is random, so it needs no slow hash.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct KeyHash(pub(crate) [u8; 32]);

impl KeyText {
    pub(crate) fn generate(id: ApiKeyId) -> Self {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).expect("the operating system gives random bytes");
        let mut text = format!("{}_", prefix(id));
        for byte in secret {
            write!(text, "{byte:02x}").expect("a string takes every text");
        }
        let checksum = crc32fast::hash(text.as_bytes());
        Self(format!("{text}{checksum:08x}"))
    }

    pub(crate) fn hash(&self) -> KeyHash {
        KeyHash::of(&self.0)
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

impl KeyHash {
    pub(crate) fn of(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }
}

/// The beginning of a key's text, which is no secret: people know their keys by it.
pub(crate) fn prefix(id: ApiKeyId) -> String {
    let id = id.to_string();
    let (_, digits) = id.split_once('_').expect("an identifier has a prefix");
    format!("{PREFIX}{digits}")
}

/// Whether a bearer token wants to be an API key.
pub(crate) fn looks_like_one(text: &str) -> bool {
    text.starts_with(PREFIX)
}

/// Whether the text is as long as a key; whoever hashes it asks first.
pub(crate) const fn is_as_long_as_one(text: &str) -> bool {
    text.len() == CHARACTERS
}

/// Which key the text is, if it is written as keys are; whether the secret is right is another question.
pub(crate) fn parse(text: &str) -> Option<ApiKeyId> {
    if !text.is_ascii() || !is_as_long_as_one(text) {
        return None;
    }
    let (signed, checksum) = text.split_at(CHARACTERS - CHECKSUM_CHARACTERS);
    if format!("{:08x}", crc32fast::hash(signed.as_bytes())) != checksum {
        return None;
    }
    let (id, secret) = signed.strip_prefix(PREFIX)?.split_at(ID_CHARACTERS);
    secret.strip_prefix('_')?;
    ApiKeyId::parse(&format!("key_{id}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_which_it_is() {
        let id = ApiKeyId::generate();
        let text = KeyText::generate(id).into_text();
        assert_eq!(parse(&text), Some(id));
        assert!(text.starts_with(&prefix(id)) && looks_like_one(&text));
        assert_ne!(KeyText::generate(id).into_text(), text);
    }

    #[test]
    fn every_changed_character_is_noticed_without_looking_the_key_up() {
        let text = KeyText::generate(ApiKeyId::generate()).into_text();
        for (place, character) in text.char_indices() {
            let other = if character == '0' { "1" } else { "0" };
            let mut changed = text.clone();
            changed.replace_range(place..=place, other);
            assert_eq!(parse(&changed), None, "{changed}");
        }
    }

    #[test]
    fn anything_else_is_no_key() {
        let text = KeyText::generate(ApiKeyId::generate()).into_text();
        let umlauts = "ü".repeat(CHARACTERS / 2) + "x";
        for other in ["", "flk_", &text[1..], &format!("{text}0"), &text.to_uppercase(), &umlauts] {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
