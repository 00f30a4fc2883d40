//! A subscription: how far somebody has read, and the lease that lets one process at a time read for it. Its token fences:
//! an effect commits together with the position, and only under the token under which it was begun.

use crate::store::{self, Holder};
use db::{Clock, Db, Engine, Result, Tx, WallTime};

/// How long whoever reads may be silent before somebody else takes over.
pub(crate) const LEASE_SECONDS: i64 = 10;

/// Where a subscription begins when it is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// With the first event there ever was.
    First,
    /// With the next event.
    Next,
}

/// A reader's place in the stream, and the right to move it.
pub struct Subscription {
    db: Db,
    clock: Clock,
    name: &'static str,
    held: Option<Held>,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    token: i64,
    position: i64,
    until: WallTime,
}

/// What a subscription's holder knows when it moves its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    holder: Holder,
    until: WallTime,
    /// Everything up to here is done.
    pub position: i64,
}

impl Subscription {
    /// The subscription of this name; made, where there is none.
    ///
    /// # Errors
    /// The database failed.
    pub async fn open(db: &Db, clock: &Clock, name: &'static str, start: Start) -> Result<Self> {
        if store::subscribed(db, name).await?.is_none() {
            let tx = db.begin().await?;
            let position = match start {
                Start::First => store::first(&tx).await? - 1,
                Start::Next => store::head(&tx).await?,
            };
            store::insert_in_tx(&tx, name, position).await?;
            tx.commit().await?;
        }
        Ok(Self { db: db.clone(), clock: clock.clone(), name, held: None })
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The lease, taken or extended; nothing while another process has it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn lease(&mut self) -> Result<Option<Lease>> {
        let now = (self.clock)();
        let until = now.plus_seconds(LEASE_SECONDS);
        match self.held {
            Some(held) if now.plus_seconds(LEASE_SECONDS / 2) < held.until => {}
            Some(held) => self.extend(held, until).await?,
            None => self.take(now, until).await?,
        }
        Ok(self.held.map(|held| Lease { holder: self.holder(held.token), until, position: held.position }))
    }

    async fn extend(&mut self, held: Held, until: WallTime) -> Result<()> {
        let tx = self.db.begin().await?;
        let is_ours = store::advance_in_tx(&tx, self.holder(held.token), held.position, until).await?;
        tx.commit().await?;
        self.held = is_ours.then_some(Held { until, ..held });
        Ok(())
    }

    async fn take(&mut self, now: WallTime, until: WallTime) -> Result<()> {
        let Some(found) = store::subscribed(&self.db, self.name).await? else { return Ok(()) };
        // The file of an embedded database is locked by its one process: whoever had it is gone.
        let is_free = self.db.engine() == Engine::Sqlite || found.leased_until.is_none_or(|leased| leased <= now);
        if !is_free {
            return Ok(());
        }
        let tx = self.db.begin().await?;
        let is_ours = store::take_in_tx(&tx, self.holder(found.token), until).await?;
        // Whoever had it may have moved on since we looked.
        let found = store::subscribed(&tx, self.name).await?;
        tx.commit().await?;
        self.held = found.filter(|_| is_ours).map(|found| Held { token: found.token, position: found.position, until });
        Ok(())
    }

    const fn holder(&self, token: i64) -> Holder {
        Holder { name: self.name, token }
    }

    /// The effect that the transaction has is committed, and everything up to the position is done.
    ///
    /// # Errors
    /// `Ok(false)`: another process has taken over, and nothing was done. Otherwise the database failed; the lease is then
    /// asked for anew, because the outcome may be unknown.
    pub async fn commit(&mut self, tx: Tx, lease: Lease, position: i64) -> Result<bool> {
        let held = self.held.take();
        if !lease.advance_in_tx(&tx, position).await? {
            tx.rollback().await?;
            return Ok(false);
        }
        fail::fail_point!("stream::before_commit");
        tx.commit().await?;
        self.held = held.map(|held| Held { position, until: lease.until, ..held });
        Ok(true)
    }

    /// What is outside the database is done up to the position: the same without an effect of one's own in it.
    ///
    /// # Errors
    /// As [`Subscription::commit`].
    pub async fn advance(&mut self, lease: Lease, position: i64) -> Result<bool> {
        let tx = self.db.begin().await?;
        self.commit(tx, lease, position).await
    }

    /// Lets somebody else have it at once.
    ///
    /// # Errors
    /// The database failed: they get it when the lease is over.
    pub async fn release(&mut self) -> Result<()> {
        let Some(held) = self.held.take() else { return Ok(()) };
        let tx = self.db.begin().await?;
        store::release_in_tx(&tx, self.holder(held.token)).await?;
        tx.commit().await
    }
}

impl Lease {
    /// Whether the lease is still held, and the position is moved in the caller's transaction.
    pub(crate) async fn advance_in_tx(self, tx: &Tx, position: i64) -> Result<bool> {
        store::advance_in_tx(tx, self.holder, position, self.until).await
    }
}
