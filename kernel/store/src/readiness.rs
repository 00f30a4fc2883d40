//! Whether the database takes work: asked by a write that is committed, because nothing less finds a full disk, a
//! server that only reads, or a commit that does not come back. Many who ask share one answer.

use crate::{Migration, Result, StoreError, Timestamp, Tx, params, statements};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How long an answer stands: so many who ask cost no more than one.
const ANSWER_HOLDS: Duration = Duration::from_secs(1);
const ANSWER_WAIT_MAX: Duration = Duration::from_secs(3);

/// The store's own tables.
pub const MIGRATIONS: &[Migration] = &[Migration {
    module: "store",
    number: 1,
    sql: include_str!("../migrations/0001_readiness.sql"),
    postgres: "",
    sqlite: "",
    append_only: &[],
}];

statements! {
    WRITE_READINESS =
        "INSERT INTO store_readiness (singleton, asked_at) VALUES (1, $1)
         ON CONFLICT (singleton) DO UPDATE SET asked_at = excluded.asked_at";
}

/// The last answer.
#[derive(Debug, Default)]
pub(crate) struct Readiness(Mutex<Option<(Instant, Result<()>)>>);

impl Readiness {
    /// The answer to the question, or the one that somebody just got. Whatever went wrong, it is no time for work.
    pub(crate) async fn ask(&self, question: impl Future<Output = Result<()>>) -> Result<()> {
        // Those who come meanwhile wait here for the answer that is on its way.
        let mut last = self.0.lock().await;
        if let Some((at, answer)) = &*last
            && at.elapsed() < ANSWER_HOLDS
        {
            return answer.clone();
        }
        let answer = match tokio::time::timeout(ANSWER_WAIT_MAX, question).await {
            Ok(Err(StoreError::Unavailable(reason))) => Err(StoreError::Unavailable(reason)),
            Ok(outcome) => outcome.map_err(|error| StoreError::Unavailable(error.to_string())),
            Err(_) => Err(StoreError::Unavailable("a write was not committed in time".to_owned())),
        };
        *last = Some((Instant::now(), answer.clone()));
        answer
    }
}

/// The write that shows that writes work.
pub(crate) async fn write(tx: Tx) -> Result<()> {
    tx.execute(&WRITE_READINESS, params![Timestamp::now()]).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn many_who_ask_share_one_answer() {
        let (readiness, asked) = (Readiness::default(), AtomicU32::new(0));
        let question = || async {
            asked.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(20)).await;
            Err(StoreError::Internal("damaged".to_owned()))
        };
        let answers = futures_util::future::join_all((0..100).map(|_| readiness.ask(question()))).await;
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        // Whatever it was: a later attempt may find it gone.
        assert!(answers.iter().all(|answer| matches!(answer, Err(StoreError::Unavailable(_)))), "{answers:?}");
        tokio::time::sleep(ANSWER_HOLDS).await;
        assert_eq!(readiness.ask(async { Ok(()) }).await, Ok(()));
    }
}
