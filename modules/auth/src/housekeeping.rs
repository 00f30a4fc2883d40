//! What time makes useless: sessions, grants and tokens that are over. Taken away in bounded steps, so that nobody waits for it.

use crate::{Auth, Result, oauth, session};
use store::Timestamp;

/// At most so many rows of a kind in one step.
const STEP_ROWS: u32 = 1_000;

/// A session is remembered for so long after its end, for whoever looks into what happened.
const SESSION_KEPT_SECONDS: i64 = 24 * 60 * 60;

impl Auth {
    /// Forgets some of what is over; gives how many rows. To be called every minute, and again while it finds much.
    ///
    /// # Errors
    /// The database failed; the next call goes on.
    pub async fn purge(&self, now: Timestamp) -> Result<u64> {
        let tx = self.db.begin().await?;
        let before = now.plus_seconds(-SESSION_KEPT_SECONDS);
        let sessions = session::store::delete_expired_in_tx(&tx, before, STEP_ROWS).await?;
        let grants = oauth::grant_store::purge_in_tx(&tx, before).await?;
        tx.commit().await?;
        Ok(sessions + grants)
    }
}
