//! Series on the wire, and as rows of tables.

use db::Date;
use http_core::table::Head;
use http_core::wire::Text;
use http_core::wire::schema;
use http_core::wire::text::Decimal;
use ledger::ChartCode;
use money::Currency;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Payments that settled.
#[derive(Serialize, ToSchema)]
#[schema(as = Volumes)]
pub(crate) struct VolumesReply {
    pub(crate) data: Vec<Volume>,
}

/// Those of a time, in one currency.
#[derive(Serialize, ToSchema)]
#[schema(as = Volume)]
pub(crate) struct Volume {
    /// The first day of the time.
    #[schema(value_type = schema::Day)]
    pub(crate) at: Text<Date>,
    #[schema(value_type = schema::CurrencyCode)]
    pub(crate) currency: Text<Currency>,
    pub(crate) count: i64,
    #[schema(value_type = schema::DecimalText)]
    pub(crate) amount: Decimal,
}

/// Orders that were refused.
#[derive(Serialize, ToSchema)]
#[schema(as = Failures)]
pub(crate) struct FailuresReply {
    pub(crate) data: Vec<Failure>,
}

/// Those of a time, for one reason.
#[derive(Serialize, ToSchema)]
#[schema(as = FailureCount)]
pub(crate) struct Failure {
    /// The first day of the time.
    #[schema(value_type = schema::Day)]
    pub(crate) at: Text<Date>,
    #[schema(example = "INSUFFICIENT_FUNDS")]
    pub(crate) reason: String,
    pub(crate) count: i64,
}

/// Customers who logged in, or had money moved.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ActiveCustomers)]
pub(crate) struct ActiveCustomersReply {
    #[schema(value_type = schema::Day)]
    pub(crate) as_of: Text<Date>,
    /// On that day.
    pub(crate) day: i64,
    /// In the seven days that end with it.
    pub(crate) days7: i64,
    /// In the thirty days that end with it.
    pub(crate) days30: i64,
}

/// What lines hold at the ends of days.
#[derive(Serialize, ToSchema)]
#[schema(as = LineSeries)]
pub(crate) struct LinesReply {
    pub(crate) data: Vec<LineAt>,
}

/// What a line of the chart holds at the end of a day, or moved in a month, in one currency: positive where it is as such lines
/// are.
#[derive(Serialize, ToSchema)]
#[schema(as = LineAt)]
pub(crate) struct LineAt {
    /// The day, or the first one of the month.
    #[schema(value_type = schema::Day)]
    pub(crate) at: Text<Date>,
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
    #[schema(value_type = schema::CurrencyCode)]
    pub(crate) currency: Text<Currency>,
    #[schema(value_type = schema::DecimalText)]
    pub(crate) amount: Decimal,
}

/// What FinApp's administrators see; only a message, while nothing has happened.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = FinappAnalytics)]
pub(crate) struct FinappReply {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "No analytics data available", nullable = false)]
    pub(crate) message: Option<&'static str>,
    /// Logins, applications, and looks at what the bank would lend.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) total_events: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) total_logins: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) total_financing_option_checks: Option<i64>,
    /// By name, the 1,000 busiest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) logins_per_user: Option<BTreeMap<String, i64>>,
    /// By name, the 1,000 busiest.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) financing_checks_per_user: Option<BTreeMap<String, i64>>,
}

impl VolumesReply {
    pub(crate) const TABLE: Head = Head { file_name: "volumes", columns: &["at", "currency", "count", "amount"] };

    pub(crate) fn rows(&self) -> impl Iterator<Item = Vec<String>> + '_ {
        self.data.iter().map(|one| {
            let (at, currency) = (one.at.0.to_string(), one.currency.0.to_string());
            vec![at, currency, one.count.to_string(), one.amount.0.to_decimal()]
        })
    }
}

impl FailuresReply {
    pub(crate) const TABLE: Head = Head { file_name: "failures", columns: &["at", "reason", "count"] };

    pub(crate) fn rows(&self) -> impl Iterator<Item = Vec<String>> + '_ {
        self.data.iter().map(|one| vec![one.at.0.to_string(), one.reason.clone(), one.count.to_string()])
    }
}

impl ActiveCustomersReply {
    pub(crate) const TABLE: Head = Head { file_name: "active-customers", columns: &["asOf", "day", "days7", "days30"] };

    pub(crate) fn rows(&self) -> [Vec<String>; 1] {
        let counts = [self.day, self.days7, self.days30].map(|count| count.to_string());
        [std::iter::once(self.as_of.0.to_string()).chain(counts).collect()]
    }
}

impl LinesReply {
    pub(crate) const fn head(file_name: &'static str) -> Head {
        Head { file_name, columns: &["at", "code", "name", "currency", "amount"] }
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = Vec<String>> + '_ {
        self.data.iter().map(|one| {
            let [code, name] = [one.code, one.name].map(str::to_owned);
            vec![one.at.0.to_string(), code, name, one.currency.0.to_string(), one.amount.0.to_decimal()]
        })
    }
}

impl LineAt {
    /// Of a sum that is credit positive.
    pub(crate) fn new(at: Date, line: ChartCode, currency: Currency, minor: i64) -> Self {
        let amount = Decimal::of(ledger::statement::natural_minor(line, minor), currency);
        Self { at: Text(at), code: line.code(), name: line.name(), currency: Text(currency), amount }
    }
}
