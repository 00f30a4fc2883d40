//! Values that go over the wire as the text they display.

use serde::{Serialize, Serializer};

/// A value written as a JSON string, without building the string first.
#[derive(Clone, Copy, Debug)]
pub struct Text<T>(pub T);

impl<T: std::fmt::Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// Minor units written as exact decimal text.
#[derive(Clone, Copy, Debug)]
pub struct Decimal(pub money::Money);

impl Decimal {
    /// So many minor units of the currency.
    pub const fn of(minor: i64, currency: money::Currency) -> Self {
        Self(money::Money::new(minor, currency))
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_decimal())
    }
}
