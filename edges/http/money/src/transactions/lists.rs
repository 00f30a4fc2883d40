//! What was moved: one transaction, the caller's, those of an account; newest first, filtered, in pages.

use crate::App;
use crate::other_side::{OtherSides, Viewpoint};
use crate::sight::{visible_in_ledger, visible_transaction};
use crate::wire::transaction::{AmountParameters, TransactionPageWord, TransactionParameters, TransactionReply};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use db::Date;
use http_core::caller::Caller;
use http_core::page::{self, Page};
use http_core::parameters::{Moment, Parameters};
use http_core::path::PathId;
use http_core::problem::{Outcome, Problem};
use http_core::reply::json;
use http_core::table::Wanted;
use http_core::wire::schema::{AccountIdText, PageParameters, TransactionIdText};
use ids::{AccountId, TransactionId};
use money::{Currency, Money};
use payments::{PageRequest, TransactionFilter, TransactionPage, TransactionStatus, TransactionType};
use std::sync::Arc;

/// Whose transactions are searched at once.
const ACCOUNTS_MAX: u32 = 1_000;

/// The caller's transactions; staff who are logged in themselves see everybody's.
///
/// The newest first; what was imported lies by its value date. One request looks at some thousand transactions: where few of
/// them pass the filters, a page may be short or empty and still have a `nextCursor`.
#[utoipa::path(
    get,
    path = "/api/transactions",
    tag = "transactions",
    operation_id = "list_transactions",
    params(TransactionParameters, PageParameters),
    responses((
        status = 200, description = "A page of transactions",
        content((TransactionPageWord<'_> = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    parameters: Parameters,
    wanted: Wanted,
) -> Outcome<Response> {
    let page = Page::read(&parameters)?;
    let filter = read_filter(&parameters, None)?;
    let accounts = accounts_of(&app, &caller).await?;
    // Somebody without accounts has no transactions; no list at all would mean everybody's.
    let found = match &accounts {
        Some(accounts) if accounts.is_empty() => TransactionPage { transactions: Vec::new(), next: None },
        accounts => app.payments.transactions(accounts.as_deref(), &filter, request(&page)).await?,
    };
    let others = OtherSides::of(&app, Viewpoint::Person(caller.user_id()), &found.transactions).await?;
    Ok(reply(wanted, &found, &caller, &others))
}

/// The transactions of one account.
///
/// The newest first; what was imported lies by its value date. One request looks at some thousand transactions: where few of
/// them pass the filters, a page may be short or empty and still have a `nextCursor`.
#[utoipa::path(
    get,
    path = "/api/transactions/account/{accountId}",
    tag = "transactions",
    operation_id = "list_transactions_of_account",
    params(("accountId" = AccountIdText, Path), TransactionParameters, AmountParameters, PageParameters),
    responses((
        status = 200, description = "A page of transactions",
        content((TransactionPageWord<'_> = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn of_account(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<AccountId>,
    parameters: Parameters,
    wanted: Wanted,
) -> Outcome<Response> {
    let page = Page::read(&parameters)?;
    let account = visible_in_ledger(&app, &caller, id).await?;
    let filter = read_filter(&parameters, Some(account.currency))?;
    let found = app.payments.transactions(Some(&[id]), &filter, request(&page)).await?;
    let others = OtherSides::of(&app, Viewpoint::Account(id), &found.transactions).await?;
    Ok(reply(wanted, &found, &caller, &others))
}

/// One transaction.
#[utoipa::path(
    get,
    path = "/api/transactions/{id}",
    tag = "transactions",
    operation_id = "get_transaction",
    params(("id" = TransactionIdText, Path)),
    responses((status = 200, description = "The transaction", body = TransactionReply<'_>)),
)]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<TransactionId>,
) -> Outcome<Response> {
    let transaction = visible_transaction(&app, &caller, id).await?;
    let viewpoint = Viewpoint::Person(caller.user_id());
    let others = OtherSides::of(&app, viewpoint, std::slice::from_ref(&transaction)).await?;
    let reply = TransactionReply::new(&transaction, &caller).seen(others.seen(&transaction, &caller));
    Ok(json(StatusCode::OK, &reply))
}

/// The accounts to search; `None`: all.
async fn accounts_of(app: &App, caller: &Caller) -> Outcome<Option<Vec<AccountId>>> {
    if caller.sees_all() {
        return Ok(None);
    }
    let accounts = accounts::ids_of_user(&app.db, caller.user_id(), ACCOUNTS_MAX + 1).await?;
    if accounts.len() > usize::try_from(ACCOUNTS_MAX).unwrap_or(usize::MAX) {
        let reason = "has too many accounts for one list; ask for /api/transactions/account/{accountId}";
        return Err(Problem::invalid("user", reason));
    }
    Ok(Some(accounts))
}

fn request(page: &Page<TransactionId>) -> PageRequest {
    PageRequest { before: page.after, limit: page.limit() }
}

fn reply(wanted: Wanted, found: &TransactionPage, caller: &Caller, others: &OtherSides) -> Response {
    let shown = |one| TransactionReply::new(one, caller).seen(others.seen(one, caller));
    page::answer_until(wanted, found.transactions.iter().map(shown).collect(), found.next)
}

/// Amounts can only be compared when the currency is known.
fn read_filter(parameters: &Parameters, currency: Option<Currency>) -> Outcome<TransactionFilter> {
    let amount = |name| match currency {
        Some(currency) => parameters.read(name, |text| Money::parse(text, currency).map(Money::minor)),
        None => Ok(None),
    };
    Ok(TransactionFilter {
        kind: parameters.read("type", |word| {
            TransactionType::parse(word).ok_or_else(|| one_of(TransactionType::ALL, |kind| kind.word()))
        })?,
        status: parameters.read("status", |word| {
            TransactionStatus::parse(word).ok_or_else(|| one_of(TransactionStatus::ALL, |status| status.word()))
        })?,
        original: parameters.read("originalTransactionId", TransactionId::parse)?,
        from: parameters.read_moment("from")?.map(Moment::start),
        to: parameters.read_moment("to")?.map(Moment::end),
        value_from: parameters.read("valueFrom", Date::parse)?,
        value_to: parameters.read("valueTo", Date::parse)?,
        min_amount_minor: amount("minAmount")?,
        max_amount_minor: amount("maxAmount")?,
        currency: None,
    })
}

fn one_of<T: Copy>(all: &[T], word: impl Fn(T) -> &'static str) -> String {
    let words: Vec<&str> = all.iter().map(|value| word(*value)).collect();
    format!("must be one of {}", words.join(", "))
}
