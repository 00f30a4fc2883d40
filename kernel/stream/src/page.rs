//! A page of the stream: which events have which positions, and which of its subject's events each is.

use db::{DbError, Result};

/// The bytes of one event in a page.
const PLACE_BYTES: usize = 12;

/// Where one event has its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlaceOfEvent {
    pub(crate) number: i64,
    pub(crate) sequence: u32,
}

/// The events of one round, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) first_position: i64,
    pub(crate) settled_number: i64,
    pub(crate) events: Vec<PlaceOfEvent>,
}

impl Page {
    pub(crate) fn last_position(&self) -> i64 {
        self.first_position + count(self.events.len()) - 1
    }

    /// The position of each.
    pub(crate) fn positions(&self) -> impl Iterator<Item = (i64, PlaceOfEvent)> {
        (self.first_position..).zip(self.events.iter().copied())
    }

    /// The number of each.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = i64> + '_ {
        self.events.iter().map(|event| event.number)
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.events.len() * PLACE_BYTES);
        for event in &self.events {
            bytes.extend_from_slice(&event.number.to_be_bytes());
            bytes.extend_from_slice(&event.sequence.to_be_bytes());
        }
        bytes
    }

    pub(crate) fn parse(first_position: i64, settled_number: i64, bytes: &[u8]) -> Result<Self> {
        let (places, rest) = bytes.as_chunks::<PLACE_BYTES>();
        if places.is_empty() || !rest.is_empty() {
            return Err(DbError::Internal(format!("the stream's page at {first_position} is damaged")));
        }
        let event = |[a, b, c, d, e, f, g, h, i, j, k, l]: &[u8; PLACE_BYTES]| PlaceOfEvent {
            number: i64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]),
            sequence: u32::from_be_bytes([*i, *j, *k, *l]),
        };
        Ok(Self { first_position, settled_number, events: places.iter().map(event).collect() })
    }
}

pub(crate) fn count(length: usize) -> i64 {
    i64::try_from(length).expect("nothing in memory is longer")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_comes_back_as_it_was_written_and_a_damaged_one_does_not() {
        let events =
            vec![PlaceOfEvent { number: 7, sequence: 1 }, PlaceOfEvent { number: i64::MAX, sequence: u32::MAX }];
        let page = Page { first_position: 41, settled_number: 6, events };
        let bytes = page.to_bytes();
        assert_eq!(Page::parse(41, 6, &bytes), Ok(page.clone()));
        assert_eq!(page.last_position(), 42);
        assert!(Page::parse(41, 6, &bytes[1..]).is_err());
        assert!(Page::parse(41, 6, &[]).is_err());
    }
}
