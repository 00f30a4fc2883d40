//! Where a browser is sent back to after a consent: which addresses may be registered, and which one is the same.

use url::{Host, Url};

const CHARACTERS_MAX: usize = 512;
const LOCALHOST: &str = "localhost";

/// An address that a client has registered: https, http on the user's own machine, or a scheme of an app's own
/// (RFC 8252, section 7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUri(Url);

impl RedirectUri {
    /// Reads an address; the reason when it may not be registered.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let url = Url::parse(text).map_err(|_| "must be an absolute address")?;
        // Written in the one normal way there is no second reading of it.
        if url.as_str() != text || text.len() > CHARACTERS_MAX {
            return Err("must be written in its normal form, such as https://client.example/callback");
        }
        if url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
            return Err("must have neither a fragment nor a user");
        }
        if url.host_str().is_some_and(|host| !is_plain_host(host)) {
            return Err("must name one host, in letters, digits, dots and dashes");
        }
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if is_loopback(&url) => Ok(Self(url)),
            "http" => Err("must be https, unless it is http://127.0.0.1, http://[::1] or http://localhost"),
            // Of a domain that its maker owns, turned round: no javascript: and no data:.
            scheme if scheme.contains('.') => Ok(Self(url)),
            _ => Err("must be https, or a scheme of the app's own such as com.example.app"),
        }
    }

    /// An address that was accepted once, perhaps under older rules. No request can name it if it breaks those of today.
    pub(crate) fn from_stored(text: &str) -> Option<Self> {
        Url::parse(text).ok().map(Self)
    }

    /// Whether the address that a request names is this one: to the letter, except that a program on the user's own
    /// machine may listen on any port (RFC 8252, section 7.3).
    pub fn is(&self, given: &str) -> bool {
        let Ok(Self(given)) = Self::parse(given) else { return false };
        if !is_loopback(&self.0) {
            return self.0 == given;
        }
        let (mut own, mut given) = (self.0.clone(), given);
        own.set_port(None).is_ok() && given.set_port(None).is_ok() && own == given
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// Hosts go into the policy of the page that asks, where other characters have a meaning. A `*` is no host.
fn is_plain_host(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    match address {
        Some(address) => address.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':'),
        None => host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')),
    }
}

fn is_loopback(url: &Url) -> bool {
    let is_local = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        // Browsers take this name for the machine itself (RFC 6761, section 6.3). RFC 8252, section 8.3, would rather have
        // an address; what a program that listens elsewhere overhears is worth nothing without the verifier, which is
        // always asked for.
        Some(Host::Domain(name)) => name == LOCALHOST,
        None => false,
    };
    url.scheme() == "http" && is_local
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_loopback_and_schemes_of_apps_may_be_registered() {
        for text in [
            "https://client.example/callback",
            "https://client.example/callback?tenant=1",
            "http://127.0.0.1:4000/callback",
            "http://[::1]/callback",
            "http://localhost:4000/callback",
            "https://client.example/a;b,c'd",
            "com.example.app://host/callback",
            "com.example.app:/callback",
        ] {
            assert_eq!(RedirectUri::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_could_run_lead_elsewhere_or_be_overheard_may_not() {
        for text in [
            "",
            "/callback",
            "//client.example/callback",
            "http://client.example/callback",
            "http://localhost.evil.example/callback",
            "http://evil.localhost/callback",
            "https://*.example/callback",
            "com.x://y;sandbox/callback",
            "com.x://y,z/callback",
            "com.x://'self'/callback",
            "com.x://*/callback",
            "https://client.example/callback#part",
            "https://user@client.example/",
            "https://client.example/a/../b",
            "https://CLIENT.example/",
            "https://client.example/a b",
            "https:\\\\client.example\\",
            "javascript:alert(1)",
            "data:text/html,hello",
            "file:///etc/passwd",
        ] {
            assert!(RedirectUri::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_address_is_compared_to_the_letter() {
        let registered = RedirectUri::parse("https://client.example/callback").unwrap();
        assert!(registered.is("https://client.example/callback"));
        for other in [
            "https://client.example/callback/",
            "https://client.example/callback?next=1",
            "https://client.example/callback/../evil",
            "https://client.example:8443/callback",
            "https://client.example.evil.example/callback",
            "https://evil.example/callback",
            "http://client.example/callback",
            "https://client.example/CALLBACK",
        ] {
            assert!(!registered.is(other), "{other}");
        }
    }

    #[test]
    fn on_the_users_own_machine_the_port_is_free_and_the_rest_is_not() {
        let registered = RedirectUri::parse("http://127.0.0.1/callback").unwrap();
        assert!(registered.is("http://127.0.0.1:51004/callback"));
        let others = ["http://127.0.0.1:51004/other", "http://127.0.0.2/callback", "http://[::1]/callback"];
        for other in others.into_iter().chain(["http://localhost:51004/callback"]) {
            assert!(!registered.is(other), "{other}");
        }
        let named = RedirectUri::parse("http://localhost/callback").unwrap();
        assert!(named.is("http://localhost:51004/callback") && !named.is("http://127.0.0.1/callback"));
    }

    #[test]
    fn an_address_of_older_rules_is_read_and_matches_nothing() {
        let stored = RedirectUri::from_stored("com.x://y;sandbox/callback").unwrap();
        assert!(!stored.is(stored.as_str()));
    }
}
