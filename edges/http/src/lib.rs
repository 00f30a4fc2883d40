//! The HTTP edge: requests become commands and queries of the modules, and their answers become replies.
//! `routes.rs` is the whole API on one page. Nothing about money or people is decided here.

mod accounts;
mod address;
mod api_keys;
mod auth;
mod bare_replies;
mod body;
mod caller;
mod clock;
mod cross_origin;
mod description;
mod digest;
mod docs;
mod email;
mod error_code;
mod finapp;
mod front_door;
mod gate;
mod idempotency_header;
mod limits;
mod mfa;
mod oauth;
mod office;
mod operations;
mod page;
mod parameters;
mod password;
mod path;
mod policy;
mod problem;
mod problems;
mod reply;
mod request_id;
mod route;
mod routes;
mod security_headers;
mod server;
mod sessions;
mod signature;
mod telemetry;
mod tls;
mod transactions;
mod visitor;
mod well_known;
mod wire;

pub use address::{ClientAddress, ForwardedHeader, Networks, ParseNetworksError};
pub use cross_origin::{Origins, ParseOriginsError};
pub use description::{openapi, routes_markdown};
pub use error_code::ErrorCode;
pub use front_door::{FrontDoor, FrontDoorSettings};
pub use limits::{InvalidRedisUrl, RateLimits};
pub use metrics_exporter_prometheus::PrometheusHandle;
pub use payments::Mode;
pub use route::{Failure, Needs, RouteSpec, Who, Work};
pub use routes::{ROUTES, router};
pub use server::{Listener, serve};
pub use telemetry::{install_metrics, metrics_for_tests};
pub use tls::{Reload, Tls, TlsClients, TlsError, TlsFiles};
pub use transactions::kept::transactions_told;

use ::clock::Clocks;
use approvals::Approvals;
use db::{Db, WallTime};
use factors::Factors;
use identity::Identity;
use payments::Payments;
use programs::Programs;
use std::sync::Arc;

/// Everything that a request can reach.
pub struct App {
    /// The database.
    pub db: Db,
    /// The two clocks.
    pub clocks: Clocks,
    /// People, with their passwords and sessions.
    pub identity: Arc<Identity>,
    /// Their second factors.
    pub factors: Arc<Factors>,
    /// The programs that act for them.
    pub programs: Arc<Programs>,
    /// Where money moves.
    pub payments: Payments,
    /// What stands before it all.
    pub front_door: Arc<FrontDoor>,
    /// What takes two people.
    pub approvals: Approvals,
    /// What `/metrics` shows; see [`install_metrics`].
    pub metrics: PrometheusHandle,
    /// How the API behaves.
    pub settings: Settings,
}

impl App {
    /// Wall time: what is asked of people, and what is limited, is asked and limited in the real world.
    pub(crate) fn now(&self) -> WallTime {
        self.clocks.wall()
    }
}

/// How the API behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whether money can be made out of nothing.
    pub mode: Mode,
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
    /// On [`Listener::operations`] alone.
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
