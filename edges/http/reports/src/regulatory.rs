//! `/api/reports`: what supervisors usually ask for, like their forms and no form of theirs.

use crate::App;
use crate::asked::{Days, today};
use crate::wire::regulatory::{
    DORMANT_TABLE, DormantReply, LARGE_TABLE, LargeReply, LiquidityReply, dormant_cells, large_cells,
};
use crate::wire::schema::{DormantPage, DormantParameters, LargePage, LargeParameters};
use axum::extract::State;
use axum::response::Response;
use db::BankTime;
use http_core::page::{self, Page};
use http_core::parameters::{Moment, Parameters};
use http_core::problem::{Outcome, Problem};
use http_core::table::Wanted;
use http_core::wire::named::read_currency;
use http_core::wire::schema::PageParameters;
use ids::{AccountId, TransactionId};
use ledger::{ChartCode, Cutoff};
use money::Money;
use payments::{PageRequest, TransactionFilter};
use std::sync::Arc;

/// How long nothing moved on an account before it is called dormant.
const DORMANT_DAYS: i64 = 365;
const DORMANT_DAYS_MAX: i64 = 36_500;

/// Transactions of at least an amount, in one currency, made from one day to another; the newest first.
///
/// One request looks at some thousand transactions: where few of them are so large, a page may be short or empty and still have
/// a `nextCursor`.
#[utoipa::path(
    get,
    path = "/api/reports/large-transactions",
    tag = "reports",
    operation_id = "list_large_transactions",
    params(LargeParameters, PageParameters),
    responses((
        status = 200, description = "A page of transactions",
        content((LargePage<'_> = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn large_transactions(
    State(app): State<Arc<App>>,
    parameters: Parameters,
    wanted: Wanted,
) -> Outcome<Response> {
    let page = Page::<TransactionId>::read(&parameters)?;
    let (from, until) = Days::read(&app, &parameters).await?.booked();
    let code = parameters.text("currency").ok_or_else(|| Problem::invalid("currency", "is missing"))?;
    let currency = read_currency(code)?;
    let least = parameters.read("min", |text| Money::parse(text, currency))?;
    let least = least.ok_or_else(|| Problem::invalid("min", "is missing"))?;
    let filter = TransactionFilter {
        from: Some(from),
        to: Some(until),
        min_amount_minor: Some(least.minor()),
        currency: Some(currency),
        ..TransactionFilter::default()
    };
    let request = PageRequest { before: page.after, limit: page.limit() };
    let found = app.payments.transactions(None, &filter, request).await?;
    if wanted.is_csv() {
        let mut table = wanted.table(LARGE_TABLE);
        found.transactions.iter().for_each(|one| table.row(&large_cells(one)));
        return Ok(page::table_until(table, found.next));
    }
    Ok(page::reply_until(found.transactions.iter().map(LargeReply::from).collect(), found.next))
}

/// Customers' accounts that are open and on which nothing moved for so many days; in the order in which they were opened.
#[utoipa::path(
    get,
    path = "/api/reports/dormant-accounts",
    tag = "reports",
    operation_id = "list_dormant_accounts",
    params(DormantParameters, PageParameters),
    responses((
        status = 200, description = "A page of accounts",
        content((DormantPage<'_> = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn dormant_accounts(
    State(app): State<Arc<App>>,
    parameters: Parameters,
    wanted: Wanted,
) -> Outcome<Response> {
    let page = Page::<AccountId>::read(&parameters)?;
    let days = parameters.read("days", |text| match text.parse() {
        Ok(days @ 1..=DORMANT_DAYS_MAX) => Ok(days),
        _ => Err(format!("must be a whole number from 1 to {DORMANT_DAYS_MAX}")),
    })?;
    let midnight: BankTime = Moment::Day(today(&app).await?).start();
    let since = midnight.plus_seconds(-days.unwrap_or(DORMANT_DAYS) * 86_400);
    let found = ledger::dormant(&app.db, since, page.after, page.rows()).await?;
    if wanted.is_csv() {
        return Ok(page.table(wanted.table(DORMANT_TABLE), found, |one| one.account, |one| dormant_cells(&one)));
    }
    Ok(page.reply(found, |one| one.account, DormantReply::from))
}

/// Customers' deposits and overdrafts as they are, and what the bank could pay out at once, by currency.
///
/// Every deposit can be taken out at any time: there are none with a term yet.
#[utoipa::path(
    get,
    path = "/api/reports/liquidity",
    tag = "reports",
    operation_id = "get_liquidity",
    responses((
        status = 200, description = "How liquid the bank is",
        content((LiquidityReply = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn liquidity(State(app): State<Arc<App>>, wanted: Wanted) -> Outcome<Response> {
    let snapshot = app.db.snapshot().await?;
    let deposits = ledger::deposits(&snapshot).await?;
    let mut lines = ledger::line_balances(&snapshot, Cutoff { booked_before: None, value_until: None }).await?;
    lines.retain(|line| matches!(line.line, ChartCode::Cash | ChartCode::DueFromBanks));
    let reply = LiquidityReply::new(&deposits, &lines);
    Ok(wanted.reply(&reply, LiquidityReply::TABLE, reply.rows()))
}
