//! The room of money: accounts, what moves between them, and what will on later days.

mod accounts;
mod balances;
mod other_side;
mod recipients;
mod routes;
mod sight;
mod standing_orders;
mod transactions;
mod wire;

pub use routes::{ROUTES, described, router};
pub use transactions::kept::transactions_told;

use approvals::Approvals;
use clock::Clocks;
use db::{Db, WallTime};
use http_core::{FrontDoor, HasFrontDoor};
use payments::Payments;
use standing::StandingOrders;
use std::sync::Arc;

/// Everything that a request to this room can reach.
pub struct App {
    /// The database.
    pub db: Db,
    /// The two clocks.
    pub clocks: Clocks,
    /// Where money moves.
    pub payments: Payments,
    /// What people told the bank to pay later.
    pub standing_orders: StandingOrders,
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
