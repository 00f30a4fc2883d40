//! Hashing: argon2id (RFC 9106) with OWASP's minimum of 19 MiB, on a few threads of its own that give way to all others.
//! Beyond the queue it is refused, so that a flood of logins can take neither the memory nor the processors.

use super::Password;
use crate::{AuthError, Result};
use argon2::password_hash::phc::{self, Output, ParamsString, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
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
/// 64 MiB a thread: no stored hash may ask for more.
const BLOCKS_MAX: usize = 65_536;
/// The kindest that Linux knows: whoever moves money goes first.
const NICENESS: i32 = 19;

type Job = Box<dyn FnOnce(&mut Memory) + Send>;

/// What a thread hashes in: kept, because giving 19 MiB back and asking for them again holds up the whole process.
struct Memory(Vec<Block>);

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
        self.run(move |memory| {
            let (how, salt) = (argon2id(), Salt::generate());
            let output = memory.digest(&how, &password, &salt)?;
            let hash = phc::PasswordHash {
                algorithm: Algorithm::Argon2id.ident(),
                version: Some(Version::V0x13.into()),
                params: ParamsString::try_from(how.params()).map_err(|error| failure(&error))?,
                salt: Some(salt),
                hash: Some(output),
            };
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
        let matches = self.run(move |memory| memory.matches(&password, &hash)).await?;
        Ok(matches && is_known)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce(&mut Memory) -> Result<T> + Send + 'static) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let job = move |memory: &mut Memory| {
            // Whoever asked may be gone: then nobody wants to know.
            if !answer.is_closed() {
                drop(answer.send(work(memory)));
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
    let mut memory = Memory(Vec::new());
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        if std::panic::catch_unwind(AssertUnwindSafe(|| job(&mut memory))).is_err() {
            tracing::error!("a password could not be hashed: a panic");
        }
    }
}

impl Memory {
    /// Whether the password is the one behind the hash, whichever parameters it was made with. Equality of outputs takes
    /// the same time wherever they differ.
    fn matches(&mut self, password: &Password, hash: &PasswordHash) -> Result<bool> {
        let hash = phc::PasswordHash::new(&hash.0).map_err(|error| failure(&error))?;
        let how = argon2_of(&hash).map_err(|error| failure(&error))?;
        let salt = hash.salt.ok_or_else(|| failure(&"a hash without a salt"))?;
        Ok(Some(self.digest(&how, password, &salt)?) == hash.hash)
    }

    fn digest(&mut self, how: &Argon2<'_>, password: &Password, salt: &Salt) -> Result<Output> {
        let count = how.params().block_count();
        if count > BLOCKS_MAX {
            return Err(failure(&"a hash that needs too much memory"));
        }
        if self.0.len() < count {
            self.0.resize(count, Block::new());
        }
        let length = how.params().output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
        let mut buffer = [0; Output::MAX_LENGTH];
        let output = buffer.get_mut(..length).ok_or_else(|| failure(&"a hash that is too long"))?;
        how.hash_password_into_with_memory(password.as_bytes(), salt, output, &mut self.0[..count])
            .map_err(|error| failure(&error))?;
        Output::new(output).map_err(|error| failure(&error))
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

/// The function that made a stored hash.
fn argon2_of(hash: &phc::PasswordHash) -> argon2::password_hash::Result<Argon2<'static>> {
    let algorithm = Algorithm::try_from(hash.algorithm.as_str())?;
    let version = hash.version.map_or(Ok(Version::V0x13), Version::try_from)?;
    Ok(Argon2::new(algorithm, version, Params::try_from(hash)?))
}

/// No memory, no random bytes, or a damaged row: none of it is the password's fault.
fn failure(error: &dyn std::fmt::Display) -> AuthError {
    AuthError::Store(StoreError::Internal(format!("a password could not be hashed: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with the reference implementation: `echo -n secure_password | argon2 somesaltsomesalt -id -t 3 -k 4096 -p 2
    /// -l 24 -e`.
    const OTHER: &str = "$argon2id$v=19$m=4096,t=3,p=2$c29tZXNhbHRzb21lc2FsdA$NRsRCeJlZzqwMneUdblG33mcj3plyREs";

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
    async fn a_hash_made_with_other_parameters_is_still_verified() {
        let hashing = Hashing::start().await.unwrap();
        let stored = || Some(PasswordHash::from_stored(OTHER.to_owned()));
        assert_eq!(hashing.verify(password(), stored()).await, Ok(true));
        assert_eq!(hashing.verify(Password::new("secure_passwore"), stored()).await, Ok(false));
    }

    #[tokio::test]
    async fn a_stored_hash_cannot_ask_for_all_of_the_memory() {
        let hashing = Hashing::start().await.unwrap();
        let greedy = OTHER.replace("m=4096", "m=4194304");
        let outcome = hashing.verify(password(), Some(PasswordHash::from_stored(greedy))).await;
        assert!(matches!(outcome, Err(AuthError::Store(_))), "{outcome:?}");
        assert_eq!(hashing.verify(password(), None).await, Ok(false), "the threads go on");
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
