//! A made-up bank's history as the CSV that `florin import history` takes, and the balances that must come of it.

use crate::{Bank, Random, decimal};
use std::collections::BTreeMap;

const HEADER: &str = "external_id,account,value_date,amount,currency,category,counterparty,description";
const CATEGORIES: [&str; 5] = ["cash", "transfer", "interest", "fee", "loan"];
/// Two, none and three decimals.
const CURRENCIES: [(&str, u32); 3] = [("CZK", 2), ("JPY", 0), ("KWD", 3)];
const AMOUNT_MINOR_MAX: u64 = 2_000_000;

/// What breaks careless writers of files: quotes, comment marks, escapes, other scripts, invisible characters.
pub const DIFFICULT_TEXTS: [&str; 10] = [
    "rent; March | paid \"early\"",
    "back\\slash \\n \\\" and 'single'",
    "ends with a backslash \\",
    "* ! (code) = ~ P 2020-01-01",
    "příliš žluťoučký kůň, 給料, зарплата, راتب, 🏦",
    "comma, \"quoted\", ; semicolon ;; | bar ||",
    "no\u{a0}break, zero\u{200b}width, line\u{2028}separator, \u{feff}mark",
    "  leading and trailing  ",
    "#tag ^link key:value {cost} @ 1.00 USD",
    "%percent $dollar `tick` <b>bold</b> [2020-01-01]",
];

/// One row of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryRow {
    /// What recognises it.
    pub external_id: String,
    /// The outside reference of its account.
    pub account: String,
    /// The day from which it counts.
    pub value_date: String,
    /// Signed from the customer's side.
    pub amount_minor: i64,
    /// The code of its currency.
    pub currency: &'static str,
    /// The decimals of its currency.
    pub exponent: u32,
    /// What kind of movement it is.
    pub category: &'static str,
    /// Free text.
    pub description: String,
}

/// An exported balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// The account's identifier.
    pub id: String,
    /// The code of its currency.
    pub currency: String,
    /// The amount as text.
    pub amount: String,
}

impl HistoryRow {
    /// The row as CSV.
    pub fn to_csv(&self) -> String {
        let Self { external_id, account, value_date, currency, category, description, .. } = self;
        let amount = decimal(self.amount_minor, self.exponent);
        let description = description.replace('"', "\"\"");
        format!(
            "{external_id},{account},{value_date},{amount},{currency},{category},\"Novák, Jan\",\"{description}\"\n"
        )
    }
}

/// Rows of a bank with so many accounts, in the order of their days; each account in one of three currencies.
pub fn generate_history(rows: usize, accounts: usize, seed: u64) -> Vec<HistoryRow> {
    let mut random = Random::new(seed);
    let numbers: Vec<usize> = (0..accounts).collect();
    let rows = (0..rows).map(|number| {
        let account = *random.choose(&numbers);
        let (currency, exponent) = CURRENCIES[account % CURRENCIES.len()];
        let amount_minor = random.between(1, AMOUNT_MINOR_MAX).cast_signed();
        let day = number * 360 * 5 / rows;
        HistoryRow {
            external_id: format!("row-{number}"),
            account: format!("ref-{account}"),
            value_date: format!("{}-{:02}-{:02}", 1993 + day / 360, day / 30 % 12 + 1, day % 28 + 1),
            // More comes in than goes out, and some accounts are overdrawn all the same.
            amount_minor: if random.between(0, 9) < 4 { -amount_minor } else { amount_minor },
            currency,
            exponent,
            category: random.choose::<&str>(&CATEGORIES),
            description: (*random.choose::<&str>(&DIFFICULT_TEXTS)).to_owned(),
        }
    });
    let mut rows: Vec<HistoryRow> = rows.collect();
    rows.sort_by(|one, other| one.value_date.cmp(&other.value_date));
    rows
}

/// The file.
pub fn history_csv(rows: &[HistoryRow]) -> String {
    let rows: String = rows.iter().map(HistoryRow::to_csv).collect();
    format!("{HEADER}\n{rows}")
}

/// Currency and balance of each account, added up from the rows.
fn balances_of(rows: &[HistoryRow]) -> BTreeMap<String, (String, String)> {
    let mut sums: BTreeMap<&str, (i64, &HistoryRow)> = BTreeMap::new();
    for row in rows {
        sums.entry(&row.account).or_insert((0, row)).0 += row.amount_minor;
    }
    let shown = |(sum, row): (i64, &HistoryRow)| (row.currency.to_owned(), decimal(sum, row.exponent));
    sums.into_iter().map(|(account, sum)| (account.to_owned(), shown(sum))).collect()
}

/// What `florin export balances` says, by outside reference; accounts without one by their identifier.
///
/// # Panics
/// When it is not the CSV that it must be.
#[track_caller]
pub fn exported_balances(bank: &Bank) -> BTreeMap<String, Balance> {
    let csv = bank.run(&["export", "balances"]).expect_success();
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("account,external_ref,currency,balance"));
    let balances = lines.map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        let [id, reference, currency, amount] = fields[..] else { panic!("four fields in {line:?}") };
        let balance = Balance { id: id.to_owned(), currency: currency.to_owned(), amount: amount.to_owned() };
        (if reference.is_empty() { id.to_owned() } else { reference.to_owned() }, balance)
    });
    balances.collect()
}

/// Asserts that the export says what the rows add up to.
///
/// # Panics
/// When an account is missing, is too many, or has another balance.
#[track_caller]
pub fn expect_exported(bank: &Bank, rows: &[HistoryRow]) {
    let exported = exported_balances(bank).into_iter();
    let exported: BTreeMap<_, _> =
        exported.map(|(account, balance)| (account, (balance.currency, balance.amount))).collect();
    assert_eq!(exported, balances_of(rows));
}
