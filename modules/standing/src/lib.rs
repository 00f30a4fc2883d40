//! Standing orders: what people tell the bank to pay again and again, or once on a later day, between accounts of this bank. Dates
//! are days of the calendar, tried at times of the bank's clock; each is paid once, through the poster.

mod due;
mod error;
mod events;
mod order;
mod run;
mod schedule;

pub use error::StandingError;
pub use order::{NextDate, OwnedOrder, PER_USER_MAX, StandingOrder, StandingStatus, StandingWish};
pub use run::{RunWord, StandingRun};
pub use schedule::{Frequency, Occurrence, OnHoliday, Schedule, ScheduleError};

use clock::Clocks;
use db::{BankTime, Db, DbError, Migration, Tx};
use ids::{IdempotencyKey, StandingOrderId, StandingRunId, UserId};
use ledger::ChartCode;
use order::{After, Now, store};
use outbox::Act;
use payments::Payments;
use run::store as runs;

/// The outcome of anything about standing orders.
pub type Result<T> = std::result::Result<T, StandingError>;

/// The tables of standing orders.
pub const MIGRATIONS: &[Migration] = &[Migration {
    module: "standing",
    number: 1,
    sql: include_str!("../migrations/0001_standing_orders.sql"),
    postgres: "",
    sqlite: "",
    append_only: &[],
}];

/// What a wish says that may be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Its first date.
    FirstDate,
    /// Its last date.
    LastDate,
}

/// An order that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// The order, as it is now.
    pub order: StandingOrder,
    /// Whether it was taken before, under the same key.
    pub is_replayed: bool,
}

/// Everybody's standing orders. Cloning shares them.
#[derive(Clone)]
pub struct StandingOrders {
    db: Db,
    clocks: Clocks,
    payments: Payments,
}

impl StandingOrders {
    /// Orders that are paid by these payments.
    pub const fn new(db: Db, clocks: Clocks, payments: Payments) -> Self {
        Self { db, clocks, payments }
    }

    /// Takes an order, once under its key. Whoever gives it has proved who they are.
    ///
    /// # Errors
    /// An account is not theirs, or none that can be paid; amount or dates cannot be so, they have too many, the key was used for
    /// something else, or the database failed.
    pub async fn create(&self, owner: UserId, wish: StandingWish, key: &IdempotencyKey, act: Act) -> Result<Created> {
        match self.try_create(owner, wish.clone(), key, act).await {
            // The same request came twice at once.
            Err(StandingError::Store(DbError::Duplicate(_))) => self.try_create(owner, wish, key, act).await,
            outcome => outcome,
        }
    }

    async fn try_create(&self, owner: UserId, wish: StandingWish, key: &IdempotencyKey, act: Act) -> Result<Created> {
        let tx = self.db.begin().await?;
        match store::made(&tx, key).await? {
            Some((order, true)) => return Ok(Created { order, is_replayed: true }),
            Some((_, false)) => return Err(StandingError::KeyReused),
            None => {}
        }
        let now = self.clocks.now(&tx).await?.bank;
        let first = wish.checked(now)?;
        require_accounts_in_tx(&tx, owner, &wish).await?;
        if store::count_open_in_tx(&tx, owner).await? >= i64::from(PER_USER_MAX) {
            return Err(StandingError::TooMany);
        }
        let order = StandingOrder::new(owner, wish, &first, Now { bank: now, wall: act.at });
        store::insert_in_tx(&tx, order.clone(), key).await?;
        outbox::append_in_tx(&tx, vec![events::created(&order, act)]).await?;
        tx.commit().await?;
        Ok(Created { order, is_replayed: false })
    }

    /// Somebody's orders, the oldest first, from behind a given one on; those that have ended, too.
    ///
    /// # Errors
    /// The database failed.
    pub async fn list(&self, owner: UserId, after: Option<StandingOrderId>, limit: u32) -> Result<Vec<StandingOrder>> {
        Ok(store::page(&self.db, owner, after, limit).await?)
    }

    /// An order.
    ///
    /// # Errors
    /// `UnknownOrder`, or the database failed.
    pub async fn find(&self, of: OwnedOrder) -> Result<StandingOrder> {
        store::find(&self.db, of).await?.ok_or(StandingError::UnknownOrder)
    }

    /// What became of its dates, the newest first, from before a given one on.
    ///
    /// # Errors
    /// `UnknownOrder`, or the database failed.
    pub async fn runs(&self, of: OwnedOrder, before: Option<StandingRunId>, limit: u32) -> Result<Vec<StandingRun>> {
        self.find(of).await?;
        Ok(runs::page(&self.db, of.id, before, limit).await?)
    }

    /// Has other amounts or dates from tomorrow on; the source stays.
    ///
    /// # Errors
    /// `UnknownOrder`, `BeingPaid`, `WrongStatus`, `SourceStays`; the destination cannot be paid; amount or dates cannot be so, or the
    /// database failed.
    pub async fn change(&self, of: OwnedOrder, wish: StandingWish, act: Act) -> Result<StandingOrder> {
        let tx = self.db.begin().await?;
        let (order, now) = self.lock_in_tx(&tx, of).await?;
        if wish.source != order.wish.source {
            return Err(StandingError::SourceStays);
        }
        let changed = order.changed(wish, now)?;
        require_accounts_in_tx(&tx, of.owner, &changed.wish).await?;
        keep(tx, changed, act).await
    }

    /// Lets its dates pass by.
    ///
    /// # Errors
    /// `UnknownOrder`, `BeingPaid`, `WrongStatus`, or the database failed.
    pub async fn pause(&self, of: OwnedOrder, act: Act) -> Result<StandingOrder> {
        let tx = self.db.begin().await?;
        let (order, now) = self.lock_in_tx(&tx, of).await?;
        keep(tx, order.paused(now)?, act).await
    }

    /// Pays its dates again, from the next one on that is to come.
    ///
    /// # Errors
    /// `UnknownOrder`, `WrongStatus`, or the database failed.
    pub async fn resume(&self, of: OwnedOrder, act: Act) -> Result<StandingOrder> {
        let tx = self.db.begin().await?;
        let (order, now) = self.lock_in_tx(&tx, of).await?;
        keep(tx, order.resumed(now)?, act).await
    }

    /// Leaves out its next date.
    ///
    /// # Errors
    /// `UnknownOrder`, `BeingPaid`, `WrongStatus`, or the database failed.
    pub async fn skip(&self, of: OwnedOrder, act: Act) -> Result<StandingOrder> {
        let tx = self.db.begin().await?;
        let (order, now) = self.lock_in_tx(&tx, of).await?;
        let After { order, run } = order.skipped(now)?;
        let told = run.iter().map(|run| events::run(&order, run, act)).collect();
        runs::insert_in_tx(&tx, run.into_iter().collect(), now).await?;
        outbox::append_in_tx(&tx, told).await?;
        keep(tx, order, act).await
    }

    /// Ends it: nothing is paid any more.
    ///
    /// # Errors
    /// `UnknownOrder`, `BeingPaid`, `WrongStatus`, or the database failed.
    pub async fn cancel(&self, of: OwnedOrder, act: Act) -> Result<StandingOrder> {
        let tx = self.db.begin().await?;
        let (order, now) = self.lock_in_tx(&tx, of).await?;
        keep(tx, order.cancelled(now)?, act).await
    }

    async fn lock_in_tx(&self, tx: &Tx, of: OwnedOrder) -> Result<(StandingOrder, BankTime)> {
        let order = store::lock_in_tx(tx, of).await?.ok_or(StandingError::UnknownOrder)?;
        Ok((order, self.clocks.now(tx).await?.bank))
    }
}

async fn keep(tx: Tx, order: StandingOrder, act: Act) -> Result<StandingOrder> {
    store::update_in_tx(&tx, vec![order.clone()]).await?;
    outbox::append_in_tx(&tx, vec![events::changed(&order, act)]).await?;
    tx.commit().await?;
    Ok(order)
}

/// The source is the owner's, the destination a customer's, and both hold the currency. What they are when a date falls due is
/// asked then.
async fn require_accounts_in_tx(tx: &Tx, owner: UserId, wish: &StandingWish) -> Result<()> {
    let StandingWish { source, destination, money, .. } = wish;
    let found = ledger::accounts(tx, &[*source, *destination]).await?;
    for (id, must_be_theirs) in [(*source, true), (*destination, false)] {
        let account = found.iter().find(|account| account.id == id && account.chart == ChartCode::CustomerDeposits);
        let account = account.filter(|account| !must_be_theirs || account.holder_id == Some(owner.uuid()));
        let account = account.ok_or(StandingError::NoSuchAccount { account: id })?;
        if account.currency != money.currency() {
            return Err(StandingError::CurrencyMismatch { account: id });
        }
    }
    Ok(())
}
