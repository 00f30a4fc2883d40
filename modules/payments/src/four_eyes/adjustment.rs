//! An adjustment: putting a customer's balance right by hand. It is agreed on first and posted then, as a transaction under
//! the approval's own identifier; the poster keeps its receipt under it: however often it is posted, one answer is given
//! and at most one transaction made.

use super::ActionError;
use crate::{Answer, Command, IdempotencyKey, Order, Payments, PosterError, Receipt, Request, TransactionType};
use approvals::{Action, Agreed, Completion, Duty, Execution, Prospect, Repetition};
use db::{Db, DbError, Tx};
use ids::{AccountId, TransactionId, UserId};
use ledger::ChartCode;
use money::{Currency, Money};
use outbox::Act;
use serde_json::{Value, json};

/// Put a customer's balance right by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjustment {
    /// The account.
    pub account: AccountId,
    /// Positive: for the customer. Never zero.
    pub money: Money,
    /// Why, for people; it becomes the description of the transaction.
    pub reason: String,
}

impl Action for Adjustment {
    type Owner = Payments;
    type Error = ActionError;

    const WORD: &'static str = "ADJUSTMENT";
    const ASKERS: &'static [Duty] = &[Duty::Teller, Duty::Administrator];
    const REPETITION: Repetition = Repetition::IsAnother;

    fn details(&self) -> Value {
        json!({
            "accountId": self.account.to_string(),
            "amount": self.money.to_decimal(),
            "currency": self.money.currency().code(),
            "reason": self.reason,
        })
    }

    fn read(details: &Value) -> Option<Self> {
        let text = |name: &str| details.get(name).and_then(Value::as_str);
        let currency = Currency::parse(text("currency")?).ok()?;
        Some(Self {
            account: AccountId::parse(text("accountId")?).ok()?,
            money: Money::parse_signed(text("amount")?, currency).ok()?,
            reason: text("reason")?.to_owned(),
        })
    }

    async fn prospect(&self, _: &Payments, db: &Db) -> Result<Prospect, ActionError> {
        let (account, money) = (self.account, self.money);
        if money.minor() == 0 {
            return Ok(Prospect::ChangesNothing);
        }
        let found = ledger::accounts(db, &[account]).await?.pop();
        let found = found.filter(|found| found.chart == ChartCode::CustomerDeposits);
        let found = found.ok_or(ActionError::NoSuchAccount { account })?;
        if found.currency != money.currency() {
            return Err(ActionError::CurrencyMismatch { account });
        }
        Ok(Prospect::For(found.holder_id.map(UserId::from_uuid)))
    }

    async fn beneficiary_in_tx(&self, tx: &Tx) -> db::Result<Option<UserId>> {
        let found = ledger::lock_accounts_in_tx(tx, &[self.account]).await?.pop();
        Ok(found.and_then(|found| found.holder_id).map(UserId::from_uuid))
    }

    async fn execute_in_tx(&self, payments: &Payments, tx: &Tx, _: Agreed, _: Act) -> db::Result<Execution> {
        // A currency may be older than the bank's account for adjustments.
        let opened_at = payments.clocks().now(tx).await?.bank;
        ledger::open_own_accounts_in_tx(tx, self.money.currency(), opened_at).await?;
        Ok(Execution::Begun)
    }

    async fn complete(&self, payments: &Payments, agreed: Agreed, act: Act) -> db::Result<Completion> {
        let reason = match payments.submit(act.by, self.request(agreed)).await {
            Ok(Answer::Fresh { outcomes, .. }) => {
                outcomes.into_iter().find_map(|outcome| outcome.err()).map(|why| why.to_string())
            }
            Ok(Answer::Replayed(receipt)) => receipt.into_reason()?,
            Ok(Answer::KeyReused) => {
                return Err(DbError::Internal(format!("{} was posted as something else", agreed.approval)));
            }
            Err(PosterError::InProgress) => return Ok(Completion::Later),
            Err(error) => {
                tracing::warn!(%error, approval = %agreed.approval, "an approved adjustment will be posted later");
                return Ok(Completion::Later);
            }
        };
        Ok(reason.map_or(Completion::Done, Completion::Failed))
    }
}

impl Adjustment {
    /// Money for the customer comes from the bank's account for adjustments, and money from the customer goes there; only
    /// while the account is whose it was when it was approved.
    fn request(&self, agreed: Agreed) -> Request {
        let Agreed { approval, beneficiary: holder, .. } = agreed;
        let contra = ChartCode::Adjustments.own_account(self.money.currency());
        let (source, destination) =
            if self.money.minor() > 0 { (contra, self.account) } else { (self.account, contra) };
        let money = Money::new(self.money.minor().saturating_abs(), self.money.currency());
        let (kind, description) = (TransactionType::Adjustment, self.reason.clone());
        let order = Order { kind, source, destination, money, description, metadata: None };
        Request {
            commands: vec![Command::Adjust { id: TransactionId::from_uuid(approval.uuid()), order, holder }],
            is_atomic: true,
            key: Some(IdempotencyKey::new(&["approvals"], &approval.to_string(), &[])),
            pack: Box::new(Receipt::plain),
            request_id: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_adjustment_comes_back_from_what_is_stored() {
        let money = Money::new(-125, Currency::parse("USD").unwrap());
        let adjustment = Adjustment { account: AccountId::generate(), money, reason: "\"fee\"".to_owned() };
        let stored = adjustment.details().to_string();
        let expected =
            format!(r#"{{"accountId":"{}","amount":"-1.25","currency":"USD","reason":"\"fee\""}}"#, adjustment.account);
        assert_eq!(stored, expected);
        assert_eq!(Adjustment::read(&serde_json::from_str(&stored).unwrap()), Some(adjustment));
        assert_eq!(Adjustment::read(&json!({})), None);
    }
}
