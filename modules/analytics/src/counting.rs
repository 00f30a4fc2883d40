//! The consumer: counts a batch of events with one write for each metric and key, in the commit that moves its place.

use crate::counted::Counted;
use crate::store;
use db::Tx;
use stream::{ConsumeError, Consumer, Consuming, Recorded};

/// Keeps the counters.
#[derive(Clone, Copy, Debug)]
pub struct Counting;

impl Consumer for Counting {
    fn name(&self) -> &'static str {
        "analytics"
    }

    fn consume<'a>(&'a self, tx: &'a Tx, events: &'a [Recorded]) -> Consuming<'a> {
        Box::pin(async move {
            let counted = Counted::of(events).map_err(|error| ConsumeError::Refused(error.to_string()))?;
            // Whoever rebuilds takes over between two batches.
            let current = store::lock_current_in_tx(tx).await?;
            store::add_in_tx(tx, current.generation, counted).await?;
            // An event that had waited is behind the others.
            let position = events.last().map_or(0, |last| last.position).max(current.position);
            store::move_current_in_tx(tx, current.generation, position).await?;
            Ok(())
        })
    }
}
