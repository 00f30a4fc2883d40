//! Addresses of issuers and of their keys: which may be written down, and which are asked.

use url::{Host, Url};

const DISCOVERY: &str = "/.well-known/openid-configuration";
const BYTES_MAX: usize = 1024;

/// Whether an issuer on this machine may be asked without TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain {
    /// For trying out.
    OnThisMachine,
    /// Nothing may.
    Never,
}

/// Why an address is not one of an issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is no such URL.
    #[error("must be a URL such as https://login.example, without query, fragment or password")]
    Malformed,
    /// Somebody on the way could hand out keys of their own.
    #[error("must begin with https://; http:// is for loopback addresses in sandbox mode")]
    Plain,
}

/// An issuer's name, which is its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerUrl {
    name: String,
    discovery: Url,
    is_plain: bool,
}

impl IssuerUrl {
    /// Reads it; its letters stay as they are, because tokens have to name it to the letter.
    ///
    /// # Errors
    /// It is none, or not safe to ask.
    pub fn parse(text: &str, plain: Plain) -> Result<Self, AddressError> {
        let url = Url::parse(text).map_err(|_| AddressError::Malformed)?;
        // Spaces around it, and the like, would be taken away silently.
        let is_plain_text = text.len() <= BYTES_MAX && text.bytes().all(|byte| byte.is_ascii_graphic());
        let is_whole = url.query().is_none() && url.fragment().is_none() && !has_credentials(&url);
        if !is_plain_text || !is_whole || !matches!(url.scheme(), "https" | "http") || url.host().is_none() {
            return Err(AddressError::Malformed);
        }
        let is_plain = url.scheme() == "http";
        if is_plain && (plain == Plain::Never || !is_on_this_machine(&url)) {
            return Err(AddressError::Plain);
        }
        // OpenID Connect Discovery, section 4.1: a slash at the end is taken away first.
        let discovery = Url::parse(&format!("{}{DISCOVERY}", text.strip_suffix('/').unwrap_or(text)));
        Ok(Self { name: text.to_owned(), discovery: discovery.map_err(|_| AddressError::Malformed)?, is_plain })
    }

    /// The issuer's name, to the letter.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// Whether it is asked over TLS.
    pub const fn is_encrypted(&self) -> bool {
        !self.is_plain
    }

    pub(crate) const fn discovery(&self) -> &Url {
        &self.discovery
    }

    /// Whether the issuer's keys may be at an address: over TLS, unless the issuer itself is asked without.
    pub(crate) fn allows(&self, keys: &Url) -> bool {
        let is_safe = match keys.scheme() {
            "https" => true,
            "http" => self.is_plain && is_on_this_machine(keys),
            _ => false,
        };
        is_safe && keys.host().is_some() && keys.fragment().is_none() && !has_credentials(keys)
    }
}

fn has_credentials(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

fn is_on_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_reached_over_tls_or_on_this_machine() {
        for text in ["https://login.example", "https://login.example/", "https://login.example:8443/realms/people"] {
            let issuer = IssuerUrl::parse(text, Plain::Never).unwrap();
            assert_eq!(issuer.as_str(), text);
            assert!(issuer.is_encrypted());
        }
        for text in ["http://127.0.0.1:9000", "http://localhost/realms/people", "http://[::1]:9000/"] {
            assert!(!IssuerUrl::parse(text, Plain::OnThisMachine).unwrap().is_encrypted(), "{text}");
            assert_eq!(IssuerUrl::parse(text, Plain::Never), Err(AddressError::Plain), "{text}");
        }
        for text in ["http://login.example", "http://10.0.0.1", "http://localhost.evil.example"] {
            assert_eq!(IssuerUrl::parse(text, Plain::OnThisMachine), Err(AddressError::Plain), "{text}");
        }
        for text in [
            "",
            "login.example",
            "ftp://login.example",
            "https://",
            "https://login.example?x=1",
            "https://login.example#x",
            "https://user@login.example",
            "https://user:secret@login.example",
            " https://login.example",
            "https://login.example\n",
            "https://lögin.example",
        ] {
            assert_eq!(IssuerUrl::parse(text, Plain::OnThisMachine), Err(AddressError::Malformed), "{text}");
        }
    }

    #[test]
    fn the_document_is_below_the_issuer() {
        for (issuer, document) in [
            ("https://login.example", "https://login.example/.well-known/openid-configuration"),
            ("https://login.example/", "https://login.example/.well-known/openid-configuration"),
            ("https://login.example/a", "https://login.example/a/.well-known/openid-configuration"),
            ("https://login.example/a/", "https://login.example/a/.well-known/openid-configuration"),
        ] {
            assert_eq!(IssuerUrl::parse(issuer, Plain::Never).unwrap().discovery().as_str(), document);
        }
    }

    #[test]
    fn keys_are_fetched_as_safely_as_the_document() {
        let allows = |issuer: &str, keys: &str| {
            IssuerUrl::parse(issuer, Plain::OnThisMachine).unwrap().allows(&Url::parse(keys).unwrap())
        };
        assert!(allows("https://login.example", "https://keys.example/jwks?v=1"));
        assert!(!allows("https://login.example", "http://login.example/jwks"));
        assert!(!allows("https://login.example", "http://127.0.0.1/jwks"));
        assert!(!allows("https://login.example", "file:///etc/passwd"));
        assert!(!allows("https://login.example", "https://user:secret@login.example/jwks"));
        assert!(allows("http://127.0.0.1:9000", "http://127.0.0.1:9001/jwks"));
        assert!(!allows("http://127.0.0.1:9000", "http://login.example/jwks"));
    }
}
