//! The pure book under random movements: whatever comes, the rules of double entry hold.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod holds;
mod money;
mod replay;
mod scenario;
mod traces;
