//! The bank's two clocks. Wall time is that of the real world; bank time is that of the books: it equals wall time in
//! production, and in a sandbox it can be frozen, sped up and taken forward (ADR 10, docs/adr/0010-two-clocks.md).
//! What falls due in bank time belongs to the modules; here is only how they are asked for it.

mod command;
mod due;
mod error;
mod key;
mod setting;
mod store;

pub use command::{Commanded, Ordered};
pub use due::{DueWork, Pending};
pub use error::ClockError;
pub use key::CommandKey;
pub use setting::{ADVANCE_DAYS_MAX, Advance, ClockCommand, RATE_MAX};

use db::{BankTime, Clock, Db, DbError, Engine, Executor, Migration, Rows, Statement, Tx, WallTime};
use ids::Sequence;
use setting::{Setting, State};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// While the clock is being set, so often and so long apart somebody looks whether it is.
const LOOKS_MAX: u32 = 200;
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

/// The tables of the clock.
pub const MIGRATIONS: &[Migration] = &[Migration {
    module: "clock",
    number: 1,
    sql: include_str!("../migrations/0001_bank_time.sql"),
    postgres: include_str!("../migrations/0001_bank_time.postgres.sql"),
    sqlite: "",
    append_only: &[],
}];

/// Both clocks. Cloning shares them.
#[derive(Clone)]
pub struct Clocks {
    wall: Clock,
    bank: BankClock,
    sequence: Arc<Sequence>,
}

#[derive(Clone)]
enum BankClock {
    EqualToWall,
    /// As it was last seen. On PostgreSQL whoever books with it has the database compare: see [`Moment::guard`].
    Settable(Arc<RwLock<Setting>>),
}

/// The time at which a batch of bookings is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// What is booked is booked at this.
    pub bank: BankTime,
    /// What is kept, limited or reported is as of this.
    pub wall: WallTime,
    version: Option<i64>,
}

/// How the clocks stand, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockView {
    /// Bank time.
    pub bank: BankTime,
    /// Wall time.
    pub wall: WallTime,
    /// How many times as fast as wall time bank time runs, when it runs.
    pub rate: i64,
    /// Whether it stands still.
    pub is_frozen: bool,
    /// Whether an advance is under way.
    pub is_advancing: bool,
    /// That advance, or the last one.
    pub advance: Option<Advance>,
}

impl Moment {
    /// To be written in the commit of what was decided at this moment: the database refuses it as a lost race if the clock
    /// was set meanwhile, so that nothing is booked later than a freeze by somebody who has not heard of it.
    pub fn guard(&self) -> (&'static Statement, Rows) {
        store::REQUIRE_VERSION.rows(self.version)
    }
}

impl Clocks {
    /// Clocks that are one: bank time equals wall time, and cannot be set.
    pub fn equal(wall: Clock) -> Self {
        Self { wall, bank: BankClock::EqualToWall, sequence: Arc::default() }
    }

    /// The clocks of production mode.
    ///
    /// # Errors
    /// `LeftBehind`: a sandbox has set bank time in this database. Or the database failed.
    pub async fn of_production(wall: Clock, db: &Db) -> Result<Self, ClockError> {
        match store::setting(db).await? {
            Some(setting) if setting.version > 0 => Err(ClockError::LeftBehind { bank_time: setting.at(wall()) }),
            _ => Ok(Self::equal(wall)),
        }
    }

    /// The clocks of a sandbox: as the database says, and equal where it says nothing.
    ///
    /// # Errors
    /// The database failed.
    pub async fn of_sandbox(wall: Clock, db: &Db) -> db::Result<Self> {
        let now = wall();
        let setting = match store::setting(db).await? {
            Some(setting) => setting,
            None => {
                let tx = db.begin().await?;
                store::insert_in_tx(&tx, &Setting::untouched(now)).await?;
                let setting = store::setting(&tx).await?.unwrap_or(Setting::untouched(now));
                tx.commit().await?;
                setting
            }
        };
        Ok(Self::settable(wall, setting))
    }

    /// The clocks of a sandbox for who only tries something: nothing is written where the database says nothing.
    ///
    /// # Errors
    /// The database failed.
    pub async fn to_try(wall: Clock, db: &Db) -> db::Result<Self> {
        Ok(match store::setting(db).await? {
            Some(setting) => Self::settable(wall, setting),
            None => Self::equal(wall),
        })
    }

    fn settable(wall: Clock, setting: Setting) -> Self {
        Self { wall, bank: BankClock::Settable(Arc::new(RwLock::new(setting))), sequence: Arc::default() }
    }

    /// Wall time.
    pub fn wall(&self) -> WallTime {
        (self.wall)()
    }

    /// Both times as they are just now, for whatever is not decided in a batch. Bank time is never later than a freeze that
    /// was not seen: wall time is taken before the clock is read.
    ///
    /// # Errors
    /// The database failed.
    pub async fn now(&self, on: &impl Executor) -> db::Result<Moment> {
        let wall = self.wall();
        let bank = match &self.bank {
            BankClock::EqualToWall => BankTime::equal_to(wall),
            BankClock::Settable(_) => self.read(on).await?.at(wall),
        };
        Ok(Moment { bank, wall, version: None })
    }

    /// The time for a batch of bookings, to be taken once what it touches is loaded. On PostgreSQL it costs no round trip:
    /// the batch has to write [`Moment::guard`] in its commit.
    ///
    /// # Errors
    /// `Conflict` while the clock is being set: try again. Or the database failed.
    pub async fn moment_in_tx(&self, tx: &Tx) -> db::Result<Moment> {
        let BankClock::Settable(known) = &self.bank else {
            let wall = self.wall();
            return Ok(Moment { bank: BankTime::equal_to(wall), wall, version: None });
        };
        let (setting, version) = match tx.engine() {
            // The one writer has the floor: nobody sets the clock before it is done.
            Engine::Sqlite => (self.read(tx).await?, None),
            Engine::Postgres => {
                let setting = *known.read().unwrap_or_else(PoisonError::into_inner);
                (setting, Some(setting.version))
            }
        };
        if setting.state == State::Stopping {
            return Err(DbError::Conflict("bank time is being set".to_owned()));
        }
        let wall = self.wall();
        Ok(Moment { bank: setting.at(wall), wall, version })
    }

    /// Looks how the clock is set, after a lost race; while it is just being set, waits for that, but not for long.
    ///
    /// # Errors
    /// The database failed.
    pub async fn look(&self, on: &impl Executor) -> db::Result<()> {
        if matches!(self.bank, BankClock::EqualToWall) {
            return Ok(());
        }
        for _ in 0..LOOKS_MAX {
            if self.read(on).await?.state != State::Stopping {
                break;
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        Ok(())
    }

    /// How the clocks stand.
    ///
    /// # Errors
    /// The database failed.
    pub async fn view(&self, on: &impl Executor) -> db::Result<ClockView> {
        let wall = self.wall();
        Ok(match &self.bank {
            BankClock::EqualToWall => Setting::untouched(wall).view(wall),
            BankClock::Settable(_) => self.read(on).await?.view(wall),
        })
    }

    /// The most by which bank time and wall time ever were apart: an identifier made at one may carry the other.
    pub fn apart_seconds(&self) -> i64 {
        match &self.bank {
            BankClock::EqualToWall => 0,
            BankClock::Settable(known) => known.read().unwrap_or_else(PoisonError::into_inner).apart_at(self.wall()),
        }
    }

    /// Identifiers for what is booked: they rise with bank time.
    pub fn sequence(&self) -> &Sequence {
        &self.sequence
    }

    async fn read(&self, on: &impl Executor) -> db::Result<Setting> {
        let found = store::setting(on).await?;
        let setting = found.ok_or_else(|| DbError::Internal("the clock's row is gone".to_owned()))?;
        if let BankClock::Settable(known) = &self.bank {
            let mut known = known.write().unwrap_or_else(PoisonError::into_inner);
            if setting.version > known.version {
                *known = setting;
            }
        }
        Ok(setting)
    }
}

impl Setting {
    fn view(&self, wall: WallTime) -> ClockView {
        ClockView {
            bank: self.at(wall),
            wall,
            rate: self.next_rate.unwrap_or(self.rate),
            is_frozen: match self.state {
                State::Running => false,
                State::Stopping => self.next_rate.is_none(),
                State::Frozen | State::Advancing => true,
            },
            is_advancing: self.state == State::Advancing,
            advance: self.advance,
        }
    }
}
