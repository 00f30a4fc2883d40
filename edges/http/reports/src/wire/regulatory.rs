//! Large transactions, dormant accounts and liquidity on the wire, and as rows of tables.

use db::{BankTime, Date};
use http_core::table::Head;
use http_core::wire::Text;
use http_core::wire::schema;
use http_core::wire::text::Decimal;
use ids::{AccountId, TransactionId};
use ledger::{ChartCode, Deposits, Dormant, LineBalance};
use money::{Currency, Money};
use payments::{Side, Transaction};
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) const LARGE_TABLE: Head = Head {
    file_name: "large-transactions",
    columns: &[
        "id",
        "createdAt",
        "valueDate",
        "type",
        "status",
        "sourceAccountId",
        "destinationAccountId",
        "amount",
        "currency",
        "description",
    ],
};
pub(crate) const DORMANT_TABLE: Head =
    Head { file_name: "dormant-accounts", columns: &["accountId", "currency", "balance", "openedAt", "postings"] };

/// A large transaction.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LargeTransaction)]
pub(crate) struct LargeReply {
    #[schema(value_type = schema::TransactionIdText)]
    id: Text<TransactionId>,
    #[schema(value_type = schema::Time)]
    created_at: Text<BankTime>,
    #[schema(value_type = schema::Day)]
    value_date: Text<Date>,
    #[schema(example = "TRANSFER")]
    r#type: &'static str,
    #[schema(example = "SETTLED")]
    status: &'static str,
    /// Who paid; null for the bank itself.
    #[schema(value_type = Option<schema::AccountIdText>)]
    source_account_id: Option<Text<AccountId>>,
    /// Who was paid; null for the bank itself.
    #[schema(value_type = Option<schema::AccountIdText>)]
    destination_account_id: Option<Text<AccountId>>,
    #[schema(value_type = schema::DecimalText)]
    amount: Decimal,
    #[schema(value_type = schema::CurrencyCode)]
    currency: Text<Currency>,
    description: String,
}

/// An account on which nothing moved for long.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DormantAccount)]
pub(crate) struct DormantReply {
    #[schema(value_type = schema::AccountIdText)]
    account_id: Text<AccountId>,
    #[schema(value_type = schema::CurrencyCode)]
    currency: Text<Currency>,
    #[schema(value_type = schema::DecimalText)]
    balance: Decimal,
    #[schema(value_type = schema::Time)]
    opened_at: Text<BankTime>,
    /// How often something ever moved on it.
    postings: i64,
}

/// How liquid the bank is.
#[derive(Serialize, ToSchema)]
#[schema(as = Liquidity)]
pub(crate) struct LiquidityReply {
    currencies: Vec<LiquidityOfCurrency>,
}

/// How liquid it is in one currency.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = LiquidityOfCurrency)]
struct LiquidityOfCurrency {
    #[schema(value_type = schema::CurrencyCode)]
    currency: Text<Currency>,
    /// What customers could take out at any time.
    #[schema(value_type = schema::DecimalText)]
    on_demand_deposits: Decimal,
    /// On how many accounts.
    deposit_accounts: i64,
    /// How much of it is held for payments that are under way.
    #[schema(value_type = schema::DecimalText)]
    held: Decimal,
    /// What customers owe on overdrawn accounts.
    #[schema(value_type = schema::DecimalText)]
    overdrafts: Decimal,
    /// On how many accounts.
    overdrawn_accounts: i64,
    /// Notes and coins.
    #[schema(value_type = schema::DecimalText)]
    cash: Decimal,
    /// What other banks owe.
    #[schema(value_type = schema::DecimalText)]
    due_from_banks: Decimal,
}

impl From<&Transaction> for LargeReply {
    fn from(one: &Transaction) -> Self {
        let shown = |side: &Side| (!side.is_own).then_some(Text(side.account));
        Self {
            id: Text(one.id),
            created_at: Text(one.created_at),
            value_date: Text(one.value_date),
            r#type: one.kind.word(),
            status: one.status.word(),
            source_account_id: shown(&one.source),
            destination_account_id: shown(&one.destination),
            amount: Decimal(one.money),
            currency: Text(one.money.currency()),
            description: one.description.clone(),
        }
    }
}

impl From<Dormant> for DormantReply {
    fn from(one: Dormant) -> Self {
        Self {
            account_id: Text(one.account),
            currency: Text(one.currency),
            balance: Decimal::of(one.posted_minor, one.currency),
            opened_at: Text(one.opened_at),
            postings: one.postings,
        }
    }
}

impl LiquidityReply {
    pub(crate) const TABLE: Head = Head {
        file_name: "liquidity",
        columns: &[
            "currency",
            "onDemandDeposits",
            "depositAccounts",
            "held",
            "overdrafts",
            "overdrawnAccounts",
            "cash",
            "dueFromBanks",
        ],
    };

    pub(crate) fn new(deposits: &[Deposits], lines: &[LineBalance]) -> Self {
        let of_currency = |one: &Deposits| {
            let currency = one.currency;
            // What the bank has is debits.
            let has = |wanted: ChartCode| {
                let found = lines.iter().find(|line| line.line == wanted && line.currency == currency);
                Decimal::of(found.map_or(0, |line| line.minor.saturating_neg()), currency)
            };
            LiquidityOfCurrency {
                currency: Text(currency),
                on_demand_deposits: Decimal::of(one.credit_minor, currency),
                deposit_accounts: one.credit_accounts,
                held: Decimal::of(one.held_minor, currency),
                overdrafts: Decimal::of(one.debit_minor, currency),
                overdrawn_accounts: one.debit_accounts,
                cash: has(ChartCode::Cash),
                due_from_banks: has(ChartCode::DueFromBanks),
            }
        };
        Self { currencies: deposits.iter().map(of_currency).collect() }
    }

    pub(crate) fn rows(&self) -> Vec<Vec<String>> {
        let row = |one: &LiquidityOfCurrency| {
            let amount = |decimal: &Decimal| decimal.0.to_decimal();
            vec![
                one.currency.0.to_string(),
                amount(&one.on_demand_deposits),
                one.deposit_accounts.to_string(),
                amount(&one.held),
                amount(&one.overdrafts),
                one.overdrawn_accounts.to_string(),
                amount(&one.cash),
                amount(&one.due_from_banks),
            ]
        };
        self.currencies.iter().map(row).collect()
    }
}

/// The transaction as a row.
pub(crate) fn large_cells(one: &Transaction) -> Vec<String> {
    let shown = LargeReply::from(one);
    let account = |id: Option<Text<AccountId>>| id.map(|id| id.0.to_string()).unwrap_or_default();
    vec![
        shown.id.0.to_string(),
        shown.created_at.0.to_string(),
        shown.value_date.0.to_string(),
        shown.r#type.to_owned(),
        shown.status.to_owned(),
        account(shown.source_account_id),
        account(shown.destination_account_id),
        Money::to_decimal(shown.amount.0),
        shown.currency.0.to_string(),
        shown.description,
    ]
}

/// The account as a row.
pub(crate) fn dormant_cells(one: &Dormant) -> Vec<String> {
    let shown = DormantReply::from(*one);
    vec![
        shown.account_id.0.to_string(),
        shown.currency.0.to_string(),
        shown.balance.0.to_decimal(),
        shown.opened_at.0.to_string(),
        shown.postings.to_string(),
    ]
}
