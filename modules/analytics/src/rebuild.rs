//! Counting everything anew: beside the counters that are read, then compared with them, and in their place by one row.

use crate::counted::{Counted, Uncountable};
use crate::store;
use db::{Db, DbError};

/// How many events are counted in one transaction.
const EVENTS_PER_STEP: u32 = 5_000;
/// So many parked events are looked at.
const PARKED_MAX: u32 = 1_000;

/// What a rebuild found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    /// How many events were counted.
    pub events: i64,
    /// How many counters were not as they had to be.
    pub differing: i64,
}

/// Why nothing was rebuilt.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] DbError),
    /// An event cannot be counted.
    #[error(transparent)]
    Uncountable(#[from] Uncountable),
    /// The stream does not begin with the first event.
    #[error("the first events are no longer kept (FLORIN_EVENTS_DAYS): what they counted cannot be counted anew")]
    Forgotten,
    /// An event waits to be counted.
    #[error("an event is parked for analytics: `florin events list` shows it")]
    Parked,
}

/// Counts all events anew, up to where the counters are, says how many counters differ, and puts the new ones in their place.
/// Whoever reads meanwhile sees the old ones until then.
///
/// # Errors
/// The database failed, or not every event can be counted: then everything stays as it is.
pub async fn rebuild(db: &Db) -> Result<Rebuilt, RebuildError> {
    let first = stream::read(db, 0, 1).await?;
    if first.first().is_some_and(|first| first.position != 1) {
        return Err(RebuildError::Forgotten);
    }
    if stream::parked(db, PARKED_MAX).await?.iter().any(|parked| parked.subscription == "analytics") {
        return Err(RebuildError::Parked);
    }
    let current = store::current(db).await?;
    let next = current.generation + 1;
    clear(db, current.generation).await?;
    let mut position = 0;
    while position < current.position {
        let limit = u32::try_from(current.position - position).unwrap_or(EVENTS_PER_STEP).min(EVENTS_PER_STEP);
        let events = stream::read(db, position, limit).await?;
        let Some(last) = events.last() else { break };
        position = last.position;
        let tx = db.begin().await?;
        store::add_in_tx(&tx, next, Counted::of(&events)?).await?;
        tx.commit().await?;
    }
    let tx = db.begin().await?;
    tx.allow_long_statements().await?;
    // From here on nobody counts until this ends.
    let current = store::lock_current_in_tx(&tx).await?;
    while position < current.position {
        let limit = u32::try_from(current.position - position).unwrap_or(EVENTS_PER_STEP).min(EVENTS_PER_STEP);
        let events = stream::read(&tx, position, limit).await?;
        let Some(last) = events.last() else { break };
        position = last.position;
        store::add_in_tx(&tx, next, Counted::of(&events)?).await?;
    }
    let differing = store::differing(&tx, current.generation, next).await?;
    store::move_current_in_tx(&tx, next, current.position).await?;
    tx.commit().await?;
    clear(db, next).await?;
    Ok(Rebuilt { events: position, differing })
}

/// Takes away what is of no generation that counts.
async fn clear(db: &Db, current: i64) -> Result<(), DbError> {
    let tx = db.begin().await?;
    tx.allow_long_statements().await?;
    store::clear_in_tx(&tx, current).await?;
    tx.commit().await
}
