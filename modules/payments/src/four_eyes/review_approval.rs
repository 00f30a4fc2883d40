//! Making a payment that is looked at, of an amount for which one person's word is not enough. Which payment it is is agreed on
//! first; it is made then through the poster, once: somebody may have decided otherwise meanwhile.

use super::ActionError;
use crate::{Answer, Command, IdempotencyKey, Payments, PosterError, Receipt, Request};
use approvals::{Action, Agreed, Completion, Duty, Execution, Prospect};
use db::{Db, DbError, Tx};
use fraud::{FraudError, ReviewState};
use ids::{TransactionId, UserId};
use outbox::Act;
use serde_json::{Value, json};

/// Make a payment that is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewApproval {
    /// The payment.
    pub transaction: TransactionId,
    /// Whether it goes on as a hold.
    pub is_hold: bool,
    /// Why, for the bank's own people.
    pub reason: String,
}

impl Action for ReviewApproval {
    type Owner = Payments;
    type Error = ActionError;

    const WORD: &'static str = "REVIEW_APPROVAL";
    const ASKERS: &'static [Duty] = &[Duty::Administrator];

    fn details(&self) -> Value {
        json!({ "transactionId": self.transaction.to_string(), "isHold": self.is_hold, "reason": self.reason })
    }

    fn read(details: &Value) -> Option<Self> {
        let text = |name: &str| details.get(name).and_then(Value::as_str);
        Some(Self {
            transaction: TransactionId::parse(text("transactionId")?).ok()?,
            is_hold: details.get("isHold")?.as_bool()?,
            reason: text("reason")?.to_owned(),
        })
    }

    async fn prospect(&self, payments: &Payments, db: &Db) -> Result<Prospect, ActionError> {
        let (review, _) = payments.fraud().review(db, self.transaction).await?;
        if review.state != ReviewState::Open {
            return Err(FraudError::ReviewIsOver { transaction: self.transaction, state: review.state }.into());
        }
        Ok(Prospect::For(Some(review.customer)))
    }

    async fn beneficiary_in_tx(&self, tx: &Tx) -> db::Result<Option<UserId>> {
        let found = crate::transaction::store::by_ids(tx, &[self.transaction]).await?.pop();
        Ok(found.and_then(|found| found.source.holder))
    }

    async fn execute_in_tx(&self, _: &Payments, _: &Tx, _: Agreed, _: Act) -> db::Result<Execution> {
        Ok(Execution::Begun)
    }

    async fn complete(&self, payments: &Payments, agreed: Agreed, act: Act) -> db::Result<Completion> {
        let command =
            Command::Approve { transaction: self.transaction, reason: self.reason.clone(), is_hold: self.is_hold };
        let request = Request {
            commands: vec![command],
            is_atomic: true,
            key: Some(IdempotencyKey::new(&["approvals"], &agreed.approval.to_string(), &[])),
            pack: Box::new(Receipt::plain),
            request_id: None,
        };
        let reason = match payments.submit(act.by, request).await {
            Ok(Answer::Fresh { outcomes, .. }) => {
                outcomes.into_iter().find_map(|outcome| outcome.err()).map(|why| why.to_string())
            }
            Ok(Answer::Replayed(receipt)) => receipt.into_reason()?,
            Ok(Answer::KeyReused) => {
                return Err(DbError::Internal(format!("{} was done as something else", agreed.approval)));
            }
            Err(PosterError::InProgress) => return Ok(Completion::Later),
            Err(error) => {
                tracing::warn!(%error, approval = %agreed.approval, "an approved payment will be made later");
                return Ok(Completion::Later);
            }
        };
        Ok(reason.map_or(Completion::Done, Completion::Failed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_approval_comes_back_from_what_is_stored() {
        let approval =
            ReviewApproval { transaction: TransactionId::generate(), is_hold: false, reason: "\"called\"".to_owned() };
        let stored = approval.details().to_string();
        assert_eq!(ReviewApproval::read(&serde_json::from_str(&stored).unwrap()), Some(approval));
        assert_eq!(ReviewApproval::read(&json!({})), None);
    }
}
