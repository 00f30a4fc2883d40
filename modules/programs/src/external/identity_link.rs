//! Letting the trusted issuer speak for somebody takes two people. How it is asked for and decided is the matter of
//! approvals; what it does stands in `link.rs`.

use super::Subject;
use crate::{ProgramError, Programs, Result};
use approvals::{Action, Actions, Agreed, Duty, Execution, Gain, Prospect};
use db::{Db, Tx};
use identity::IdentityError;
use ids::UserId;
use outbox::Act;
use serde_json::{Value, json};
use std::sync::Arc;

/// Let a trusted issuer speak for somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityLink {
    /// Who it is here.
    pub user_id: UserId,
    /// The issuer that was meant; another one may be trusted by now.
    pub issuer: String,
    /// What it calls them.
    pub subject: Subject,
}

/// With what takes two people about programs.
#[must_use]
pub fn register_actions(actions: Actions, programs: &Arc<Programs>) -> Actions {
    actions.with::<IdentityLink>(Arc::clone(programs))
}

impl Action for IdentityLink {
    type Owner = Arc<Programs>;
    type Error = ProgramError;

    const WORD: &'static str = "IDENTITY_LINK";
    const ASKERS: &'static [Duty] = &[Duty::Administrator];
    const GAIN: Gain = Gain::OfAnybody;

    fn details(&self) -> Value {
        json!({ "userId": self.user_id.to_string(), "issuer": self.issuer, "subject": self.subject.as_str() })
    }

    fn read(details: &Value) -> Option<Self> {
        let text = |name: &str| details.get(name).and_then(Value::as_str);
        Some(Self {
            user_id: UserId::parse(text("userId")?).ok()?,
            issuer: text("issuer")?.to_owned(),
            subject: Subject::parse(text("subject")?).ok()?,
        })
    }

    /// Whether they can be linked is asked by whoever has to know the issuer's name: [`Programs::require_linkable`].
    async fn prospect(&self, programs: &Arc<Programs>, _: &Db) -> Result<Prospect> {
        let found = programs.identity.user(self.user_id).await?.ok_or(IdentityError::UnknownUser)?;
        Ok(Prospect::For(Some(found.id)))
    }

    async fn beneficiary_in_tx(&self, _: &Tx) -> db::Result<Option<UserId>> {
        Ok(Some(self.user_id))
    }

    async fn execute_in_tx(
        &self,
        programs: &Arc<Programs>,
        tx: &Tx,
        agreed: Agreed,
        act: Act,
    ) -> db::Result<Execution> {
        match programs.link_identity_in_tx(tx, self.clone(), agreed.requested_by, act).await {
            Ok(ended) => {
                let identity = Arc::clone(&programs.identity);
                Ok(Execution::Done(Box::new(move || identity.refuse(ended))))
            }
            Err(ProgramError::Store(error) | ProgramError::Identity(IdentityError::Store(error))) => Err(error),
            Err(refusal) => Ok(Execution::Failed(refusal.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_comes_back_from_what_is_stored() {
        let link = IdentityLink {
            user_id: UserId::generate(),
            issuer: "https://login.example/".to_owned(),
            subject: Subject::parse("auth0|\"5f7c\"").unwrap(),
        };
        let stored = link.details().to_string();
        let user_id = link.user_id;
        let expected = r#"{"issuer":"https://login.example/","subject":"auth0|\"5f7c\"","userId":""#;
        assert_eq!(stored, format!(r#"{expected}{user_id}"}}"#));
        assert_eq!(IdentityLink::read(&serde_json::from_str(&stored).unwrap()), Some(link));
        assert_eq!(IdentityLink::read(&json!({ "userId": user_id.to_string() })), None);
    }
}
