//! Payments: transfers, holds, refunds and reversals, each done once, through the poster.
//! Rails, schedules and payees are not here yet; how a reply looks is decided at the edge.

mod batch;
mod booking;
mod by;
mod command;
mod desk;
mod discretion;
mod four_eyes;
pub mod history;
mod idempotency;
mod poster;
mod schedule;
mod transaction;
mod turn;
pub mod verify;

pub use accounts::{Hat, PowerRefusal};
pub use batch::Outcome;
pub use booking::{Booking, BookingKind, BookingLeg, LEGS_MAX, Legs, LegsError, booking_id};
pub use by::{By, Change};
pub use command::{Command, Order, Refusal};
pub use desk::booking::{BACK_DATED_DAYS_MAX, BOOKED_AFTER_DAYS_MAX, VALUE_AHEAD_DAYS_MAX};
pub use desk::{Circumstances, Desk, DeskChanges};
pub use four_eyes::{ActionError, Adjustment, OwnerAssignment, register_actions};
pub use idempotency::{RETENTION_DAYS, Reply};
pub use ids::IdempotencyKey;
pub use poster::{Answer, PosterError, Render, Request};
pub use transaction::list::{PageRequest, TransactionFilter, TransactionPage};
pub use transaction::{BalanceAfter, Booked, BookedLeg, Side, Transaction, TransactionStatus, TransactionType};

use accounts::{AccountView, AccountsError};
use clock::{Clocks, DueWork};
use db::{BankTime, Db, DbError, Migration, Result, Tx, WallTime};
use ids::{AccountId, TransactionId, UserId};
use outbox::{Act, Actor};

/// The tables of payments.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        module: "payments",
        number: 1,
        sql: include_str!("../migrations/0001_payments.sql"),
        postgres: include_str!("../migrations/0001_payments.postgres.sql"),
        sqlite: include_str!("../migrations/0001_payments.sqlite.sql"),
        append_only: &[],
    },
    Migration {
        module: "payments",
        number: 2,
        sql: include_str!("../migrations/0002_lists_from_postings.sql"),
        postgres: "",
        sqlite: "",
        append_only: &[],
    },
    Migration {
        module: "payments",
        number: 3,
        sql: "",
        postgres: include_str!("../migrations/0003_small_replies.postgres.sql"),
        sqlite: "",
        append_only: &[],
    },
    Migration {
        module: "payments",
        number: 4,
        sql: include_str!("../migrations/0004_started_by.sql"),
        postgres: "",
        sqlite: "",
        append_only: &[],
    },
    Migration {
        module: "payments",
        number: 5,
        sql: include_str!("../migrations/0005_partial_refunds.sql"),
        postgres: include_str!("../migrations/0005_partial_refunds.postgres.sql"),
        sqlite: include_str!("../migrations/0005_partial_refunds.sqlite.sql"),
        append_only: &[],
    },
    Migration {
        module: "payments",
        number: 6,
        sql: include_str!("../migrations/0006_bookings.sql"),
        postgres: "",
        sqlite: "",
        append_only: &[],
    },
];

const EXPIRED_HOLDS_PER_RUN: u32 = 500;
const PURGED_KEYS_PER_COMMIT: u32 = 5_000;
/// With a run a minute this keeps up with 8,000 keys a second, day and night.
const PURGE_COMMITS_PER_RUN: u32 = 100;

/// The service of payments. Cloning shares it.
#[derive(Clone)]
pub struct Payments {
    db: Db,
    clocks: Clocks,
    poster: poster::Poster,
}

impl Payments {
    /// Starts the poster's lanes on the current runtime.
    pub fn start(db: Db, clocks: Clocks) -> Self {
        Self { poster: poster::Poster::start(&db, &clocks), db, clocks }
    }

    /// The clocks that money is booked by.
    pub fn clocks(&self) -> &Clocks {
        &self.clocks
    }

    /// Does a request, or gives the answer that its key got before.
    ///
    /// # Errors
    /// It was not worked on, or its outcome is unknown until its key is tried again.
    pub async fn submit(&self, request: Request) -> std::result::Result<Answer, PosterError> {
        self.poster.submit(request).await
    }

    /// What was answered under the key before, if anything was.
    ///
    /// # Errors
    /// The database failed.
    pub async fn answer_to(&self, key: &IdempotencyKey) -> Result<Option<Answer>> {
        let stored = idempotency::stored(&self.db, &[key]).await?;
        Ok(stored.first().map(|stored| stored.replay(key).map_or(Answer::KeyReused, Answer::Replayed)))
    }

    /// The transaction, whoever it concerns.
    ///
    /// # Errors
    /// The database failed.
    pub async fn transaction(&self, id: TransactionId) -> Result<Option<Transaction>> {
        Ok(transaction::store::by_ids(&self.db, &[id]).await?.pop())
    }

    /// Transactions of the accounts, or of all accounts when no list is given; newest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn transactions(
        &self,
        accounts: Option<&[AccountId]>,
        filter: &TransactionFilter,
        page: PageRequest,
    ) -> Result<TransactionPage> {
        let place = transaction::list::Place::new(accounts, filter);
        transaction::list::list(&self.db, place, filter, page, self.clocks.apart_seconds()).await
    }

    /// Holds that expire, as what falls due in bank time.
    pub fn due_holds(&self) -> DueWork {
        let (next, payments) = (self.clone(), self.clone());
        DueWork {
            what: "holds that expire",
            next: Box::new(move || {
                let db = next.db.clone();
                Box::pin(async move { ledger::next_expiry(&db).await })
            }),
            work: Box::new(move |until| {
                let payments = payments.clone();
                Box::pin(async move { payments.expire_holds(until).await.map_err(DbError::from) })
            }),
        }
    }

    /// Gives back what is held longer than it may be, the longest overdue first; returns the number of holds that it found.
    ///
    /// # Errors
    /// The holds cannot be read, or the poster could not work.
    pub async fn expire_holds(&self, now: BankTime) -> std::result::Result<usize, PosterError> {
        let expired = ledger::expired_holds(&self.db, now, EXPIRED_HOLDS_PER_RUN).await?;
        if !expired.is_empty() {
            let ids = expired.iter().map(|hold| TransactionId::from_uuid(hold.id.uuid()));
            let commands = ids.map(|transaction| Command::Expire { transaction }).collect();
            let render = Box::new(batch::no_reply);
            let actor = Some(Actor::ITSELF);
            self.submit(Request { hat: Hat::Bank, actor, commands, is_atomic: false, key: None, render }).await?;
        }
        Ok(expired.len())
    }

    /// Forgets a bounded number of idempotency keys older than [`RETENTION_DAYS`], in short commits; gives how many.
    ///
    /// # Errors
    /// The database failed; what was committed before stays forgotten.
    pub async fn purge_idempotency_keys(&self, now: WallTime) -> Result<u64> {
        let mut purged = 0;
        for _ in 0..PURGE_COMMITS_PER_RUN {
            let more = idempotency::purge(&self.db, now, PURGED_KEYS_PER_COMMIT).await?;
            purged += more;
            if more < u64::from(PURGED_KEYS_PER_COMMIT) {
                break;
            }
        }
        Ok(purged)
    }
}

/// Gives an account that belongs to nobody, and what moved on it, to its owner: in the accounts, in the ledger and here at
/// once, in the caller's transaction. The owner that it has already changes nothing. Refused, it has written nothing.
///
/// # Errors
/// There is no such account, it is closed or has another owner, or the database failed.
pub async fn assign_owner_in_tx(
    tx: &Tx,
    account: AccountId,
    owner: UserId,
    act: Act,
) -> std::result::Result<AccountView, AccountsError> {
    // The history of an account that was imported may be long.
    tx.allow_long_statements().await?;
    let assigned = accounts::assign_owner_in_tx(tx, account, owner, act).await?;
    transaction::store::assign_holder_in_tx(tx, account, owner).await?;
    Ok(assigned)
}
