//! A header that was sent in several lines.

use axum::http::{HeaderMap, HeaderName};

/// The lines of a header as one, as RFC 9110, section 5.3, joins them; `None` when they are not visible ASCII.
pub(crate) fn combined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let lines: Result<Vec<&str>, _> = headers.get_all(name).iter().map(|line| line.to_str().map(str::trim)).collect();
    lines.ok().map(|lines| lines.join(", "))
}
