//! What takes two people in administration: another role, and letting staff in. How it is asked for and decided is the
//! matter of approvals; what it does stands in `administration.rs`.

use super::{CreatedStaff, NewStaff, RoleChange, StaffEnabling};
use crate::{EndedAccess, Identity, IdentityError, Result, Role, UserStatus};
use approvals::{Action, Agreed, Approval, Approvals, Duty, Execution, Gain, NewRequest, Prospect};
use db::{Db, Tx};
use ids::UserId;
use outbox::Act;
use serde_json::{Value, json};
use std::sync::Arc;

/// Somebody who is to work for the bank, once another has approved it.
pub struct RequestedStaff {
    /// The person, who cannot log in yet.
    pub created: CreatedStaff,
    /// What another is asked.
    pub approval: Approval,
}

impl Identity {
    /// Makes somebody who is to work for the bank, and asks for them to be let in: both or neither.
    ///
    /// # Errors
    /// What [`Identity::create_staff`] refuses, or the database failed.
    pub async fn request_staff(
        &self,
        approvals: &Approvals,
        new: NewStaff,
        by: UserId,
        act: Act,
    ) -> Result<RequestedStaff> {
        let prepared = self.prepare_staff(new, act.at).await?;
        let tx = self.db.begin().await?;
        let created = self.create_staff_in_tx(&tx, prepared, act).await?;
        let action = StaffEnabling { user_id: created.user.id, role: created.user.role };
        let request = NewRequest { action, by, key: None };
        let approval = approvals.request_in_tx(&tx, request, Some(created.user.id), act).await?;
        tx.commit().await?;
        Ok(RequestedStaff { created, approval })
    }
}

impl Action for RoleChange {
    type Owner = Arc<Identity>;
    type Error = IdentityError;

    const WORD: &'static str = "ROLE_CHANGE";
    const ASKERS: &'static [Duty] = &[Duty::Administrator];
    const GAIN: Gain = Gain::OfAnybody;

    fn details(&self) -> Value {
        details(self.user_id, self.role)
    }

    fn read(details: &Value) -> Option<Self> {
        read(details).map(|(user_id, role)| Self { user_id, role })
    }

    async fn prospect(&self, identity: &Arc<Identity>, _: &Db) -> Result<Prospect> {
        let found = identity.user(self.user_id).await?.ok_or(IdentityError::UnknownUser)?;
        Ok(if found.role == self.role { Prospect::ChangesNothing } else { Prospect::For(Some(found.id)) })
    }

    async fn beneficiary_in_tx(&self, _: &Tx) -> db::Result<Option<UserId>> {
        Ok(Some(self.user_id))
    }

    async fn execute_in_tx(
        &self,
        identity: &Arc<Identity>,
        tx: &Tx,
        agreed: Agreed,
        act: Act,
    ) -> db::Result<Execution> {
        executed(identity, identity.change_role_in_tx(tx, *self, agreed.requested_by, act).await)
    }
}

impl Action for StaffEnabling {
    type Owner = Arc<Identity>;
    type Error = IdentityError;

    const WORD: &'static str = "STAFF_ENABLE";
    const ASKERS: &'static [Duty] = &[Duty::Administrator];
    const GAIN: Gain = Gain::OfAnybody;

    fn details(&self) -> Value {
        details(self.user_id, self.role)
    }

    fn read(details: &Value) -> Option<Self> {
        read(details).map(|(user_id, role)| Self { user_id, role })
    }

    async fn prospect(&self, identity: &Arc<Identity>, _: &Db) -> Result<Prospect> {
        let found = identity.user(self.user_id).await?.ok_or(IdentityError::UnknownUser)?;
        let is_to_be = found.status == UserStatus::Disabled && found.role == self.role && self.role.is_staff();
        Ok(if is_to_be { Prospect::For(Some(found.id)) } else { Prospect::ChangesNothing })
    }

    async fn beneficiary_in_tx(&self, _: &Tx) -> db::Result<Option<UserId>> {
        Ok(Some(self.user_id))
    }

    async fn execute_in_tx(
        &self,
        identity: &Arc<Identity>,
        tx: &Tx,
        agreed: Agreed,
        act: Act,
    ) -> db::Result<Execution> {
        executed(identity, identity.enable_staff_in_tx(tx, *self, agreed.requested_by, act).await)
    }
}

/// What came of a change to a person. Once it is committed, this process refuses what ended with it.
fn executed(identity: &Arc<Identity>, outcome: Result<EndedAccess>) -> db::Result<Execution> {
    match outcome {
        Ok(ended) => {
            let identity = Arc::clone(identity);
            Ok(Execution::Done(Box::new(move || identity.refuse(ended))))
        }
        Err(IdentityError::Store(error)) => Err(error),
        Err(refusal) => Ok(Execution::Failed(refusal.to_string())),
    }
}

fn details(user_id: UserId, role: Role) -> Value {
    json!({ "userId": user_id.to_string(), "role": role.word() })
}

fn read(details: &Value) -> Option<(UserId, Role)> {
    let text = |name: &str| details.get(name).and_then(Value::as_str);
    Some((UserId::parse(text("userId")?).ok()?, Role::parse(text("role")?)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_of_people_come_back_from_what_is_stored() {
        let (user_id, role) = (UserId::generate(), Role::Auditor);
        let stored = RoleChange { user_id, role }.details().to_string();
        assert_eq!(stored, format!(r#"{{"role":"auditor","userId":"{user_id}"}}"#));
        assert_eq!(stored, StaffEnabling { user_id, role }.details().to_string());
        let stored = serde_json::from_str(&stored).unwrap();
        assert_eq!(RoleChange::read(&stored), Some(RoleChange { user_id, role }));
        assert_eq!(StaffEnabling::read(&stored), Some(StaffEnabling { user_id, role }));
        assert_eq!(RoleChange::read(&json!({ "userId": user_id.to_string(), "role": "owner" })), None);
    }
}
