//! The poster: a bounded queue of money requests and a few lanes that work it off in batches, one commit each.
//! Alone, a request waits for nobody; under load a batch is whatever came in during the last commit.

use crate::batch::{self, Basis, Outcome};
use crate::idempotency::{Claim, InProgress, Reply};
use crate::schedule::{Schedule, Taken};
use crate::turn::{Fate, Turn};
use crate::{Command, Hat};
use clock::Clocks;
use db::{Db, DbError, Engine};
use futures_util::FutureExt as _;
use ids::IdempotencyKey;
use outbox::Actor;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// Commands that may wait or be worked on at once; beyond that requests are turned away.
const COMMANDS_WAITING_MAX: usize = 16_384;
/// Commands in one commit, unless a single request has more.
const COMMANDS_PER_BATCH_MAX: usize = 2_048;
const ATTEMPTS_MAX: u32 = 6;

/// Makes the reply to the outcomes of a request; it is called inside the commit's work and must be quick.
pub type Render = Box<dyn Fn(&[Outcome]) -> Reply + Send + Sync>;

/// A request to move money: one command, or many in one.
pub struct Request {
    /// With which hat somebody asks.
    pub hat: Hat,
    /// Who they are, for those who look into it later.
    pub actor: Option<Actor>,
    /// What to do, in order.
    pub commands: Vec<Command>,
    /// Whether the commands happen all or not at all; else each on its own.
    pub is_atomic: bool,
    /// The key under which the answer is kept; only the bank itself goes without.
    pub key: Option<IdempotencyKey>,
    /// Makes the reply that is kept and sent.
    pub render: Render,
}

/// How a request was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Done, or refused, just now.
    Fresh {
        /// The reply.
        reply: Reply,
        /// Whether the same key will get it again.
        is_kept: bool,
    },
    /// The reply that the same request got before.
    Replayed(Reply),
    /// The key was used for another request before.
    KeyReused,
}

/// A request that was not worked on, or whose outcome is unknown until its key is tried again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PosterError {
    /// The first request with this key is still running.
    #[error("a request with this key is in progress")]
    InProgress,
    /// The queue is full.
    #[error("too many requests are waiting")]
    Overloaded,
    /// The database could not do it.
    #[error(transparent)]
    Store(#[from] DbError),
}

impl From<PosterError> for DbError {
    fn from(error: PosterError) -> Self {
        match error {
            PosterError::Store(error) => error,
            PosterError::InProgress | PosterError::Overloaded => Self::Unavailable(error.to_string()),
        }
    }
}

pub(crate) struct Job {
    pub(crate) hat: Hat,
    pub(crate) actor: Option<Actor>,
    pub(crate) commands: Vec<Command>,
    pub(crate) is_atomic: bool,
    pub(crate) key: Option<IdempotencyKey>,
    pub(crate) render: Render,
    answer: oneshot::Sender<Result<Answer, DbError>>,
    /// Let go when the job is over, also when nobody waits for it any more.
    _claim: Option<Claim>,
    _room: OwnedSemaphorePermit,
}

impl Job {
    /// Lets go of the key, then answers: whoever has the answer may send the key again at once.
    fn answer(self, answer: Result<Answer, DbError>) {
        let Self { answer: waiter, _claim: claim, .. } = self;
        drop(claim);
        // Nobody waiting any more is fine: the answer is kept under the key.
        drop(waiter.send(answer));
    }
}

/// The entrance to the lanes.
#[derive(Clone)]
pub(crate) struct Poster {
    schedule: Arc<Schedule>,
    /// Bounds the queue by commands, which is what costs.
    room: Arc<Semaphore>,
    in_progress: InProgress,
}

impl Poster {
    /// Starts the lanes: three on PostgreSQL, so that two cores have work while one lane waits for its commit; SQLite has
    /// one writer.
    pub(crate) fn start(db: &Db, clocks: &Clocks) -> Self {
        let schedule = Arc::new(Schedule::default());
        let lanes = match db.engine() {
            Engine::Postgres => 3,
            Engine::Sqlite => 1,
        };
        let shared = Arc::new(Lanes { db: db.clone(), clocks: clocks.clone(), contention: Contention::new() });
        for _ in 0..lanes {
            tokio::spawn(work(Arc::clone(&shared), Arc::downgrade(&schedule)));
        }
        Self { schedule, room: Arc::new(Semaphore::new(COMMANDS_WAITING_MAX)), in_progress: InProgress::default() }
    }

    pub(crate) async fn submit(&self, request: Request) -> Result<Answer, PosterError> {
        let weight: usize = request.commands.iter().map(Command::weight).sum();
        let weight = u32::try_from(weight.max(1)).map_err(|_| PosterError::Overloaded)?;
        let claim = match &request.key {
            Some(key) => Some(self.in_progress.claim(key).ok_or(PosterError::InProgress)?),
            None => None,
        };
        let room = Arc::clone(&self.room).try_acquire_many_owned(weight).map_err(|_| PosterError::Overloaded)?;
        let (answer, answered) = oneshot::channel();
        let Request { hat, actor, commands, is_atomic, key, render } = request;
        self.schedule.add(Job { hat, actor, commands, is_atomic, key, render, answer, _claim: claim, _room: room });
        Ok(answered.await.map_err(|_| DbError::Unavailable("the poster has stopped".to_owned()))??)
    }
}

/// What the lanes share.
pub(crate) struct Lanes {
    pub(crate) db: Db,
    pub(crate) clocks: Clocks,
    contention: Contention,
}

/// One lane: takes what is waiting, works it off, answers, again. It ends with the last handle of the poster.
async fn work(lanes: Arc<Lanes>, schedule: Weak<Schedule>) {
    while let Some(at) = schedule.upgrade() {
        match at.take(COMMANDS_PER_BATCH_MAX) {
            Some(Taken { tasks: jobs, accounts, ground, number }) => {
                metrics::histogram!("florin_poster_batch_requests")
                    .record(u32::try_from(jobs.len()).unwrap_or(u32::MAX));
                let basis = if lanes.may_presume() && batch::only_transfers(&jobs) {
                    Basis::Presumed(ground)
                } else {
                    Basis::Locked
                };
                // Also a batch under locks leaves word: the next one may be decided without.
                let mut turn = Turn::new(&at, number, accounts);
                for (job, answer) in post(&lanes, jobs, basis, &mut turn).await {
                    job.answer(answer);
                }
            }
            None => at.wait().await,
        }
    }
}

/// Posts the jobs and gives their answers. Lost races are run again; if one job makes the database refuse the whole batch,
/// the halves are tried apart, so that it cannot spoil its neighbours.
async fn post(
    lanes: &Lanes,
    jobs: Vec<Job>,
    basis: Basis,
    turn: &mut Turn<'_, Job>,
) -> Vec<(Job, Result<Answer, DbError>)> {
    let mut answered = Vec::with_capacity(jobs.len());
    let mut pieces = vec![(jobs, basis)];
    while let Some((mut jobs, basis)) = pieces.pop() {
        match attempt(lanes, &jobs, basis, turn).await {
            Ok(answers) => answered.extend(jobs.into_iter().zip(answers.into_iter().map(Ok))),
            Err(DbError::Internal(_)) if jobs.len() > 1 => {
                let second = jobs.split_off(jobs.len() / 2);
                pieces.extend([(second, Basis::Locked), (jobs, Basis::Locked)]);
            }
            Err(error) => {
                tracing::warn!(%error, jobs = jobs.len(), "a batch was not posted");
                answered.extend(jobs.into_iter().map(|job| (job, Err(error.clone()))));
            }
        }
    }
    answered
}

/// Whatever was presumed at first, it is run again under locks.
async fn attempt(
    lanes: &Lanes,
    jobs: &[Job],
    mut basis: Basis,
    turn: &mut Turn<'_, Job>,
) -> Result<Vec<Answer>, DbError> {
    let mut tries = 0;
    loop {
        tries += 1;
        let outcome = run(lanes, jobs, std::mem::replace(&mut basis, Basis::Locked), turn).await;
        turn.end(if outcome.is_ok() { Fate::Committed } else { Fate::Lost });
        match outcome {
            // Another process was first with a key, an account or a lock: its work is visible to the next attempt.
            Err(DbError::Conflict(_) | DbError::Duplicate(_)) if tries < ATTEMPTS_MAX => {
                lanes.contention.note();
                tokio::time::sleep(Duration::from_millis(2 << tries)).await;
                // It may be the clock that changed.
                lanes.clocks.look(&lanes.db).await?;
            }
            Err(DbError::Conflict(reason) | DbError::Duplicate(reason)) => {
                return Err(DbError::Unavailable(reason));
            }
            outcome => return outcome,
        }
    }
}

/// A batch that panics counts as refused: the lane goes on, its accounts are given free, and halves are tried apart.
async fn run(lanes: &Lanes, jobs: &[Job], basis: Basis, turn: &mut Turn<'_, Job>) -> Result<Vec<Answer>, DbError> {
    let guarded = AssertUnwindSafe(batch::run(lanes, jobs, basis, turn)).catch_unwind();
    guarded.await.unwrap_or_else(|_| Err(DbError::Internal("a batch panicked".to_owned())))
}

impl Lanes {
    /// Whether a lane may take it that nobody else moves money on the same accounts. SQLite has one writer, who holds a
    /// lock from the start.
    fn may_presume(&self) -> bool {
        self.db.engine() == Engine::Postgres && !self.contention.is_there()
    }
}

/// Whether races were lost lately: then another process moves money on the same accounts, and it is cheaper to lock rows
/// at once than to find out at the end that they have changed.
struct Contention {
    start: Instant,
    /// In milliseconds after the start; 0: never.
    last: AtomicU64,
}

impl Contention {
    const LASTS: Duration = Duration::from_secs(2);

    fn new() -> Self {
        Self { start: Instant::now(), last: AtomicU64::new(0) }
    }

    fn note(&self) {
        metrics::counter!("florin_poster_lost_races_total").increment(1);
        self.last.store(self.elapsed_millis().max(1), Ordering::Relaxed);
    }

    fn is_there(&self) -> bool {
        let last = self.last.load(Ordering::Relaxed);
        last > 0 && u128::from(self.elapsed_millis().saturating_sub(last)) < Self::LASTS.as_millis()
    }

    fn elapsed_millis(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
