//! Accounts, orders and transactions on the wire.

pub(crate) mod account;
pub(crate) mod balances;
pub(crate) mod counterparty;
mod description;
mod metadata;
pub(crate) mod order;
pub(crate) mod recipient;
pub(crate) mod schema;
pub(crate) mod standing;
pub(crate) mod transaction;
