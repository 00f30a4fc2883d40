//! The pure book under random movements: whatever comes, the rules of double entry hold.

mod holds;
mod money;
mod replay;
mod scenario;
mod traces;
