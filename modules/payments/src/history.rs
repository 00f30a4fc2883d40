//! The history of a bank, taken over: movements that happened elsewhere, booked here once, with their value dates.
//! How a file spells them is decided at the edge.

mod book;
mod store;

use accounts::AccountsError;
use clock::Clocks;
use db::{Date, Db, DbError};
use futures_util::future;
use ids::UserId;
use ledger::ChartCode;
use money::Money;
use sha2::{Digest, Sha256};

use crate::TransactionType;

/// Rows that are booked with one statement per table.
const ROWS_PER_CHUNK: usize = 5_000;

/// What kind of movement a row is: it picks the contra account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// Notes and coins paid in or out.
    Cash,
    /// From or to another bank.
    Transfer,
    /// Interest paid to the customer, or charged.
    Interest,
    /// A fee, or one given back.
    Fee,
    /// A loan paid out, or paid back.
    Loan,
    /// Paid with a card, or given back to one.
    Card,
    /// None of these.
    Other,
}

impl Category {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Cash, "cash"),
        (Self::Transfer, "transfer"),
        (Self::Interest, "interest"),
        (Self::Fee, "fee"),
        (Self::Loan, "loan"),
        (Self::Card, "card"),
        (Self::Other, "other"),
    ];

    /// The words of the file, for messages.
    pub fn words() -> String {
        let words = Self::ALL.map(|(_, word)| word);
        let (last, others) = words.split_last().expect("there are several");
        format!("{} or {last}", others.join(", "))
    }

    /// Reads the word of the file.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == word).map(|(category, _)| category)
    }

    /// The word of the file.
    pub fn word(self) -> &'static str {
        Self::ALL.into_iter().find(|(category, _)| *category == self).map_or("", |(_, word)| word)
    }

    /// The account on the other side of a movement of this sign, and the transaction's type.
    const fn contra(self, is_credit: bool) -> (ChartCode, TransactionType) {
        match (self, is_credit) {
            (Self::Cash, true) => (ChartCode::Cash, TransactionType::Deposit),
            (Self::Cash, false) => (ChartCode::Cash, TransactionType::Withdrawal),
            (Self::Transfer, _) => (ChartCode::DueFromBanks, TransactionType::Transfer),
            (Self::Interest, true) => (ChartCode::InterestExpense, TransactionType::Interest),
            (Self::Interest, false) => (ChartCode::InterestIncome, TransactionType::Interest),
            (Self::Fee, _) => (ChartCode::FeeIncome, TransactionType::Fee),
            // The schemes of cards settle through other banks.
            (Self::Card, _) => (ChartCode::DueFromBanks, TransactionType::Payment),
            (Self::Other, _) => (ChartCode::Suspense, TransactionType::Transfer),
            (Self::Loan, true) => (ChartCode::Loans, TransactionType::LoanDisbursement),
            (Self::Loan, false) => (ChartCode::Loans, TransactionType::LoanRepayment),
        }
    }
}

/// One movement of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryRow {
    /// The line of the file, for messages.
    pub line: u64,
    /// What recognises the row when it comes again.
    pub external_id: String,
    /// The outside reference of the customer's account; it is opened if new.
    pub account: String,
    /// The day from which it counts.
    pub value_date: Date,
    /// Signed from the customer's side: positive is money for the customer. Not zero.
    pub money: Money,
    /// What kind of movement it is.
    pub category: Category,
    /// Who was on the other side, for people.
    pub counterparty: String,
    /// Free text for people.
    pub description: String,
}

impl HistoryRow {
    /// What tells whether a row that comes again is the same.
    fn fingerprint(&self) -> Fingerprint {
        let mut hash = Sha256::new();
        for part in [
            self.account.as_str(),
            &self.value_date.to_string(),
            &self.money.to_string(),
            self.category.word(),
            &self.counterparty,
            &self.description,
        ] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().to_vec()
    }
}

type Fingerprint = Vec<u8>;

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HistoryReport {
    /// Rows booked now.
    pub booked: u64,
    /// Rows that had been booked before, by this file or an earlier run.
    pub already_there: u64,
    /// Accounts opened for new references.
    pub accounts_opened: u64,
}

/// Whether what an import does stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It is stored.
    Commit,
    /// Everything is done as if, and taken back: a dry run.
    RollBack,
}

/// How a history is taken over.
pub struct Import<'a> {
    /// Whose the new accounts are.
    pub owner: Option<UserId>,
    /// Whether it stays.
    pub ending: Ending,
    /// When it is booked.
    pub clocks: &'a Clocks,
}

/// Why a history was not taken over. Nothing of it is booked then.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// A row is wrong.
    #[error("line {line}: {reason}")]
    Row {
        /// The line of the file.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// Accounts could not be opened.
    #[error(transparent)]
    Accounts(#[from] AccountsError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] DbError),
}

/// Books the rows, in their order, in one transaction: all of them or none. Rows that are there already are passed over,
/// so running it again, also after a crash, changes nothing. `on_progress` hears how many rows are done.
///
/// # Errors
/// The first wrong row, or a failure of the database.
pub async fn import(
    db: &Db,
    rows: impl Iterator<Item = Result<HistoryRow, HistoryError>>,
    import: &Import<'_>,
    mut on_progress: impl FnMut(u64),
) -> Result<HistoryReport, HistoryError> {
    let mut importer = book::Importer::begin(db, import.owner, import.clocks.now(db).await?).await?;
    let mut rows = rows;
    let mut chunk = next_chunk(&mut rows)?;
    let mut done = 0;
    while !chunk.is_empty() {
        done += chunk.len() as u64;
        let writes = importer.book(chunk).await?;
        // The database writes while the next rows are read.
        let (written, next) = future::join(importer.write(writes), async { next_chunk(&mut rows) }).await;
        written?;
        on_progress(done);
        chunk = next?;
    }
    Ok(importer.end(import.ending).await?)
}

fn next_chunk(
    rows: &mut impl Iterator<Item = Result<HistoryRow, HistoryError>>,
) -> Result<Vec<(HistoryRow, Fingerprint)>, HistoryError> {
    let printed = |row: HistoryRow| {
        let fingerprint = row.fingerprint();
        (row, fingerprint)
    };
    rows.take(ROWS_PER_CHUNK).map(|row| row.map(printed)).collect()
}
