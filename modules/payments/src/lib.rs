//! Payments: transfers, holds, refunds and reversals, each done once, through the poster.
//! What falls due later is in `modules/standing`; rails and payees are not here yet. How a reply looks is decided at the edge.

mod batch;
mod booking;
mod by;
mod cash;
mod command;
mod desk;
mod discretion;
mod four_eyes;
mod ground;
pub mod history;
mod idempotency;
mod in_progress;
mod lanes;
mod person;
mod poster;
mod preview;
mod proof;
mod reason;
mod receipt;
mod refused;
pub mod replay;
mod request;
mod rules;
mod schedule;
mod transaction;
mod turn;
pub mod verify;

pub use accounts::{Hat, PowerRefusal};
pub use booking::{Booking, BookingKind, BookingLeg, LEGS_MAX, Legs, LegsError, booking_id};
pub use by::{By, Change};
pub use command::{Command, Order, Outcome, Refusal};
pub use desk::booking::{BACK_DATED_DAYS_MAX, BOOKED_AFTER_DAYS_MAX, VALUE_AHEAD_DAYS_MAX};
pub use desk::{Circumstances, Desk, DeskChanges};
pub use four_eyes::{ActionError, Adjustment, OwnerAssignment, ReviewApproval, register_actions};
pub use idempotency::RETENTION_DAYS;
pub use ids::IdempotencyKey;
pub use person::hat_of;
pub use preview::Preview;
pub use reason::Reason;
pub use receipt::{Pack, Receipt};
pub use refused::{RefusalFilter, Refused};
pub use request::{Answer, OrderError, PosterError, Request};
pub use rules::{BrokenRule, HoldLength, InvalidHoldLength, Mode, Rules};
pub use transaction::filter::TransactionFilter;
pub use transaction::list::{PageRequest, TransactionPage};
pub use transaction::{BalanceAfter, Booked, BookedLeg, Side, Transaction, TransactionStatus, TransactionType};

use accounts::{AccountView, AccountsError};
use cash::Counted;
use clock::{Clocks, DueWork};
use db::{BankTime, Db, DbError, Migration, Result, Tx, WallTime};
use fraud::Fraud;
use identity::Caller;
use ids::{AccountId, RefusalId, TransactionId, UserId};
use outbox::{Act, Actor};
use proof::Passage;
use reason::Why;
use refused::Early;
use request::Asker;

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
    Migration {
        module: "payments",
        number: 7,
        sql: include_str!("../migrations/0007_refusals.sql"),
        postgres: "",
        sqlite: "",
        append_only: &[],
    },
    Migration {
        module: "payments",
        number: 8,
        sql: include_str!("../migrations/0008_cash_counted.sql"),
        postgres: "",
        sqlite: "",
        append_only: &[],
    },
];

const EXPIRED_HOLDS_PER_RUN: u32 = 500;
/// So long somebody may ask why.
pub const REFUSALS_KEPT_DAYS: i64 = 90;
const PURGED_REFUSALS_PER_RUN: u32 = 5_000;
const PURGED_KEYS_PER_COMMIT: u32 = 5_000;
/// With a run a minute this keeps up with 8,000 keys a second, day and night.
const PURGE_COMMITS_PER_RUN: u32 = 100;

/// The service of payments. Cloning shares it.
#[derive(Clone)]
pub struct Payments {
    db: Db,
    clocks: Clocks,
    rules: Rules,
    fraud: Fraud,
    poster: poster::Poster,
}

impl Payments {
    /// Starts the poster's lanes on the current runtime.
    pub fn start(db: Db, clocks: Clocks, rules: Rules) -> Self {
        Self::start_watched(db, clocks, rules, Fraud::off())
    }

    /// The same, with rules of fraud that are asked about each payment.
    pub fn start_watched(db: Db, clocks: Clocks, rules: Rules, fraud: Fraud) -> Self {
        Self { poster: poster::Poster::start(&db, &clocks, fraud.clone()), db, clocks, rules, fraud }
    }

    /// The rules of fraud, and what is looked at.
    pub const fn fraud(&self) -> &Fraud {
        &self.fraud
    }

    /// The clocks that money is booked by.
    pub fn clocks(&self) -> &Clocks {
        &self.clocks
    }

    /// Does what somebody orders, themselves or by a program of theirs, if the bank's rules and their proof allow it; or
    /// returns the receipt that its key got before. Whatever door it comes through, this is the one way to act as a person.
    ///
    /// # Errors
    /// It may not be ordered, was not worked on, or its outcome is unknown until its key is tried again.
    pub async fn order(
        &self,
        caller: &Caller,
        request: Request,
        now: WallTime,
    ) -> std::result::Result<Answer, OrderError> {
        let hat = hat_of(caller, now).ok_or(OrderError::MovesNoMoney)?;
        let asker = Asker { hat, actor: Some(caller.actor()) };
        let (proved, cash) = match self.admit(caller, &request, now).await {
            Ok((Passage::Answered(answer), _)) => return Ok(answer),
            Ok((Passage::Open(proved), cash)) => (proved, cash),
            Err(error) => {
                if let Some(why) = Why::of_order(&error) {
                    self.remember(Early { asker, request: &request, why, now }).await;
                }
                return Err(error);
            }
        };
        let answer = self.poster.submit(asker, request).await;
        if let Some(proved) = proved {
            proved.settle(&self.db, &answer).await;
        }
        if let Some(cash) = cash {
            cash.settle(&self.db, &answer).await;
        }
        Ok(answer?)
    }

    async fn admit(
        &self,
        caller: &Caller,
        request: &Request,
        now: WallTime,
    ) -> std::result::Result<(Passage, Option<Counted>), OrderError> {
        self.rules.require_allowed(&request.commands)?;
        let cash = match cash::count(&self.db, caller.user_id, request, now).await {
            Err(refused @ OrderError::Rule(_)) => {
                // What was answered before is answered so again, however much cash has moved since.
                let answered = match &request.key {
                    Some(key) => self.answer_to(key).await.map_err(PosterError::from)?,
                    None => None,
                };
                return answered.map(|answer| (Passage::Answered(answer), None)).ok_or(refused);
            }
            counted => counted?,
        };
        match proof::require(self, caller, request, now).await {
            Ok(open @ Passage::Open(_)) => Ok((open, cash)),
            closed => {
                if let Some(cash) = cash {
                    cash.forget(&self.db).await;
                }
                closed.map(|answered| (answered, None))
            }
        }
    }

    /// The refusal stands whether or not it could be kept.
    async fn remember(&self, early: Early<'_>) {
        batch::count_refusal(early.why.reason);
        if let Err(error) = refused::keep(&self.db, self.poster.throttle(), early).await {
            tracing::warn!(%error, "a refusal could not be kept");
        }
    }

    /// What would become of a transfer that the caller orders now. Nothing moves, and nothing is counted, kept or told.
    ///
    /// # Errors
    /// The bank's rules do not let anybody order it, the caller moves no money, or the database failed.
    pub async fn preview(
        &self,
        caller: &Caller,
        order: Order,
        now: WallTime,
    ) -> std::result::Result<Preview, OrderError> {
        preview::preview(self, caller, order, now).await
    }

    /// Does what the bank itself does: what time brings about, and what two people agreed on; or returns the receipt that
    /// its key got before.
    ///
    /// # Errors
    /// It was not worked on, or its outcome is unknown until its key is tried again.
    pub async fn submit(&self, actor: Option<Actor>, request: Request) -> std::result::Result<Answer, PosterError> {
        self.poster.submit(Asker { hat: Hat::Bank, actor }, request).await
    }

    /// Does what somebody told the bank before to do now, with their hat: what they may not do themselves is not done. They
    /// proved who they are when they told it.
    ///
    /// # Errors
    /// It was not worked on, or its outcome is unknown until it is asked for again.
    pub async fn submit_for(&self, owner: UserId, request: Request) -> std::result::Result<Answer, PosterError> {
        let actor = Some(Actor::ITSELF.on_behalf_of(Some(owner)));
        self.poster.submit(Asker { hat: Hat::Customer(owner), actor }, request).await
    }

    /// What was answered under the key before, if anything was.
    ///
    /// # Errors
    /// The database failed.
    pub async fn answer_to(&self, key: &IdempotencyKey) -> Result<Option<Answer>> {
        let stored = idempotency::stored(&self.db, &[key]).await?;
        Ok(stored.first().map(|stored| stored.answer(key)))
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
            let pack = Box::new(Receipt::plain);
            let request = Request { commands, is_atomic: false, key: None, pack, request_id: None };
            self.submit(Some(Actor::ITSELF), request).await?;
        }
        Ok(expired.len())
    }

    /// Commands that were refused, newest first, from before a given one on.
    ///
    /// # Errors
    /// The database failed.
    pub async fn refusals(
        &self,
        filter: &RefusalFilter,
        before: Option<RefusalId>,
        limit: u32,
    ) -> Result<Vec<Refused>> {
        refused::store::page(&self.db, filter, before, limit).await
    }

    /// Forgets a bounded number of refusals older than [`REFUSALS_KEPT_DAYS`]; returns how many.
    ///
    /// # Errors
    /// The database failed.
    pub async fn purge_refusals(&self, now: WallTime) -> Result<u64> {
        let older_than = now.plus_seconds(-REFUSALS_KEPT_DAYS * 86_400);
        refused::store::purge(&self.db, older_than, PURGED_REFUSALS_PER_RUN).await
    }

    /// Forgets a bounded number of idempotency keys older than [`RETENTION_DAYS`], in short commits; returns how many.
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
