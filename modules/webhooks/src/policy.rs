//! To which addresses calls may go. Names say nothing: what they resolve to is judged, all of it, at each try.

use crate::address::is_public;
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

const ALLOWED_MAX: usize = 16;
/// A name with more addresses than that is nobody's receiver.
const RESOLVED_MAX: usize = 32;

/// As what the bank runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// For trying out: `http` and literal addresses are fine, and networks can be allowed.
    Sandbox,
    /// For money.
    Production,
}

/// Where calls may go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    mode: Mode,
    allowed: Vec<IpNet>,
    own: Vec<SocketAddr>,
}

/// Why there is no such policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// In production nobody calls inner machines, by no setting.
    #[error("networks for webhooks can be allowed in sandbox mode only")]
    InProduction,
    /// One of them is none.
    #[error("{0:?} is no network such as 127.0.0.0/8")]
    Network(String),
    /// There are too many.
    #[error("at most {ALLOWED_MAX} networks can be allowed for webhooks")]
    TooMany,
}

/// Why an endpoint is not called. Its owner sees only that: which inner addresses there are is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The name has no address.
    #[error("the name has no address")]
    Unresolved,
    /// The name has more addresses than a receiver needs.
    #[error("the name has too many addresses")]
    TooManyAddresses,
    /// One of the addresses is not of the public internet, or the bank's own.
    #[error("the name has an address that is not called")]
    NotPublic,
}

impl Policy {
    /// The policy of a mode. `allowed` has networks besides the public internet, with commas between them; `own` has the
    /// addresses at which this bank itself listens.
    ///
    /// # Errors
    /// Networks are allowed in production, there are too many, or one of them is none.
    pub fn new(mode: Mode, allowed: &str, own: Vec<SocketAddr>) -> Result<Self, PolicyError> {
        let networks = allowed.split(',').map(str::trim).filter(|network| !network.is_empty());
        let networks = networks.map(|network| network.parse().map_err(|_| PolicyError::Network(network.to_owned())));
        let allowed = networks.take(ALLOWED_MAX + 1).collect::<Result<Vec<_>, _>>()?;
        match mode {
            Mode::Production if !allowed.is_empty() => Err(PolicyError::InProduction),
            _ if allowed.len() > ALLOWED_MAX => Err(PolicyError::TooMany),
            _ => Ok(Self { mode, allowed, own }),
        }
    }

    pub(crate) const fn mode(&self) -> Mode {
        self.mode
    }

    /// What may be connected to, of all addresses that a name was just resolved to. If one of them is bad, nothing: whoever
    /// mixes them hopes for the second look.
    ///
    /// # Errors
    /// There is none, there are too many, or one of them is not called.
    pub fn judge(&self, resolved: &[IpAddr], port: u16) -> Result<Vec<SocketAddr>, Refusal> {
        if resolved.is_empty() {
            return Err(Refusal::Unresolved);
        }
        if resolved.len() > RESOLVED_MAX {
            return Err(Refusal::TooManyAddresses);
        }
        // ::ffff:127.0.0.1 is connected to like 127.0.0.1, and is judged like it.
        let addresses = resolved.iter().map(|address| SocketAddr::new(address.to_canonical(), port));
        let judged = addresses.map(|address| self.may_call(address).then_some(address));
        judged.collect::<Option<Vec<_>>>().ok_or(Refusal::NotPublic)
    }

    fn may_call(&self, address: SocketAddr) -> bool {
        let is_allowed = || self.allowed.iter().any(|network| network.contains(&address.ip()));
        !self.is_own(address) && (is_public(address.ip()) || is_allowed())
    }

    /// A listener on all addresses is reached by way of each address of this machine, loopback at the least.
    fn is_own(&self, address: SocketAddr) -> bool {
        self.own.iter().any(|own| {
            let ip = own.ip().to_canonical();
            let is_same = ip == address.ip() || (ip.is_unspecified() && address.ip().is_loopback());
            own.port() == address.port() && is_same
        })
    }
}
