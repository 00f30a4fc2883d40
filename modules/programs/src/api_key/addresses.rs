//! From where an API key may be used: a list of networks, or everywhere.

use crate::{ProgramError, Result};
use ipnet::IpNet;
use std::net::IpAddr;

const NETWORKS_MAX: usize = 50;

/// The networks from which a key may be used; none: from everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedAddresses(Vec<IpNet>);

impl AllowedAddresses {
    /// Reads networks such as `192.0.2.0/24` and single addresses.
    ///
    /// # Errors
    /// One of them is neither, or there are more than 50.
    pub fn parse<'a>(networks: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let wrong = |reason| ProgramError::InvalidApiKey { field: "allowedAddresses", reason };
        let parse = |text: &str| {
            let single = || text.parse::<IpAddr>().ok().map(|ip| IpNet::from(ip.to_canonical()));
            text.parse::<IpNet>().ok().map(|network| network.trunc()).or_else(single)
        };
        let mut parsed = Vec::new();
        for text in networks {
            if parsed.len() == NETWORKS_MAX {
                return Err(wrong("may have at most 50 networks"));
            }
            parsed.push(parse(text).ok_or_else(|| wrong("must be networks such as 192.0.2.0/24, or addresses"))?);
        }
        Ok(Self(parsed))
    }

    /// Reads what `Display` wrote.
    pub(crate) fn from_stored(text: &str) -> Option<Self> {
        let networks = text.split(' ').filter(|network| !network.is_empty());
        networks.map(|network| network.parse().ok()).collect::<Option<_>>().map(Self)
    }

    /// Whether the key may be used from there. From nowhere known only a key without a list.
    pub(crate) fn allow(&self, from: Option<IpAddr>) -> bool {
        let from = from.map(|ip| ip.to_canonical());
        self.0.is_empty() || from.is_some_and(|ip| self.0.iter().any(|network| network.contains(&ip)))
    }

    /// The networks as text.
    pub fn words(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(ToString::to_string)
    }
}

impl std::fmt::Display for AllowedAddresses {
    /// With single spaces between them.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.words().collect::<Vec<_>>().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn a_list_allows_its_networks_and_nothing_else() {
        let allowed = AllowedAddresses::parse(["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"]).unwrap();
        for inside in ["192.0.2.1", "192.0.2.255", "::ffff:192.0.2.9", "2001:db8::1", "198.51.100.7"] {
            assert!(allowed.allow(ip(inside)), "{inside}");
        }
        for outside in ["192.0.3.1", "198.51.100.8", "2001:db9::1", "::1"] {
            assert!(!allowed.allow(ip(outside)), "{outside}");
        }
        assert!(!allowed.allow(None));
    }

    #[test]
    fn no_list_allows_everything() {
        let everywhere = AllowedAddresses::default();
        assert!(everywhere.allow(ip("203.0.113.9")) && everywhere.allow(None));
    }

    #[test]
    fn networks_come_back_from_what_was_stored() {
        let allowed = AllowedAddresses::parse(["10.1.2.3/8", "::ffff:192.0.2.1"]).unwrap();
        assert_eq!(allowed.to_string(), "10.0.0.0/8 192.0.2.1/32");
        assert_eq!(AllowedAddresses::from_stored(&allowed.to_string()), Some(allowed));
        assert_eq!(AllowedAddresses::from_stored(""), Some(AllowedAddresses::default()));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["", "everywhere", "192.0.2.0/33", "192.0.2", "10.0.0.0/8 "] {
            assert!(AllowedAddresses::parse([text]).is_err(), "{text}");
        }
        assert!(AllowedAddresses::parse(std::iter::repeat_n("10.0.0.0/8", 51)).is_err());
    }
}
