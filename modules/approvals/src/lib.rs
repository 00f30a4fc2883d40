//! Four eyes: what one person of the bank asks for, another has to approve before it is done, exactly once.
//! What can be asked for is in `action.rs`, how it is done in `execution.rs`; who may ask is said in the edge's routes.

mod action;
mod approval;
mod error;
mod events;
mod execution;

pub use action::Action;
pub use approval::{Approval, ApprovalStatus, Decision, LIFETIME_DAYS, Refusal};
pub use error::{ApprovalsError, Result};

use ::events::Actor;
use ::store::{Db, Migration, StoreError, Timestamp};
use approval::store;
use auth::Auth;
use ids::{ApprovalId, UserId};
use ledger::ChartCode;
use payments::{IdempotencyKey, Payments};
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
    auth: Arc<Auth>,
    payments: Payments,
}

/// Something that is asked for.
#[derive(Clone, Debug)]
pub struct NewRequest {
    /// What is to be done.
    pub action: Action,
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
}

impl Approvals {
    /// The service over the modules that do what was approved.
    pub const fn new(db: Db, auth: Arc<Auth>, payments: Payments) -> Self {
        Self { db, auth, payments }
    }

    /// Asks for something; it waits for a second person.
    ///
    /// # Errors
    /// What it is about is not there, it would change nothing, the key was used for something else, or the database failed.
    pub async fn request(&self, new: NewRequest, actor: Actor, now: Timestamp) -> Result<Requested> {
        match self.request_once(&new, actor, now).await {
            // Somebody was first with the key: what they made is there now.
            Err(ApprovalsError::Store(StoreError::Duplicate(_))) => self.request_once(&new, actor, now).await,
            outcome => outcome,
        }
    }

    async fn request_once(&self, new: &NewRequest, actor: Actor, now: Timestamp) -> Result<Requested> {
        if let Some(key) = &new.key
            && let Some((approval, fingerprint)) = store::by_key(&self.db, key).await?
        {
            return match fingerprint == key.fingerprint() {
                true => Ok(Requested::Replayed(approval.as_requested())),
                false => Err(ApprovalsError::KeyReused),
            };
        }
        let beneficiary = self.beneficiary(&new.action).await?;
        let approval = Approval::requested(new.action.clone(), (new.by, beneficiary), now);
        let tx = self.db.begin().await?;
        store::insert_in_tx(&tx, &approval, new.key.as_ref()).await?;
        ::events::append_in_tx(&tx, vec![events::requested(&approval, actor.does(now))]).await?;
        tx.commit().await?;
        Ok(Requested::New(approval))
    }

    /// One of them.
    ///
    /// # Errors
    /// The database failed.
    pub async fn get(&self, id: ApprovalId) -> Result<Option<Approval>> {
        Ok(store::find(&self.db, id).await?)
    }

    /// All, or those in one status; the newest first, from before a given one on.
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
        let after = before.rejected(decision)?;
        if after != before {
            store::update_in_tx(&tx, &after).await?;
            ::events::append_in_tx(&tx, vec![events::rejected(&after, act)]).await?;
            tx.commit().await?;
        }
        Ok(after)
    }

    /// Ends what nobody decided in time, a bounded number at once; gives how many.
    ///
    /// # Errors
    /// The database failed.
    pub async fn expire(&self, now: Timestamp) -> Result<usize> {
        let due = store::due(&self.db, now, PER_TURN_MAX).await?;
        let mut expired = 0;
        for id in due {
            let tx = self.db.begin().await?;
            let Some(before) = store::lock_in_tx(&tx, id).await? else { continue };
            let after = before.expired(now);
            if after != before {
                store::update_in_tx(&tx, &after).await?;
                ::events::append_in_tx(&tx, vec![events::ended(&after, Actor::ITSELF.does(now))]).await?;
                tx.commit().await?;
                expired += 1;
            }
        }
        Ok(expired)
    }

    /// Whose account, role or identity the action is about; nobody for accounts without an owner.
    async fn beneficiary(&self, action: &Action) -> Result<Option<UserId>> {
        match action {
            Action::Adjustment { account, money, .. } => {
                if money.minor() == 0 {
                    return Err(ApprovalsError::ChangesNothing);
                }
                let found = ledger::accounts(&self.db, &[*account]).await?.pop();
                let found = found.filter(|found| found.chart == ChartCode::CustomerDeposits);
                let found = found.ok_or(ApprovalsError::NoSuchAccount { account: *account })?;
                if found.currency != money.currency() {
                    return Err(ApprovalsError::CurrencyMismatch { account: *account });
                }
                Ok(found.holder_id.map(UserId::from_uuid))
            }
            Action::OverdraftRaise { account, .. } => {
                let found = accounts::get(&self.db, *account).await?;
                Ok(found.ok_or(ApprovalsError::NoSuchAccount { account: *account })?.user_id)
            }
            Action::RoleChange { user, role } => {
                let found = self.auth.user(*user).await?.ok_or(ApprovalsError::NoSuchUser)?;
                if found.role == *role { Err(ApprovalsError::ChangesNothing) } else { Ok(Some(found.id)) }
            }
            // Whether they can be linked is known by whoever has the issuer's name.
            Action::IdentityLink { user, .. } => {
                Ok(Some(self.auth.user(*user).await?.ok_or(ApprovalsError::NoSuchUser)?.id))
            }
        }
    }
}
