//! What the gate asks: who is known, who stands before it all, and how the API behaves. Rooms have more, each its own.

use crate::front_door::FrontDoor;
use clock::Clocks;
use db::WallTime;
use identity::Identity;
use programs::Programs;
use std::sync::Arc;

/// What the gate of every route needs.
pub struct Door {
    /// Who people are.
    pub identity: Arc<Identity>,
    /// Who programs are, and the trusted issuer.
    pub programs: Arc<Programs>,
    /// The two clocks.
    pub clocks: Clocks,
    /// What stands before it all.
    pub front_door: Arc<FrontDoor>,
    /// How the API behaves.
    pub settings: Settings,
}

impl Door {
    /// Wall time: what is asked of people, and what is limited, is asked and limited in the real world.
    pub(crate) fn now(&self) -> WallTime {
        self.clocks.wall()
    }
}

/// How the API behaves, in whatever room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where people and programs reach this bank, without a slash at the end: `https://bank.example`.
    pub public_url: String,
    /// Who needs a second factor.
    pub mfa: MfaPolicy,
    /// Where those who run the bank look.
    pub operations: OperationsPlace,
}

/// Where `/metrics` and `/ready` are answered; `/health` is answered everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationsPlace {
    /// With everything else, limited like everything else.
    MainListener,
    /// On [`crate::server::Listener::operations`] alone.
    OwnListener,
}

/// Who needs a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MfaPolicy {
    /// Who wants one.
    Optional,
    /// Everybody: a session without one opens nothing but the routes to get one.
    Required,
}

/// What a room can reach, as far as reading a body needs it.
pub trait HasFrontDoor: Send + Sync {
    /// Where the memory for bodies is shared out.
    fn front_door(&self) -> &FrontDoor;
}
