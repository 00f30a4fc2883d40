//! Whether the database takes work: asked by a write that is committed, because nothing less finds a full disk, a
//! server that only reads, or a commit that does not come back. Many who ask share one answer.

use crate::{DbError, Result, Tx, WallTime, params, statements};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

/// How long an answer stands: so many who ask cost no more than one.
const ANSWER_HOLDS: Duration = Duration::from_secs(1);
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(3);

statements! {
    WRITE_READINESS =
        "INSERT INTO store_readiness (singleton, asked_at) VALUES (1, $1)
         ON CONFLICT (singleton) DO UPDATE SET asked_at = excluded.asked_at";
}

/// The last answer, and the question on its way.
#[derive(Debug, Default)]
pub(crate) struct Readiness(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    last: Option<(Instant, Result<()>)>,
    asking: Option<JoinHandle<Result<()>>>,
}

impl Readiness {
    /// The answer to the question, or the one that somebody just got. Whatever went wrong, it is no time for work. While
    /// one question hangs no other is asked: each would take a connection from those who read.
    pub(crate) async fn ask<F>(&self, question: impl FnOnce() -> F) -> Result<()>
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        // Those who come meanwhile wait here for the answer that is on its way.
        let mut state = self.0.lock().await;
        if let Some((at, answer)) = &state.last
            && at.elapsed() < ANSWER_HOLDS
        {
            return answer.clone();
        }
        let asking = state.asking.get_or_insert_with(|| tokio::spawn(question()));
        let answer = match tokio::time::timeout(ANSWER_WAIT_MAX, asking).await {
            Ok(answer) => {
                state.asking = None;
                answer.unwrap_or_else(|error| Err(DbError::Internal(error.to_string())))
            }
            Err(_) => Err(DbError::Unavailable("a write was not committed in time".to_owned())),
        };
        let answer = answer.map_err(|error| match error {
            DbError::Unavailable(_) => error,
            other => DbError::Unavailable(other.to_string()),
        });
        state.last = Some((Instant::now(), answer.clone()));
        answer
    }
}

/// The write that shows that writes work.
pub(crate) async fn write(tx: Tx, now: WallTime) -> Result<()> {
    tx.execute(&WRITE_READINESS, params![now]).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn many_who_ask_share_one_answer() {
        let (readiness, asked) = (Readiness::default(), AtomicU32::new(0));
        let question = || {
            asked.fetch_add(1, Ordering::Relaxed);
            async { Err(DbError::Internal("damaged".to_owned())) }
        };
        let answers = futures_util::future::join_all((0..100).map(|_| readiness.ask(question))).await;
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        // Whatever it was: a later attempt may find it gone.
        assert!(answers.iter().all(|answer| matches!(answer, Err(DbError::Unavailable(_)))), "{answers:?}");
        tokio::time::sleep(ANSWER_HOLDS).await;
        assert_eq!(readiness.ask(|| async { Ok(()) }).await, Ok(()));
    }

    #[tokio::test]
    async fn a_question_that_hangs_is_not_asked_again() {
        let (readiness, asked) = (Readiness::default(), AtomicU32::new(0));
        let question = || {
            asked.fetch_add(1, Ordering::Relaxed);
            std::future::pending()
        };
        for _ in 0..2 {
            let answer = readiness.ask(question).await;
            assert!(answer.is_err_and(|error| error.to_string().contains("in time")));
            tokio::time::sleep(ANSWER_HOLDS).await;
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }
}
