//! What all rooms of the API share: how a request gets in (`server.rs`, `front_door.rs`, `gate.rs`), what a route is
//! (`route.rs`), how bodies, parameters and pages are read and written, and how what fails is said (`problem.rs`).
//! No route stands here: each room has its own table.

pub mod address;
mod bare_replies;
pub mod body;
pub mod caller;
pub mod cross_origin;
mod digest;
mod door;
mod error_code;
mod field_lines;
pub mod fingerprint;
pub mod four_eyes;
mod front_door;
pub mod gate;
pub mod idempotency_header;
mod limits;
pub mod page;
pub mod parameters;
pub mod path;
pub mod policy;
pub mod problem;
pub mod problems;
pub mod reply;
pub mod request_id;
pub mod route;
mod security_headers;
pub mod server;
mod signature;
pub mod table;
pub mod telemetry;
pub mod tls;
pub mod visitor;
pub mod wire;

pub use door::{Door, HasFrontDoor, MfaPolicy, OperationsPlace, Settings};
pub use error_code::ErrorCode;
pub use front_door::{FrontDoor, FrontDoorSettings};
pub use limits::{InvalidRedisUrl, LimitClass, Limits, LoginAttempt, RateLimits};
pub use request_id::RequestId;
