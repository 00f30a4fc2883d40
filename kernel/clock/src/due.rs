//! What falls due in bank time: the modules say what is next and do it; here it is called for, in order, each thing once.
//! An advance is a row in the database, so that whichever process comes by goes on with it, also after a crash.

use crate::setting::{Setting, State};
use crate::{BankClock, ClockError, Clocks, command, store};
use db::{BankTime, Db};
use std::pin::Pin;

/// How often the same work is called for at one instant before it counts as stuck; each time it does many things.
const ROUNDS_MAX: usize = 1_000;
/// How many steps of an advance are made before others get their turn.
const STEPS_MAX: usize = 10_000;

/// An answer that has to be waited for.
pub type Pending<T> = Pin<Box<dyn Future<Output = db::Result<T>> + Send>>;

/// One kind of thing that falls due in bank time, as the module that does it sees it. Doing it twice must do it once.
pub struct DueWork {
    /// What it is, for logs: `expired holds`.
    pub what: &'static str,
    /// When the next of them falls due; `None`: nothing waits.
    pub next: Box<dyn Fn() -> Pending<Option<BankTime>> + Send + Sync>,
    /// Does what is due until then, the earliest first, or a bounded part of it; returns how many it found.
    pub work: Box<dyn Fn(BankTime) -> Pending<usize> + Send + Sync>,
}

impl Clocks {
    /// Does what is due by now; goes on with an advance that is under way, and ends a freeze that was cut short.
    ///
    /// # Errors
    /// The database failed, or something could not be done: it stays due.
    pub async fn keep_up(&self, db: &Db, works: &[DueWork]) -> Result<(), ClockError> {
        let wall = self.wall();
        let setting = match &self.bank {
            BankClock::EqualToWall => Setting::untouched(wall),
            BankClock::Settable(_) => {
                self.settle(db).await?;
                self.read(db).await?
            }
        };
        if setting.state == State::Advancing {
            return self.advance(db, works).await;
        }
        do_due(works, setting.at(wall)).await.map(drop)
    }

    async fn advance(&self, db: &Db, works: &[DueWork]) -> Result<(), ClockError> {
        for _ in 0..STEPS_MAX {
            let before = self.read(db).await?;
            if before.state != State::Advancing {
                break;
            }
            let done = do_due(works, before.base).await?;
            fail::fail_point!("clock::before_step");
            self.step(db, &before, next_due(works).await?, done).await?;
        }
        Ok(())
    }

    /// Whoever comes second, of several processes, finds the step made and goes on from there.
    async fn step(&self, db: &Db, before: &Setting, next: Option<BankTime>, done: i64) -> Result<(), ClockError> {
        let wall = self.wall();
        let after = before.stepped(next, done, wall);
        let tx = db.begin().await?;
        if !store::update_in_tx(&tx, before, &after).await? {
            return Ok(tx.rollback().await?);
        }
        if after.state != State::Advancing {
            outbox::append_in_tx(&tx, vec![command::advanced(&after, wall)]).await?;
        }
        tx.commit().await?;
        self.read(db).await?;
        Ok(())
    }
}

/// Does all that is due until then.
async fn do_due(works: &[DueWork], until: BankTime) -> Result<i64, ClockError> {
    let mut done = 0_i64;
    for work in works {
        let mut rounds = 0;
        loop {
            let found = (work.work)(until).await?;
            done = done.saturating_add(i64::try_from(found).unwrap_or(i64::MAX));
            rounds += 1;
            if found == 0 {
                break;
            }
            if rounds == ROUNDS_MAX {
                return Err(ClockError::Stuck { bank_time: until, what: work.what });
            }
        }
    }
    Ok(done)
}

async fn next_due(works: &[DueWork]) -> Result<Option<BankTime>, ClockError> {
    let mut earliest = None;
    for work in works {
        let next = (work.next)().await?;
        earliest = earliest.into_iter().chain(next).min();
    }
    Ok(earliest)
}
