//! The room of people: registering, logging in and out, sessions, API keys, second factors.

mod activity;
mod api_keys;
mod email;
mod finapp;
mod login;
mod mfa;
mod password;
mod routes;
mod sessions;
mod wire;

pub use routes::{ROUTES, described, router};

use clock::Clocks;
use db::WallTime;
use factors::Factors;
use http_core::{FrontDoor, HasFrontDoor, Settings};
use identity::Identity;
use programs::Programs;
use std::sync::Arc;

/// Everything that a request to this room can reach.
pub struct App {
    /// The two clocks.
    pub clocks: Clocks,
    /// People, with their passwords and sessions.
    pub identity: Arc<Identity>,
    /// Their second factors.
    pub factors: Arc<Factors>,
    /// The programs that act for them.
    pub programs: Arc<Programs>,
    /// What stands before it all.
    pub front_door: Arc<FrontDoor>,
    /// How the API behaves.
    pub settings: Settings,
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
