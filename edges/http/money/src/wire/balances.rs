//! The balances of an account, day by day.

use db::Date;
use http_core::table::{Head, InTable};
use http_core::wire::Text;
use http_core::wire::schema;
use http_core::wire::text::Decimal;
use ids::AccountId;
use serde::Serialize;
use utoipa::ToSchema;

/// The balance of an account at the end of each day.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BalanceSeries)]
pub(crate) struct BalanceSeriesReply {
    #[schema(value_type = schema::AccountIdText)]
    pub(crate) account_id: Text<AccountId>,
    #[schema(value_type = schema::CurrencyCode)]
    pub(crate) currency: Text<money::Currency>,
    #[schema(value_type = schema::Day)]
    pub(crate) from: Text<Date>,
    #[schema(value_type = schema::Day)]
    pub(crate) to: Text<Date>,
    /// Every day, the oldest first.
    pub(crate) data: Vec<DayReply>,
}

/// One day of an account, by value date.
#[derive(Serialize, ToSchema)]
#[schema(as = BalanceDay)]
pub(crate) struct DayReply {
    #[schema(value_type = schema::Day)]
    pub(crate) date: Text<Date>,
    /// At its end.
    #[schema(value_type = schema::DecimalText)]
    pub(crate) balance: Decimal,
    /// What came.
    #[serde(rename = "in")]
    #[schema(value_type = schema::DecimalText)]
    pub(crate) money_in: Decimal,
    /// What went.
    #[serde(rename = "out")]
    #[schema(value_type = schema::DecimalText)]
    pub(crate) money_out: Decimal,
}

impl InTable for DayReply {
    const HEAD: Head = Head { file_name: "balances", columns: &["date", "balance", "in", "out"] };
}
