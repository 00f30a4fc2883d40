//! Hashes, proofs and notes against published vectors, and trees that grow and are taken up again.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod growth;
mod vectors;
