//! The URL of an endpoint: what may be written down. That its name leads nowhere bad is judged at each try, by the policy.

use crate::policy::{Mode, Policy, Refusal};
use std::net::IpAddr;
use url::{Host, Position, Url};

const BYTES_MAX: usize = 1024;
const NAME_BYTES_MAX: usize = 253;
const LABEL_BYTES_MAX: usize = 63;
/// Ends of names that are never in the public name system (RFC 6761, RFC 6762, RFC 7686, RFC 8375, RFC 9476).
const INNER: [&str; 8] = ["localhost", "local", "internal", "home.arpa", "onion", "alt", "test", "invalid"];

/// Where an endpoint is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    url: Url,
    port: u16,
}

/// Why a URL is none of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// It is no plain URL of the web.
    #[error(
        "must be a URL such as https://hooks.example.com/florin, without password and fragment, of at most 1024 bytes"
    )]
    Malformed,
    /// Somebody on the way could read what is told.
    #[error("must begin with https://")]
    Plain,
    /// Nothing that is a receiver of webhooks listens there.
    #[error("must have port 443, 8443, or one from 1024 on")]
    Port,
    /// It is an address, not a name.
    #[error("must have a name, not an address")]
    Literal,
    /// The name is no name of the public internet.
    #[error("must have a name of the public internet")]
    Name,
    /// The address is not called.
    #[error("must be on the public internet")]
    Address,
}

impl Target {
    /// Reads it.
    ///
    /// # Errors
    /// It is no URL to which calls may go.
    pub fn parse(text: &str, policy: &Policy) -> Result<Self, TargetError> {
        // What other programs would read otherwise, or silently take away, is no URL here.
        if text.len() > BYTES_MAX || !text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
            return Err(TargetError::Malformed);
        }
        let url = Url::parse(text).map_err(|_| TargetError::Malformed)?;
        if !matches!(url.scheme(), "https" | "http") || url.fragment().is_some() {
            return Err(TargetError::Malformed);
        }
        if url.scheme() == "http" && policy.mode() == Mode::Production {
            return Err(TargetError::Plain);
        }
        if !is_host_as_written(text, &url) {
            return Err(TargetError::Malformed);
        }
        let port = url.port_or_known_default().ok_or(TargetError::Port)?;
        if port != 443 && port < 1024 {
            return Err(TargetError::Port);
        }
        let target = Self { url, port };
        target.require_host(policy)?;
        Ok(target)
    }

    fn require_host(&self, policy: &Policy) -> Result<(), TargetError> {
        let is_in_production = policy.mode() == Mode::Production;
        if let Some(address) = self.literal() {
            if is_in_production {
                return Err(TargetError::Literal);
            }
            return policy.judge(&[address], self.port).map(|_| ()).map_err(|_: Refusal| TargetError::Address);
        }
        let name = self.name();
        let is_inner = !name.contains('.') || INNER.iter().any(|inner| is_below(name, inner));
        if !is_name(name) || (is_in_production && is_inner) { Err(TargetError::Name) } else { Ok(()) }
    }

    /// The address, if there is one instead of a name: it is judged at each try all the same.
    pub fn literal(&self) -> Option<IpAddr> {
        match self.url.host()? {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(address.into()),
            Host::Ipv6(address) => Some(address.into()),
        }
    }

    /// The name that is resolved, and that the certificate has to be for.
    pub fn name(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Whether it is called over TLS.
    pub fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// What stands in the header `Host`.
    pub fn authority(&self) -> &str {
        &self.url[Position::BeforeHost..Position::AfterPort]
    }

    /// Path and query.
    pub fn path(&self) -> &str {
        &self.url[Position::BeforePath..Position::AfterQuery]
    }

    /// The whole.
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }
}

/// Whether the host is written as it is understood, but for capitals: `2130706433`, `0x7f.1`, `127.1`, `a%2eb` and whatever
/// stands before an `@` are not.
fn is_host_as_written(text: &str, url: &Url) -> bool {
    let Some((_, rest)) = text.split_once("://") else { return false };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let port_starts = authority.rfind(':').filter(|at| !authority[*at..].contains(']'));
    let (host, port) = authority.split_at(port_starts.unwrap_or(authority.len()));
    let is_port = port.is_empty() || port.strip_prefix(':').is_some_and(is_canonical_port);
    is_port && url.host_str().is_some_and(|understood| understood.eq_ignore_ascii_case(host))
}

fn is_canonical_port(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|port| port.to_string() == text)
}

fn is_below(name: &str, end: &str) -> bool {
    name.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// RFC 1123, without a dot at the end: with it, certificates and `Host` would name another host than the log.
fn is_name(name: &str) -> bool {
    let is_label = |label: &str| {
        let is_plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        !label.is_empty()
            && label.len() <= LABEL_BYTES_MAX
            && is_plain
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= NAME_BYTES_MAX && name.split('.').all(is_label)
}
