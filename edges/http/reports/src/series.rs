//! `/api/analytics` and FinApp's `/analytics`: what was counted of what happened, and what the ledger's lines did day by day.

use crate::App;
use crate::asked::{Days, today};
use crate::wire::schema::{BalancesParameters, DayParameters, SeriesParameters, VolumeParameters};
use crate::wire::series::{
    ActiveCustomersReply, Failure, FailuresReply, FinappReply, LineAt, LinesReply, Volume, VolumesReply,
};
use analytics::Metric;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use db::Date;
use http_core::parameters::Parameters;
use http_core::problem::{Outcome, Problem};
use http_core::reply::json;
use http_core::table::Wanted;
use http_core::wire::Text;
use http_core::wire::named::read_currency;
use http_core::wire::text::Decimal;
use ledger::{By, ChartCode, Class, Cutoff};
use money::Currency;
use std::collections::BTreeMap;
use std::sync::Arc;

/// So many days of balances are told at once.
const BALANCE_DAYS_MAX: i32 = 92;
/// What FinApp counts as an event.
const FINAPP_COUNTS: [Metric; 3] = [Metric::Login, Metric::Application, Metric::OptionCheck];

#[derive(Clone, Copy)]
enum Interval {
    Day,
    Week,
    Month,
}

impl Interval {
    fn read(parameters: &Parameters) -> Outcome<Self> {
        let interval = parameters.read("interval", |word| match word {
            "day" => Ok(Self::Day),
            "week" => Ok(Self::Week),
            "month" => Ok(Self::Month),
            _ => Err("must be day, week or month"),
        })?;
        Ok(interval.unwrap_or(Self::Day))
    }

    /// The first day of the one that the day is in.
    fn start(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            // The first day of all was a Thursday.
            Self::Week => Date::from_unix_days((day.unix_days() + 3).div_euclid(7) * 7 - 3),
            Self::Month => {
                let first = day.to_string().get(..8).map(|month| format!("{month}01"));
                first.and_then(|first| Date::parse(&first).ok()).unwrap_or(day)
            }
        }
    }
}

/// Payments that settled: how many, and how much in each currency; by value date.
///
/// They are counted from the stream of events, so histories that were imported are not among them.
#[utoipa::path(
    get,
    path = "/api/analytics/volumes",
    tag = "analytics",
    operation_id = "get_volumes",
    params(VolumeParameters),
    responses((
        status = 200, description = "The volumes",
        content((VolumesReply = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn volumes(State(app): State<Arc<App>>, parameters: Parameters, wanted: Wanted) -> Outcome<Response> {
    let (days, interval) = (Days::read(&app, &parameters).await?, Interval::read(&parameters)?);
    let currency = parameters.text("currency").map(read_currency).transpose()?;
    let kind = parameters.text("type");
    let mut found: BTreeMap<(Date, String), (i64, i64)> = BTreeMap::new();
    for one in analytics::daily(&app.db, Metric::Settled, days.from, days.to).await? {
        let is_wanted =
            currency.is_none_or(|currency| currency.code() == one.currency) && kind.is_none_or(|kind| kind == one.key1);
        if is_wanted {
            let sum = found.entry((interval.start(one.day), one.currency)).or_default();
            let minor = sum.1.checked_add(one.sum_minor);
            *sum = (sum.0 + one.count, minor.ok_or_else(|| Problem::internal("a sum is larger than 64 bits"))?);
        }
    }
    let volume = |((at, code), (count, minor)): ((Date, String), (i64, i64))| {
        let currency = Currency::parse(&code).map_err(|error| Problem::internal(error.to_string()))?;
        Ok(Volume { at: Text(at), currency: Text(currency), count, amount: Decimal::of(minor, currency) })
    };
    let reply = VolumesReply { data: found.into_iter().map(volume).collect::<Outcome<_>>()? };
    Ok(wanted.reply(&reply, VolumesReply::TABLE, reply.rows()))
}

/// Orders that were refused, by reason.
#[utoipa::path(
    get,
    path = "/api/analytics/failures",
    tag = "analytics",
    operation_id = "get_failures",
    params(SeriesParameters),
    responses((
        status = 200, description = "The refusals",
        content((FailuresReply = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn failures(State(app): State<Arc<App>>, parameters: Parameters, wanted: Wanted) -> Outcome<Response> {
    let (days, interval) = (Days::read(&app, &parameters).await?, Interval::read(&parameters)?);
    let mut found: BTreeMap<(Date, String), i64> = BTreeMap::new();
    for one in analytics::daily(&app.db, Metric::Refused, days.from, days.to).await? {
        *found.entry((interval.start(one.day), one.key1)).or_default() += one.count;
    }
    let data = found.into_iter().map(|((at, reason), count)| Failure { at: Text(at), reason, count }).collect();
    let reply = FailuresReply { data };
    Ok(wanted.reply(&reply, FailuresReply::TABLE, reply.rows()))
}

/// How many customers logged in, or had money moved themselves: on a day, in seven and in thirty days.
#[utoipa::path(
    get,
    path = "/api/analytics/active-customers",
    tag = "analytics",
    operation_id = "get_active_customers",
    params(DayParameters),
    responses((
        status = 200, description = "The active customers",
        content((ActiveCustomersReply = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn active_customers(
    State(app): State<Arc<App>>,
    parameters: Parameters,
    wanted: Wanted,
) -> Outcome<Response> {
    // Who did what when is wall time.
    let day = parameters.read("asOf", Date::parse)?.unwrap_or_else(|| app.clocks.wall().date());
    let since = |days: i32| Date::from_unix_days(day.unix_days() - days + 1);
    let reply = ActiveCustomersReply {
        as_of: Text(day),
        day: analytics::active_customers(&app.db, day, day).await?,
        days7: analytics::active_customers(&app.db, since(7), day).await?,
        days30: analytics::active_customers(&app.db, since(30), day).await?,
    };
    Ok(wanted.reply(&reply, ActiveCustomersReply::TABLE, reply.rows()))
}

/// What each line of the chart held at the end of each day, by currency; by when it was booked.
#[utoipa::path(
    get,
    path = "/api/analytics/balances",
    tag = "analytics",
    operation_id = "get_balances",
    params(BalancesParameters),
    responses((
        status = 200, description = "The balances",
        content((LinesReply = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn balances(State(app): State<Arc<App>>, parameters: Parameters, wanted: Wanted) -> Outcome<Response> {
    let days = Days::read(&app, &parameters).await?;
    if days.to.unix_days() - days.from.unix_days() >= BALANCE_DAYS_MAX {
        return Err(Problem::invalid("from", format!("must be less than {BALANCE_DAYS_MAX} days before to")));
    }
    let wanted_currency = parameters.text("currency").map(read_currency).transpose()?;
    let snapshot = app.db.snapshot().await?;
    let before = Cutoff { booked_before: Some(days.booked().0), value_until: None };
    let mut held: BTreeMap<(&str, String), (ChartCode, Currency, i64)> = BTreeMap::new();
    for one in ledger::line_balances(&snapshot, before).await? {
        held.insert((one.line.code(), one.currency.code().to_owned()), (one.line, one.currency, one.minor));
    }
    let mut moved = ledger::day_movements(&snapshot, By::Booking, days.from, days.to).await?.into_iter().peekable();
    let mut data = Vec::new();
    for day in days.from.unix_days()..=days.to.unix_days().min(today(&app).await?.unix_days()) {
        let day = Date::from_unix_days(day);
        while let Some(one) = moved.next_if(|one| one.day == day) {
            let key = (one.moved.line.code(), one.moved.currency.code().to_owned());
            let balance = held.entry(key).or_insert((one.moved.line, one.moved.currency, 0));
            balance.2 = balance.2.saturating_add(one.moved.minor);
        }
        let is_wanted = |currency: Currency| wanted_currency.is_none_or(|wanted| wanted == currency);
        let of_day = held.values().filter(|(_, currency, _)| is_wanted(*currency));
        data.extend(of_day.map(|(line, currency, minor)| LineAt::new(day, *line, *currency, *minor)));
    }
    let reply = LinesReply { data };
    Ok(wanted.reply(&reply, LinesReply::head("balances"), reply.rows()))
}

/// What the bank earned and spent on each line, month by month; by when it was booked.
#[utoipa::path(
    get,
    path = "/api/analytics/fees-interest",
    tag = "analytics",
    operation_id = "get_fees_and_interest",
    params(
        ("from" = http_core::wire::schema::Day, Query, description = "The first day"),
        ("to" = Option<http_core::wire::schema::Day>, Query, description = "The last day; today if absent"),
    ),
    responses((
        status = 200, description = "Income and expenses",
        content((LinesReply = "application/json"), (String = "text/csv")),
    )),
)]
pub(crate) async fn fees_interest(
    State(app): State<Arc<App>>,
    parameters: Parameters,
    wanted: Wanted,
) -> Outcome<Response> {
    let days = Days::read(&app, &parameters).await?;
    let snapshot = app.db.snapshot().await?;
    let mut months: BTreeMap<(Date, &str, String), (ChartCode, Currency, i64)> = BTreeMap::new();
    for one in ledger::day_movements(&snapshot, By::Booking, days.from, days.to).await? {
        let (line, currency) = (one.moved.line, one.moved.currency);
        if matches!(line.class(), Class::Income | Class::Expense) {
            let key = (Interval::Month.start(one.day), line.code(), currency.code().to_owned());
            let sum = months.entry(key).or_insert((line, currency, 0));
            sum.2 = sum.2.saturating_add(one.moved.minor);
        }
    }
    let data = months.into_iter().map(|((at, ..), (line, currency, minor))| LineAt::new(at, line, currency, minor));
    let reply = LinesReply { data: data.collect() };
    Ok(wanted.reply(&reply, LinesReply::head("fees-interest"), reply.rows()))
}

/// What people did, counted as FinApp counts: logins, applications, and looks at what the bank would lend.
#[utoipa::path(
    get,
    path = "/analytics",
    tag = "analytics",
    operation_id = "finapp_analytics",
    responses((status = 200, description = "The counts", body = FinappReply)),
)]
pub(crate) async fn finapp(State(app): State<Arc<App>>) -> Outcome<Response> {
    let mut total_events = 0;
    for metric in FINAPP_COUNTS {
        total_events += analytics::total(&app.db, metric).await?;
    }
    if total_events == 0 {
        let message = Some("No analytics data available");
        return Ok(json(StatusCode::OK, &FinappReply { message, ..FinappReply::default() }));
    }
    let people = async |metric| analytics::by_person(&app.db, metric).await.map(|found| found.into_iter().collect());
    let reply = FinappReply {
        message: None,
        total_events: Some(total_events),
        total_logins: Some(analytics::total(&app.db, Metric::Login).await?),
        total_financing_option_checks: Some(analytics::total(&app.db, Metric::OptionCheck).await?),
        logins_per_user: Some(people(Metric::Login).await?),
        financing_checks_per_user: Some(people(Metric::OptionCheck).await?),
    };
    Ok(json(StatusCode::OK, &reply))
}
