//! The headers that tell browsers to be careful with every reply. A handler that needs another policy sets its own.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// JSON is neither rendered nor framed nor embedded by anybody.
const ALWAYS: [(HeaderName, HeaderValue); 7] = [
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
];

/// A year; only where the bank is reached over TLS (RFC 6797).
const STRICT_TRANSPORT_SECURITY: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");

/// Adds them.
pub(crate) fn write(headers: &mut HeaderMap, public_url: &str) {
    headers.reserve(ALWAYS.len() + 4);
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(value);
    }
    if public_url.starts_with("https://") {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT_SECURITY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_of_a_handler_stays_and_tls_is_insisted_on_only_where_it_is_spoken() {
        for (public_url, is_strict) in [("https://bank.example", true), ("http://bank.example", false)] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'self'"));
            write(&mut headers, public_url);
            assert_eq!(headers[header::CONTENT_SECURITY_POLICY], "default-src 'self'");
            assert_eq!(headers[header::X_FRAME_OPTIONS], "DENY");
            assert_eq!(headers.contains_key(header::STRICT_TRANSPORT_SECURITY), is_strict);
        }
    }
}
