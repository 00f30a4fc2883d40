//! Whether there is space where the tables lie. A small write finds room in pages that are there already, also on a full
//! disk; so now and then, and after a refusal, something is written that needs new ones, and taken back.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio_postgres::error::SqlState;

/// It makes rows in the server's catalogue, if for a moment: not for every question.
const LOOK_PERIOD: Duration = Duration::from_secs(60);
const NEW_PAGES: &str = "BEGIN; CREATE TEMPORARY TABLE store_readiness_space ON COMMIT DROP \
                         AS SELECT repeat('x', 1000) AS filler FROM generate_series(1, 32); ROLLBACK";

/// What is known about it.
#[derive(Default)]
pub(super) struct Space {
    /// Whether a write was refused for want of it since it was last found.
    is_lacking: AtomicBool,
    looked_at: Mutex<Option<Instant>>,
}

impl Space {
    pub(super) fn note_lack(&self) {
        self.is_lacking.store(true, Ordering::Relaxed);
    }

    /// Looks, if it is time to. A role that may not make temporary tables sees nothing here.
    pub(super) async fn look(&self, client: &tokio_postgres::Client) -> Result<(), tokio_postgres::Error> {
        if !self.is_time() {
            return Ok(());
        }
        let outcome = client.batch_execute(NEW_PAGES).await;
        if outcome.is_err() {
            client.batch_execute("ROLLBACK").await?;
        }
        match outcome {
            Err(error) if error.code() != Some(&SqlState::INSUFFICIENT_PRIVILEGE) => {
                self.note_lack();
                Err(error)
            }
            _ => {
                self.is_lacking.store(false, Ordering::Relaxed);
                Ok(())
            }
        }
    }

    fn is_time(&self) -> bool {
        let mut looked_at = self.looked_at.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.is_lacking.load(Ordering::Relaxed) && looked_at.is_some_and(|at| at.elapsed() < LOOK_PERIOD) {
            return false;
        }
        *looked_at = Some(Instant::now());
        true
    }
}
