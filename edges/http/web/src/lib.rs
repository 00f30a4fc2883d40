//! The room of the web app: its pages and files, as they were built into the binary, and what the app has to know of this
//! bank. It knows nobody and decides nothing; the app speaks to the other rooms.

mod config;
mod files;
mod pages;
mod routes;

pub use routes::{ROUTES, described, router};

use http_core::MfaPolicy;
use payments::Mode;

/// What the app is told of this bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// Whether money can be made out of nothing.
    pub mode: Mode,
    /// Who needs a second factor.
    pub mfa: MfaPolicy,
}

/// Whether the app is in this binary.
pub fn is_built() -> bool {
    files::named("index.html").is_some()
}
