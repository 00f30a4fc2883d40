//! Four eyes: what one person of the bank asks for, another has to approve before it is done, exactly once.
//! What can be asked for belongs to other modules, which register it (`action.rs`); nothing here knows any of it. Who may
//! come to ask is said in the edge's routes.

mod action;
mod approval;
mod error;
mod events;
mod execution;
mod people;
mod standing;

pub use action::{Action, Actions, AfterCommit, Agreed, Completion, Execution, Gain, Prospect, Repetition};
pub use approval::{Approval, ApprovalStatus, Decision, LIFETIME_DAYS, Refusal, Standing};
pub use error::{ApprovalsError, RequestError, Result};
pub use people::{Awaited, Duty, People, Person, Tied};

use approval::store;
use db::{Db, DbError, Migration, Tx, WallTime};
use ids::{ApprovalId, IdempotencyKey, UserId};
use outbox::{Act, Actor};
use std::sync::Arc;

/// The tables of approvals.
pub const MIGRATIONS: &[Migration] = &[Migration {
    module: "approvals",
    number: 1,
    sql: include_str!("../migrations/0001_approvals.sql"),
    postgres: "",
    sqlite: "",
    append_only: &[],
}];

const PER_TURN_MAX: u32 = 100;

/// The service of approvals. Cloning shares it.
#[derive(Clone)]
pub struct Approvals {
    db: Db,
    people: Arc<dyn People>,
    actions: Actions,
}

/// Something that is asked for.
#[derive(Clone, Debug)]
pub struct NewRequest<A> {
    /// What is to be done.
    pub action: A,
    /// Who asks.
    pub by: UserId,
    /// The client's name for the request, if it gave one.
    pub key: Option<IdempotencyKey>,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requested {
    /// It waits for a second person.
    New(Approval),
    /// It was made before under the same key; as it was then.
    Replayed(Approval),
    /// The same person has asked for the same without a key, and it still waits.
    Waiting(Approval),
}

impl Approvals {
    /// The service over who knows the people, and over what can be asked for.
    pub const fn new(db: Db, people: Arc<dyn People>, actions: Actions) -> Self {
        Self { db, people, actions }
    }

    /// Asks for something; it waits for a second person.
    ///
    /// # Errors
    /// Its owner says that it cannot be asked for, who asks would gain by it or may be who does, it would change nothing, the key was used for something else, or the
    /// database failed.
    pub async fn request<A: Action>(
        &self,
        new: NewRequest<A>,
        act: Act,
    ) -> std::result::Result<Requested, RequestError<A::Error>> {
        match self.request_once(&new, act).await {
            // Somebody was first with the key: what they made is there now.
            Err(RequestError::Approvals(ApprovalsError::Store(DbError::Duplicate(_)))) => {
                self.request_once(&new, act).await
            }
            outcome => outcome,
        }
    }

    async fn request_once<A: Action>(
        &self,
        new: &NewRequest<A>,
        act: Act,
    ) -> std::result::Result<Requested, RequestError<A::Error>> {
        if let Some(earlier) = self.earlier(new, act.at).await? {
            return Ok(earlier);
        }
        let owner = self.actions.owner_of::<A>().ok_or(ApprovalsError::NobodyDoesIt { action: A::WORD })?;
        let beneficiary = match new.action.prospect(owner, &self.db).await.map_err(RequestError::Owner)? {
            Prospect::For(beneficiary) => beneficiary,
            Prospect::ChangesNothing => return Err(ApprovalsError::ChangesNothing.into()),
        };
        if A::GAIN == Gain::OfOthers && beneficiary == Some(new.by) {
            return Err(ApprovalsError::OwnGain.into());
        }
        let approval = Approval::requested(&new.action, new.by, beneficiary, act.at);
        let tx = self.db.begin().await?;
        if A::GAIN == Gain::OfOthers
            && let Some(gainer) = beneficiary
        {
            self.people.lock_in_tx(&tx, vec![gainer, new.by]).await?;
            if let Some(tied) = self.people.tied_in_tx(&tx, gainer, new.by, act.at).await? {
                return Err(ApprovalsError::TiedToGainer(tied).into());
            }
        }
        insert_in_tx(&tx, &approval, new.key.as_ref(), act).await?;
        tx.commit().await?;
        Ok(Requested::New(approval))
    }

    /// What was asked for under the same key, or is asked for already.
    async fn earlier<A: Action>(&self, new: &NewRequest<A>, now: WallTime) -> Result<Option<Requested>> {
        let Some(key) = &new.key else {
            return match A::REPETITION {
                Repetition::IsAnother => Ok(None),
                Repetition::IsTheSame => {
                    let waiting = store::pending_same(&self.db, &new.action, new.by, now).await?;
                    Ok(waiting.map(Requested::Waiting))
                }
            };
        };
        match store::by_key(&self.db, key).await? {
            None => Ok(None),
            Some((approval, fingerprint)) if fingerprint == key.fingerprint() => {
                Ok(Some(Requested::Replayed(approval.as_requested())))
            }
            Some(_) => Err(ApprovalsError::KeyReused),
        }
    }

    /// Asks for something in the transaction of what it follows from: both or neither.
    ///
    /// # Errors
    /// The database failed.
    pub async fn request_in_tx<A: Action>(
        &self,
        tx: &Tx,
        new: NewRequest<A>,
        beneficiary: Option<UserId>,
        act: Act,
    ) -> db::Result<Approval> {
        let approval = Approval::requested(&new.action, new.by, beneficiary, act.at);
        insert_in_tx(tx, &approval, new.key.as_ref(), act).await?;
        Ok(approval)
    }

    /// One of them.
    ///
    /// # Errors
    /// The database failed.
    pub async fn get(&self, id: ApprovalId) -> Result<Option<Approval>> {
        Ok(store::find(&self.db, id).await?)
    }

    /// All, or those in one status; the newest first, from before a given one on. Those that another version asked for are
    /// among them.
    ///
    /// # Errors
    /// The database failed.
    pub async fn list(
        &self,
        status: Option<ApprovalStatus>,
        before: Option<ApprovalId>,
        limit: u32,
    ) -> Result<Vec<Approval>> {
        Ok(store::page(&self.db, status, before, limit).await?)
    }

    /// Says no. The same person saying so again changes nothing.
    ///
    /// # Errors
    /// There is no such approval, the person may not decide it, it is no longer pending, or the database failed.
    pub async fn reject(&self, id: ApprovalId, decision: Decision, actor: Actor) -> Result<Approval> {
        let tx = self.db.begin().await?;
        let before = store::lock_in_tx(&tx, id).await?.ok_or(ApprovalsError::NotFound { approval: id })?;
        let act = actor.does(decision.at);
        let action = self.actions.understand(&before);
        let standing = self.standing_in_tx(&tx, &before, action.as_deref(), &decision).await?;
        let after = before.rejected(decision, &standing)?;
        if after != before {
            store::update_in_tx(&tx, &after).await?;
            outbox::append_in_tx(&tx, vec![events::rejected(&after, act)]).await?;
            tx.commit().await?;
        }
        Ok(after)
    }

    /// Ends what nobody decided in time, a bounded number at once; returns the number of them.
    ///
    /// # Errors
    /// The database failed.
    pub async fn expire(&self, now: WallTime) -> Result<usize> {
        let due = store::due(&self.db, now, PER_TURN_MAX).await?;
        let mut expired = 0;
        for id in due {
            let tx = self.db.begin().await?;
            let Some(before) = store::lock_in_tx(&tx, id).await? else { continue };
            let after = before.expired(now);
            if after != before {
                store::update_in_tx(&tx, &after).await?;
                outbox::append_in_tx(&tx, vec![events::ended(&after, Actor::ITSELF.does(now))]).await?;
                tx.commit().await?;
                expired += 1;
            }
        }
        Ok(expired)
    }
}

async fn insert_in_tx(tx: &Tx, approval: &Approval, key: Option<&IdempotencyKey>, act: Act) -> db::Result<()> {
    store::insert_in_tx(tx, approval, key).await?;
    outbox::append_in_tx(tx, vec![events::requested(approval, act)]).await
}
