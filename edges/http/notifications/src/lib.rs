//! The room of how people are told what happens to them.

mod inbox;
mod listening;
mod live;
mod phone;
mod routes;
mod webhooks;
mod wire;

pub use live::Live;
pub use routes::{ROUTES, described, router};

use ::webhooks::Webhooks;
use clock::Clocks;
use db::{Db, WallTime};
use http_core::{FrontDoor, HasFrontDoor};
use identity::Identity;
use notifications::phone::Texting;
use std::sync::Arc;

/// The ways in which people are told what happens to them. Cloning shares them.
#[derive(Clone)]
pub struct Telling {
    /// Those who listen.
    pub live: Live,
    /// Their own servers.
    pub webhooks: Arc<Webhooks>,
    /// Whether they can be texted.
    pub texting: Texting,
}

/// Everything that a request to this room can reach.
pub struct App {
    /// The database.
    pub db: Db,
    /// The two clocks.
    pub clocks: Clocks,
    /// Who people are, and whether their logins still hold.
    pub identity: Arc<Identity>,
    /// The ways in which people are told.
    pub telling: Telling,
    /// What stands before it all.
    pub front_door: Arc<FrontDoor>,
}

impl App {
    /// Wall time: people are told in the real world.
    pub(crate) fn now(&self) -> WallTime {
        self.clocks.wall()
    }
}

impl HasFrontDoor for App {
    fn front_door(&self) -> &FrontDoor {
        &self.front_door
    }
}
