//! The keys of a trusted issuer as they are known here. Whoever fetches them asks [`IssuerKeys::due`] when: a flood of
//! tokens that name unknown keys leads to one attempt after a rest. What is known stays known while the issuer is away.

use super::key_set::{self, IssuerKey, KeySetError};
use crate::{ProgramError, Result};
use identity::IdentityError;
use jsonwebtoken::Algorithm;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::Instant;

/// At most so many tokens with unknown keys wait for an attempt.
const WAITING_MAX: usize = 100;

/// How often the issuer is asked.
#[derive(Clone, Copy)]
struct Pace {
    /// Between two attempts, whatever tokens say.
    rest: Duration,
    /// Nothing unknown has come: look again anyway, after a success and after a failure.
    refresh_interval: Duration,
    retry_interval: Duration,
    /// So long a token with an unknown key waits for the attempt that it has led to.
    patience: Duration,
}

const PACE: Pace = Pace {
    rest: Duration::from_secs(2),
    refresh_interval: Duration::from_secs(5 * 60),
    retry_interval: Duration::from_secs(10),
    patience: Duration::from_secs(2),
};

/// What is known of an issuer's keys.
pub struct IssuerKeys {
    pace: Pace,
    known: watch::Sender<Known>,
    wanted: Notify,
    attempts: Mutex<Attempts>,
    waiting: Semaphore,
}

#[derive(Default)]
struct Known {
    /// `None`: they were never fetched.
    keys: Option<Vec<IssuerKey>>,
    /// Grows with every change of the keys.
    generation: u64,
}

#[derive(Clone, Copy, Default)]
struct Attempts {
    is_under_way: bool,
    last: Option<Attempt>,
}

#[derive(Clone, Copy)]
struct Attempt {
    ended_at: Instant,
    has_succeeded: bool,
}

impl IssuerKeys {
    pub(super) fn new() -> Self {
        Self::at(PACE)
    }

    fn at(pace: Pace) -> Self {
        Self {
            pace,
            known: watch::Sender::new(Known::default()),
            wanted: Notify::new(),
            attempts: Mutex::default(),
            waiting: Semaphore::new(WAITING_MAX),
        }
    }

    /// Waits until the keys are to be fetched. Whoever calls tells of the outcome with `learn` or `missed`, and then
    /// calls again; there is one such caller.
    pub async fn due(&self) {
        let last = self.attempts().last;
        if let Some(last) = last {
            let Pace { rest, refresh_interval, retry_interval, .. } = self.pace;
            tokio::time::sleep_until(last.ended_at + rest).await;
            let interval = if last.has_succeeded { refresh_interval } else { retry_interval };
            // Either way the time has come.
            drop(tokio::time::timeout_at(last.ended_at + interval, self.wanted.notified()).await);
        }
        self.attempts().is_under_way = true;
    }

    /// Takes over what the issuer publishes now, in place of what was known; gives how many keys can verify.
    ///
    /// # Errors
    /// It is no set of keys: what is known stays known.
    pub fn learn(&self, key_set: &str) -> std::result::Result<usize, KeySetError> {
        let parsed = key_set::parse(key_set);
        self.end_attempt(parsed.is_ok());
        let keys = parsed.inspect_err(|_| self.wake())?;
        let count = keys.len();
        self.known.send_modify(|known| {
            if known.keys.as_ref() != Some(&keys) {
                tracing::info!(keys = count, "the trusted issuer has other keys");
                known.keys = Some(keys);
                known.generation += 1;
            }
        });
        Ok(count)
    }

    /// The issuer could not be asked.
    pub fn missed(&self) {
        self.end_attempt(false);
        self.wake();
    }

    /// Another number than before means that keys came or went.
    pub(super) fn generation(&self) -> u64 {
        self.known.borrow().generation
    }

    /// The key that a token means. For an unknown one the issuer is asked again, if it was not just asked.
    pub(super) async fn find(&self, id: &str, algorithm: Algorithm) -> Result<IssuerKey> {
        let mut known = self.known.subscribe();
        if let Some(key) = known.borrow_and_update().find(id, algorithm) {
            return Ok(key);
        }
        self.wanted.notify_one();
        if self.is_answer_near()
            && let Ok(_place) = self.waiting.try_acquire()
        {
            // In vain or not: what is known by then decides.
            drop(tokio::time::timeout(self.pace.patience, known.changed()).await);
        }
        let known = known.borrow();
        match &known.keys {
            None => Err(ProgramError::IssuerAway),
            Some(_) => known.find(id, algorithm).ok_or(ProgramError::Identity(IdentityError::InvalidToken)),
        }
    }

    /// Whether an attempt is under way, or begins at once when it is wanted.
    fn is_answer_near(&self) -> bool {
        let attempts = *self.attempts();
        attempts.is_under_way || attempts.last.is_none_or(|last| last.ended_at.elapsed() >= self.pace.rest)
    }

    fn end_attempt(&self, has_succeeded: bool) {
        let last = Some(Attempt { ended_at: Instant::now(), has_succeeded });
        *self.attempts() = Attempts { is_under_way: false, last };
    }

    /// Lets those go on who wait for an attempt that failed.
    fn wake(&self) {
        self.known.send_modify(|_| ());
    }

    fn attempts(&self) -> std::sync::MutexGuard<'_, Attempts> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn find(&self, id: &str, algorithm: Algorithm) -> Option<IssuerKey> {
        self.keys.as_ref()?.iter().find(|key| key.is_meant(id, algorithm)).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    const NONE: &str = r#"{"keys":[]}"#;
    // RFC 8037, appendix A.2.
    const ONE: &str =
        r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

    const LONG: Duration = Duration::from_secs(60);
    const SHORT: Duration = Duration::from_millis(50);
    /// Nothing is waited for, but for what a test shortens.
    const SLOW: Pace = Pace { rest: LONG, refresh_interval: LONG, retry_interval: LONG, patience: LONG };

    async fn find(keys: &IssuerKeys) -> Result<()> {
        keys.find("a", Algorithm::EdDSA).await.map(drop)
    }

    #[tokio::test]
    async fn the_first_attempt_is_due_at_once_and_the_next_after_a_while() {
        let keys = IssuerKeys::at(Pace { rest: Duration::ZERO, retry_interval: SHORT, ..SLOW });
        keys.due().await;
        keys.missed();
        let start = Instant::now();
        keys.due().await;
        assert!(start.elapsed() >= SHORT);
        keys.learn(ONE).unwrap();
        assert!(tokio::time::timeout(SHORT, keys.due()).await.is_err(), "all is well for now");
    }

    #[tokio::test]
    async fn a_flood_of_unknown_keys_leads_to_one_attempt_after_each_rest() {
        let keys = Arc::new(IssuerKeys::at(Pace { rest: SHORT, ..SLOW }));
        keys.due().await;
        keys.learn(NONE).unwrap();
        let flooding = Arc::clone(&keys);
        let flood = tokio::spawn(async move {
            loop {
                assert_eq!(find(&flooding).await, Err(ProgramError::Identity(IdentityError::InvalidToken)));
                tokio::task::yield_now().await;
            }
        });
        for _ in 0..4 {
            let start = Instant::now();
            keys.due().await;
            assert!(start.elapsed() >= SHORT - Duration::from_millis(1), "{:?}", start.elapsed());
            keys.learn(NONE).unwrap();
        }
        assert!(!flood.is_finished());
        flood.abort();
    }

    #[tokio::test]
    async fn a_token_with_a_new_key_waits_for_it() {
        let keys = Arc::new(IssuerKeys::at(SLOW));
        let early = Arc::clone(&keys);
        let early = tokio::spawn(async move { find(&early).await });
        tokio::time::sleep(SHORT).await;
        assert!(!early.is_finished());
        keys.due().await;
        keys.learn(ONE).unwrap();
        assert_eq!(early.await.unwrap(), Ok(()));
    }

    #[tokio::test]
    async fn nobody_waits_for_ever_nor_for_an_issuer_that_was_just_asked() {
        let hanging = IssuerKeys::at(Pace { patience: SHORT, ..SLOW });
        assert_eq!(find(&hanging).await, Err(ProgramError::IssuerAway));
        let resting = IssuerKeys::at(SLOW);
        resting.due().await;
        resting.missed();
        assert_eq!(find(&resting).await, Err(ProgramError::IssuerAway));
    }

    #[tokio::test]
    async fn what_is_known_stays_known_until_the_issuer_says_otherwise() {
        let keys = IssuerKeys::at(SLOW);
        keys.learn(ONE).unwrap();
        let generation = keys.generation();
        keys.missed();
        assert_eq!(keys.learn("<html>").err(), Some(KeySetError::Malformed));
        keys.learn(ONE).unwrap();
        assert_eq!((find(&keys).await, keys.generation()), (Ok(()), generation));
        keys.learn(NONE).unwrap();
        assert_eq!(find(&keys).await, Err(ProgramError::Identity(IdentityError::InvalidToken)));
        assert_ne!(keys.generation(), generation);
    }

    #[tokio::test]
    async fn only_so_many_wait() {
        let keys = Arc::new(IssuerKeys::at(SLOW));
        let mut asking = tokio::task::JoinSet::new();
        for _ in 0..=WAITING_MAX {
            let keys = Arc::clone(&keys);
            asking.spawn(async move { find(&keys).await });
        }
        // One is one too many; the others wait until they are told.
        assert_eq!(asking.join_next().await.unwrap().unwrap(), Err(ProgramError::IssuerAway));
        assert!(tokio::time::timeout(SHORT, asking.join_next()).await.is_err());
        keys.learn(ONE).unwrap();
        assert!(asking.join_all().await.iter().all(Result::is_ok));
    }
}
