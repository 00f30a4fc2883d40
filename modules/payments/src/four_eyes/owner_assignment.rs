//! Giving an account that belongs to nobody to its owner, with everything that moved on it.

use super::ActionError;
use crate::assign_owner_in_tx;
use accounts::AccountsError;
use approvals::{Action, Agreed, Duty, Execution, People, Prospect};
use db::{Db, Tx};
use ids::{AccountId, UserId};
use ledger::AccountStatus;
use outbox::Act;
use serde_json::{Value, json};
use std::sync::Arc;

/// Give an account that belongs to nobody to its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnerAssignment {
    /// The account.
    pub account: AccountId,
    /// Whose it will be.
    pub owner: UserId,
}

impl Action for OwnerAssignment {
    type Owner = Arc<dyn People>;
    type Error = ActionError;

    const WORD: &'static str = "OWNER_ASSIGNMENT";
    const ASKERS: &'static [Duty] = &[Duty::Administrator];

    fn details(&self) -> Value {
        json!({ "accountId": self.account.to_string(), "userId": self.owner.to_string() })
    }

    fn read(details: &Value) -> Option<Self> {
        let text = |name: &str| details.get(name).and_then(Value::as_str);
        Some(Self { account: AccountId::parse(text("accountId")?).ok()?, owner: UserId::parse(text("userId")?).ok()? })
    }

    async fn prospect(&self, people: &Arc<dyn People>, db: &Db) -> Result<Prospect, ActionError> {
        let Self { account, owner } = *self;
        if !people.find(owner).await?.ok_or(ActionError::NoSuchUser)?.is_active {
            return Err(ActionError::DisabledUser);
        }
        let found = accounts::get(db, account).await?.ok_or(ActionError::NoSuchAccount { account })?;
        match found.user_id {
            Some(holder) if holder == owner => Ok(Prospect::ChangesNothing),
            Some(_) => Err(AccountsError::HasOwner { account }.into()),
            None if found.ledger.status == AccountStatus::Closed => Err(AccountsError::Closed { account }.into()),
            None => Ok(Prospect::For(Some(owner))),
        }
    }

    async fn beneficiary_in_tx(&self, tx: &Tx) -> db::Result<Option<UserId>> {
        ledger::lock_accounts_in_tx(tx, &[self.account]).await?;
        Ok(Some(self.owner))
    }

    async fn execute_in_tx(&self, people: &Arc<dyn People>, tx: &Tx, _: Agreed, act: Act) -> db::Result<Execution> {
        // The owner is held already, since the people of the decision are.
        let owner = people.lock_in_tx(tx, vec![self.owner]).await?.pop();
        if !owner.is_some_and(|owner| owner.is_active) {
            return Ok(Execution::Failed(ActionError::DisabledUser.to_string()));
        }
        match assign_owner_in_tx(tx, self.account, self.owner, act).await {
            Ok(_) => Ok(Execution::done()),
            Err(AccountsError::Store(error)) => Err(error),
            Err(refusal) => Ok(Execution::Failed(refusal.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assignment_comes_back_from_what_is_stored() {
        let assignment = OwnerAssignment { account: AccountId::generate(), owner: UserId::generate() };
        let stored = assignment.details().to_string();
        let OwnerAssignment { account, owner } = assignment;
        assert_eq!(stored, format!(r#"{{"accountId":"{account}","userId":"{owner}"}}"#));
        assert_eq!(OwnerAssignment::read(&serde_json::from_str(&stored).unwrap()), Some(assignment));
        assert_eq!(OwnerAssignment::read(&json!({})), None);
    }
}
