//! Trimming: old events that everybody has seen who follows the stream are forgotten, whole pages at a time and from the
//! beginning, so that positions and sequences stay what they were.

use crate::page::Page;
use crate::store;
use db::{Db, Result, Snapshot, WallTime};

/// So many pages go in one commit, and so many commits are made in one call; the rest waits for the next.
const PAGES_MAX: u32 = 64;
const COMMITS_MAX: usize = 64;

/// Forgets what happened before a time, as far as nobody who follows still needs it; how many events that were. The last
/// page stays: what comes next is counted on from it.
///
/// # Errors
/// The database failed; what was forgotten by then is.
pub async fn trim(db: &Db, before: WallTime) -> Result<usize> {
    let mut forgotten = 0;
    for _ in 0..COMMITS_MAX {
        let pages = over(&db.snapshot().await?, before).await?;
        let Some(last) = pages.last().map(Page::last_position) else { break };
        let numbers: Vec<i64> = pages.iter().flat_map(Page::numbers).collect();
        let tx = db.begin().await?;
        outbox::forget_in_tx(&tx, &numbers).await?;
        store::delete_pages_up_to_in_tx(&tx, last).await?;
        tx.commit().await?;
        forgotten += numbers.len();
    }
    Ok(forgotten)
}

/// The first pages, as far as another one follows, nobody needs them, and all of them happened before the time.
async fn over(snapshot: &Snapshot, before: WallTime) -> Result<Vec<Page>> {
    let mut pages = store::pages_after(snapshot, 0, PAGES_MAX + 1).await?;
    pages.pop();
    let followed = store::followed(snapshot).await?;
    pages.retain(|page| page.last_position() <= followed);
    let numbers: Vec<i64> = pages.iter().flat_map(Page::numbers).collect();
    let happened = outbox::happened(snapshot, &numbers).await?;
    let is_over = |page: &Page| page.numbers().all(|number| happened.get(&number).is_none_or(|at| *at < before));
    let over = pages.iter().take_while(|page| is_over(page)).count();
    pages.truncate(over);
    Ok(pages)
}
