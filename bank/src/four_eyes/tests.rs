//! Four eyes over a whole small bank, on each engine.

mod bank;
mod deciding;
mod hats;
mod owners;
mod staff;
mod tampering;
