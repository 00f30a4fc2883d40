//! Hashing on a few threads of its own that give way to all others, whatever the scheme. Beyond the queue it is refused,
//! so that a flood of logins can take neither the memory nor the processors.

use super::memory::Memory;
use super::{BreachedPasswords, Password, PasswordHash, Scheme, failure};
use crate::{IdentityError, Result};
use std::panic::AssertUnwindSafe;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

const THREADS_MAX: usize = 8;
/// Passwords that wait or are being hashed.
const PLACES: usize = 64;
/// The kindest that Linux knows: whoever moves money goes first.
const NICENESS: i32 = 19;

type Job = Box<dyn FnOnce(&mut Memory) + Send>;

/// The place where passwords are hashed.
pub(crate) struct Hashing {
    waiting: Sender<Job>,
    places: Arc<Semaphore>,
    breached: Option<Arc<BreachedPasswords>>,
    /// Nobody's hashes, one of each scheme that somebody's password is hashed with: a refusal does the work of all of
    /// them, so that it takes as long for an unknown user as for any known one.
    nobody: RwLock<Arc<[PasswordHash]>>,
}

/// The right to have one password hashed, which bounds how many wait.
pub(crate) struct Place(#[expect(dead_code, reason = "it counts until it is dropped")] OwnedSemaphorePermit);

impl Hashing {
    pub(crate) fn start(breached: Option<BreachedPasswords>) -> Result<Self> {
        let (waiting, jobs) = channel();
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..threads() {
            let jobs = Arc::clone(&jobs);
            let started = std::thread::Builder::new().name("hashing".to_owned()).spawn(move || work_through(&jobs));
            started.map_err(|error| failure(&error))?;
        }
        let places = Arc::new(Semaphore::new(PLACES));
        let hashing = Self { waiting, places, breached: breached.map(Arc::new), nobody: RwLock::default() };
        hashing.learn_schemes(Vec::new())?;
        Ok(hashing)
    }

    /// Learns which schemes are in use besides the current one. Costs no hashing, however costly they are.
    pub(crate) fn learn_schemes(&self, in_use: Vec<Scheme>) -> Result<()> {
        let mut schemes = in_use;
        schemes.push(Scheme::current());
        schemes.sort_unstable();
        schemes.dedup();
        let known = self.nobody();
        let mut nobody = Vec::with_capacity(schemes.len());
        for scheme in schemes {
            match known.iter().find(|hash| hash.scheme() == scheme) {
                Some(hash) => nobody.push(hash.clone()),
                None => nobody.push(scheme.hash_of_nobody()?),
            }
        }
        *self.nobody.write().unwrap_or_else(PoisonError::into_inner) = nobody.into();
        Ok(())
    }

    /// A place in the queue. To be taken before anything else is done for a request, so that those who have to be turned
    /// away cost next to nothing.
    ///
    /// # Errors
    /// `Busy`: all are taken.
    pub(crate) fn place(&self) -> Result<Place> {
        Arc::clone(&self.places).try_acquire_owned().map(Place).map_err(|_| IdentityError::Busy)
    }

    /// Hashes a password, new or to be hashed better.
    pub(crate) async fn hash(&self, password: Password) -> Result<PasswordHash> {
        self.run(self.place()?, move |memory| Scheme::current().hash(&password, memory)).await
    }

    /// Hashes a password that somebody chooses, unless it is known from a leak.
    pub(crate) async fn hash_chosen(&self, password: Password) -> Result<PasswordHash> {
        let breached = self.breached.clone();
        self.run(self.place()?, move |memory| {
            if let Some(breached) = breached
                && breached.contains(&password)?
            {
                return Err(IdentityError::WeakPassword("is known from a data breach"));
            }
            Scheme::current().hash(&password, memory)
        })
        .await
    }

    /// Whether the password is the one behind the hash; without a hash it is not. Every refusal is the same work.
    pub(crate) async fn verify(&self, place: Place, password: Password, hash: Option<PasswordHash>) -> Result<bool> {
        if password.is_too_long() {
            // Nobody can have chosen it, so there is nothing to hide behind the work.
            return Ok(false);
        }
        let nobody = self.nobody();
        self.run(place, move |memory| {
            if let Some(hash) = &hash
                && hash.matches(&password, memory)?
            {
                return Ok(true);
            }
            for other in rest_of_the_work(hash.as_ref(), &nobody) {
                other.matches(&password, memory)?;
            }
            Ok(false)
        })
        .await
    }

    /// A hash of a password that nobody knows, for people who log in elsewhere.
    pub(crate) fn hash_of_nobody(&self) -> PasswordHash {
        let current = self.nobody().iter().find(|hash| hash.scheme() == Scheme::current()).cloned();
        current.expect("the current scheme is always among those learned")
    }

    fn nobody(&self) -> Arc<[PasswordHash]> {
        Arc::clone(&self.nobody.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn run<T: Send + 'static>(
        &self,
        place: Place,
        work: impl FnOnce(&mut Memory) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let job = move |memory: &mut Memory| {
            // Whoever asked may be gone: then nobody wants to know.
            if answer.is_closed() {
                return;
            }
            let outcome = work(memory);
            // Whoever has the answer may ask for the next one.
            drop(place);
            drop(answer.send(outcome));
        };
        self.waiting.send(Box::new(job)).map_err(|_| IdentityError::Busy)?;
        // Only a panic drops the answer.
        answered.await.map_err(|_| failure(&"a panic"))?
    }
}

/// Half of the processors: the other half is always there for those who move money.
fn threads() -> usize {
    (std::thread::available_parallelism().map_or(1, usize::from) / 2).clamp(1, THREADS_MAX)
}

/// One thread's work, until the last of those who could ask has gone.
fn work_through(jobs: &Mutex<Receiver<Job>>) {
    // Where it is not possible, hashing merely competes with everything else.
    if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICENESS) {
        tracing::warn!(%error, "hashing keeps the priority of everything else");
    }
    let mut memory = Memory::default();
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        if std::panic::catch_unwind(AssertUnwindSafe(|| job(&mut memory))).is_err() {
            tracing::error!("a password could not be hashed: a panic");
        }
    }
}

/// What is left to do of every scheme's work once the person's own hash did not match.
fn rest_of_the_work<'a>(
    own: Option<&PasswordHash>,
    nobody: &'a [PasswordHash],
) -> impl Iterator<Item = &'a PasswordHash> {
    let done = own.map(PasswordHash::scheme);
    nobody.iter().filter(move |other| Some(other.scheme()) != done)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password() -> Password {
        Password::new("secure_password")
    }

    fn scheme(text: &str) -> Scheme {
        Scheme::from_stored(text.to_owned())
    }

    async fn verify(hashing: &Hashing, password: Password, hash: Option<PasswordHash>) -> Result<bool> {
        hashing.verify(hashing.place()?, password, hash).await
    }

    fn hashing() -> Hashing {
        Hashing::start(None).unwrap()
    }

    #[tokio::test]
    async fn a_password_matches_its_own_hash_only() {
        let hashing = hashing();
        let hash = hashing.hash(password()).await.unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let stored = || Some(PasswordHash::from_stored(hash.as_str().to_owned()));
        assert!(verify(&hashing, password(), stored()).await.unwrap());
        assert!(!verify(&hashing, Password::new("another_password"), stored()).await.unwrap());
        assert!(!verify(&hashing, Password::new("x".repeat(100_000)), stored()).await.unwrap());
    }

    #[tokio::test]
    async fn a_stored_hash_cannot_ask_for_all_of_the_memory() {
        let hashing = hashing();
        let greedy = "$argon2id$v=19$m=4194304,t=3,p=2$c29tZXNhbHRzb21lc2FsdA$NRsRCeJlZzqwMneUdblG33mcj3plyREs";
        let outcome = verify(&hashing, password(), Some(PasswordHash::from_stored(greedy.to_owned()))).await;
        assert!(matches!(outcome, Err(IdentityError::Store(_))), "{outcome:?}");
        assert_eq!(verify(&hashing, password(), None).await, Ok(false), "the threads go on");
    }

    #[tokio::test]
    async fn the_same_password_never_hashes_to_the_same_text() {
        let hashing = hashing();
        let (one, other) = (hashing.hash(password()).await.unwrap(), hashing.hash(password()).await.unwrap());
        assert_ne!(one.as_str(), other.as_str());
    }

    #[tokio::test]
    async fn every_refusal_costs_the_same_work_for_unknown_users_and_for_those_of_every_scheme() {
        let hashing = hashing();
        hashing.learn_schemes(vec![scheme("$2b$04"), scheme("$argon2id$v=19$m=4096,t=1,p=1")]).unwrap();
        let nobody = hashing.nobody();
        let work = |own: Option<&PasswordHash>| {
            let rest = rest_of_the_work(own, &nobody).map(PasswordHash::scheme);
            let mut schemes: Vec<Scheme> = own.map(PasswordHash::scheme).into_iter().chain(rest).collect();
            schemes.sort_unstable();
            schemes
        };
        let unknown = work(None);
        assert_eq!(unknown.len(), 3);
        for scheme in &unknown {
            let known = scheme.hash(&password(), &mut Memory::default()).unwrap();
            assert_eq!(work(Some(&known)), unknown, "{scheme:?}");
            assert!(verify(&hashing, password(), Some(known)).await.unwrap());
        }
        assert!(!verify(&hashing, password(), None).await.unwrap());
    }

    #[tokio::test]
    async fn schemes_that_nobody_has_any_more_cost_nothing() {
        let hashing = hashing();
        hashing.learn_schemes(vec![scheme("$2b$04")]).unwrap();
        assert_eq!(hashing.nobody().len(), 2);
        hashing.learn_schemes(vec![Scheme::current()]).unwrap();
        assert_eq!(hashing.nobody().len(), 1);
    }

    #[tokio::test]
    async fn a_flood_is_refused_beyond_the_queue_and_the_queue_is_served() {
        let hashing = Arc::new(hashing());
        let mut flood = tokio::task::JoinSet::new();
        for _ in 0..PLACES + 20 {
            let hashing = Arc::clone(&hashing);
            flood.spawn(async move { verify(&hashing, password(), None).await });
        }
        let outcomes = flood.join_all().await;
        let busy = outcomes.iter().filter(|outcome| **outcome == Err(IdentityError::Busy)).count();
        let served = outcomes.iter().filter(|outcome| **outcome == Ok(false)).count();
        assert!((1..=20).contains(&busy), "{busy} were refused");
        assert_eq!(busy + served, outcomes.len());
        assert_eq!(verify(&hashing, password(), None).await, Ok(false));
    }
}
