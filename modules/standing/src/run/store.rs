//! The rows of `standing_run`.

use super::{Run, RunOutcome, RunWord, StandingRun};
use db::{BankTime, Date, Executor, Result, Tx, columns, params, statements};
use ids::{StandingOrderId, StandingRunId, TransactionId};

columns! {
    StandingRun { id, date, dates, outcome, why, transaction_id, happened_at }
    struct New {
        id: StandingRunId,
        order_id: StandingOrderId,
        date: Date,
        dates: i64,
        outcome: RunWord,
        why: Option<String>,
        transaction_id: Option<TransactionId>,
        happened_at: BankTime,
    }
}

statements! {
    INSERT_RUNS(New) = "INSERT INTO standing_run ({columns}) VALUES ({values})";
    SELECT_RUNS -> StandingRun =
        "SELECT {columns} FROM standing_run WHERE order_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
}

pub(crate) async fn insert_in_tx(tx: &Tx, runs: Vec<Run>, now: BankTime) -> Result<()> {
    let stored = |Run { id, order_id, date, outcome }| {
        let (outcome, why, transaction_id, dates) = match outcome {
            RunOutcome::Paid { transaction } => (RunWord::Paid, None, Some(transaction), 1),
            RunOutcome::Refused { why, .. } => (RunWord::Refused, Some(why.to_owned()), None, 1),
            RunOutcome::Skipped { dates, why } => (RunWord::Skipped, Some(why.to_owned()), None, dates),
        };
        New { id, order_id, date, dates: dates.into(), outcome, why, transaction_id, happened_at: now }
    };
    tx.execute_rows(&INSERT_RUNS, runs.into_iter().map(stored)).await.map(drop)
}

/// The newest first, from before a given one on.
pub(crate) async fn page(
    on: &impl Executor,
    order: StandingOrderId,
    before: Option<StandingRunId>,
    limit: u32,
) -> Result<Vec<StandingRun>> {
    let before = before.unwrap_or(StandingRunId::from_uuid(uuid::Uuid::max()));
    on.query_as(&SELECT_RUNS, params![order, before, limit]).await
}
