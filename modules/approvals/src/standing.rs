//! What is so at the moment of a decision: whose it is by now, who still works here, who may be whom. Read under the locks
//! that keep it so until the decision is committed: of the approval first, the account second, the people last.

use crate::approval::Standing;
use crate::{Approval, Approvals, Result};
use db::{Timestamp, Tx};
use identity::{Role, Tied, User, UserStatus};
use ids::UserId;

/// Who decides.
const DECIDING_ROLES: &[Role] = &[Role::Admin];

impl Approvals {
    /// The caller holds the approval's row.
    pub(crate) async fn standing_in_tx(
        &self,
        tx: &Tx,
        approval: &Approval,
        decider: UserId,
        now: Timestamp,
    ) -> Result<Standing> {
        let beneficiary = beneficiary_in_tx(tx, approval).await?;
        let gainers = [beneficiary, approval.beneficiary].into_iter().flatten();
        let people = [approval.requested_by, decider].into_iter().chain(gainers.clone());
        let people = self.identity.lock_people_in_tx(tx, people).await?;
        let mut tied_to_beneficiary = None;
        for gainer in gainers {
            tied_to_beneficiary = tied_to_beneficiary.or(self.tied_in_tx(tx, (gainer, decider), now).await?);
        }
        Ok(Standing {
            beneficiary,
            requester_may_ask: works_as(&people, approval.requested_by, approval.action.roles_that_ask()),
            decider_may_decide: works_as(&people, decider, DECIDING_ROLES),
            tied_to_requester: self.tied_in_tx(tx, (approval.requested_by, decider), now).await?,
            tied_to_beneficiary,
        })
    }

    async fn tied_in_tx(&self, tx: &Tx, pair: (UserId, UserId), now: Timestamp) -> Result<Option<Tied>> {
        Ok(self.identity.tied_in_tx(tx, pair, now).await?)
    }
}

/// Whose it is: of an account, what the books say under its lock.
async fn beneficiary_in_tx(tx: &Tx, approval: &Approval) -> Result<Option<UserId>> {
    let holder = match approval.action.account() {
        Some(account) => ledger::lock_accounts_in_tx(tx, &[account]).await?.pop().and_then(|found| found.holder_id),
        None => None,
    };
    Ok(approval.action.person().or(holder.map(UserId::from_uuid)))
}

fn works_as(people: &[User], person: UserId, roles: &[Role]) -> bool {
    let found = people.iter().find(|user| user.id == person);
    found.is_some_and(|user| user.status == UserStatus::Active && roles.contains(&user.role))
}
