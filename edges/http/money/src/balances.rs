//! `/api/accounts/{id}/balances`: an account's balance at the end of each day, and what came and went on it.

use crate::App;
use crate::sight::visible_in_ledger;
use crate::wire::balances::{BalanceSeriesReply, DayReply};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use db::Date;
use http_core::caller::Caller;
use http_core::parameters::Parameters;
use http_core::path::PathId;
use http_core::problem::{Outcome, Problem};
use http_core::reply::json;
use http_core::table::Wanted;
use http_core::wire::Text;
use http_core::wire::schema::AccountIdText;
use http_core::wire::text::Decimal;
use ids::AccountId;
use ledger::{Account, AccountDay, AccountDays};
use payments::BOOKED_AFTER_DAYS_MAX;
use std::collections::HashMap;
use std::sync::Arc;

/// A leap year.
const DAYS_MAX: i32 = 366;
const DAYS_DEFAULT: i32 = 90;
const DAY_SECONDS: i64 = 86_400;

/// The balance at the end of each day, by value date, and what came and went on it; the oldest day first.
///
/// At most 366 days; 90 up to today, by the bank's clock, where nobody says which. What has a value date to come counts from
/// that day on.
#[utoipa::path(
    get,
    path = "/api/accounts/{id}/balances",
    tag = "accounts",
    operation_id = "list_balances",
    params(
        ("id" = AccountIdText, Path),
        ("from" = Option<String>, Query, format = Date, description = "The first day"),
        ("to" = Option<String>, Query, format = Date, description = "The last day"),
    ),
    responses((
        status = 200, description = "The balances",
        content((BalanceSeriesReply = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn series(
    State(app): State<Arc<App>>,
    caller: Caller,
    PathId(id): PathId<AccountId>,
    parameters: Parameters,
    wanted: Wanted,
) -> Outcome<Response> {
    let account = visible_in_ledger(&app, &caller, id).await?;
    let to = match parameters.read("to", Date::parse)? {
        Some(day) => day,
        None => app.clocks.now(&app.db).await?.bank.date(),
    };
    let from = parameters.read("from", Date::parse)?.unwrap_or_else(|| plus(to, 1 - DAYS_DEFAULT));
    if !(0..DAYS_MAX).contains(&to.unix_days().saturating_sub(from.unix_days())) {
        return Err(Problem::invalid("from", format!("must be a day at most {DAYS_MAX} days before the last one")));
    }
    // Processes may have made identifiers by clocks that were apart.
    let made_before_days = BOOKED_AFTER_DAYS_MAX + app.clocks.apart_seconds() / DAY_SECONDS + 1;
    let moved = ledger::account_days(&app.db, id, from, made_before_days).await?;
    let series = reply(&account, from, to, &moved);
    Ok(if wanted.is_csv() { wanted.rows(&series.data) } else { json(StatusCode::OK, &series) })
}

/// Backwards from now: each day ends with what the next one began with.
fn reply(account: &Account, from: Date, to: Date, moved: &AccountDays) -> BalanceSeriesReply {
    let decimal = |minor| Decimal::of(minor, account.currency);
    let net = |day: &AccountDay| i128::from(day.credit_minor) - i128::from(day.debit_minor);
    let later: i128 = moved.days.iter().filter(|day| day.day > to).map(net).sum();
    let by_day: HashMap<Date, &AccountDay> = moved.days.iter().map(|day| (day.day, day)).collect();
    let mut balance = i128::from(moved.posted_minor) - later;
    let mut days = Vec::new();
    for number in (from.unix_days()..=to.unix_days()).rev() {
        let date = Date::from_unix_days(number);
        let (credit, debit) = by_day.get(&date).map_or((0, 0), |day| (day.credit_minor, day.debit_minor));
        let shown = i64::try_from(balance).unwrap_or(if balance > 0 { i64::MAX } else { i64::MIN });
        days.push(DayReply {
            date: Text(date),
            balance: decimal(shown),
            money_in: decimal(credit),
            money_out: decimal(debit),
        });
        balance -= i128::from(credit) - i128::from(debit);
    }
    days.reverse();
    BalanceSeriesReply {
        account_id: Text(account.id),
        currency: Text(account.currency),
        from: Text(from),
        to: Text(to),
        data: days,
    }
}

fn plus(day: Date, days: i32) -> Date {
    Date::from_unix_days(day.unix_days().saturating_add(days))
}
