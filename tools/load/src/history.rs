//! Writes a made-up history of a bank for `florin import history`: the same file for the same seed, accounts and rows.
//! The first row of each account is a large cash deposit, so that no later one overdraws it; rows are in order of time.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::Context as _;
use indicatif::ProgressBar;

use crate::random::Random;

const HEADING: &str = "external_id,account,value_date,amount,currency,category,counterparty,description";
const OPENING_MINOR: u64 = 100_000_000;
const DAYS: u64 = 3 * 365;
const PROGRESS_STEP: u32 = 10_000;

/// Which history to write.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct HistoryOptions {
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Accounts in it.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    pub(crate) accounts: u32,
    /// Rows in it, at least one for each account.
    #[arg(long, default_value_t = 2_500_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000_000))]
    pub(crate) rows: u32,
    /// Another seed makes another history.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

/// What a kind of movement looks like.
struct Pattern {
    category: &'static str,
    incoming: bool,
    amount_minor_max: usize,
    description: &'static str,
}

/// Drawn with equal chance, so the list is also the mix.
const PATTERNS: [Pattern; 10] = [
    Pattern { category: "transfer", incoming: true, amount_minor_max: 350_000, description: "Salary" },
    Pattern { category: "transfer", incoming: true, amount_minor_max: 20_000, description: "From a friend" },
    Pattern { category: "transfer", incoming: false, amount_minor_max: 120_000, description: "Rent" },
    Pattern { category: "transfer", incoming: false, amount_minor_max: 15_000, description: "Groceries" },
    Pattern { category: "transfer", incoming: false, amount_minor_max: 30_000, description: "Insurance" },
    Pattern { category: "cash", incoming: false, amount_minor_max: 40_000, description: "Cash machine" },
    Pattern { category: "cash", incoming: true, amount_minor_max: 50_000, description: "Paid in at the counter" },
    Pattern { category: "interest", incoming: true, amount_minor_max: 2_000, description: "Interest" },
    Pattern { category: "fee", incoming: false, amount_minor_max: 500, description: "Account fee" },
    Pattern { category: "loan", incoming: false, amount_minor_max: 90_000, description: "Loan repayment" },
];

/// Writes the file.
///
/// # Errors
/// There are fewer rows than accounts, or the file cannot be written.
pub(crate) fn write_file(options: &HistoryOptions) -> anyhow::Result<()> {
    anyhow::ensure!(options.rows >= options.accounts, "every account needs a row: {} are too few", options.rows);
    let path = options.file.display();
    let file = File::create(&options.file).with_context(|| format!("cannot write {path}"))?;
    let progress = ProgressBar::new(u64::from(options.rows));
    write(options, &mut BufWriter::with_capacity(1 << 20, file), &progress).with_context(|| path.to_string())?;
    progress.finish_and_clear();
    println!("{path}: {} rows of {} accounts", options.rows, options.accounts);
    Ok(())
}

fn write(options: &HistoryOptions, output: &mut impl Write, progress: &ProgressBar) -> std::io::Result<()> {
    let mut random = Random::new(options.seed);
    writeln!(output, "{HEADING}")?;
    for row in 0..options.rows {
        write!(output, "bench-{}-{row:010},", options.seed)?;
        if row < options.accounts {
            let amount = OPENING_MINOR + random.below(1_000_000) as u64;
            write!(output, "BENCH-{row:09},2020-01-01,{},USD,cash,,Opening deposit", money(amount))?;
        } else {
            write_movement(options, row, &mut random, output)?;
        }
        writeln!(output)?;
        if row % PROGRESS_STEP == 0 {
            progress.set_position(u64::from(row));
        }
    }
    output.flush()
}

fn write_movement(
    options: &HistoryOptions,
    row: u32,
    random: &mut Random,
    output: &mut impl Write,
) -> std::io::Result<()> {
    let account = random.below(options.accounts as usize);
    let pattern = &PATTERNS[random.below(PATTERNS.len())];
    let amount = money(1 + random.below(pattern.amount_minor_max) as u64);
    let sign = if pattern.incoming { "" } else { "-" };
    let (category, description) = (pattern.category, pattern.description);
    let counterparty = random.below(options.accounts as usize);
    let day = 1 + u64::from(row - options.accounts) * DAYS / u64::from(options.rows - options.accounts);
    let date = Date(day);
    write!(output, "BENCH-{account:09},{date},{sign}{amount},USD,{category},")?;
    if category == "transfer" {
        write!(output, "BENCH-{counterparty:09}")?;
    }
    write!(output, ",{description}")
}

fn money(minor: u64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

/// So many days after the first of January 2020.
struct Date(u64);

impl std::fmt::Display for Date {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (mut year, mut day) = (2020_u64, self.0);
        while day >= 365 + u64::from(is_leap(year)) {
            day -= 365 + u64::from(is_leap(year));
            year += 1;
        }
        let february = 28 + u64::from(is_leap(year));
        let mut month = 1;
        for days in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
            if day < days {
                break;
            }
            day -= days;
            month += 1;
        }
        write!(formatter, "{year}-{month:02}-{:02}", day + 1)
    }
}

const fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn history(seed: u64) -> String {
        let options = HistoryOptions { file: PathBuf::new(), accounts: 20, rows: 500, seed };
        let mut output = Vec::new();
        write(&options, &mut output, &ProgressBar::hidden()).unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn the_same_seed_writes_the_same_file() {
        assert_eq!(history(1), history(1));
        assert_ne!(history(1), history(2));
    }

    #[test]
    fn rows_are_whole_in_order_and_never_overdraw() {
        let text = history(1);
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some(HEADING));
        let (mut ids, mut balances, mut last_date) = (BTreeSet::new(), BTreeMap::<_, i64>::new(), "");
        for line in lines {
            let fields: Vec<&str> = line.split(',').collect();
            let [id, account, date, amount, currency, category, ..] = fields[..] else { panic!("{line}") };
            assert_eq!((fields.len(), currency), (8, "USD"));
            assert!(ids.insert(id) && date >= last_date && date.len() == 10, "{line}");
            assert!(["cash", "transfer", "interest", "fee", "loan"].contains(&category));
            let minor: i64 = amount.replace('.', "").parse().unwrap();
            assert!(minor != 0);
            let balance = balances.entry(account).or_default();
            *balance += minor;
            assert!(*balance > 0, "{line}");
            last_date = date;
        }
        assert_eq!((ids.len(), balances.len()), (500, 20));
    }

    #[test]
    fn days_become_dates() {
        assert_eq!(Date(0).to_string(), "2020-01-01");
        assert_eq!(Date(59).to_string(), "2020-02-29");
        assert_eq!(Date(365).to_string(), "2020-12-31");
        assert_eq!(Date(366).to_string(), "2021-01-01");
        assert_eq!(Date(366 + 59).to_string(), "2021-03-01");
    }
}
