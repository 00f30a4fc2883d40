//! Approvals over actions and people that only exist here, on each engine: the process by itself. What the bank's own
//! actions do stands with the program that wires them.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod office;
mod process;
mod versions;
