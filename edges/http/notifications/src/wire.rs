//! What this room says on the wire.

pub(crate) mod notice;
pub(crate) mod phone;
pub(crate) mod schema;
pub(crate) mod webhook;
