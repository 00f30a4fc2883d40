//! The journal in the languages of plain text accounting, hledger's and Beancount's. Both count debits as positive,
//! and both check every entry's balance themselves.

use crate::ExportError;
use db::{Date, Db, DbError};
use ids::{AccountId, EntryId};
use ledger::{Account, ChartCode, Class, JournalLine};
use money::{Currency, Money};
use std::collections::{BTreeSet, HashMap};
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// Whose language the journal is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JournalFormat {
    /// hledger, and Ledger with it.
    Hledger,
    /// Beancount.
    Beancount,
}

/// Writes every entry by value date; gives the number of postings.
///
/// # Errors
/// The database or the output failed.
pub async fn export_journal(
    db: &Db,
    format: JournalFormat,
    mut output: impl Write + Send + 'static,
) -> Result<u64, ExportError> {
    let accounts = ledger::all_accounts(db).await?;
    let first_day = ledger::first_value_date(db).await?;
    write_head(format, &accounts, first_day, &mut output)?;
    let charts: HashMap<AccountId, ChartCode> = accounts.iter().map(|account| (account.id, account.chart)).collect();
    let state = Writing { output, current: None, postings: 0 };
    let unwritten: Arc<Mutex<Option<std::io::Error>>> = Arc::default();
    let noting = Arc::clone(&unwritten);
    let written = ledger::fold_journal(db, state, move |state, line| {
        state.postings += 1;
        let chart = charts.get(&line.posting.account).copied().unwrap_or(ChartCode::CustomerDeposits);
        write_line(format, chart, &line, state).map_err(|error| {
            // The reading is ended as if it had failed; the reason is told below.
            let ended = DbError::Unavailable(error.to_string());
            *noting.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            ended
        })
    });
    let written = written.await;
    if let Some(error) = unwritten.lock().unwrap_or_else(PoisonError::into_inner).take() {
        return Err(error.into());
    }
    let mut written = written?;
    written.output.flush()?;
    Ok(written.postings)
}

struct Writing<W> {
    output: W,
    current: Option<EntryId>,
    postings: u64,
}

fn write_line<W: Write>(
    format: JournalFormat,
    chart: ChartCode,
    line: &JournalLine,
    state: &mut Writing<W>,
) -> std::io::Result<()> {
    if state.current != Some(line.entry.id) {
        state.current = Some(line.entry.id);
        write_entry_head(format, line, &mut state.output)?;
    }
    let name = account_name(format, line.posting.account, chart, line.posting.currency);
    // Ours are credit positive, theirs debit positive.
    let amount = Money::new(-line.posting.amount_minor, line.posting.currency);
    writeln!(state.output, "  {name}  {amount}")
}

fn write_head(
    format: JournalFormat,
    accounts: &[Account],
    first_day: Option<Date>,
    output: &mut impl Write,
) -> std::io::Result<()> {
    let currencies: BTreeSet<Currency> = accounts.iter().map(|account| account.currency).collect();
    let day = first_day.unwrap_or(Date::from_unix_days(0));
    match format {
        JournalFormat::Hledger => {
            for currency in currencies {
                // hledger wants a decimal mark in the example, also where there are no decimals.
                let point = if currency.exponent() == 0 { "." } else { "" };
                writeln!(output, "commodity {}{point} {currency}", Money::new(0, currency).to_decimal())?;
            }
        }
        JournalFormat::Beancount => {
            writeln!(output, "option \"title\" \"Florin\"")?;
            for currency in currencies {
                writeln!(output, "{day} commodity {currency}")?;
            }
        }
    }
    for account in accounts {
        let name = account_name(format, account.id, account.chart, account.currency);
        match format {
            JournalFormat::Hledger => writeln!(output, "account {name}")?,
            JournalFormat::Beancount => writeln!(output, "{day} open {name} {}", account.currency)?,
        }
    }
    Ok(())
}

fn write_entry_head(format: JournalFormat, line: &JournalLine, output: &mut impl Write) -> std::io::Result<()> {
    let entry = &line.entry;
    let description = match format {
        // A semicolon would start a comment, a bar would end the payee.
        JournalFormat::Hledger => entry.description.replace([';', '|', '\n', '\r'], " "),
        JournalFormat::Beancount => {
            entry.description.replace('\\', "\\\\").replace('"', "\\\"").replace(['\n', '\r'], " ")
        }
    };
    match format {
        JournalFormat::Hledger => {
            writeln!(output, "\n{} ({}) {} {}", entry.value_date, entry.id, entry.kind, description.trim())
        }
        JournalFormat::Beancount => {
            writeln!(output, "\n{} * \"{}\" \"{description}\"\n  entry: \"{}\"", entry.value_date, entry.kind, entry.id)
        }
    }
}

fn account_name(format: JournalFormat, id: AccountId, chart: ChartCode, currency: Currency) -> String {
    let (lower, upper) = match chart.class() {
        Class::Asset => ("assets", "Assets"),
        Class::Liability => ("liabilities", "Liabilities"),
        Class::Income => ("revenues", "Income"),
        Class::Expense => ("expenses", "Expenses"),
    };
    let is_own = chart != ChartCode::CustomerDeposits;
    match (format, is_own) {
        (JournalFormat::Hledger, true) => format!("{lower}:{}:{currency}", chart.name()),
        (JournalFormat::Hledger, false) => format!("{lower}:{}:{id}", chart.name()),
        (JournalFormat::Beancount, true) => format!("{upper}:{}:{currency}", chart.name().replace(' ', "-")),
        (JournalFormat::Beancount, false) => {
            let id = id.to_string().to_uppercase().replace('_', "-");
            format!("{upper}:{}:{id}", chart.name().replace(' ', "-"))
        }
    }
}
