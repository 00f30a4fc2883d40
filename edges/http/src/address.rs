//! Whose request it is, by address: the peer's, or what a trusted proxy says it forwards for.
//! What an address may do is decided in `gate.rs` and in `limits`.

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};
use ipnet::IpNet;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// More proxies than anybody puts in a row.
const HOPS_MAX: usize = 16;
const NETWORKS_MAX: usize = 1_000;
/// One household or one server gets so much of an IPv6 address; the rest they make up themselves.
const IPV6_PREFIX_BITS: u32 = 64;

/// The address that a request comes from. The server puts the peer's into each request, the gate corrects it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(IpAddr);

/// A list of networks, such as `10.0.0.0/8, 2001:db8::/32, 192.0.2.7`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks(Vec<IpNet>);

/// A part of a list that is no network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseNetworksError(String);

impl ClientAddress {
    /// What stands for requests that came over no connection, as in tests of the router alone.
    pub(crate) const NONE: Self = Self(IpAddr::V6(Ipv6Addr::UNSPECIFIED));

    /// The address at the other end of a connection.
    pub const fn of_peer(peer: IpAddr) -> Self {
        Self(peer.to_canonical())
    }

    /// The address itself.
    pub const fn ip(self) -> IpAddr {
        self.0
    }

    /// What limits count by: an IPv4 address, or the network of an IPv6 address.
    pub(crate) fn network(self) -> IpAddr {
        match self.0 {
            IpAddr::V4(_) => self.0,
            IpAddr::V6(ip) => {
                let kept = u128::MAX << (Ipv6Addr::BITS - IPV6_PREFIX_BITS);
                IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & kept))
            }
        }
    }

    /// Puts the client's address in the place of a trusted proxy's, and gives it.
    pub(crate) fn settle(request: &mut Request, trusted: &Networks) -> Self {
        let peer = request.extensions().get::<Self>().copied().unwrap_or(Self::NONE);
        if !trusted.contains(peer.0) {
            return peer;
        }
        let client = forwarded(request.headers(), peer, trusted);
        request.extensions_mut().insert(client);
        client
    }
}

/// Proxies append one header and hand on the other as the client wrote it. Where the two disagree, none is believed.
fn forwarded(headers: &HeaderMap, peer: ClientAddress, trusted: &Networks) -> ClientAddress {
    let x_forwarded_for = headers.contains_key(X_FORWARDED_FOR).then(|| {
        let hops = elements(headers, X_FORWARDED_FOR).map(hop);
        rightmost_untrusted(hops, peer, trusted)
    });
    let forwarded = headers.contains_key(header::FORWARDED).then(|| {
        let hops = elements(headers, header::FORWARDED).map(|element| forwarded_for(element?));
        rightmost_untrusted(hops, peer, trusted)
    });
    match (x_forwarded_for, forwarded) {
        (Some(one), Some(other)) if one != other => peer,
        (Some(one), _) | (None, Some(one)) => one,
        (None, None) => peer,
    }
}

/// Follows the chain from the peer as long as those who speak are trusted.
fn rightmost_untrusted(
    hops: impl Iterator<Item = Option<IpAddr>>,
    peer: ClientAddress,
    trusted: &Networks,
) -> ClientAddress {
    let mut client = peer;
    for hop in hops.take(HOPS_MAX) {
        let Some(ip) = hop else { break };
        client = ClientAddress::of_peer(ip);
        if !trusted.contains(client.0) {
            break;
        }
    }
    client
}

/// The elements of a list that may be spread over header lines, last first. Commas inside quotes end an element too:
/// a quote that a client left open cannot swallow what a proxy appended.
fn elements(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = Option<&str>> {
    let lines = headers.get_all(name).into_iter().rev();
    lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b',').map(|element| std::str::from_utf8(element).ok()))
}

/// The `for` of one element: `for="[2001:db8::1]:4711";proto=https` (RFC 7239). Hidden and unknown ones are `None`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let mut of_client = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    hop(Some(of_client.next()?.1.trim().trim_matches('"')))
}

/// An address with or without a port, in brackets or not.
fn hop(text: Option<&str>) -> Option<IpAddr> {
    let text = text?.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

impl Networks {
    /// Whether the address is in one of them.
    pub fn contains(&self, ip: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&ip))
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromStr for Networks {
    type Err = ParseNetworksError;

    fn from_str(text: &str) -> Result<Self, ParseNetworksError> {
        let parts: Vec<&str> = text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
        if parts.len() > NETWORKS_MAX {
            return Err(ParseNetworksError(format!("there are more than {NETWORKS_MAX} networks")));
        }
        let parse = |part: &str| part.parse::<IpNet>().ok().or_else(|| part.parse::<IpAddr>().ok().map(IpNet::from));
        let wrong = |part: &str| ParseNetworksError(format!("`{part}` is neither a network nor an address"));
        parts.into_iter().map(|part| parse(part).ok_or_else(|| wrong(part))).collect::<Result<_, _>>().map(Self)
    }
}

impl std::fmt::Display for Networks {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let texts: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        formatter.write_str(&texts.join(","))
    }
}

impl std::fmt::Display for ParseNetworksError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for ParseNetworksError {}

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().copied().unwrap_or(Self::NONE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    const PROXY: &str = "10.0.0.1";
    const STRANGER: &str = "203.0.113.9";

    /// Who a request from the peer is taken to come from, when 10.0.0.0/8 and fd00::/8 are trusted.
    fn client(peer: &str, headers: &[(&str, &str)]) -> String {
        let mut request = Request::new(Body::empty());
        for (name, value) in headers {
            let name = HeaderName::from_str(name).unwrap();
            request.headers_mut().append(name, value.parse().unwrap());
        }
        request.extensions_mut().insert(ClientAddress::of_peer(peer.parse().unwrap()));
        let settled = ClientAddress::settle(&mut request, &"10.0.0.0/8, fd00::/8".parse().unwrap());
        assert_eq!(request.extensions().get::<ClientAddress>(), Some(&settled));
        settled.ip().to_string()
    }

    #[test]
    fn a_stranger_cannot_say_who_it_is() {
        for header in [("x-forwarded-for", "1.2.3.4"), ("forwarded", "for=1.2.3.4")] {
            assert_eq!(client(STRANGER, &[header]), STRANGER);
        }
    }

    #[test]
    fn a_trusted_proxy_is_believed_about_its_own_client_and_not_about_what_that_one_made_up() {
        for (text, expected) in [
            ("1.2.3.4", "1.2.3.4"),
            ("6.6.6.6, 1.2.3.4", "1.2.3.4"),
            ("6.6.6.6, 1.2.3.4, 10.0.0.2,10.9.9.9", "1.2.3.4"),
            ("10.0.0.7, 10.0.0.8", "10.0.0.7"),
            ("1.2.3.4:4711", "1.2.3.4"),
            ("[2001:db8::5]:4711", "2001:db8::5"),
            ("2001:db8::5", "2001:db8::5"),
            ("[2001:db8::5]", "2001:db8::5"),
            ("::ffff:1.2.3.4", "1.2.3.4"),
            ("1.2.3.4, unknown", PROXY),
            ("1.2.3.4, unknown, 10.0.0.3", "10.0.0.3"),
            ("", PROXY),
            (",,,", PROXY),
            ("1.2.3.4,", PROXY),
            ("1.2.3.4 5.6.7.8", PROXY),
        ] {
            assert_eq!(client(PROXY, &[("x-forwarded-for", text)]), expected, "{text}");
        }
    }

    #[test]
    fn the_standard_header_is_read_with_its_quotes_and_parameters() {
        for (text, expected) in [
            ("for=1.2.3.4", "1.2.3.4"),
            ("For=\"1.2.3.4:80\";proto=https;by=10.0.0.1", "1.2.3.4"),
            ("proto=https; for=\"[2001:db8::5]:4711\"", "2001:db8::5"),
            ("for=6.6.6.6, for=1.2.3.4", "1.2.3.4"),
            ("for=\"6.6.6.6, for=1.2.3.4", "1.2.3.4"),
            ("for=_hidden", PROXY),
            ("for=unknown, for=10.0.0.5", "10.0.0.5"),
            ("by=1.2.3.4", PROXY),
        ] {
            assert_eq!(client(PROXY, &[("forwarded", text)]), expected, "{text}");
        }
    }

    #[test]
    fn lines_are_one_list_and_headers_that_disagree_are_not_believed() {
        assert_eq!(client(PROXY, &[("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "1.2.3.4")]), "1.2.3.4");
        assert_eq!(client(PROXY, &[("x-forwarded-for", "1.2.3.4"), ("forwarded", "for=1.2.3.4")]), "1.2.3.4");
        assert_eq!(client(PROXY, &[("x-forwarded-for", "1.2.3.4"), ("forwarded", "for=6.6.6.6")]), PROXY);
    }

    #[test]
    fn a_chain_without_end_is_followed_only_so_far() {
        let long = vec!["10.0.0.9"; 100_000].join(",");
        assert_eq!(client(PROXY, &[("x-forwarded-for", &format!("1.2.3.4,{long}"))]), "10.0.0.9");
    }

    #[test]
    fn addresses_of_one_ipv6_network_count_as_one() {
        let network = |text: &str| ClientAddress::of_peer(text.parse().unwrap()).network();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::"));
        assert_ne!(network("2001:db8:1:2::"), network("2001:db8:1:3::"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
    }

    #[test]
    fn lists_of_networks_are_read_whole_or_refused() {
        let networks: Networks = " 10.0.0.0/8,192.0.2.7 , 2001:db8::/32,".parse().unwrap();
        assert_eq!(networks.to_string(), "10.0.0.0/8,192.0.2.7/32,2001:db8::/32");
        assert!(networks.contains("10.255.0.1".parse().unwrap()) && networks.contains("2001:db8::1".parse().unwrap()));
        assert!(!networks.contains("192.0.2.8".parse().unwrap()));
        assert!("".parse::<Networks>().unwrap().is_empty());
        for wrong in ["10.0.0.0/33", "localhost", "10.0.0", "1.2.3.4;5.6.7.8"] {
            assert!(wrong.parse::<Networks>().unwrap_err().to_string().contains("neither"), "{wrong}");
        }
    }
}
