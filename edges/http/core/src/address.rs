//! Whose request it is, by address: the peer's, or the one that a trusted proxy forwards for (`address/forwarded.rs`).
//! What an address may do is decided in `gate.rs` and in `limits`.

mod forwarded;

pub use forwarded::ForwardedHeader;
pub(crate) use forwarded::{Proxies, Sender};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use ipnet::IpNet;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

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
    pub const NONE: Self = Self(IpAddr::V6(Ipv6Addr::UNSPECIFIED));

    /// The address at the other end of a connection.
    pub const fn of_peer(peer: IpAddr) -> Self {
        Self(peer.to_canonical())
    }

    /// The address itself.
    pub const fn ip(self) -> IpAddr {
        self.0
    }

    /// What limits count by: an IPv4 address, or the network of an IPv6 address.
    pub fn network(self) -> IpAddr {
        match self.0 {
            IpAddr::V4(_) => self.0,
            IpAddr::V6(ip) => {
                let kept = u128::MAX << (Ipv6Addr::BITS - IPV6_PREFIX_BITS);
                IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & kept))
            }
        }
    }
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
