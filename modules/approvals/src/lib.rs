//! Four eyes: what one person of the bank asks for, another has to approve before it is done, exactly once.
//! What can be asked for is in `action.rs`, how it is done in `execution.rs`; who may ask is said in the edge's routes.

mod action;
mod approval;
mod error;
mod events;
mod execution;
mod standing;

pub use action::Action;
pub use approval::{Approval, ApprovalStatus, Decision, LIFETIME_DAYS, Refusal, Standing};
pub use error::{ApprovalsError, Result};

use accounts::AccountsError;
use approval::store;
use db::{Db, DbError, Migration, Timestamp, Tx};
use identity::{CreatedStaff, Identity, NewStaff, UserStatus};
use ids::{AccountId, ApprovalId, UserId};
use ledger::{AccountStatus, ChartCode};
use outbox::{Act, Actor};
use payments::{IdempotencyKey, Payments};
use programs::Programs;
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
    identity: Arc<Identity>,
    programs: Arc<Programs>,
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
    /// The same person has asked for the same without a key, and it still waits.
    Waiting(Approval),
}

impl Approvals {
    /// The service over the modules that do what was approved.
    pub const fn new(db: Db, identity: Arc<Identity>, programs: Arc<Programs>, payments: Payments) -> Self {
        Self { db, identity, programs, payments }
    }

    /// Asks for something; it waits for a second person.
    ///
    /// # Errors
    /// What it is about is not there, it would change nothing, the key was used for something else, or the database failed.
    pub async fn request(&self, new: NewRequest, actor: Actor, now: Timestamp) -> Result<Requested> {
        match self.request_once(&new, actor, now).await {
            // Somebody was first with the key: what they made is there now.
            Err(ApprovalsError::Store(DbError::Duplicate(_))) => self.request_once(&new, actor, now).await,
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
        // Two equal adjustments are two; everything else is so or is not.
        if !matches!(new.action, Action::Adjustment { .. })
            && new.key.is_none()
            && let Some(approval) = store::pending_same(&self.db, &new.action, new.by, now).await?
        {
            return Ok(Requested::Waiting(approval));
        }
        let beneficiary = self.beneficiary(&new.action).await?;
        let approval = Approval::requested(new.action.clone(), (new.by, beneficiary), now);
        let tx = self.db.begin().await?;
        insert_in_tx(&tx, (&approval, new.key.as_ref()), actor.does(now)).await?;
        tx.commit().await?;
        Ok(Requested::New(approval))
    }

    /// Makes somebody who is to work for the bank, and asks for them to be let in: both or neither.
    ///
    /// # Errors
    /// What [`Identity::create_staff`] refuses, or the database failed.
    pub async fn request_staff(&self, new: NewStaff, by: UserId, act: Act) -> Result<(CreatedStaff, Approval)> {
        let prepared = self.identity.prepare_staff(new, act.at).await?;
        let tx = self.db.begin().await?;
        let created = self.identity.create_staff_in_tx(&tx, prepared, act).await?;
        let action = Action::StaffEnable { user: created.user.id, role: created.user.role };
        let approval = Approval::requested(action, (by, Some(created.user.id)), act.at);
        insert_in_tx(&tx, (&approval, None), act).await?;
        tx.commit().await?;
        Ok((created, approval))
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
        let standing = self.standing_in_tx(&tx, &before, decision.by, decision.at).await?;
        let after = before.rejected(decision, &standing)?;
        if after != before {
            store::update_in_tx(&tx, &after).await?;
            outbox::append_in_tx(&tx, vec![events::rejected(&after, act)]).await?;
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
                outbox::append_in_tx(&tx, vec![events::ended(&after, Actor::ITSELF.does(now))]).await?;
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
                let found = self.identity.user(*user).await?.ok_or(ApprovalsError::NoSuchUser)?;
                if found.role == *role { Err(ApprovalsError::ChangesNothing) } else { Ok(Some(found.id)) }
            }
            Action::StaffEnable { user, role } => {
                let found = self.identity.user(*user).await?.ok_or(ApprovalsError::NoSuchUser)?;
                let is_to_be = found.status == UserStatus::Disabled && found.role == *role && role.is_staff();
                if is_to_be { Ok(Some(found.id)) } else { Err(ApprovalsError::ChangesNothing) }
            }
            Action::OwnerAssignment { account, owner } => self.new_owner(*account, *owner).await.map(Some),
            // Whether they can be linked is known by whoever has the issuer's name.
            Action::IdentityLink { user, .. } => {
                Ok(Some(self.identity.user(*user).await?.ok_or(ApprovalsError::NoSuchUser)?.id))
            }
        }
    }

    /// Whether an account could get this owner, as things stand; it is asked again when it is decided.
    async fn new_owner(&self, account: AccountId, owner: UserId) -> Result<UserId> {
        let user = self.identity.user(owner).await?.ok_or(ApprovalsError::NoSuchUser)?;
        if user.status != UserStatus::Active {
            return Err(ApprovalsError::DisabledUser);
        }
        let found = accounts::get(&self.db, account).await?.ok_or(ApprovalsError::NoSuchAccount { account })?;
        match found.user_id {
            Some(holder) if holder == owner => Err(ApprovalsError::ChangesNothing),
            Some(_) => Err(AccountsError::HasOwner { account }.into()),
            None if found.ledger.status == AccountStatus::Closed => Err(AccountsError::Closed { account }.into()),
            None => Ok(owner),
        }
    }
}

async fn insert_in_tx(tx: &Tx, (approval, key): (&Approval, Option<&IdempotencyKey>), act: Act) -> Result<()> {
    store::insert_in_tx(tx, approval, key).await?;
    Ok(outbox::append_in_tx(tx, vec![events::requested(approval, act)]).await?)
}
