//! What time makes useless: sessions, tokens and ties that are over. Taken away in bounded steps, so that nobody
//! waits for it.

use crate::{Identity, Result, import, mail_token, session, tie};
use db::WallTime;

/// At most so many rows of a kind in one step.
const STEP_ROWS: u32 = 1_000;

/// At most so many steps in one call: 3,000 sessions a second can be forgotten.
const STEPS_MAX: u32 = 180;

/// A session is remembered for so long after its end, for whoever looks into what happened.
const SESSION_KEPT_SECONDS: i64 = 24 * 60 * 60;

/// Mailed tokens are counted for an hour and told apart for a day.
const MAIL_TOKEN_KEPT_SECONDS: i64 = 2 * 24 * 60 * 60;

impl Identity {
    /// Forgets what is over, and learns how passwords are hashed by now; gives how many rows went. To be called every
    /// minute.
    ///
    /// # Errors
    /// The database failed; the next call goes on.
    pub async fn purge(&self, now: WallTime) -> Result<u64> {
        let mut purged = 0;
        for _ in 0..STEPS_MAX {
            let step = self.purge_step(now).await?;
            purged += step;
            if step < u64::from(STEP_ROWS) {
                break;
            }
        }
        self.learn_schemes().await?;
        Ok(purged)
    }

    async fn purge_step(&self, now: WallTime) -> Result<u64> {
        let tx = self.db.begin().await?;
        let before = now.plus_seconds(-SESSION_KEPT_SECONDS);
        let sessions = session::store::delete_expired_in_tx(&tx, before, STEP_ROWS).await?;
        let before = now.plus_seconds(-MAIL_TOKEN_KEPT_SECONDS);
        let mail_tokens = mail_token::store::delete_old_in_tx(&tx, before, STEP_ROWS).await?;
        let schemes = import::store::delete_unused_schemes_in_tx(&tx).await?;
        let ties = tie::store::delete_old_in_tx(&tx, now, STEP_ROWS).await?;
        tx.commit().await?;
        Ok(sessions + mail_tokens + schemes + ties)
    }
}
