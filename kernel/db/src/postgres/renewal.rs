//! Which pooled sessions are still good. A session keeps for life what it was made with: one that only reads goes on so
//! when the server writes again, and one whose server was replaced or whose statements are gone fails for ever. So the
//! first that fails is left, and as soon as a new one can write, all that were made before.

use super::session;
use super::space::Space;
use crate::DbError;
use crate::error::Blame;
use deadpool_postgres::{Client, Hook, HookError, Pool};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// How often a new session is tried while older ones fail; also how seldom all of them are made anew.
const TRY_PERIOD: Duration = Duration::from_millis(500);
/// A session this young would be made the same again: leaving it would only cost connections.
const YOUNG: Duration = Duration::from_secs(1);

/// What the pool and its transactions share about it.
pub(super) struct Renewal {
    start: Instant,
    /// Sessions made before this are left: microseconds after the start.
    left_before: AtomicU64,
    doubt: Notify,
    pub(super) space: Space,
}

impl Renewal {
    pub(super) fn new() -> Arc<Self> {
        let (left_before, doubt, space) = (AtomicU64::new(0), Notify::new(), Space::default());
        Arc::new(Self { start: Instant::now(), left_before, doubt, space })
    }

    /// What the pool asks before it hands out a session again.
    pub(super) fn hook(renewal: &Arc<Self>) -> Hook {
        let renewal = Arc::clone(renewal);
        Hook::sync_fn(move |_, metrics| {
            if renewal.is_left(metrics.created) {
                return Err(HookError::message("the session is older than the last change of the server"));
            }
            Ok(())
        })
    }

    /// Looks at how a session failed, and says whether it is to be left.
    pub(super) fn is_lost(&self, client: &Client, error: &tokio_postgres::Error) -> bool {
        match Blame::of(error) {
            Blame::Work => return false,
            Blame::Space => self.space.note_lack(),
            Blame::Server => {}
            Blame::Session => self.doubt.notify_one(),
        }
        Client::metrics(client).age() >= YOUNG
    }

    /// The failure of a statement outside of transactions; its session is left if it has to be.
    pub(super) fn failed(&self, client: Client, error: tokio_postgres::Error) -> DbError {
        if self.is_lost(&client, &error) {
            drop(Client::take(client));
        }
        error.into()
    }

    /// A server that does not answer one session answers none of the older ones: whoever asks next finds out sooner.
    pub(super) fn unanswered(&self) -> DbError {
        self.left_before.store(self.micros(Instant::now()), Ordering::Relaxed);
        DbError::Unavailable(format!("the server gave no answer within {} s", super::ANSWER_WAIT_MAX.as_secs()))
    }

    fn is_left(&self, created: Instant) -> bool {
        self.micros(created) < self.left_before.load(Ordering::Relaxed)
    }

    fn micros(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.start).as_micros()).unwrap_or(u64::MAX)
    }
}

/// Ends with what it is kept in.
pub(super) struct Watch(tokio::task::AbortHandle);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Waits for doubt, then until a new session can write; then all older ones are left. The scout is a pool of one, which is
/// empty whenever it is asked.
pub(super) fn watch(scout: Pool, renewal: &Arc<Renewal>) -> Watch {
    let renewal = Arc::clone(renewal);
    let watching = tokio::spawn(async move {
        loop {
            renewal.doubt.notified().await;
            while !can_write(&scout).await {
                tokio::time::sleep(TRY_PERIOD).await;
            }
            renewal.left_before.store(renewal.micros(Instant::now()), Ordering::Relaxed);
            tracing::info!("older database sessions are left: a new one can write");
            tokio::time::sleep(TRY_PERIOD).await;
        }
    });
    Watch(watching.abort_handle())
}

async fn can_write(scout: &Pool) -> bool {
    let trying = async {
        let client = Client::take(scout.get().await.ok()?);
        session::can_write(&client).await.ok()
    };
    tokio::time::timeout(super::CONNECT_WAIT_MAX, trying).await.ok().flatten().unwrap_or(false)
}
