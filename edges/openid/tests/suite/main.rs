//! The keys of an issuer over real connections: what comes in, and what is refused.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod fetching;
