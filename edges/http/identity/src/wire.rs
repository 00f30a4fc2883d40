//! What people send and are shown of themselves.

pub(crate) mod activity;
pub(crate) mod api_key;
pub(crate) mod mfa;
mod schema;
pub(crate) mod session;
pub(crate) mod user;
