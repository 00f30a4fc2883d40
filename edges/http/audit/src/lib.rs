//! The room of the audit log: its heads, its hashes, proofs of what is in it, and searching it.

mod heads;
mod proofs;
mod routes;
mod search;
mod wire;

pub use routes::{ROUTES, described, router};

use ::audit::Audit;
use clock::Clocks;
use http_core::{FrontDoor, HasFrontDoor};
use payments::Payments;
use std::sync::Arc;

/// Everything that a request to this room can reach.
pub struct App {
    /// The log.
    pub audit: Audit,
    /// The two clocks.
    pub clocks: Clocks,
    /// Whose a transaction is.
    pub payments: Payments,
    /// What stands before it all.
    pub front_door: Arc<FrontDoor>,
}

impl HasFrontDoor for App {
    fn front_door(&self) -> &FrontDoor {
        &self.front_door
    }
}
