//! The API as clients meet it: requests through the whole router, on each engine.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod accounts;
mod amounts;
mod api_keys;
mod approvals;
mod bank;
mod batch;
mod clock;
mod counters;
mod description;
mod envelope;
mod external;
mod front_door;
mod hats;
mod holds;
mod idempotency;
mod identity;
mod limits;
mod lists;
mod matrix;
mod money_path;
mod oauth;
mod office;
mod operations;
mod passwords;
mod promise;
mod reach;
mod refusals;
mod second_factors;
mod server;
mod sessions;
mod signatures;
mod spending;
mod staff_power;
mod strangers;
mod tokens;
