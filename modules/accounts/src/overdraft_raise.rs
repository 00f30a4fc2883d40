//! Letting an account go further below zero: what takes two people here. How it is asked for and decided is the matter of
//! approvals; whether the account allows it, of `terms.rs`.

use crate::{AccountsError, OverdraftChange, TermsChange};
use approvals::{Action, Actions, Agreed, Duty, Execution, Prospect};
use db::{Db, Tx};
use ids::{AccountId, UserId};
use money::{Currency, Money};
use outbox::Act;
use serde_json::{Value, json};

/// Let an account go further below zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverdraftRaise {
    /// The account.
    pub account: AccountId,
    /// The new limit.
    pub limit: Money,
}

/// With what takes two people in accounts.
#[must_use]
pub fn register_actions(actions: Actions) -> Actions {
    actions.with::<OverdraftRaise>(())
}

impl Action for OverdraftRaise {
    type Owner = ();
    type Error = AccountsError;

    const WORD: &'static str = "OVERDRAFT_RAISE";
    const ASKERS: &'static [Duty] = &[Duty::Administrator];

    fn details(&self) -> Value {
        json!({
            "accountId": self.account.to_string(),
            "overdraftLimit": self.limit.to_decimal(),
            "currency": self.limit.currency().code(),
        })
    }

    fn read(details: &Value) -> Option<Self> {
        let text = |name: &str| details.get(name).and_then(Value::as_str);
        let currency = Currency::parse(text("currency")?).ok()?;
        Some(Self {
            account: AccountId::parse(text("accountId")?).ok()?,
            limit: Money::parse_signed(text("overdraftLimit")?, currency).ok()?,
        })
    }

    async fn prospect(&self, (): &(), db: &Db) -> Result<Prospect, AccountsError> {
        let found = crate::get(db, self.account).await?;
        Ok(Prospect::For(found.ok_or(AccountsError::NotFound { account: self.account })?.user_id))
    }

    async fn beneficiary_in_tx(&self, tx: &Tx) -> db::Result<Option<UserId>> {
        let found = ledger::lock_accounts_in_tx(tx, &[self.account]).await?.pop();
        Ok(found.and_then(|found| found.holder_id).map(UserId::from_uuid))
    }

    async fn execute_in_tx(&self, (): &(), tx: &Tx, _: Agreed, act: Act) -> db::Result<Execution> {
        let overdraft = Some(OverdraftChange::Approved(self.limit.minor()));
        let change = TermsChange { status: None, overdraft };
        match crate::change_terms_in_tx(tx, self.account, change, act).await {
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
    fn a_raise_comes_back_from_what_is_stored() {
        let limit = Money::new(50_000, Currency::parse("USD").unwrap());
        let raise = OverdraftRaise { account: AccountId::generate(), limit };
        let stored = raise.details().to_string();
        let expected = format!(r#"{{"accountId":"{}","currency":"USD","overdraftLimit":"500.00"}}"#, raise.account);
        assert_eq!(stored, expected);
        assert_eq!(OverdraftRaise::read(&serde_json::from_str(&stored).unwrap()), Some(raise));
        assert_eq!(OverdraftRaise::read(&json!({})), None);
    }
}
