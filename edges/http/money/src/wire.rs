//! Accounts, orders and transactions on the wire.

pub(crate) mod account;
mod description;
mod metadata;
pub(crate) mod order;
pub(crate) mod schema;
pub(crate) mod transaction;
