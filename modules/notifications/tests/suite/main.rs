//! The queue of outgoing mail as its callers see it, on each engine.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod queue;
