//! The rows of `fraud_rule_set` and `fraud_snooze`.

use crate::{RuleId, RuleSet};
use db::{BankTime, DbError, Executor, Result, Tx, WallTime, columns, params, statements};
use ids::{ApprovalId, UserId};

columns! {
    /// A set that was activated.
    #[derive(Debug)]
    pub struct ActivatedSet {
        /// Its number.
        pub version: i64,
        /// The rules, as JSON.
        pub rules: String,
        /// Who asked for it; nobody where the program did.
        pub proposed_by: Option<UserId>,
        /// Under which approval.
        pub approval: Option<ApprovalId> = approval_id,
        /// Since when.
        pub activated_at: WallTime,
    }
    /// A rule that rests for a customer.
    #[derive(Debug)]
    pub struct Snooze {
        /// The rule.
        pub rule: RuleId,
        /// For whom.
        pub customer: UserId = customer_id,
        /// Until when, in bank time.
        pub until: BankTime,
        /// Who said so.
        pub snoozed_by: UserId,
        /// Why.
        pub reason: String,
    }
}

statements! {
    SELECT_NEWEST_SET -> ActivatedSet = "SELECT {columns} FROM fraud_rule_set ORDER BY version DESC LIMIT 1";
    SELECT_SETS -> ActivatedSet = "SELECT {columns} FROM fraud_rule_set WHERE version < $1 ORDER BY version DESC LIMIT $2";
    INSERT_SET(ActivatedSet) = "INSERT INTO fraud_rule_set ({columns}) VALUES ({values})";
    UPSERT_SNOOZE(Snooze) =
        "INSERT INTO fraud_snooze ({columns}) VALUES ({values})
         ON CONFLICT (rule, customer_id) DO UPDATE
         SET until = excluded.until, snoozed_by = excluded.snoozed_by, reason = excluded.reason";
    SELECT_SNOOZES -> Snooze = "SELECT {columns} FROM fraud_snooze WHERE until > $1 ORDER BY until LIMIT $2";
}

/// The set that two people activated last; nothing where nobody has yet.
///
/// # Errors
/// The database failed, or the set cannot be read.
pub async fn newest(on: &impl Executor) -> Result<Option<RuleSet>> {
    let Some(stored) = on.query_as::<ActivatedSet>(&SELECT_NEWEST_SET, params![]).await?.pop() else { return Ok(None) };
    let set = RuleSet::parse(stored.version, &stored.rules);
    set.map(Some).map_err(|wrong| DbError::Internal(format!("rule set {} cannot be read: {wrong}", stored.version)))
}

pub(crate) async fn page(on: &impl Executor, before: i64, limit: u32) -> Result<Vec<ActivatedSet>> {
    on.query_as(&SELECT_SETS, params![before, limit]).await
}

pub(crate) async fn insert_in_tx(tx: &Tx, set: ActivatedSet) -> Result<()> {
    tx.execute_rows(&INSERT_SET, [set]).await.map(drop)
}

pub(crate) async fn upsert_snooze_in_tx(tx: &Tx, snooze: Snooze) -> Result<()> {
    tx.execute_rows(&UPSERT_SNOOZE, [snooze]).await.map(drop)
}

pub(crate) async fn snoozes(on: &impl Executor, now: BankTime, limit: u32) -> Result<Vec<Snooze>> {
    on.query_as(&SELECT_SNOOZES, params![now, limit]).await
}
