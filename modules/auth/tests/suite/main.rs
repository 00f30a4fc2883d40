//! The module as its callers see it, on each engine.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod administration;
mod api_keys;
mod common;
mod external;
mod identity;
mod mails;
mod mfa;
mod oauth;
mod passkeys;
mod passwords;
mod sessions;
mod spending;
mod tokens;
