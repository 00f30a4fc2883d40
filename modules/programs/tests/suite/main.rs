//! The module as its callers see it, on each engine.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod api_keys;
mod common;
mod endings;
mod external;
mod oauth;
mod tampering;
