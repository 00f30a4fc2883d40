//! What is so at the moment of a decision: whose it is by now, who still works here, who may be whom. Read under the locks
//! that keep it so until the decision is committed: of the approval first, of what it is about second, of the people last.

use crate::action::{Gain, Understood};
use crate::approval::Standing;
use crate::people::{Duty, Person};
use crate::{Approval, Approvals, Decision, Result};
use db::Tx;
use ids::UserId;

/// Who decides.
const DECIDERS: &[Duty] = &[Duty::Administrator];

impl Approvals {
    /// The caller holds the approval's row. Of an action that nobody here understands the beneficiary is the one who was
    /// written down when it was asked for.
    pub(crate) async fn standing_in_tx(
        &self,
        tx: &Tx,
        approval: &Approval,
        action: Option<&dyn Understood>,
        decision: &Decision,
    ) -> Result<Standing> {
        let beneficiary = match action {
            Some(action) => action.beneficiary_in_tx(tx).await?,
            None => approval.beneficiary,
        };
        let (requester, decider) = (approval.requested_by, decision.by);
        let gainers = [beneficiary, approval.beneficiary].into_iter().flatten();
        let held = [requester, decider].into_iter().chain(gainers.clone()).collect();
        let people = self.people.lock_in_tx(tx, held).await?;
        let mut tied_to_beneficiary = None;
        for gainer in gainers {
            if tied_to_beneficiary.is_none() {
                tied_to_beneficiary = self.people.tied_in_tx(tx, gainer, decider, decision.at).await?;
            }
        }
        let requester_gains = match beneficiary.filter(|_| action.map(Understood::gain) == Some(Gain::OfOthers)) {
            Some(gainer) if gainer == requester => true,
            Some(gainer) => self.people.tied_in_tx(tx, gainer, requester, decision.at).await?.is_some(),
            None => false,
        };
        Ok(Standing {
            beneficiary,
            is_understood: action.is_some(),
            requester_gains,
            requester_may_ask: does(&people, requester, action.map_or(&[], Understood::askers)),
            decider_may_decide: does(&people, decider, DECIDERS),
            tied_to_requester: self.people.tied_in_tx(tx, requester, decider, decision.at).await?,
            tied_to_beneficiary,
        })
    }
}

fn does(people: &[Person], person: UserId, duties: &[Duty]) -> bool {
    people.iter().find(|known| known.id == person).is_some_and(|known| known.does(duties))
}
