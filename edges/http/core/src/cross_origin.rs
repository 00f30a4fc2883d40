//! Web pages of other origins (CORS): those on the list may call the API with an `Authorization` header; cookies and
//! other credentials of a browser are never asked for, and there is no wildcard.

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use std::str::FromStr;

const ORIGINS_MAX: usize = 100;
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE");
const REQUEST_HEADERS: HeaderValue = HeaderValue::from_static(
    "authorization, content-type, idempotency-key, x-request-id, signature, signature-input, content-digest",
);
const REPLY_HEADERS: HeaderValue = HeaderValue::from_static(
    "idempotent-replayed, location, ratelimit, ratelimit-policy, retry-after, www-authenticate, x-request-id",
);
/// How long a browser remembers the answer, in seconds.
const ANSWER_AGE_MAX: HeaderValue = HeaderValue::from_static("600");

/// Origins as browsers send them, `https://bank.example`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Vec<HeaderValue>);

/// A part of a list that is no origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseOriginsError(String);

impl Origins {
    /// The origin of a request, if it is on the list.
    pub fn of_request(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        if self.0.is_empty() {
            return None;
        }
        let origin = headers.get(header::ORIGIN)?;
        self.0.iter().find(|known| *known == origin).cloned()
    }

    /// Lets the page read the reply. Caches are told that others get another one.
    pub fn write(&self, reply: &mut HeaderMap, origin: Option<HeaderValue>) {
        if self.0.is_empty() {
            return;
        }
        reply.append(header::VARY, HeaderValue::from_static("origin"));
        if let Some(origin) = origin {
            reply.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            reply.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, REPLY_HEADERS);
        }
    }
}

/// Whether a browser asks what a page may do.
pub fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// The answer to it: the same for every route, since asking does nothing yet.
pub fn preflight_reply() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, METHODS),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS),
        (header::ACCESS_CONTROL_MAX_AGE, ANSWER_AGE_MAX),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

impl FromStr for Origins {
    type Err = ParseOriginsError;

    fn from_str(text: &str) -> Result<Self, ParseOriginsError> {
        let parts: Vec<&str> = text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
        if parts.len() > ORIGINS_MAX {
            return Err(ParseOriginsError(format!("there are more than {ORIGINS_MAX} origins")));
        }
        parts.into_iter().map(parse).collect::<Result<_, _>>().map(Self)
    }
}

/// Exactly as a browser writes it: lower case, no path, no slash at the end.
fn parse(text: &str) -> Result<HeaderValue, ParseOriginsError> {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
    let is_plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b':' | b'[' | b']');
    let value = HeaderValue::from_str(text).ok().filter(|_| !host.is_empty() && host.bytes().all(is_plain));
    value.ok_or_else(|| ParseOriginsError(format!("`{text}` is not an origin such as https://bank.example")))
}

impl std::fmt::Display for Origins {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let texts: Vec<&str> = self.0.iter().filter_map(|origin| origin.to_str().ok()).collect();
        formatter.write_str(&texts.join(","))
    }
}

impl std::fmt::Display for ParseOriginsError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for ParseOriginsError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exact_origins_are_known() {
        let origins: Origins = "https://bank.example, http://localhost:5173".parse().unwrap();
        assert_eq!(origins.to_string(), "https://bank.example,http://localhost:5173");
        for (origin, is_known) in [
            ("https://bank.example", true),
            ("http://localhost:5173", true),
            ("http://bank.example", false),
            ("https://bank.example:444", false),
            ("https://evil.bank.example", false),
            ("https://bank.example.evil", false),
            ("null", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            assert_eq!(origins.of_request(&headers).is_some(), is_known, "{origin}");
        }
    }

    #[test]
    fn what_no_browser_would_send_is_refused() {
        for wrong in
            ["*", "bank.example", "https://", "https://bank.example/", "HTTPS://bank.example", "https://*.example"]
        {
            assert!(wrong.parse::<Origins>().unwrap_err().to_string().contains("not an origin"), "{wrong}");
        }
    }
}
