//! What stands before every route and module: who is turned away unseen, whom to believe about addresses, how much
//! anybody may ask for, and which other web pages may ask. Nothing here knows what is asked.

mod connections;
mod framing;
mod host;
mod visit;

pub(crate) use connections::{Admission, Connections};
pub(crate) use visit::{Openness, ToProxies, Visit};

use crate::address::{ClientAddress, ForwardedHeader, Networks, Proxies};
use crate::body::Rooms;
use crate::cross_origin::Origins;
use crate::limits::{InvalidRedisUrl, Limits, RateLimits};
use connections::Share;
use std::sync::Arc;

/// How the front door is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrontDoorSettings {
    /// Whether and where requests are counted.
    pub rate_limits: RateLimits,
    /// Who may say for whom it forwards.
    pub trusted_proxies: Networks,
    /// Where they say so.
    pub forwarded_header: ForwardedHeader,
    /// Who is not listened to.
    pub deny_list: Networks,
    /// Whose web pages may call the API.
    pub cors_origins: Origins,
    /// How many may be connected at once; an address gets a part of what is free.
    pub connections_max: usize,
}

/// Whom a listener is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Whoever comes: their connections count for their addresses.
    Everybody,
    /// Those who run the bank.
    Operators,
}

/// The front door.
pub struct FrontDoor {
    /// How much anybody may ask for.
    pub limits: Limits,
    proxies: Proxies,
    pub(crate) cors_origins: Origins,
    pub(crate) rooms: Arc<Rooms>,
    pub(crate) connections: Arc<Connections>,
    deny_list: Networks,
}

impl FrontDoor {
    /// Has to be called within a runtime if the limits are shared.
    ///
    /// # Errors
    /// The address of Redis is none.
    pub fn new(settings: FrontDoorSettings) -> Result<Self, InvalidRedisUrl> {
        let limits = Limits::new(&settings.rate_limits)?;
        Ok(Self {
            rooms: Arc::new(Rooms::new(limits.are_on())),
            limits,
            proxies: Proxies { trusted: settings.trusted_proxies, header: settings.forwarded_header },
            connections: Arc::new(Connections::new(settings.connections_max)),
            cors_origins: settings.cors_origins,
            deny_list: settings.deny_list,
        })
    }

    pub(crate) fn denies(&self, address: ClientAddress) -> bool {
        !self.deny_list.is_empty() && self.deny_list.contains(address.ip())
    }

    /// Whether somebody may connect: not from a denied address, nor once too often.
    pub(crate) fn admit(&self, peer: ClientAddress) -> Option<Admission> {
        if self.denies(peer) {
            return None;
        }
        let is_bounded = self.limits.are_on() && !self.proxies.trusted.contains(peer.ip());
        self.connections.admit(peer.network(), if is_bounded { Share::Part } else { Share::Any })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door(rate_limits: RateLimits) -> FrontDoor {
        FrontDoor::new(FrontDoorSettings {
            rate_limits,
            trusted_proxies: "10.0.0.1".parse().unwrap(),
            forwarded_header: ForwardedHeader::Either,
            deny_list: "192.0.2.0/24".parse().unwrap(),
            cors_origins: Origins::default(),
            connections_max: 100,
        })
        .unwrap()
    }

    fn peer(text: &str) -> ClientAddress {
        ClientAddress::of_peer(text.parse().unwrap())
    }

    #[test]
    fn one_address_cannot_take_all_connections() {
        let door = door(RateLimits::InProcess);
        let mut admitted: Vec<_> = (0..7).map(|_| door.admit(peer("::1")).unwrap()).collect();
        assert!(door.admit(peer("::2")).is_none(), "it is of the same network");
        assert!(door.admit(peer("127.0.0.1")).is_some());
        admitted.pop();
        assert!(door.admit(peer("::1")).is_some());
    }

    #[test]
    fn proxies_and_load_tests_may_have_more() {
        for (door, who) in [(door(RateLimits::InProcess), "10.0.0.1"), (door(RateLimits::Off), "10.0.0.2")] {
            let admitted: Vec<_> = (0..100).map_while(|_| door.admit(peer(who))).collect();
            assert_eq!(admitted.len(), 100);
        }
    }

    #[test]
    fn the_denied_are_not_admitted() {
        let door = door(RateLimits::Off);
        assert!(door.admit(peer("192.0.2.77")).is_none() && door.admit(peer("::ffff:192.0.2.77")).is_none());
        assert!(door.admit(peer("192.0.3.77")).is_some());
    }
}
