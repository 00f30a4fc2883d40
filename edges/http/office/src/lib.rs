//! The room of those who work for the bank: people, approvals, events.

mod approvals;
mod consumers;
mod events;
mod fraud_rules;
mod identities;
mod refusals;
mod reviews;
mod role;
mod routes;
mod users;
mod wire;

pub use routes::{ROUTES, described, router};

use ::approvals::Approvals;
use clock::Clocks;
use db::{Db, WallTime};
use http_core::{FrontDoor, HasFrontDoor};
use identity::Identity;
use payments::Payments;
use programs::Programs;
use std::sync::Arc;

/// Everything that a request to this room can reach.
pub struct App {
    /// The database.
    pub db: Db,
    /// The two clocks.
    pub clocks: Clocks,
    /// People, with their passwords and sessions.
    pub identity: Arc<Identity>,
    /// The programs that act for them, and the trusted issuer.
    pub programs: Arc<Programs>,
    /// Where money moves, and what of it was refused.
    pub payments: Payments,
    /// What takes two people.
    pub approvals: Approvals,
    /// What stands before it all.
    pub front_door: Arc<FrontDoor>,
}

impl App {
    /// Wall time: what is asked of people is asked in the real world.
    pub(crate) fn now(&self) -> WallTime {
        self.clocks.wall()
    }
}

impl HasFrontDoor for App {
    fn front_door(&self) -> &FrontDoor {
        &self.front_door
    }
}
