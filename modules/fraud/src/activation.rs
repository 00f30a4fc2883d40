//! Activating a set of rules: what takes two people here. And what one person may do: let a rule rest for a customer.

use crate::rule_set::store::{self, ActivatedSet, Snooze};
use crate::{Fraud, FraudError, RuleId, RuleSet, events};
use approvals::{Action, Actions, Agreed, Duty, Execution, Prospect};
use db::{BankTime, Db, Tx};
use ids::{ApprovalId, UserId};
use outbox::Act;
use serde_json::Value;

/// No rule rests for longer.
const SNOOZE_DAYS_MAX: i64 = 90;

/// Let another set of rules count from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesActivation {
    /// The set; it gets its number when it is activated.
    pub set: RuleSet,
}

/// With what takes two people in fraud.
#[must_use]
pub fn register_actions(actions: Actions, fraud: &Fraud) -> Actions {
    actions.with::<RulesActivation>(fraud.clone())
}

impl Action for RulesActivation {
    type Owner = Fraud;
    type Error = FraudError;

    const WORD: &'static str = "FRAUD_RULES_ACTIVATION";
    const ASKERS: &'static [Duty] = &[Duty::Administrator];

    fn details(&self) -> Value {
        self.set.document()
    }

    fn read(details: &Value) -> Option<Self> {
        RuleSet::read(0, details).ok().map(|set| Self { set })
    }

    async fn prospect(&self, _: &Fraud, db: &Db) -> Result<Prospect, FraudError> {
        let counts = store::newest(db).await?;
        let is_so = counts.is_some_and(|counts| counts.document() == self.set.document());
        Ok(if is_so { Prospect::ChangesNothing } else { Prospect::For(None) })
    }

    async fn beneficiary_in_tx(&self, _: &Tx) -> db::Result<Option<UserId>> {
        Ok(None)
    }

    async fn execute_in_tx(&self, fraud: &Fraud, tx: &Tx, agreed: Agreed, act: Act) -> db::Result<Execution> {
        let version = activate_in_tx(tx, &self.set, Some((agreed.approval, agreed.requested_by)), act).await?;
        let (fraud, set) = (fraud.clone(), self.set.clone().numbered(version));
        Ok(Execution::Done(Box::new(move || fraud.go_by(set))))
    }
}

/// Lets a set count from now on, under the next number, which it returns. Two at once: the second is refused by the number.
///
/// # Errors
/// The database failed.
pub async fn activate_in_tx(tx: &Tx, set: &RuleSet, agreed: Option<(ApprovalId, UserId)>, act: Act) -> db::Result<i64> {
    let version = store::newest(tx).await?.map_or(0, |counts| counts.version) + 1;
    let (approval, proposed_by) = (agreed.map(|(approval, _)| approval), agreed.map(|(_, by)| by));
    let rules = set.document().to_string();
    store::insert_in_tx(tx, ActivatedSet { version, rules, proposed_by, approval, activated_at: act.at }).await?;
    outbox::append_in_tx(tx, vec![events::activated(version, approval, act)]).await?;
    Ok(version)
}

/// A wish that a rule rests for a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnoozeWish {
    /// The rule.
    pub rule: RuleId,
    /// For whom.
    pub customer: UserId,
    /// Until when, in bank time.
    pub until: BankTime,
    /// Why.
    pub reason: String,
    /// Who says so.
    pub by: UserId,
}

impl Fraud {
    /// The set that counts just now, and those that were activated, the newest first, before a given number.
    ///
    /// # Errors
    /// The database failed.
    pub async fn rule_sets(&self, db: &Db, before: Option<i64>, limit: u32) -> db::Result<Vec<ActivatedSet>> {
        store::page(db, before.unwrap_or(i64::MAX), limit).await
    }

    /// Lets a rule rest for a customer.
    ///
    /// # Errors
    /// It is a limit, the time is over or too far away, or the database failed.
    pub async fn snooze(&self, db: &Db, wish: SnoozeWish, now: BankTime, act: Act) -> Result<(), FraudError> {
        let SnoozeWish { rule, customer, until, reason, by } = wish;
        if rule.is_limit() {
            return Err(FraudError::SnoozedLimit);
        }
        if until <= now || until > now.plus_seconds(SNOOZE_DAYS_MAX * 86_400) {
            return Err(FraudError::SnoozeTime);
        }
        let snooze = Snooze { rule, customer, until, snoozed_by: by, reason };
        let event = events::snoozed(&snooze, act);
        let tx = db.begin().await?;
        store::upsert_snooze_in_tx(&tx, snooze).await?;
        outbox::append_in_tx(&tx, vec![event]).await?;
        tx.commit().await?;
        Ok(self.refresh(db, now).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RuleMode;

    #[test]
    fn an_activation_comes_back_from_what_is_stored() {
        let activation = RulesActivation { set: RuleSet::built_in(RuleMode::Active) };
        let stored = activation.details().to_string();
        assert_eq!(RulesActivation::read(&serde_json::from_str(&stored).unwrap()), Some(activation));
        assert_eq!(RulesActivation::read(&serde_json::json!({})), None);
    }
}
