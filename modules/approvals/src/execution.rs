//! Doing what was approved, exactly once. What one transaction can do is committed with the decision. What the poster
//! has to do is decided first and posted then, under the approval's own identifier: stopped in between it is posted
//! again later, and the poster does it, or refuses it, only once.

use crate::approval::store;
use crate::{Action, Approval, ApprovalStatus, Approvals, ApprovalsError, Decision, PER_TURN_MAX, Result, events};
use accounts::{AccountView, AccountsError, OverdraftChange, TermsChange};
use db::{DbError, Timestamp, Tx};
use fail::fail_point;
use identity::{EndedAccess, IdentityError, RoleChange, StaffEnabling, UserStatus};
use ids::{AccountId, ApprovalId, TransactionId, UserId};
use ledger::ChartCode;
use money::Money;
use outbox::{Act, Actor};
use payments::{Answer, Command, Hat, IdempotencyKey, Order, Outcome, PosterError, Reply, Request, TransactionType};
use programs::{NewLink, ProgramError};

/// Whoever decided it is given so long to see it done before it is taken up again.
const PATIENCE_SECONDS: i64 = 5;

const DONE: u16 = 200;
const REFUSED: u16 = 422;

impl Approvals {
    /// Says yes, and does it. The same person saying so again changes nothing. Where the money is busy the answer may
    /// still be executing; it will be done.
    ///
    /// # Errors
    /// There is no such approval, the person may not decide it, who asked may no longer ask, it is no longer pending, or the
    /// database failed.
    pub async fn approve(&self, id: ApprovalId, decision: Decision, actor: Actor) -> Result<Approval> {
        let act = actor.does(decision.at);
        let tx = self.db.begin().await?;
        let before = store::lock_in_tx(&tx, id).await?.ok_or(ApprovalsError::NotFound { approval: id })?;
        let standing = self.standing_in_tx(&tx, &before, decision.by, act.at).await?;
        let approved = before.approved(decision, &standing)?;
        if approved == before {
            return Ok(before);
        }
        let (after, ended_sessions) = self.execute_in_tx(&tx, &approved, act).await?;
        store::update_in_tx(&tx, &after).await?;
        let mut told = vec![events::approved(&after, act)];
        if after.status != ApprovalStatus::Executing {
            told.push(events::ended(&after, act));
        }
        outbox::append_in_tx(&tx, told).await?;
        tx.commit().await?;
        if let Some(ended) = ended_sessions {
            self.identity.refuse(ended);
        }
        fail_point!("approvals::after_decision");
        match after.status {
            ApprovalStatus::Executing => self.post(after, act).await,
            _ => Ok(after),
        }
    }

    /// Drives to its end what was approved and not done yet: the process had stopped, or the money was busy.
    ///
    /// # Errors
    /// The database failed.
    pub async fn resume(&self, now: Timestamp) -> Result<usize> {
        let waiting = store::executing(&self.db, now.plus_seconds(-PATIENCE_SECONDS), PER_TURN_MAX).await?;
        let count = waiting.len();
        for approval in waiting {
            // Who agreed is known; that it is done now, time brought about.
            let actor = Actor { user: Some(approval.decider()), ..Actor::ITSELF };
            self.post(approval, actor.does(now)).await?;
        }
        Ok(count)
    }

    /// Does what fits into the transaction of the decision; an adjustment stays executing.
    async fn execute_in_tx(&self, tx: &Tx, approved: &Approval, act: Act) -> Result<(Approval, Option<EndedAccess>)> {
        let now = act.at;
        match &approved.action {
            Action::Adjustment { money, .. } => {
                // A currency may be older than the bank's account for adjustments.
                ledger::open_own_accounts_in_tx(tx, money.currency(), self.payments.clocks().now(tx).await?.bank)
                    .await?;
                Ok((approved.clone(), None))
            }
            Action::OverdraftRaise { account, limit } => {
                let overdraft = Some(OverdraftChange::Approved(limit.minor()));
                let change = TermsChange { status: None, overdraft };
                about_account(approved, accounts::change_terms_in_tx(tx, *account, change, act).await, now)
            }
            Action::RoleChange { user, role } => {
                let change = RoleChange { user_id: *user, role: *role, asked_by: approved.requested_by };
                about_person(approved, self.identity.change_role_in_tx(tx, change, act).await, now)
            }
            Action::IdentityLink { user, issuer, subject } => {
                let (issuer, subject) = (issuer.clone(), subject.clone());
                let link = NewLink { issuer, subject, user_id: *user, asked_by: approved.requested_by };
                about_link(approved, self.programs.link_identity_in_tx(tx, link, act).await, now)
            }
            Action::StaffEnable { user, role } => {
                let staff = StaffEnabling { user_id: *user, role: *role, asked_by: approved.requested_by };
                about_person(approved, self.identity.enable_staff_in_tx(tx, staff, act).await, now)
            }
            Action::OwnerAssignment { account, owner } => {
                // The owner's row is held since the people of the decision were.
                let is_active =
                    self.identity.user_in_tx(tx, *owner).await?.is_some_and(|u| u.status == UserStatus::Active);
                if !is_active {
                    let failure = ApprovalsError::DisabledUser.to_string();
                    return Ok((approved.failed(failure, now), None));
                }
                about_account(approved, payments::assign_owner_in_tx(tx, *account, *owner, act).await, now)
            }
        }
    }

    async fn post(&self, executing: Approval, act: Act) -> Result<Approval> {
        let Action::Adjustment { account, money, reason } = &executing.action else {
            return Err(DbError::Internal(format!("{} is executing by itself", executing.id)).into());
        };
        let due = Due { id: executing.id, account: *account, holder: executing.beneficiary, money: *money };
        let answer = self.payments.submit(adjustment(due, reason.clone(), act.by)).await;
        fail_point!("approvals::after_posting");
        let reply = match answer {
            Ok(Answer::Fresh { reply, .. } | Answer::Replayed(reply)) => reply,
            Ok(Answer::KeyReused) => {
                return Err(DbError::Internal(format!("{} was posted as something else", executing.id)).into());
            }
            Err(PosterError::InProgress) => return Ok(executing),
            Err(error) => {
                tracing::warn!(%error, approval = %executing.id, "an approved adjustment will be posted later");
                return Ok(executing);
            }
        };
        self.finish(executing.id, &reply, act).await
    }

    /// Writes down what the poster has answered; whoever comes second finds it written.
    async fn finish(&self, id: ApprovalId, reply: &Reply, act: Act) -> Result<Approval> {
        let tx = self.db.begin().await?;
        let before = store::lock_in_tx(&tx, id).await?.ok_or(ApprovalsError::NotFound { approval: id })?;
        let after = match reply.status {
            DONE => before.executed(act.at),
            _ => before.failed(String::from_utf8_lossy(&reply.body).into_owned(), act.at),
        };
        if after != before {
            store::update_in_tx(&tx, &after).await?;
            outbox::append_in_tx(&tx, vec![events::ended(&after, act)]).await?;
            tx.commit().await?;
        }
        Ok(after)
    }
}

/// What came of a change to a person.
fn about_person(
    approved: &Approval,
    outcome: identity::Result<EndedAccess>,
    now: Timestamp,
) -> Result<(Approval, Option<EndedAccess>)> {
    match outcome {
        Ok(ended) => Ok((approved.executed(now), Some(ended))),
        Err(IdentityError::Store(error)) => Err(error.into()),
        Err(refusal) => Ok((approved.failed(refusal.to_string(), now), None)),
    }
}

/// What came of a link to an identity elsewhere.
fn about_link(
    approved: &Approval,
    outcome: programs::Result<EndedAccess>,
    now: Timestamp,
) -> Result<(Approval, Option<EndedAccess>)> {
    match outcome {
        Ok(ended) => Ok((approved.executed(now), Some(ended))),
        Err(ProgramError::Store(error) | ProgramError::Identity(IdentityError::Store(error))) => Err(error.into()),
        Err(refusal) => Ok((approved.failed(refusal.to_string(), now), None)),
    }
}

/// What came of a change to an account.
fn about_account(
    approved: &Approval,
    outcome: accounts::Result<AccountView>,
    now: Timestamp,
) -> Result<(Approval, Option<EndedAccess>)> {
    match outcome {
        Ok(_) => Ok((approved.executed(now), None)),
        Err(AccountsError::Store(error)) => Err(error.into()),
        Err(refusal) => Ok((approved.failed(refusal.to_string(), now), None)),
    }
}

/// An adjustment that was approved.
struct Due {
    id: ApprovalId,
    account: AccountId,
    /// Whose account it was when it was approved; if it is another's by now, the money does not move.
    holder: Option<UserId>,
    money: Money,
}

/// Money for the customer comes from the bank's account for adjustments, and money from the customer goes there. The
/// transaction has the approval's own identifier, and the poster keeps its answer under it: however often it is posted,
/// one answer is given and at most one transaction made.
fn adjustment(due: Due, description: String, actor: Option<Actor>) -> Request {
    let Due { id, account, holder, money } = due;
    let contra = ChartCode::Adjustments.own_account(money.currency());
    let (source, destination) = if money.minor() > 0 { (contra, account) } else { (account, contra) };
    let money = Money::new(money.minor().saturating_abs(), money.currency());
    let kind = TransactionType::Adjustment;
    let order = Order { kind, source, destination, money, description, metadata: None };
    Request {
        hat: Hat::Bank,
        actor,
        commands: vec![Command::Adjust { id: TransactionId::from_uuid(id.uuid()), order, holder }],
        is_atomic: true,
        key: Some(IdempotencyKey::new(&["approvals"], &id.to_string(), &[])),
        render: Box::new(reply),
    }
}

fn reply(outcomes: &[Outcome]) -> Reply {
    match outcomes.iter().find_map(|outcome| outcome.as_ref().err()) {
        None => Reply { status: DONE, body: Vec::new() },
        Some(refusal) => Reply { status: REFUSED, body: refusal.to_string().into_bytes() },
    }
}
