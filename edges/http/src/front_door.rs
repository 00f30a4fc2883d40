//! What stands before every route and module: who is turned away unseen, whom to believe about addresses, how much
//! anybody may ask for, and which other web pages may ask. Nothing here knows what is asked.

mod host;
mod visit;

pub(crate) use visit::{Openness, ToProxies, Visit};

use crate::address::{ClientAddress, ForwardedHeader, Networks, Proxies};
use crate::cross_origin::Origins;
use crate::limits::{InvalidRedisUrl, Limits, RateLimits};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// A tenth of all; proxies that are trusted, and load tests, may have more.
const CONNECTIONS_PER_ADDRESS_MAX: usize = 1_000;

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
}

/// The front door.
pub struct FrontDoor {
    pub(crate) limits: Limits,
    proxies: Proxies,
    pub(crate) cors_origins: Origins,
    deny_list: Networks,
    connections: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A connection that counts for its address as long as it is there.
pub(crate) struct Admission {
    network: IpAddr,
    connections: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl FrontDoor {
    /// Has to be called within a runtime if the limits are shared.
    ///
    /// # Errors
    /// The address of Redis is none.
    pub fn new(settings: FrontDoorSettings) -> Result<Self, InvalidRedisUrl> {
        let FrontDoorSettings { rate_limits, trusted_proxies, forwarded_header, deny_list, cors_origins } = settings;
        let limits = Limits::new(&rate_limits)?;
        let proxies = Proxies { trusted: trusted_proxies, header: forwarded_header };
        Ok(Self { limits, proxies, cors_origins, deny_list, connections: Arc::default() })
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
        let network = peer.network();
        let mut connections = lock(&self.connections);
        let count = connections.entry(network).or_default();
        if is_bounded && *count >= CONNECTIONS_PER_ADDRESS_MAX {
            return None;
        }
        *count += 1;
        Some(Admission { network, connections: Arc::clone(&self.connections) })
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut connections = lock(&self.connections);
        if let Some(count) = connections.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                connections.remove(&self.network);
            }
        }
    }
}

/// The counts are right after every step: whoever panicked left nothing half done.
fn lock(connections: &Mutex<HashMap<IpAddr, usize>>) -> std::sync::MutexGuard<'_, HashMap<IpAddr, usize>> {
    connections.lock().unwrap_or_else(PoisonError::into_inner)
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
        })
        .unwrap()
    }

    fn peer(text: &str) -> ClientAddress {
        ClientAddress::of_peer(text.parse().unwrap())
    }

    #[test]
    fn one_address_cannot_take_all_connections() {
        let door = door(RateLimits::InProcess);
        let mut admitted: Vec<_> = (0..CONNECTIONS_PER_ADDRESS_MAX).map(|_| door.admit(peer("::1")).unwrap()).collect();
        assert!(door.admit(peer("::2")).is_none(), "it is of the same network");
        assert!(door.admit(peer("127.0.0.1")).is_some());
        admitted.pop();
        assert!(door.admit(peer("::1")).is_some());
        drop(admitted);
        assert!(lock(&door.connections).is_empty());
    }

    #[test]
    fn proxies_and_load_tests_may_have_more() {
        for (door, who) in [(door(RateLimits::InProcess), "10.0.0.1"), (door(RateLimits::Off), "10.0.0.2")] {
            let admitted: Vec<_> = (0..=CONNECTIONS_PER_ADDRESS_MAX).map_while(|_| door.admit(peer(who))).collect();
            assert_eq!(admitted.len(), CONNECTIONS_PER_ADDRESS_MAX + 1);
        }
    }

    #[test]
    fn the_denied_are_not_admitted() {
        let door = door(RateLimits::Off);
        assert!(door.admit(peer("192.0.2.77")).is_none() && door.admit(peer("::ffff:192.0.2.77")).is_none());
        assert!(door.admit(peer("192.0.3.77")).is_some());
    }
}
