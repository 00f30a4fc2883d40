//! The room of what only a sandbox has: the bank's own time.

mod clock;
mod routes;
mod wire;

pub use routes::{ROUTES, described, router};

use ::clock::Clocks;
use db::Db;
use http_core::{FrontDoor, HasFrontDoor};
use std::sync::Arc;

/// Everything that a request to this room can reach.
pub struct App {
    /// The database.
    pub db: Db,
    /// The two clocks.
    pub clocks: Clocks,
    /// What stands before it all.
    pub front_door: Arc<FrontDoor>,
}

impl HasFrontDoor for App {
    fn front_door(&self) -> &FrontDoor {
        &self.front_door
    }
}
