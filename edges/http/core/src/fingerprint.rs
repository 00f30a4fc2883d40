//! What a request asked for, in bytes: tells a repeated request from another one under the same key.

use payments::Order;

/// What a request asks for, written so that equal requests are equal bytes however their JSON was written.
#[derive(Debug, Default)]
pub struct Fingerprint(Vec<u8>);

impl Fingerprint {
    /// Adds text, or the lack of it.
    pub fn text(mut self, text: Option<&str>) -> Self {
        // A length before each text, so that two texts cannot be shifted into each other; absent is no length.
        self.0.extend_from_slice(&text.map_or(u64::MAX, |text| text.len() as u64).to_be_bytes());
        self.0.extend_from_slice(text.unwrap_or_default().as_bytes());
        self
    }

    /// Adds a number, or the lack of it.
    pub fn number(mut self, number: Option<i64>) -> Self {
        self.0.push(u8::from(number.is_some()));
        self.0.extend_from_slice(&number.unwrap_or_default().to_be_bytes());
        self
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Adds an order: all of it. A field that is new has to be added here, or it does not compile; where a kept key may
    /// lack it, only if it says something, so that the bytes of what was asked before stay as they were.
    pub fn order(mut self, order: &Order) -> Self {
        let Order { kind, source, destination, money, description, metadata } = order;
        self.0.extend_from_slice(source.uuid().as_bytes());
        self.0.extend_from_slice(destination.uuid().as_bytes());
        self.number(Some(money.minor()))
            .text(Some(money.currency().code()))
            .text(Some(kind.word()))
            .text(Some(description))
            .text(metadata.as_deref())
    }
}
