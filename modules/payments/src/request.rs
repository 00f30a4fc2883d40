//! A request to the poster, its answer, and the job that a request is while it waits and is worked on.

use crate::in_progress::Claim;
use crate::receipt::{Pack, Receipt};
use crate::rules::BrokenRule;
use crate::{Command, Hat, Outcome};
use db::DbError;
use factors::FactorError;
use ids::IdempotencyKey;
use outbox::Actor;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// A request to move money: one command, or many in one. Who asks is said beside it.
pub struct Request {
    /// What to do, in order.
    pub commands: Vec<Command>,
    /// Whether the commands happen all or not at all; else each on its own.
    pub is_atomic: bool,
    /// The key under which the receipt is kept; only the bank itself goes without.
    pub key: Option<IdempotencyKey>,
    /// Makes the receipt that is kept and given back.
    pub pack: Pack,
    /// The name of the request, for those who look into it later.
    pub request_id: Option<String>,
}

/// How a request was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Done, or refused, just now.
    Fresh {
        /// What became of each command, in their order.
        outcomes: Vec<Outcome>,
        /// What was packed of them.
        receipt: Receipt,
        /// Whether the same key will get the receipt again.
        is_kept: bool,
    },
    /// The receipt of the same request, which was answered before.
    Replayed(Receipt),
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

/// Which commands were done just now, in their order: none of what was answered before or not worked on. `None` where
/// nobody knows.
pub(crate) fn done_of(answer: &Result<Answer, PosterError>) -> Option<Vec<bool>> {
    match answer {
        Ok(Answer::Fresh { outcomes, .. }) => Some(outcomes.iter().map(Result::is_ok).collect()),
        Ok(Answer::Replayed(_) | Answer::KeyReused) | Err(PosterError::InProgress | PosterError::Overloaded) => {
            Some(Vec::new())
        }
        Err(PosterError::Store(_)) => None,
    }
}

/// Why what somebody orders is not answered.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// They work for the bank, and look only.
    #[error("their role moves no money")]
    MovesNoMoney,
    /// Nobody may order it.
    #[error(transparent)]
    Rule(#[from] BrokenRule),
    /// Their proof does not reach for it, or that could not be found out.
    #[error(transparent)]
    Proof(#[from] FactorError),
    /// It was not worked on, or its outcome is unknown until its key is tried again.
    #[error(transparent)]
    Poster(#[from] PosterError),
}

/// Who asks the poster.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asker {
    /// With which hat.
    pub(crate) hat: Hat,
    /// Who they are, for those who look into it later.
    pub(crate) actor: Option<Actor>,
}

/// A request that waits or is worked on, with the way back to whoever waits for its answer.
pub(crate) struct Job {
    pub(crate) asker: Asker,
    pub(crate) request: Request,
    answer: oneshot::Sender<Result<Answer, DbError>>,
    /// Let go when the job is over, also when nobody waits for it any more.
    _claim: Option<Claim>,
    _room: OwnedSemaphorePermit,
}

impl Job {
    /// The job, and where its answer will come out.
    pub(crate) fn new(
        asker: Asker,
        request: Request,
        claim: Option<Claim>,
        room: OwnedSemaphorePermit,
    ) -> (Self, oneshot::Receiver<Result<Answer, DbError>>) {
        let (answer, answered) = oneshot::channel();
        (Self { asker, request, answer, _claim: claim, _room: room }, answered)
    }

    /// Lets go of the key, then answers: whoever has the answer may send the key again at once.
    pub(crate) fn answer(self, answer: Result<Answer, DbError>) {
        let Self { answer: waiter, _claim: claim, .. } = self;
        drop(claim);
        // Nobody waiting any more is fine: the receipt is kept under the key.
        drop(waiter.send(answer));
    }
}
