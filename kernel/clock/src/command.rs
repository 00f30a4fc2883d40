//! Commands on the clock: each has one effect and one answer under its key, and leaves an event.

use crate::key::CommandKey;
use crate::setting::{ClockCommand, Setting, State};
use crate::{BankClock, ClockError, ClockView, Clocks, store};
use db::{Db, DbError, WallTime};
use outbox::{Act, Actor, Event, event_data, events};
use uuid::Uuid;

/// How often a command is tried that lost a race against another, or against an advance.
const ATTEMPTS_MAX: usize = 20;
/// For so long an answer is kept.
const RETENTION_DAYS: i64 = 30;
const PURGED_PER_COMMIT: u32 = 1_000;

/// A command, by whom and under which key.
#[derive(Clone, Copy, Debug)]
pub struct Ordered<'a> {
    /// What to do.
    pub command: ClockCommand,
    /// Who asks.
    pub by: Actor,
    /// Under which key.
    pub key: CommandKey<'a>,
}

/// What was answered to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commanded {
    /// The answer, to the byte.
    pub body: Vec<u8>,
    /// Whether it was given before.
    pub is_replayed: bool,
}

impl Clocks {
    /// Does a command, or gives the answer that its key got before. `render` makes the answer that is kept.
    ///
    /// # Errors
    /// The clock does not allow it, or the database failed.
    pub async fn command(
        &self,
        db: &Db,
        ordered: Ordered<'_>,
        render: impl Fn(&ClockView) -> Vec<u8> + Send,
    ) -> Result<Commanded, ClockError> {
        let BankClock::Settable(_) = &self.bank else { return Err(ClockError::NotSettable) };
        for _ in 0..ATTEMPTS_MAX {
            match self.command_once(db, ordered, &render).await {
                Ok(Some(commanded)) => return Ok(commanded),
                Ok(None) | Err(ClockError::Store(DbError::Conflict(_) | DbError::Duplicate(_))) => {}
                Err(error) => return Err(error),
            }
        }
        Err(DbError::Unavailable("the clock is being set by others".to_owned()).into())
    }

    /// `None`: it lost a race, or made the first of its two commits.
    async fn command_once(
        &self,
        db: &Db,
        ordered: Ordered<'_>,
        render: &(impl Fn(&ClockView) -> Vec<u8> + Send),
    ) -> Result<Option<Commanded>, ClockError> {
        self.settle(db).await?;
        let tx = db.begin().await?;
        if let Some(kept) = store::kept(&tx, ordered.key).await? {
            if kept.fingerprint != ordered.key.fingerprint {
                return Err(ClockError::KeyReused);
            }
            return Ok(Some(Commanded { body: kept.body, is_replayed: true }));
        }
        let before = self.read(&tx).await?;
        let wall = self.wall();
        let after = before.commanded(ordered.command, wall)?;
        if after != before && !store::update_in_tx(&tx, &before, &after).await? {
            return Ok(None);
        }
        // Its second half comes with the next attempt, which finds the clock as it was asked for.
        if after.state == State::Stopping {
            tx.commit().await?;
            return Ok(None);
        }
        let body = render(&after.view(wall));
        outbox::append_in_tx(&tx, vec![event(ordered.command, &after, ordered.by.does(wall))]).await?;
        store::keep_in_tx(&tx, ordered.key, &body, wall).await?;
        tx.commit().await?;
        self.look(db).await?;
        Ok(Some(Commanded { body, is_replayed: false }))
    }

    /// Ends a slowing down that somebody has begun, here or elsewhere.
    pub(crate) async fn settle(&self, db: &Db) -> Result<(), ClockError> {
        if self.read(db).await?.state != State::Stopping {
            return Ok(());
        }
        fail::fail_point!("clock::before_settling");
        let tx = db.begin().await?;
        let before = self.read(&tx).await?;
        let after = before.settled(self.wall());
        if after != before && store::update_in_tx(&tx, &before, &after).await? {
            tx.commit().await?;
            self.read(db).await?;
        }
        Ok(())
    }

    /// Forgets answers that were kept for long enough, a bounded number of them; returns how many.
    ///
    /// # Errors
    /// The database failed.
    pub async fn purge(&self, db: &Db, now: WallTime) -> db::Result<u64> {
        let tx = db.begin().await?;
        let purged = store::purge_in_tx(&tx, now.plus_seconds(-RETENTION_DAYS * 86_400), PURGED_PER_COMMIT).await?;
        tx.commit().await?;
        Ok(purged)
    }
}

event_data! {
    /// How the clock stands; `advancedFrom`, `advancedTo` and `done` are of the last advance.
    struct ClockStands {
        bank_time: String,
        rate: i64,
        #[serde(skip_serializing_if = "Option::is_none")]
        advanced_from: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        advanced_to: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        done: Option<i64>,
    }
}

events! {
    /// What is done to a sandbox's bank time. It happens in wall time.
    enum ClockEvent about Bank for Staff {
        /// Bank time stands still.
        Frozen = "clock.frozen"(ClockStands),
        /// It goes on.
        Resumed = "clock.resumed"(ClockStands),
        /// It goes on at another rate.
        RateChanged = "clock.rate_changed"(ClockStands),
        /// It is taken forward.
        AdvanceStarted = "clock.advance_started"(ClockStands),
        /// It has come where it was taken to.
        Advanced = "clock.advanced"(ClockStands),
    }
}

fn event(command: ClockCommand, after: &Setting, act: Act) -> Event {
    let stands = stands(after, act.at);
    let happened = match command {
        ClockCommand::Freeze => ClockEvent::Frozen(stands),
        ClockCommand::Resume => ClockEvent::Resumed(stands),
        ClockCommand::Rate(_) => ClockEvent::RateChanged(stands),
        ClockCommand::AdvanceTo(_) | ClockCommand::AdvanceBy(_) => ClockEvent::AdvanceStarted(stands),
    };
    Event::of(Uuid::nil(), &happened, act)
}

/// That an advance has come to its end.
pub(crate) fn advanced(after: &Setting, wall: WallTime) -> Event {
    Event::of(Uuid::nil(), &ClockEvent::Advanced(stands(after, wall)), Actor::ITSELF.does(wall))
}

fn stands(after: &Setting, wall: WallTime) -> ClockStands {
    ClockStands {
        bank_time: after.at(wall).to_string(),
        rate: after.rate,
        advanced_from: after.advance.map(|advance| advance.from.to_string()),
        advanced_to: after.advance.map(|advance| advance.to.to_string()),
        done: after.advance.map(|advance| advance.done),
    }
}
