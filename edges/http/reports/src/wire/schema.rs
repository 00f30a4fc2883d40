//! How what reports are asked is described in OpenAPI. Nothing here is ever made.
#![expect(dead_code, reason = "these types only describe")]

use super::regulatory::{DormantReply, LargeReply};
use http_core::wire::schema;
use utoipa::{IntoParams, ToSchema};

/// By which of a posting's two days a report is made: when it was booked, or the day from which it counts.
#[derive(ToSchema)]
#[schema(as = ReportBasis, rename_all = "lowercase")]
pub(crate) enum ByWord {
    Booking,
    Value,
}

/// The class of a line of the chart.
#[derive(ToSchema)]
#[schema(as = ChartClass, rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ClassWord {
    Asset,
    Liability,
    Equity,
    Income,
    Expense,
}

/// Of when.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct AsOfParameters {
    /// The end of a day (UTC) or, by booking, a time; today if absent.
    #[param(example = "2026-01-31")]
    as_of: Option<String>,
    #[param(value_type = Option<ByWord>)]
    by: Option<String>,
    /// By value: only what had been booked by the end of this day, or by this time.
    #[param(example = "2026-02-05")]
    booked_until: Option<String>,
}

/// From when to when.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct PeriodParameters {
    /// The first day.
    #[param(value_type = schema::Day)]
    from: String,
    /// The last day; today if absent.
    #[param(value_type = Option<schema::Day>)]
    to: Option<String>,
    #[param(value_type = Option<ByWord>)]
    by: Option<String>,
    /// By value: only what had been booked by the end of this day, or by this time.
    #[param(example = "2026-02-05")]
    booked_until: Option<String>,
}

/// From when to when it was booked.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SheetParameters {
    /// The first day.
    #[param(value_type = schema::Day)]
    from: String,
    /// The last day; today if absent.
    #[param(value_type = Option<schema::Day>)]
    to: Option<String>,
}

/// How large, and when.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LargeParameters {
    #[param(value_type = schema::CurrencyCode)]
    currency: String,
    /// The least amount.
    #[param(value_type = schema::DecimalText)]
    min: String,
    /// The first day.
    #[param(value_type = schema::Day)]
    from: String,
    /// The last day; today if absent.
    #[param(value_type = Option<schema::Day>)]
    to: Option<String>,
}

/// For how long.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DormantParameters {
    /// So many whole days; 365 if absent.
    #[param(minimum = 1, maximum = 36_500)]
    days: Option<u32>,
}

/// Into what a time is divided; weeks begin on Mondays.
#[derive(ToSchema)]
#[schema(as = Interval, rename_all = "lowercase")]
pub(crate) enum IntervalWord {
    Day,
    Week,
    Month,
}

/// Of when, and of what.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct VolumeParameters {
    /// The first day.
    #[param(value_type = schema::Day)]
    from: String,
    /// The last day; today if absent.
    #[param(value_type = Option<schema::Day>)]
    to: Option<String>,
    /// `day`, if it is absent.
    #[param(inline, value_type = Option<IntervalWord>)]
    interval: Option<String>,
    #[param(value_type = Option<schema::CurrencyCode>)]
    currency: Option<String>,
    /// Of this type of transaction only.
    #[param(example = "TRANSFER")]
    r#type: Option<String>,
}

/// Of when.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SeriesParameters {
    /// The first day.
    #[param(value_type = schema::Day)]
    from: String,
    /// The last day; today if absent.
    #[param(value_type = Option<schema::Day>)]
    to: Option<String>,
    /// `day`, if it is absent.
    #[param(inline, value_type = Option<IntervalWord>)]
    interval: Option<String>,
}

/// Of when, and in what.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct BalancesParameters {
    /// The first day.
    #[param(value_type = schema::Day)]
    from: String,
    /// The last day, at most 91 days later; today if absent.
    #[param(value_type = Option<schema::Day>)]
    to: Option<String>,
    #[param(value_type = Option<schema::CurrencyCode>)]
    currency: Option<String>,
}

/// Of which day.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct DayParameters {
    /// Today, if it is absent.
    #[param(value_type = Option<schema::Day>)]
    as_of: Option<String>,
}

/// A page of transactions, the newest first.
#[derive(ToSchema)]
#[schema(as = LargeTransactionPage, rename_all = "camelCase")]
pub(crate) struct LargePage<'a> {
    data: &'a [LargeReply],
    /// What to send as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

/// A page of accounts, the oldest first.
#[derive(ToSchema)]
#[schema(as = DormantAccountPage, rename_all = "camelCase")]
pub(crate) struct DormantPage<'a> {
    data: &'a [DormantReply],
    /// What to send as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}
