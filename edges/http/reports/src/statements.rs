//! `/api/reports`: trial balance, balance sheet and income statement as of any day, from the postings themselves.

use crate::App;
use crate::asked::{AsOf, Days, read_by};
use crate::wire::schema::{AsOfParameters, PeriodParameters};
use crate::wire::statement::{BalanceSheetReply, IncomeStatementReply, TrialBalanceReply};
use axum::extract::State;
use axum::response::Response;
use http_core::parameters::Parameters;
use http_core::problem::Outcome;
use http_core::table::Wanted;
use ledger::statement;
use std::sync::Arc;

/// What each line of the chart holds, by currency, as debits or credits; and that their sums are equal.
///
/// By booking: what was booked until then. By value: what counts from then or earlier, however late it was booked; with
/// `bookedUntil` only what had been booked by then: what was believed on one day about another.
#[utoipa::path(
    get,
    path = "/api/reports/trial-balance",
    tag = "reports",
    operation_id = "get_trial_balance",
    params(AsOfParameters),
    responses((
        status = 200, description = "The trial balance",
        content((TrialBalanceReply = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn trial_balance(
    State(app): State<Arc<App>>,
    parameters: Parameters,
    wanted: Wanted,
) -> Outcome<Response> {
    let asked = AsOf::read(&app, &parameters).await?;
    let lines = ledger::line_balances(&app.db.snapshot().await?, asked.cutoff()).await?;
    let reply = TrialBalanceReply::new(asked, &lines, &statement::columns(&lines)?);
    Ok(wanted.reply(&reply, TrialBalanceReply::TABLE, reply.rows()))
}

/// What the bank has, what it owes and what is its owners', by currency.
///
/// What was earned and not carried forward is the result; with it both sides are equal.
#[utoipa::path(
    get,
    path = "/api/reports/balance-sheet",
    tag = "reports",
    operation_id = "get_balance_sheet",
    params(AsOfParameters),
    responses((
        status = 200, description = "The balance sheet",
        content((BalanceSheetReply = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn balance_sheet(
    State(app): State<Arc<App>>,
    parameters: Parameters,
    wanted: Wanted,
) -> Outcome<Response> {
    let asked = AsOf::read(&app, &parameters).await?;
    let lines = ledger::line_balances(&app.db.snapshot().await?, asked.cutoff()).await?;
    let reply = BalanceSheetReply::new(asked, statement::balance_sheets(&lines)?);
    Ok(wanted.reply(&reply, BalanceSheetReply::TABLE, reply.rows()))
}

/// What the bank earned and spent from one day to another, by currency.
#[utoipa::path(
    get,
    path = "/api/reports/income-statement",
    tag = "reports",
    operation_id = "get_income_statement",
    params(PeriodParameters),
    responses((
        status = 200, description = "The income statement",
        content((IncomeStatementReply = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn income_statement(
    State(app): State<Arc<App>>,
    parameters: Parameters,
    wanted: Wanted,
) -> Outcome<Response> {
    let days = Days::read(&app, &parameters).await?;
    let (by, booked_until) = read_by(&parameters)?;
    let (before, at_end) = days.cutoffs(by, booked_until);
    let snapshot = app.db.snapshot().await?;
    let earlier = ledger::line_balances(&snapshot, before).await?;
    let later = ledger::line_balances(&snapshot, at_end).await?;
    let moved = statement::difference(&later, &earlier)?;
    let reply = IncomeStatementReply::new(days, by, statement::income_statements(&moved)?);
    Ok(wanted.reply(&reply, IncomeStatementReply::TABLE, reply.rows()))
}
