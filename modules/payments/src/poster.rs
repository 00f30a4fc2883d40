//! The poster: a bounded queue of money requests and a few lanes that work it off in batches, one commit each.
//! Alone, a request waits for nobody; under load a batch is whatever came in during the last commit.

use crate::Command;
use crate::batch::{self, Basis};
use crate::ground::Fate;
use crate::in_progress::InProgress;
use crate::lanes::Lanes;
use crate::refused::Throttle;
use crate::request::{Answer, Asker, Job, PosterError, Request};
use crate::schedule::{Schedule, Taken};
use crate::turn::Turn;
use clock::Clocks;
use db::{Db, DbError, Engine};
use fraud::Fraud;
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::Semaphore;
use tracing::Instrument as _;

/// Commands that may wait or be worked on at once; beyond that requests are turned away.
const COMMANDS_WAITING_MAX: usize = 16_384;
/// Commands in one commit, unless a single request has more.
const COMMANDS_PER_BATCH_MAX: usize = 2_048;
const ATTEMPTS_MAX: u32 = 6;

/// The entrance to the lanes.
#[derive(Clone)]
pub(crate) struct Poster {
    schedule: Arc<Schedule>,
    /// Bounds the queue by commands, which is what costs.
    room: Arc<Semaphore>,
    in_progress: InProgress,
    throttle: Arc<Throttle>,
}

impl Poster {
    /// Starts the lanes: three on PostgreSQL, so that two cores have work while one lane waits for its commit; SQLite has
    /// one writer.
    pub(crate) fn start(db: &Db, clocks: &Clocks, fraud: Fraud) -> Self {
        let schedule = Arc::new(Schedule::default());
        let lanes = match db.engine() {
            Engine::Postgres => 3,
            Engine::Sqlite => 1,
        };
        let throttle = Arc::new(Throttle::default());
        let shared = Arc::new(Lanes::new(db, clocks, fraud, &throttle));
        for _ in 0..lanes {
            tokio::spawn(work(Arc::clone(&shared), Arc::downgrade(&schedule)));
        }
        Self {
            schedule,
            room: Arc::new(Semaphore::new(COMMANDS_WAITING_MAX)),
            in_progress: InProgress::default(),
            throttle,
        }
    }

    /// What bounds how many refusals are kept.
    pub(crate) fn throttle(&self) -> &Throttle {
        &self.throttle
    }

    pub(crate) async fn submit(&self, asker: Asker, request: Request) -> Result<Answer, PosterError> {
        let weight: usize = request.commands.iter().map(Command::weight).sum();
        let weight = u32::try_from(weight.max(1)).map_err(|_| PosterError::Overloaded)?;
        let claim = match &request.key {
            Some(key) => Some(self.in_progress.claim(key).ok_or(PosterError::InProgress)?),
            None => None,
        };
        let room = Arc::clone(&self.room).try_acquire_many_owned(weight).map_err(|_| PosterError::Overloaded)?;
        let (job, answered) = Job::new(asker, request, claim, room);
        self.schedule.add(job);
        Ok(answered.await.map_err(|_| DbError::Unavailable("the poster has stopped".to_owned()))??)
    }
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
                let span = tracing::info_span!("batch", number, requests = jobs.len());
                for (job, answer) in post(&lanes, jobs, basis, &mut turn).instrument(span).await {
                    job.answer(answer);
                }
            }
            None => at.wait().await,
        }
    }
}

/// Posts the jobs and returns their answers. Lost races are run again; if one job makes the database refuse the whole batch,
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
            Err(error @ (DbError::Conflict(_) | DbError::Duplicate(_))) if tries < ATTEMPTS_MAX => {
                lanes.note(&error);
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
