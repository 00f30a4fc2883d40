//! Calls the endpoints of webhooks: takes what is due, resolves names, judges each address at each try, and connects to what
//! was judged. How calls are signed, when they are tried again and to which addresses they may go is decided elsewhere.

mod call;
mod connect;
mod resolve;
mod sender;

pub use connect::OpenError;
pub use resolve::{LookUp, Resolver};

use call::Caller;
use connect::Connector;
use db::Clock;
use sender::Sender;
use std::path::Path;
use std::sync::Arc;
use webhooks::Webhooks;

/// What calls stand on.
pub struct Calling {
    /// Finds the addresses of names.
    pub resolver: Resolver,
    /// Trusts these authorities, or those of the system.
    connector: Connector,
}

impl Calling {
    /// Trusts the authorities in the file, or those of the system.
    ///
    /// # Errors
    /// There are none.
    pub fn open(resolver: Resolver, authorities: Option<&Path>) -> Result<Self, OpenError> {
        Ok(Self { resolver, connector: Connector::open(authorities)? })
    }
}

/// Calls endpoints for as long as the process lives. What it had in hand when that ends is tried again.
pub async fn keep_calling(webhooks: Arc<Webhooks>, calling: Calling, clock: Clock) {
    let caller = Caller { policy: webhooks.policy().clone(), calling };
    Sender::new(webhooks, caller, clock).run().await;
}
