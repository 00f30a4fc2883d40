//! Standing orders on both engines: each date is paid once, whatever happens in between.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod bank;
mod dates;
mod managing;
