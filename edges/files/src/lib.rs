//! Files in and out: histories and users as CSV, balances as CSV, the journal for hledger and Beancount.
//! What a movement means is decided in the modules.

mod balances;
mod history;
mod journal;
mod users;

pub use balances::{export_balances, export_own_balances};
pub use history::{HISTORY_HEADER, history_rows};
pub use journal::{JournalFormat, export_journal};
pub use users::{USERS_HEADER, user_rows};

/// Why a file could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] db::DbError),
    /// The accounts could not be read.
    #[error(transparent)]
    Accounts(#[from] accounts::AccountsError),
    /// The file or pipe failed.
    #[error("cannot write: {0}")]
    Write(#[from] std::io::Error),
    /// A CSV record could not be written.
    #[error("cannot write: {0}")]
    Csv(#[from] csv::Error),
    /// The books are wrong: `verify` says more.
    #[error("a posting is on account {0}, which is missing")]
    NoAccount(ids::AccountId),
}
