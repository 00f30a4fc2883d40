//! The `Idempotency-Key` header of requests that move money: bare, or quoted as the IETF draft has it.

use crate::ErrorCode;
use crate::problem::{Outcome, Problem};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};

/// The name of the header.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Beside a reply that was given before.
pub const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

const BYTES_MAX: usize = 255;

/// The caller's name for one request, without quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyHeader(String);

impl IdempotencyHeader {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn read(headers: &HeaderMap) -> Outcome<Self> {
        let wrong = |reason| Problem::invalid("Idempotency-Key", reason);
        let mut sent = headers.get_all(IDEMPOTENCY_KEY).iter();
        let Some(value) = sent.next() else {
            let message = "This needs an Idempotency-Key header";
            return Err(Problem::new(ErrorCode::IdempotencyKeyMissing, message).with("field", "Idempotency-Key"));
        };
        if sent.next().is_some() {
            return Err(wrong("is given twice"));
        }
        let text = value.to_str().map_err(|_| wrong("must be visible ASCII"))?;
        parse(text).map(|key| Self(key.to_owned())).ok_or_else(|| wrong("must be 1 to 255 visible ASCII characters"))
    }
}

fn parse(text: &str) -> Option<&str> {
    let unquoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let key = unquoted.unwrap_or(text);
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"';
    ((1..=BYTES_MAX).contains(&key.len()) && key.bytes().all(is_plain)).then_some(key)
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyHeader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Self::read(&parts.headers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_and_quoted_keys_are_the_same() {
        assert_eq!(parse("abc-123"), Some("abc-123"));
        assert_eq!(parse("\"abc-123\""), Some("abc-123"));
        assert!(parse(&"k".repeat(255)).is_some() && parse(&format!("\"{}\"", "k".repeat(255))).is_some());
    }

    #[test]
    fn other_keys_are_refused() {
        for text in ["", "\"", "\"\"", "\"half", "half\"", "two words", "a\"b", "tab\t", &"k".repeat(256)] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
