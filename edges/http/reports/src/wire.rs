//! What reports look like on the wire: amounts are exact decimals, and no currency is added to another.

pub(crate) mod regulatory;
pub(crate) mod schema;
pub(crate) mod series;
pub(crate) mod sheet;
pub(crate) mod statement;
