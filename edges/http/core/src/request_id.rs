//! The name of one request: in the reply's header, in the error envelope, in the log.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const BYTES_MAX: usize = 128;

/// The client's own name for its request if it sent a sane one, else a fresh one.
#[derive(Clone, Debug)]
pub struct RequestId(HeaderValue);

impl RequestId {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        match headers.get(X_REQUEST_ID) {
            Some(sent) if is_sane(sent.as_bytes()) => Self(sent.clone()),
            _ => Self::fresh(),
        }
    }

    fn fresh() -> Self {
        let text = ids::RequestId::generate().to_string();
        Self(HeaderValue::try_from(text).expect("an identifier is made of letters, digits and an underscore"))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        self.0.to_str().expect("only visible ASCII is taken over")
    }

    pub(crate) fn into_header(self) -> HeaderValue {
        self.0
    }
}

/// Reads the name of an earlier request.
pub fn parse(text: &str) -> Result<String, &'static str> {
    if is_sane(text.as_bytes()) { Ok(text.to_owned()) } else { Err("must be the X-Request-Id of a request") }
}

fn is_sane(text: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=BYTES_MAX).contains(&text.len()) && text.iter().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id_for(sent: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(X_REQUEST_ID, HeaderValue::from_str(sent).unwrap());
        RequestId::of(&headers).as_str().to_owned()
    }

    #[test]
    fn a_sane_name_is_taken_over() {
        let longest = "x".repeat(BYTES_MAX);
        for sent in ["a", "A-1_b.c", longest.as_str()] {
            assert_eq!(id_for(sent), sent);
        }
    }

    #[test]
    fn anything_else_gets_a_fresh_one() {
        let too_long = "x".repeat(BYTES_MAX + 1);
        for sent in ["", "a b", "<script>", "a\"b", too_long.as_str()] {
            assert!(id_for(sent).starts_with("req_"), "{sent}");
        }
        assert!(RequestId::of(&HeaderMap::new()).as_str().starts_with("req_"));
    }
}
