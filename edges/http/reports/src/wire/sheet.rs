//! The account sheet of a line on the wire, and as rows of a table.

use db::{BankTime, Date};
use http_core::table::Head;
use http_core::wire::Text;
use http_core::wire::schema;
use http_core::wire::text::Decimal;
use ids::{AccountId, TransactionId};
use ledger::statement::natural_minor;
use ledger::{ChartCode, LineBalance, SheetLine};
use money::Currency;
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) const SHEET_TABLE: Head = Head {
    file_name: "general-ledger",
    columns: &[
        "bookedAt",
        "valueDate",
        "accountId",
        "sequence",
        "transactionId",
        "kind",
        "description",
        "currency",
        "debit",
        "credit",
        "balance",
    ],
};

/// A page of the account sheet of a line.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AccountSheet)]
pub(crate) struct SheetReply {
    code: &'static str,
    name: &'static str,
    /// What the line held before, by currency; on the first page.
    opening: Vec<SheetBalance>,
    data: Vec<SheetLineReply>,
    /// What it holds at the end of the time, by currency; on the first page.
    closing: Vec<SheetBalance>,
    /// What to send as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

/// What a line holds in one currency: of assets and expenses debits are positive, of all others credits.
#[derive(Serialize, ToSchema)]
#[schema(as = AccountSheetBalance)]
struct SheetBalance {
    #[schema(value_type = schema::CurrencyCode)]
    currency: Text<Currency>,
    #[schema(value_type = schema::DecimalText)]
    balance: Decimal,
}

/// A posting.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AccountSheetLine)]
pub(crate) struct SheetLineReply {
    #[schema(value_type = schema::Time)]
    booked_at: Text<BankTime>,
    #[schema(value_type = schema::Day)]
    value_date: Text<Date>,
    #[schema(value_type = schema::AccountIdText)]
    account_id: Text<AccountId>,
    /// Its number among the account's postings: what is booked late lies by its transaction, and is numbered by when it was
    /// booked.
    sequence: i64,
    #[schema(value_type = schema::TransactionIdText)]
    transaction_id: Text<TransactionId>,
    /// What kind of movement it is.
    #[schema(example = "TRANSFER")]
    kind: String,
    description: String,
    #[schema(value_type = schema::CurrencyCode)]
    currency: Text<Currency>,
    #[schema(value_type = schema::DecimalText)]
    debit: Decimal,
    #[schema(value_type = schema::DecimalText)]
    credit: Decimal,
    /// What the account holds after it: of assets and expenses debits are positive, of all others credits.
    #[schema(value_type = schema::DecimalText)]
    balance: Decimal,
}

impl SheetReply {
    pub(crate) fn new(line: ChartCode, data: Vec<SheetLineReply>, next_cursor: Option<String>) -> Self {
        let (code, name) = (line.code(), line.name());
        Self { code, name, opening: Vec::new(), data, closing: Vec::new(), next_cursor }
    }

    /// With what the line held before and holds at the end.
    pub(crate) fn between(self, opening: &[LineBalance], closing: &[LineBalance]) -> Self {
        let balance = |one: &LineBalance| SheetBalance {
            currency: Text(one.currency),
            balance: Decimal::of(natural_minor(one.line, one.minor), one.currency),
        };
        let all = |balances: &[LineBalance]| balances.iter().map(balance).collect();
        Self { opening: all(opening), closing: all(closing), ..self }
    }
}

impl SheetLineReply {
    pub(crate) fn new(line: ChartCode, one: &SheetLine) -> Self {
        let posting = &one.posting;
        let decimal = |minor: i64| Decimal::of(minor, posting.currency);
        Self {
            booked_at: Text(posting.booked_at),
            value_date: Text(posting.value_date),
            account_id: Text(posting.account),
            sequence: posting.sequence,
            transaction_id: Text(TransactionId::from_uuid(posting.entry.uuid())),
            kind: one.kind.clone(),
            description: one.description.clone(),
            currency: Text(posting.currency),
            debit: decimal(posting.amount_minor.saturating_neg().max(0)),
            credit: decimal(posting.amount_minor.max(0)),
            balance: decimal(natural_minor(line, posting.balance_minor)),
        }
    }
}

/// The posting as a row.
pub(crate) fn cells(line: ChartCode, one: &SheetLine) -> Vec<String> {
    let shown = SheetLineReply::new(line, one);
    vec![
        shown.booked_at.0.to_string(),
        shown.value_date.0.to_string(),
        shown.account_id.0.to_string(),
        shown.sequence.to_string(),
        shown.transaction_id.0.to_string(),
        shown.kind,
        shown.description,
        shown.currency.0.to_string(),
        shown.debit.0.to_decimal(),
        shown.credit.0.to_decimal(),
        shown.balance.0.to_decimal(),
    ]
}
