//! Hashing: argon2id (RFC 9106) with OWASP's minimum of 19 MiB, on a few threads of its own that give way to all others.
//! Beyond the queue it is refused, so that a flood of logins can take neither the memory nor the processors.

use super::Password;
use crate::{AuthError, Result};
use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use std::panic::AssertUnwindSafe;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use store::StoreError;
use tokio::sync::oneshot;

const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const THREADS: usize = 2;
const WAITING_MAX: usize = 64;
/// The kindest that Linux knows: whoever moves money goes first.
const NICENESS: i32 = 19;

type Job = Box<dyn FnOnce() + Send>;

/// A hashed password in PHC form, which names the algorithm, its parameters and the salt.
pub(crate) struct PasswordHash(String);

/// The place where passwords are hashed.
pub(crate) struct Hashing {
    waiting: SyncSender<Job>,
    /// What the password of an unknown user is compared with, so that it takes as long as a known one's.
    nobody: Arc<PasswordHash>,
}

impl Hashing {
    pub(crate) async fn start() -> Result<Self> {
        let (waiting, jobs) = sync_channel(WAITING_MAX);
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..THREADS {
            let jobs = Arc::clone(&jobs);
            let started = std::thread::Builder::new().name("hashing".to_owned()).spawn(move || work_through(&jobs));
            started.map_err(|error| failure(&error))?;
        }
        let mut hashing = Self { waiting, nobody: Arc::new(PasswordHash(String::new())) };
        hashing.nobody = Arc::new(hashing.hash(Password::new(crate::random_token())).await?);
        Ok(hashing)
    }

    /// Hashes a chosen password.
    pub(crate) async fn hash(&self, password: Password) -> Result<PasswordHash> {
        self.run(move || {
            let hash = argon2id().hash_password(password.as_bytes()).map_err(|error| failure(&error))?;
            Ok(PasswordHash(hash.to_string()))
        })
        .await
    }

    /// Whether the password is the one behind the hash; without a hash it is not, after the same work.
    pub(crate) async fn verify(&self, password: Password, hash: Option<PasswordHash>) -> Result<bool> {
        if password.is_too_long() {
            // Nobody can have chosen it, so there is nothing to hide behind the work.
            return Ok(false);
        }
        let is_known = hash.is_some();
        let hash = hash.map_or_else(|| Arc::clone(&self.nobody), Arc::new);
        let matches = self
            .run(move || {
                let hash = phc::PasswordHash::new(&hash.0).map_err(|error| failure(&error))?;
                match argon2id().verify_password(password.as_bytes(), &hash) {
                    Ok(()) => Ok(true),
                    Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
                    Err(error) => Err(failure(&error)),
                }
            })
            .await?;
        Ok(matches && is_known)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let job = move || {
            // Whoever asked may be gone: then nobody wants to know.
            if !answer.is_closed() {
                drop(answer.send(work()));
            }
        };
        self.waiting.try_send(Box::new(job)).map_err(|_| AuthError::Busy)?;
        // Only a panic drops the answer.
        answered.await.map_err(|_| failure(&"a panic"))?
    }
}

/// One thread's work, until the last of those who could ask has gone.
fn work_through(jobs: &Mutex<Receiver<Job>>) {
    // Where it is not possible, hashing merely competes with everything else.
    if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS) {
        tracing::warn!(%error, "hashing keeps the priority of everything else");
    }
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        if std::panic::catch_unwind(AssertUnwindSafe(job)).is_err() {
            tracing::error!("a password could not be hashed: a panic");
        }
    }
}

impl PasswordHash {
    pub(crate) const fn from_stored(text: String) -> Self {
        Self(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

fn argon2id() -> Argon2<'static> {
    let parameters = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the parameters are within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
}

/// No memory, no random bytes, or a damaged row: none of it is the password's fault.
fn failure(error: &dyn std::fmt::Display) -> AuthError {
    AuthError::Store(StoreError::Internal(format!("a password could not be hashed: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password() -> Password {
        Password::new("secure_password")
    }

    #[tokio::test]
    async fn a_password_matches_its_own_hash_only() {
        let hashing = Hashing::start().await.unwrap();
        let hash = hashing.hash(password()).await.unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let stored = || Some(PasswordHash::from_stored(hash.as_str().to_owned()));
        assert!(hashing.verify(password(), stored()).await.unwrap());
        assert!(!hashing.verify(Password::new("another_password"), stored()).await.unwrap());
        assert!(!hashing.verify(Password::new("x".repeat(100_000)), stored()).await.unwrap());
    }

    #[tokio::test]
    async fn the_same_password_never_hashes_to_the_same_text() {
        let hashing = Hashing::start().await.unwrap();
        let (one, other) = (hashing.hash(password()).await.unwrap(), hashing.hash(password()).await.unwrap());
        assert_ne!(one.as_str(), other.as_str());
    }

    #[tokio::test]
    async fn an_unknown_user_costs_the_same_work_as_a_known_one() {
        let hashing = Hashing::start().await.unwrap();
        let known = hashing.hash(password()).await.unwrap();
        let parameters = |hash: &PasswordHash| hash.as_str().rsplitn(3, '$').last().map(str::to_owned);
        assert_eq!(parameters(&hashing.nobody), parameters(&known));
        assert!(!hashing.verify(password(), None).await.unwrap());
    }

    #[tokio::test]
    async fn a_flood_is_refused_beyond_the_queue_and_the_queue_is_served() {
        let hashing = Arc::new(Hashing::start().await.unwrap());
        let mut flood = tokio::task::JoinSet::new();
        for _ in 0..THREADS + WAITING_MAX + 20 {
            let hashing = Arc::clone(&hashing);
            flood.spawn(async move { hashing.verify(password(), None).await });
        }
        let outcomes = flood.join_all().await;
        let busy = outcomes.iter().filter(|outcome| **outcome == Err(AuthError::Busy)).count();
        let served = outcomes.iter().filter(|outcome| **outcome == Ok(false)).count();
        assert!((1..=THREADS + 20).contains(&busy), "{busy} were refused");
        assert_eq!(busy + served, outcomes.len());
        assert_eq!(hashing.verify(password(), None).await, Ok(false));
    }
}
