//! The journal in the languages of plain text accounting, hledger's and Beancount's. Both count debits as positive,
//! and both check every entry's balance themselves.

use crate::ExportError;
use db::{Date, DbError, Snapshot};
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

/// Writes every entry by value date; returns the number of postings.
///
/// # Errors
/// The database or the output failed, or a posting is on no account.
pub async fn export_journal(
    snapshot: &Snapshot,
    format: JournalFormat,
    mut output: impl Write + Send + 'static,
) -> Result<u64, ExportError> {
    let accounts = ledger::all_accounts(snapshot).await?;
    let first_day = ledger::first_value_date(snapshot).await?;
    let labels = Labels { format, names: ledger::account_names(snapshot).await? };
    write_head(&labels, &accounts, first_day, &mut output)?;
    let charts: HashMap<AccountId, ChartCode> = accounts.iter().map(|account| (account.id, account.chart)).collect();
    let state = Writing { output, current: None, postings: 0 };
    let unwritten: Arc<Mutex<Option<ExportError>>> = Arc::default();
    let noting = Arc::clone(&unwritten);
    let written = ledger::fold_journal(snapshot, state, move |state, line| {
        state.postings += 1;
        let written = match charts.get(&line.posting.account) {
            Some(chart) => write_line(&labels, *chart, &line, state).map_err(ExportError::from),
            None => Err(ExportError::NoAccount(line.posting.account)),
        };
        written.map_err(|error| {
            // The reading is ended as if it had failed; the reason is looked up below.
            let ended = DbError::Unavailable(error.to_string());
            *noting.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            ended
        })
    });
    let written = written.await;
    if let Some(error) = unwritten.lock().unwrap_or_else(PoisonError::into_inner).take() {
        return Err(error);
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
    labels: &Labels,
    chart: ChartCode,
    line: &JournalLine,
    state: &mut Writing<W>,
) -> std::io::Result<()> {
    if state.current != Some(line.entry.id) {
        state.current = Some(line.entry.id);
        write_entry_head(labels.format, line, &mut state.output)?;
    }
    let label = labels.of(line.posting.account, chart, line.posting.currency);
    // Ours are credit positive, theirs debit positive.
    let amount = Money::new(-line.posting.amount_minor, line.posting.currency);
    writeln!(state.output, "  {label}  {amount}")
}

fn write_head(
    labels: &Labels,
    accounts: &[Account],
    first_day: Option<Date>,
    output: &mut impl Write,
) -> std::io::Result<()> {
    let currencies: BTreeSet<Currency> = accounts.iter().map(|account| account.currency).collect();
    let day = first_day.unwrap_or(Date::from_unix_days(0));
    match labels.format {
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
        let label = labels.of(account.id, account.chart, account.currency);
        match labels.format {
            JournalFormat::Hledger => writeln!(output, "account {label}")?,
            JournalFormat::Beancount => {
                writeln!(output, "{day} open {label} {}", account.currency)?;
                if let Some(name) = labels.names.get(&account.id) {
                    writeln!(output, "  name: \"{name}\"")?;
                }
            }
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

/// What accounts are called in the journal.
struct Labels {
    format: JournalFormat,
    /// Of the bank's own accounts beside those of the lines.
    names: HashMap<AccountId, String>,
}

impl Labels {
    fn of(&self, id: AccountId, chart: ChartCode, currency: Currency) -> String {
        let (lower, upper) = match chart.class() {
            Class::Asset => ("assets", "Assets"),
            Class::Liability => ("liabilities", "Liabilities"),
            Class::Equity => ("equity", "Equity"),
            Class::Income => ("revenues", "Income"),
            Class::Expense => ("expenses", "Expenses"),
        };
        let is_of_line = ledger::is_line_account(id);
        match self.format {
            JournalFormat::Hledger if is_of_line => format!("{lower}:{}:{currency}", chart.name()),
            JournalFormat::Hledger => match self.names.get(&id) {
                Some(name) => format!("{lower}:{}:{name}", chart.name()),
                None => format!("{lower}:{}:{id}", chart.name()),
            },
            JournalFormat::Beancount => {
                // It has no lower case and no underscores; the name stands beside.
                let last =
                    if is_of_line { currency.to_string() } else { id.to_string().to_uppercase().replace('_', "-") };
                format!("{upper}:{}:{last}", chart.name().replace(' ', "-"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use db::{BankTime, Db};
    use ledger::{Book, EntryDraft, OwnAccount, OwnAccountName};

    #[derive(Clone, Default)]
    struct Output(Arc<Mutex<Vec<u8>>>);

    impl Write for Output {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// A loan of 5.00 out of the owners' capital; returns the account of the loan.
    async fn lend(db: &Db) -> AccountId {
        let (usd, now) = (Currency::parse("USD").unwrap(), BankTime::from_unix_micros(1_767_225_600_000_000));
        let name = OwnAccountName::parse("loan/7/principal").unwrap();
        let tx = db.begin().await.unwrap();
        ledger::open_own_accounts_in_tx(&tx, usd, now).await.unwrap();
        let wanted = OwnAccount { name, chart: ChartCode::Loans, currency: usd };
        let loan = ledger::open_named_accounts_in_tx(&tx, &[wanted], now).await.unwrap()[0].id;
        let capital = ChartCode::ShareCapital.own_account(usd);
        let mut book = Book::new(ledger::lock_accounts_in_tx(&tx, &[loan, capital]).await.unwrap(), []);
        let legs = EntryDraft::transfer_legs(loan, capital, 500);
        let (id, description) = (EntryId::generate(), "a loan".to_owned());
        book.post(EntryDraft { id, kind: "LOAN", description, legs, value_date: now.date() }, now).unwrap();
        tx.write_and_commit(ledger::writes(&book.into_changes())).await.unwrap();
        loan
    }

    #[test]
    fn own_balances_are_those_of_every_own_account_that_moved() {
        testkit::on_each_engine(ledger::MIGRATIONS, async |db| {
            let loan = lend(&db).await;
            let capital = ChartCode::ShareCapital.own_account(Currency::parse("USD").unwrap());
            let mut output = Vec::new();
            assert_eq!(crate::export_own_balances(&db, &mut output).await.unwrap(), 2);
            let expected = format!(
                "account,name,line,currency,balance\n{loan},loan/7/principal,1200,USD,5.00\n{capital},,3000,USD,5.00\n"
            );
            assert_eq!(String::from_utf8(output).unwrap(), expected);
        });
    }

    #[test]
    fn an_own_account_is_called_by_its_name_or_has_it_beside() {
        testkit::on_each_engine(ledger::MIGRATIONS, async |db| {
            let loan = lend(&db).await.to_string().to_uppercase().replace('_', "-");
            for (format, expected) in [
                (
                    JournalFormat::Hledger,
                    vec!["  assets:Loans:loan/7/principal  5.00 USD", "  equity:Share capital:USD  -5.00 USD"],
                ),
                (
                    JournalFormat::Beancount,
                    vec![
                        format!("  Assets:Loans:{loan}  5.00 USD").as_str(),
                        format!("2026-01-01 open Assets:Loans:{loan} USD\n  name: \"loan/7/principal\"").as_str(),
                        "  Equity:Share-capital:USD  -5.00 USD",
                    ],
                ),
            ] {
                let output = Output::default();
                assert_eq!(export_journal(&db.snapshot().await.unwrap(), format, output.clone()).await.unwrap(), 2);
                let journal = String::from_utf8(output.0.lock().unwrap().clone()).unwrap();
                assert!(expected.iter().all(|line| journal.contains(line)), "{journal}");
            }
        });
    }
}
