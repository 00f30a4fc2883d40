//! The room of money: accounts, and what moves between them.

mod accounts;
mod balances;
mod other_side;
mod recipients;
mod routes;
mod sight;
mod transactions;
mod wire;

pub use routes::{ROUTES, described, router};
pub use transactions::kept::transactions_told;

use approvals::Approvals;
use clock::Clocks;
use db::{Db, WallTime};
use http_core::{FrontDoor, HasFrontDoor};
use payments::Payments;
use std::sync::Arc;

/// Everything that a request to this room can reach.
pub struct App {
    /// The database.
    pub db: Db,
    /// The two clocks.
    pub clocks: Clocks,
    /// Where money moves.
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
