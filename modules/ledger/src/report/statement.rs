//! What accountants make of the lines of the chart: totals of a trial balance, a balance sheet, an income statement. Each
//! currency stands by itself: none is ever added to another.

use super::{LineBalance, too_large};
use crate::{ChartCode, Class};
use db::Result;
use money::Currency;
use std::collections::BTreeMap;

/// The two columns of a trial balance in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    /// The currency.
    pub currency: Currency,
    /// The sum of the lines that hold debits.
    pub debit_minor: i64,
    /// The sum of the lines that hold credits. Equal to the other, because every entry sums to zero.
    pub credit_minor: i64,
}

/// A line in a statement: what it holds, positive where it is as the line usually is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// The line.
    pub line: ChartCode,
    /// The amount: of assets and expenses debits are positive, of all others credits.
    pub minor: i64,
}

/// A part of a statement with its sum.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// The lines.
    pub items: Vec<Item>,
    /// Their sum.
    pub total_minor: i64,
}

/// What the bank has, what it owes and what is its owners', in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalanceSheet {
    /// The currency.
    pub currency: Currency,
    /// What it has.
    pub assets: Section,
    /// What it owes.
    pub liabilities: Section,
    /// What is its owners', without what was earned since books were last carried forward.
    pub equity: Section,
    /// What was earned and not carried forward: income less expenses.
    pub result_minor: i64,
}

/// What the bank earned and spent, in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncomeStatement {
    /// The currency.
    pub currency: Currency,
    /// What it earned.
    pub income: Section,
    /// What it spent.
    pub expenses: Section,
    /// The one less the other.
    pub result_minor: i64,
}

/// The sums of a trial balance, by currency.
///
/// # Errors
/// A sum is too large.
pub fn columns(lines: &[LineBalance]) -> Result<Vec<Columns>> {
    let sum = |(currency, lines): (Currency, Vec<LineBalance>)| {
        let side = |sign: i64| {
            let of_side = lines.iter().filter(|line| line.minor.signum() == sign);
            total(of_side.map(|line| line.minor.saturating_abs()))
        };
        Ok(Columns { currency, debit_minor: side(-1)?, credit_minor: side(1)? })
    };
    by_currency(lines).map(sum).collect()
}

/// The balance sheets, one for each currency.
///
/// # Errors
/// A sum is too large.
pub fn balance_sheets(lines: &[LineBalance]) -> Result<Vec<BalanceSheet>> {
    let sheet = |(currency, lines): (Currency, Vec<LineBalance>)| {
        let section = |class| Section::of(&lines, class);
        let result_minor = result(&section(Class::Income)?, &section(Class::Expense)?)?;
        let (assets, liabilities, equity) =
            (section(Class::Asset)?, section(Class::Liability)?, section(Class::Equity)?);
        Ok(BalanceSheet { currency, assets, liabilities, equity, result_minor })
    };
    by_currency(lines).map(sheet).collect()
}

/// The income statements, one for each currency in which there is one, of what moved in a time.
///
/// # Errors
/// A sum is too large.
pub fn income_statements(moved: &[LineBalance]) -> Result<Vec<IncomeStatement>> {
    let is_of_result = |line: &&LineBalance| matches!(line.line.class(), Class::Income | Class::Expense);
    let lines: Vec<LineBalance> = moved.iter().filter(is_of_result).copied().collect();
    let statement = |(currency, lines): (Currency, Vec<LineBalance>)| {
        let (income, expenses) = (Section::of(&lines, Class::Income)?, Section::of(&lines, Class::Expense)?);
        let result_minor = result(&income, &expenses)?;
        Ok(IncomeStatement { currency, income, expenses, result_minor })
    };
    by_currency(&lines).map(statement).collect()
}

/// What moved between two cutoffs: the later balances less the earlier ones. Lines that are as they were are left out.
///
/// # Errors
/// A difference is too large.
pub fn difference(later: &[LineBalance], earlier: &[LineBalance]) -> Result<Vec<LineBalance>> {
    let before = |line: &LineBalance| earlier.iter().find(|one| one.line == line.line && one.currency == line.currency);
    let moved = later.iter().map(|line| {
        let Some(before) = before(line) else { return Ok(*line) };
        let minor = line.minor.checked_sub(before.minor).ok_or_else(too_large)?;
        Ok(LineBalance { minor, postings: line.postings - before.postings, ..*line })
    });
    moved.filter(|line| line.as_ref().map_or(true, |line| line.postings != 0 || line.minor != 0)).collect()
}

/// What the line holds, positive where it is as it usually is.
pub const fn natural_minor(line: ChartCode, minor: i64) -> i64 {
    if matches!(line.class(), Class::Asset | Class::Expense) { minor.saturating_neg() } else { minor }
}

impl Section {
    fn of(lines: &[LineBalance], class: Class) -> Result<Self> {
        let of_class = lines.iter().filter(|line| line.line.class() == class);
        let items: Vec<Item> =
            of_class.map(|line| Item { line: line.line, minor: natural_minor(line.line, line.minor) }).collect();
        let total_minor = total(items.iter().map(|item| item.minor))?;
        Ok(Self { items, total_minor })
    }
}

impl BalanceSheet {
    /// What it has is what it owes and what is its owners', because every entry sums to zero.
    pub fn is_balanced(&self) -> bool {
        let other = [self.liabilities.total_minor, self.equity.total_minor, self.result_minor];
        i128::from(self.assets.total_minor) == other.into_iter().map(i128::from).sum()
    }
}

impl Columns {
    /// Whether debits are credits.
    pub const fn is_balanced(&self) -> bool {
        self.debit_minor == self.credit_minor
    }
}

fn result(income: &Section, expenses: &Section) -> Result<i64> {
    income.total_minor.checked_sub(expenses.total_minor).ok_or_else(too_large)
}

fn total(minors: impl Iterator<Item = i64>) -> Result<i64> {
    i64::try_from(minors.map(i128::from).sum::<i128>()).map_err(|_| too_large())
}

fn by_currency(lines: &[LineBalance]) -> impl Iterator<Item = (Currency, Vec<LineBalance>)> {
    let mut found: BTreeMap<String, (Currency, Vec<LineBalance>)> = BTreeMap::new();
    for line in lines {
        let code = line.currency.code().to_owned();
        found.entry(code).or_insert_with(|| (line.currency, Vec::new())).1.push(*line);
    }
    found.into_values()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(line: ChartCode, currency: &str, minor: i64) -> LineBalance {
        LineBalance { line, currency: Currency::parse(currency).unwrap(), minor, postings: 1 }
    }

    /// Ann paid in 100.00 dollars, of which 2.50 became a fee and 1.00 was given as interest; and 500 yen came in.
    fn books() -> Vec<LineBalance> {
        vec![
            line(ChartCode::Cash, "JPY", -500),
            line(ChartCode::Cash, "USD", -10_000),
            line(ChartCode::LoanLossAllowance, "USD", 300),
            line(ChartCode::CustomerDeposits, "JPY", 500),
            line(ChartCode::CustomerDeposits, "USD", 9_850),
            line(ChartCode::FeeIncome, "USD", 250),
            line(ChartCode::InterestExpense, "USD", -100),
            line(ChartCode::Provisions, "USD", -300),
        ]
    }

    #[test]
    fn a_trial_balance_has_each_currency_by_itself_and_debits_are_credits() {
        let columns = columns(&books()).unwrap();
        let shown: Vec<_> =
            columns.iter().map(|one| (one.currency.code().to_owned(), one.debit_minor, one.credit_minor)).collect();
        assert_eq!(shown, [("JPY".to_owned(), 500, 500), ("USD".to_owned(), 10_400, 10_400)]);
        assert!(columns.iter().all(Columns::is_balanced));
        let wrong = super::columns(&books()[1..]).unwrap();
        assert_eq!(wrong.iter().map(Columns::is_balanced).collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn what_stands_against_loans_makes_assets_smaller_and_the_result_belongs_to_the_owners() {
        let sheets = balance_sheets(&books()).unwrap();
        let usd = &sheets[1];
        assert_eq!((usd.assets.total_minor, usd.liabilities.total_minor, usd.result_minor), (9_700, 9_850, -150));
        assert_eq!(usd.assets.items[1], Item { line: ChartCode::LoanLossAllowance, minor: -300 });
        assert!(sheets.iter().all(BalanceSheet::is_balanced));
    }

    #[test]
    fn an_income_statement_is_of_what_moved_between_two_days() {
        let earlier = vec![line(ChartCode::FeeIncome, "USD", 50), line(ChartCode::InterestExpense, "USD", -100)];
        let moved = difference(&books(), &earlier).unwrap();
        let [statement] = &income_statements(&moved).unwrap()[..] else { panic!("one currency earned something") };
        assert_eq!(statement.income.items, [Item { line: ChartCode::FeeIncome, minor: 200 }]);
        assert_eq!(statement.expenses.items, [Item { line: ChartCode::Provisions, minor: 300 }]);
        assert_eq!(statement.result_minor, -100);
    }

    #[test]
    fn sums_that_no_balance_can_hold_are_an_error_and_never_wrap() {
        let much = vec![line(ChartCode::Cash, "USD", i64::MAX), line(ChartCode::DueFromBanks, "USD", i64::MAX)];
        assert!(columns(&much).is_err() && balance_sheets(&much).is_err());
    }
}
