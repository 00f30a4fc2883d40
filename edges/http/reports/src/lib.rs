//! The room of those who look at the business as a whole: reports from the ledger, and what was
//! counted of what happened.

mod asked;
mod general_ledger;
mod regulatory;
mod routes;
mod series;
mod statements;
mod wire;

pub use routes::{ROUTES, described, router};

use clock::Clocks;
use db::Db;
use http_core::{FrontDoor, HasFrontDoor};
use payments::Payments;
use std::sync::Arc;

/// Everything that a request to this room can reach.
pub struct App {
    /// The database.
    pub db: Db,
    /// The two clocks.
    pub clocks: Clocks,
    /// What moved.
    pub payments: Payments,
    /// What stands before it all.
    pub front_door: Arc<FrontDoor>,
}

impl HasFrontDoor for App {
    fn front_door(&self) -> &FrontDoor {
        &self.front_door
    }
}
