//! `/api/accounts`: opening, showing, changing and closing accounts. Others' accounts look as if they were not there.

use crate::App;
use crate::sight::{visible_account, visible_in_ledger};
use crate::wire::account::{AccountPage, AccountReply, BalanceReply, ChangeAccountBody, OpenAccountBody};
use ::accounts::{
    AccountChange, AccountKind, AccountName, AccountView, AccountsError, NewAccount, OverdraftChange, OverdraftRaise,
    TermsChange,
};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use http_core::body::JsonBody;
use http_core::caller::Caller;
use http_core::four_eyes::ask;
use http_core::page::Page;
use http_core::parameters::{Moment, Parameters};
use http_core::path::PathId;
use http_core::policy;
use http_core::problem::{Outcome, Problem};
use http_core::reply::json;
use http_core::route::{Needs, Who};
use http_core::table::Wanted;
use http_core::wire::amount::read_amount_or_zero;
use http_core::wire::approval::ApprovalReply;
use http_core::wire::named::read_active_currency;
use http_core::wire::schema::{AccountIdText, PageParameters};
use ids::AccountId;
use ledger::AccountStatus;
use money::Money;
use std::sync::Arc;

/// The caller's accounts; staff who are logged in themselves see everybody's.
#[utoipa::path(
    get,
    path = "/api/accounts",
    tag = "accounts",
    operation_id = "list_accounts",
    params(PageParameters),
    responses((
        status = 200, description = "A page of accounts",
        content((AccountPage<'_> = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    parameters: Parameters,
    wanted: Wanted,
) -> Outcome<Response> {
    let page = Page::<AccountId>::read(&parameters)?;
    let user = (!caller.sees_all()).then(|| caller.user_id());
    let accounts = ::accounts::list(&app.db, user, page.after, page.rows()).await?;
    Ok(page.answer(wanted, accounts, |account| account.id, |account| AccountReply::new(account, &caller)))
}

/// Opens an account of the caller's.
#[utoipa::path(
    post,
    path = "/api/accounts",
    tag = "accounts",
    operation_id = "open_account",
    request_body = OpenAccountBody<'_>,
    responses((status = 201, description = "Opened", body = AccountReply)),
)]
pub(crate) async fn open(State(app): State<Arc<App>>, caller: Caller, body: JsonBody) -> Outcome<Response> {
    let OpenAccountBody { name, r#type, currency } = body.read()?;
    let kind =
        AccountKind::parse(&r#type).ok_or_else(|| Problem::invalid("type", "must be CHECKING, SAVINGS or BUSINESS"))?;
    let new = NewAccount {
        user_id: Some(caller.user_id()),
        name: name.as_deref().map(read_name).transpose()?,
        kind,
        currency: read_active_currency(&currency)?,
        external_ref: None,
    };
    let now = app.clocks.now(&app.db).await?;
    let account = ::accounts::open(&app.db, new, now.bank, caller.identity.does(now.wall)).await?;
    Ok(json(StatusCode::CREATED, &AccountReply::new(account, &caller)))
}

/// One account.
#[utoipa::path(
    get,
    path = "/api/accounts/{id}",
    tag = "accounts",
    operation_id = "get_account",
    params(("id" = AccountIdText, Path)),
    responses((status = 200, description = "The account", body = AccountReply)),
)]
pub(crate) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<AccountId>,
) -> Outcome<Response> {
    let account = visible_account(&app, &caller, id).await?;
    Ok(json(StatusCode::OK, &AccountReply::new(account, &caller)))
}

/// Renames an account; a teller also freezes and unfreezes, and an administrator sets the overdraft limit too.
#[utoipa::path(
    put,
    path = "/api/accounts/{id}",
    tag = "accounts",
    operation_id = "change_account",
    params(("id" = AccountIdText, Path)),
    request_body = ChangeAccountBody<'_>,
    responses(
        (status = 200, description = "Changed", body = AccountReply),
        (status = 202, description = "A raise of the overdraft limit waits for a second administrator", body = ApprovalReply),
    ),
)]
pub(crate) async fn change(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<AccountId>,
    body: JsonBody,
) -> Outcome<Response> {
    let body: ChangeAccountBody<'_> = body.read()?;
    let account = visible_account(&app, &caller, id).await?;
    let terms = read_terms(&body, &account)?;
    let name = body.name.as_deref().map(read_name).transpose()?;
    let now = app.now();
    let change = AccountChange { name, terms };
    match ::accounts::change(&app.db, id, change, caller.hat(now)?, caller.identity.does(now)).await {
        Err(AccountsError::RaiseNeedsApproval { .. }) => request_raise(&app, &caller, &account, &body).await,
        outcome => Ok(json(StatusCode::OK, &AccountReply::new(outcome?, &caller))),
    }
}

/// Closes an account that is empty.
#[utoipa::path(
    delete,
    path = "/api/accounts/{id}",
    tag = "accounts",
    operation_id = "close_account",
    params(("id" = AccountIdText, Path)),
    responses((status = 200, description = "Closed", body = AccountReply)),
)]
pub(crate) async fn close(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<AccountId>,
) -> Outcome<Response> {
    let now = app.now();
    let account = ::accounts::close(&app.db, id, caller.hat(now)?, caller.identity.does(now)).await?;
    Ok(json(StatusCode::OK, &AccountReply::new(account, &caller)))
}

/// The balance now, at an instant of the past, or at the end of a value date.
#[utoipa::path(
    get,
    path = "/api/accounts/{id}/balance",
    tag = "accounts",
    operation_id = "get_balance",
    params(
        ("id" = AccountIdText, Path),
        ("asOf" = Option<String>, Query, description = "A time: what was booked until then. A day: what counted at its end"),
    ),
    responses((status = 200, description = "The balance", body = BalanceReply)),
)]
pub(crate) async fn balance(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<AccountId>,
    parameters: Parameters,
) -> Outcome<Response> {
    let account = visible_in_ledger(&app, &caller, id).await?;
    let reply = match parameters.read_moment("asOf")? {
        None => BalanceReply::now(&account),
        Some(Moment::Instant(at)) => {
            BalanceReply::as_of(&account, at.to_string(), ledger::balance_at(&app.db, id, at).await?)
        }
        Some(Moment::Day(day)) => {
            BalanceReply::as_of(&account, day.to_string(), ledger::balance_by_value_date(&app.db, id, day).await?)
        }
    };
    Ok(json(StatusCode::OK, &reply))
}

/// Asks for a higher overdraft limit: what a change of an account turns into when it is one.
async fn raise_overdraft(app: &App, caller: &Caller, account: AccountId, limit: Money) -> Outcome<Response> {
    policy::require(&caller.identity, Who::Admins, Needs::FreshSession, app.now())?;
    ask(&app.approvals, caller, OverdraftRaise { account, limit }, None, app.now()).await
}

/// A second administrator has to agree to a higher limit, so it comes alone.
async fn request_raise(
    app: &App,
    caller: &Caller,
    account: &AccountView,
    body: &ChangeAccountBody<'_>,
) -> Outcome<Response> {
    let limit = read_limit(body, account)?.filter(|_| body.name.is_none() && body.status.is_none());
    let limit = limit.ok_or_else(|| {
        Problem::invalid("overdraftLimit", "takes a second administrator to be raised: send it alone")
    })?;
    raise_overdraft(app, caller, account.id, limit).await
}

fn read_name(text: &str) -> Outcome<AccountName> {
    AccountName::parse(text).map_err(|error| Problem::invalid("name", error.to_string()))
}

fn read_terms(body: &ChangeAccountBody<'_>, account: &AccountView) -> Outcome<TermsChange> {
    let status = match body.status.as_deref().map(AccountStatus::parse) {
        None => None,
        Some(Some(status @ (AccountStatus::Active | AccountStatus::Frozen))) => Some(status),
        Some(_) => return Err(Problem::invalid("status", "must be ACTIVE or FROZEN; to close an account, delete it")),
    };
    let limit = read_limit(body, account)?;
    Ok(TermsChange { status, overdraft: limit.map(|limit| OverdraftChange::Lower(limit.minor())) })
}

fn read_limit(body: &ChangeAccountBody<'_>, account: &AccountView) -> Outcome<Option<Money>> {
    let currency = account.ledger.currency;
    body.overdraft_limit.map(|raw| read_amount_or_zero("overdraftLimit", raw, currency)).transpose()
}
