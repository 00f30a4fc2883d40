//! Trial balance, balance sheet and income statement on the wire, and as rows of a table.

use crate::asked::{AsOf, Days, shown, word};
use crate::wire::schema::{ByWord, ClassWord};
use db::Date;
use http_core::table::Head;
use http_core::wire::Text;
use http_core::wire::schema;
use http_core::wire::text::Decimal;
use ledger::statement::{BalanceSheet, Columns, IncomeStatement, Item, Section};
use ledger::{By, ChartCode, LineBalance};
use money::{Currency, Money};
use serde::Serialize;
use utoipa::ToSchema;

/// What each line holds, and that debits are credits.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TrialBalance)]
pub(crate) struct TrialBalanceReply {
    #[schema(value_type = ByWord)]
    by: &'static str,
    /// The day or time.
    as_of: String,
    booked_until: Option<String>,
    lines: Vec<TrialLine>,
    totals: Vec<TrialTotal>,
}

/// A line in one currency: its balance stands in one of the two columns.
#[derive(Serialize, ToSchema)]
#[schema(as = TrialBalanceLine)]
struct TrialLine {
    code: &'static str,
    name: &'static str,
    #[schema(value_type = ClassWord)]
    class: &'static str,
    #[schema(value_type = schema::CurrencyCode)]
    currency: Text<Currency>,
    #[schema(value_type = schema::DecimalText)]
    debit: Decimal,
    #[schema(value_type = schema::DecimalText)]
    credit: Decimal,
    /// How many postings it is the sum of.
    postings: i64,
}

/// The sums of one currency.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TrialBalanceTotal)]
struct TrialTotal {
    #[schema(value_type = schema::CurrencyCode)]
    currency: Text<Currency>,
    #[schema(value_type = schema::DecimalText)]
    debit: Decimal,
    #[schema(value_type = schema::DecimalText)]
    credit: Decimal,
    /// Whether the two are equal, as they have to be.
    is_balanced: bool,
}

/// What the bank has, owes, and what is its owners'.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BalanceSheet)]
pub(crate) struct BalanceSheetReply {
    #[schema(value_type = ByWord)]
    by: &'static str,
    /// The day or time.
    as_of: String,
    booked_until: Option<String>,
    currencies: Vec<SheetOfCurrency>,
}

/// The balance sheet of one currency.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BalanceSheetOfCurrency)]
struct SheetOfCurrency {
    #[schema(value_type = schema::CurrencyCode)]
    currency: Text<Currency>,
    assets: SectionReply,
    liabilities: SectionReply,
    /// Without the result.
    equity: SectionReply,
    /// Income less expenses, as far as it was not carried forward.
    #[schema(value_type = schema::DecimalText)]
    result: Decimal,
    /// Whether assets are liabilities, equity and result together, as they have to be.
    is_balanced: bool,
}

/// What the bank earned and spent.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = IncomeStatement)]
pub(crate) struct IncomeStatementReply {
    #[schema(value_type = ByWord)]
    by: &'static str,
    #[schema(value_type = schema::Day)]
    from: Text<Date>,
    #[schema(value_type = schema::Day)]
    to: Text<Date>,
    currencies: Vec<IncomeOfCurrency>,
}

/// What it earned and spent in one currency.
#[derive(Serialize, ToSchema)]
#[schema(as = IncomeStatementOfCurrency)]
struct IncomeOfCurrency {
    #[schema(value_type = schema::CurrencyCode)]
    currency: Text<Currency>,
    income: SectionReply,
    expenses: SectionReply,
    /// Income less expenses.
    #[schema(value_type = schema::DecimalText)]
    result: Decimal,
}

/// Lines and their sum.
#[derive(Serialize, ToSchema)]
#[schema(as = StatementSection)]
struct SectionReply {
    lines: Vec<ItemReply>,
    #[schema(value_type = schema::DecimalText)]
    total: Decimal,
}

/// A line of a statement; negative where it is the other way round than such lines are.
#[derive(Serialize, ToSchema)]
#[schema(as = StatementLine)]
struct ItemReply {
    code: &'static str,
    name: &'static str,
    #[schema(value_type = schema::DecimalText)]
    amount: Decimal,
}

impl TrialBalanceReply {
    pub(crate) const TABLE: Head = Head {
        file_name: "trial-balance",
        columns: &["code", "name", "class", "currency", "debit", "credit", "postings"],
    };

    pub(crate) fn new(asked: AsOf, lines: &[LineBalance], totals: &[Columns]) -> Self {
        let total = |one: &Columns| TrialTotal {
            currency: Text(one.currency),
            debit: Decimal::of(one.debit_minor, one.currency),
            credit: Decimal::of(one.credit_minor, one.currency),
            is_balanced: one.is_balanced(),
        };
        Self {
            by: word(asked.by),
            as_of: shown(asked.moment),
            booked_until: asked.booked_until.map(shown),
            lines: lines.iter().map(TrialLine::of).collect(),
            totals: totals.iter().map(total).collect(),
        }
    }

    /// The lines, and under them the sums.
    pub(crate) fn rows(&self) -> Vec<Vec<String>> {
        let line = |one: &TrialLine| {
            let (currency, postings) = (one.currency.0.to_string(), one.postings.to_string());
            let [code, name, class] = [one.code, one.name, one.class].map(str::to_owned);
            vec![code, name, class, currency, one.debit.0.to_decimal(), one.credit.0.to_decimal(), postings]
        };
        let total = |one: &TrialTotal| {
            let (debit, credit) = (one.debit.0.to_decimal(), one.credit.0.to_decimal());
            let [none, name] = ["", "Total"].map(str::to_owned);
            vec![none.clone(), name, none.clone(), one.currency.0.to_string(), debit, credit, none]
        };
        self.lines.iter().map(line).chain(self.totals.iter().map(total)).collect()
    }
}

impl TrialLine {
    fn of(one: &LineBalance) -> Self {
        let column = |minor: i64| Decimal::of(minor.max(0), one.currency);
        Self {
            code: one.line.code(),
            name: one.line.name(),
            class: one.line.class().word(),
            currency: Text(one.currency),
            debit: column(one.minor.saturating_neg()),
            credit: column(one.minor),
            postings: one.postings,
        }
    }
}

impl BalanceSheetReply {
    pub(crate) const TABLE: Head =
        Head { file_name: "balance-sheet", columns: &["currency", "section", "code", "name", "amount"] };

    pub(crate) fn new(asked: AsOf, sheets: Vec<BalanceSheet>) -> Self {
        let of_currency = |sheet: BalanceSheet| SheetOfCurrency {
            is_balanced: sheet.is_balanced(),
            currency: Text(sheet.currency),
            result: Decimal::of(sheet.result_minor, sheet.currency),
            assets: SectionReply::new(&sheet.assets, sheet.currency),
            liabilities: SectionReply::new(&sheet.liabilities, sheet.currency),
            equity: SectionReply::new(&sheet.equity, sheet.currency),
        };
        Self {
            by: word(asked.by),
            as_of: shown(asked.moment),
            booked_until: asked.booked_until.map(shown),
            currencies: sheets.into_iter().map(of_currency).collect(),
        }
    }

    pub(crate) fn rows(&self) -> Vec<Vec<String>> {
        let of_currency = |one: &SheetOfCurrency| {
            let sections = [("assets", &one.assets), ("liabilities", &one.liabilities), ("equity", &one.equity)];
            rows_of(one.currency.0, &sections, one.result.0)
        };
        self.currencies.iter().flat_map(of_currency).collect()
    }
}

impl IncomeStatementReply {
    pub(crate) const TABLE: Head =
        Head { file_name: "income-statement", columns: &["currency", "section", "code", "name", "amount"] };

    pub(crate) fn new(days: Days, by: By, statements: Vec<IncomeStatement>) -> Self {
        let of_currency = |one: IncomeStatement| IncomeOfCurrency {
            currency: Text(one.currency),
            income: SectionReply::new(&one.income, one.currency),
            expenses: SectionReply::new(&one.expenses, one.currency),
            result: Decimal::of(one.result_minor, one.currency),
        };
        let currencies = statements.into_iter().map(of_currency).collect();
        Self { by: word(by), from: Text(days.from), to: Text(days.to), currencies }
    }

    pub(crate) fn rows(&self) -> Vec<Vec<String>> {
        let of_currency = |one: &IncomeOfCurrency| {
            rows_of(one.currency.0, &[("income", &one.income), ("expenses", &one.expenses)], one.result.0)
        };
        self.currencies.iter().flat_map(of_currency).collect()
    }
}

impl SectionReply {
    fn new(section: &Section, currency: Currency) -> Self {
        let item = |one: &Item| {
            let (code, name): (_, &'static str) = (ChartCode::code(one.line), one.line.name());
            ItemReply { code, name, amount: Decimal::of(one.minor, currency) }
        };
        Self { lines: section.items.iter().map(item).collect(), total: Decimal::of(section.total_minor, currency) }
    }
}

/// Each section with its lines and its sum, and what is left.
fn rows_of(currency: Currency, sections: &[(&str, &SectionReply)], result: Money) -> Vec<Vec<String>> {
    let row = |section: &str, code: &str, name: &str, amount: Money| {
        vec![currency.to_string(), section.to_owned(), code.to_owned(), name.to_owned(), amount.to_decimal()]
    };
    let mut rows = Vec::new();
    for (name, section) in sections {
        rows.extend(section.lines.iter().map(|item| row(name, item.code, item.name, item.amount.0)));
        rows.push(row(name, "", "Total", section.total.0));
    }
    rows.push(row("result", "", "Result", result));
    rows
}
