//! `Host`, as RFC 9112, section 3.2, wants it: once in every request of HTTP/1.1, and such that a URL could have it.
//! Whoever stands in front may go by it; nothing here does, but signatures, which cover it.

use crate::problem::{Outcome, Problem};
use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{Version, header};
use std::net::Ipv6Addr;

const PORT_DIGITS_MAX: usize = 5;

/// Refuses a request whose `Host` is missing, repeated or none. A target with a host of its own (`GET http://host/path`)
/// does not replace it.
pub(super) fn require_host(request: &Request) -> Outcome<()> {
    let mut given = request.headers().get_all(header::HOST).iter();
    match (given.next(), given.next()) {
        (Some(_), Some(_)) => return Err(Problem::invalid("Host", "is given twice")),
        (Some(host), None) if !is_host(host.as_bytes()) => return Err(Problem::invalid("Host", "is no host")),
        (None, _) if request.version() >= Version::HTTP_11 => return Err(Problem::invalid("Host", "is required")),
        (Some(_) | None, _) => {}
    }
    // A user in front of the host is there to deceive people (RFC 9110, section 4.2.4).
    match request.uri().authority().map(Authority::as_str) {
        Some(authority) if !is_host(authority.as_bytes()) => {
            Err(Problem::invalid("request", "has a target without host"))
        }
        Some(_) | None => Ok(()),
    }
}

/// `uri-host [ ":" port ]` (RFC 3986, section 3.2), with a host.
fn is_host(text: &[u8]) -> bool {
    match text {
        [b'[', rest @ ..] => {
            let Some(end) = rest.iter().position(|byte| *byte == b']') else { return false };
            let literal = std::str::from_utf8(&rest[..end]).unwrap_or_default();
            literal.parse::<Ipv6Addr>().is_ok() && is_port(&rest[end + 1..])
        }
        _ => {
            let end = text.iter().position(|byte| *byte == b':').unwrap_or(text.len());
            is_name(&text[..end]) && is_port(&text[end..])
        }
    }
}

fn is_name(text: &[u8]) -> bool {
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        let is_plain = byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(byte);
        let is_encoded = *byte == b'%' && bytes.by_ref().take(2).filter(|digit| digit.is_ascii_hexdigit()).count() == 2;
        if !is_plain && !is_encoded {
            return false;
        }
    }
    !text.is_empty()
}

/// Nothing, or a colon and figures.
fn is_port(text: &[u8]) -> bool {
    match text {
        [] => true,
        [b':', digits @ ..] => digits.len() <= PORT_DIGITS_MAX && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    #[test]
    fn hosts_are_told_from_what_is_none() {
        for host in
            ["a", "bank.example", "bank.example:443", "127.0.0.1:8080", "[::1]", "[2001:db8::1]:80", "x:", "a%41"]
        {
            assert!(is_host(host.as_bytes()), "{host}");
        }
        for wrong in
            ["", ":80", "a b@c/d", "a/b", "a@b", "[::1", "[x]", "[::1]x", "a:b", "a:123456", "a%4", "a%zz", "ä"]
        {
            assert!(!is_host(wrong.as_bytes()), "{wrong}");
        }
    }

    #[test]
    fn every_request_of_http_1_1_has_one_host() {
        let outcome = |version: Version, target: &str, hosts: &[&str]| {
            let mut request = Request::builder().version(version).uri(target);
            for host in hosts {
                request = request.header("host", *host);
            }
            require_host(&request.body(Body::empty()).unwrap()).is_ok()
        };
        let now = Version::HTTP_11;
        assert!(outcome(now, "/", &["bank.example"]) && outcome(now, "http://bank.example/", &["other.example"]));
        for hosts in [&[][..], &["a", "a"], &["a", "b"], &["a b@c/d"], &[""]] {
            assert!(!outcome(now, "/", hosts) && !outcome(now, "http://bank.example/", hosts), "{hosts:?}");
        }
        assert!(!outcome(now, "http://ann@bank.example/", &["bank.example"]));
        assert!(outcome(Version::HTTP_10, "/", &[]), "older clients know no Host");
        assert!(!outcome(Version::HTTP_10, "/", &["a", "b"]));
    }
}
