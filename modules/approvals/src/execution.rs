//! Doing what was approved, exactly once. What one transaction can do is committed with the decision. What it can only
//! begin is decided first and completed then, under the approval's own identifier: stopped in between it is completed
//! later, and whoever does it does it, or refuses it, only once.

use crate::action::{Completion, Execution, Understood};
use crate::approval::store;
use crate::{
    AfterCommit, Agreed, Approval, ApprovalStatus, Approvals, ApprovalsError, Decision, PER_TURN_MAX, Refusal, Result,
    events,
};
use db::{Tx, WallTime};
use fail::fail_point;
use ids::ApprovalId;
use outbox::{Act, Actor};

/// Whoever decided it is given so long to see it done before it is taken up again.
const PATIENCE_SECONDS: i64 = 5;

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
        let action = self.actions.understand(&before);
        let standing = self.standing_in_tx(&tx, &before, action.as_deref(), &decision).await?;
        let approved = before.approved(decision, &standing)?;
        if approved == before {
            return Ok(before);
        }
        let action = action.ok_or(Refusal::NotUnderstood)?;
        let (after, after_commit) = execute_in_tx(&tx, action.as_ref(), &approved, act).await?;
        store::update_in_tx(&tx, &after).await?;
        let mut happened = vec![events::approved(&after, act)];
        if after.status != ApprovalStatus::Executing {
            happened.push(events::ended(&after, act));
        }
        outbox::append_in_tx(&tx, happened).await?;
        tx.commit().await?;
        if let Some(after_commit) = after_commit {
            after_commit();
        }
        fail_point!("approvals::after_decision");
        match after.status {
            ApprovalStatus::Executing => self.complete(action.as_ref(), after, act).await,
            _ => Ok(after),
        }
    }

    /// Drives to its end what was approved and not done yet: the process had stopped, or the money was busy. What nobody
    /// here understands is left to whoever does.
    ///
    /// # Errors
    /// The database failed.
    pub async fn resume(&self, now: WallTime) -> Result<usize> {
        let before = now.plus_seconds(-PATIENCE_SECONDS);
        let waiting = store::executing(&self.db, self.actions.words(), before, PER_TURN_MAX).await?;
        let count = waiting.len();
        for approval in waiting {
            let Some(action) = self.actions.understand(&approval) else {
                tracing::error!(approval = %approval.id, "approved, and nobody here understands its details");
                continue;
            };
            // Who agreed is known; that it is done now, time brought about.
            let actor = Actor { user: Some(approval.decider()), ..Actor::ITSELF };
            self.complete(action.as_ref(), approval, actor.does(now)).await?;
        }
        Ok(count)
    }

    async fn complete(&self, action: &dyn Understood, executing: Approval, act: Act) -> Result<Approval> {
        let completion = action.complete(executing.agreed(), act).await?;
        fail_point!("approvals::after_posting");
        match completion {
            Completion::Later => Ok(executing),
            Completion::Done => self.finish(executing.id, None, act).await,
            Completion::Failed(reason) => self.finish(executing.id, Some(reason), act).await,
        }
    }

    /// Writes down what came of it; whoever comes second finds it written.
    async fn finish(&self, id: ApprovalId, failure: Option<String>, act: Act) -> Result<Approval> {
        let tx = self.db.begin().await?;
        let before = store::lock_in_tx(&tx, id).await?.ok_or(ApprovalsError::NotFound { approval: id })?;
        let after = match failure {
            None => before.executed(act.at),
            Some(reason) => before.failed(reason, act.at),
        };
        if after != before {
            store::update_in_tx(&tx, &after).await?;
            outbox::append_in_tx(&tx, vec![events::ended(&after, act)]).await?;
            tx.commit().await?;
        }
        Ok(after)
    }
}

/// Does what fits into the transaction of the decision; what was only begun stays executing.
async fn execute_in_tx(
    tx: &Tx,
    action: &dyn Understood,
    approved: &Approval,
    act: Act,
) -> Result<(Approval, Option<AfterCommit>)> {
    Ok(match action.execute_in_tx(tx, approved.agreed(), act).await? {
        Execution::Done(after_commit) => (approved.executed(act.at), Some(after_commit)),
        Execution::Failed(reason) => (approved.failed(reason, act.at), None),
        Execution::Begun => (approved.clone(), None),
    })
}

impl Approval {
    const fn agreed(&self) -> Agreed {
        Agreed { approval: self.id, requested_by: self.requested_by, beneficiary: self.beneficiary }
    }
}
