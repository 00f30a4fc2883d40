//! The ledger: accounts of the books, balanced entries, postings, balances and holds.
//! It knows nothing above it: no customers, no payments, no people.

mod account;
mod account_days;
mod book;
mod chart;
mod entry;
mod error;
mod hold;
mod own_account;
mod report;
mod store;
pub mod verify;

pub use account::{Account, AccountStatus};
pub use account_days::{AccountDay, AccountDays, account_days};
pub use book::{AccountChange, Book, Changes, Savepoint};
pub use chart::{ChartCode, Class, is_line_account};
pub use entry::{Entry, EntryDraft, JournalLine, Leg, Limits, Posting};
pub use error::{Refusal, Shortfall};
pub use hold::{Hold, HoldStatus};
pub use own_account::{
    OwnAccount, OwnAccountError, OwnAccountName, ParseOwnAccountNameError, account_names, named_accounts,
    open_named_accounts_in_tx,
};
pub use report::closing::close_days;
pub use report::{
    By, Cutoff, DayMovement, Deposits, Dormant, LineBalance, SheetLine, SheetPlace, SheetRequest, day_movements,
    deposits, dormant, line_balances, sheet, statement,
};
pub use verify::{Finding, VerifyReport, verify};

use db::{BankTime, Date, Engine, Executor, Migration, Result, Rows, Snapshot, Statement, Tx};
use ids::{AccountId, EntryId, HoldId};
use money::Currency;

/// How many entries are looked for together. Where the engine looks for each of them on each of the accounts, few cost the least.
const BOOKED_AT_ONCE: usize = 1_000;
const BOOKED_AT_ONCE_EMBEDDED: usize = 4;

/// The ledger's tables.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        module: "ledger",
        number: 1,
        sql: include_str!("../migrations/0001_books.sql"),
        postgres: include_str!("../migrations/0001_books.postgres.sql"),
        sqlite: "",
        append_only: &["ledger_entry", "ledger_posting"],
    },
    Migration {
        module: "ledger",
        number: 2,
        sql: "",
        postgres: include_str!("../migrations/0002_postings_by_entry.postgres.sql"),
        sqlite: include_str!("../migrations/0002_postings_by_entry.sqlite.sql"),
        append_only: &["ledger_posting"],
    },
    Migration {
        module: "ledger",
        number: 3,
        sql: "",
        postgres: include_str!("../migrations/0003_lost_race.postgres.sql"),
        sqlite: "",
        append_only: &[],
    },
    Migration {
        module: "ledger",
        number: 4,
        sql: "",
        postgres: include_str!("../migrations/0004_append_only_always.postgres.sql"),
        sqlite: include_str!("../migrations/0004_append_only_always.sqlite.sql"),
        append_only: &[],
    },
    Migration {
        module: "ledger",
        number: 5,
        sql: include_str!("../migrations/0005_own_accounts.sql"),
        postgres: "",
        sqlite: "",
        append_only: &[],
    },
    Migration {
        module: "ledger",
        number: 6,
        sql: include_str!("../migrations/0006_day_totals.sql"),
        postgres: "",
        sqlite: "",
        append_only: &[],
    },
];

/// Loads accounts and locks them, in the order of their identifiers, until the transaction ends.
/// What is missing in the answer does not exist.
///
/// # Errors
/// The database failed.
pub async fn lock_accounts_in_tx(tx: &Tx, ids: &[AccountId]) -> Result<Vec<Account>> {
    store::lock_accounts_in_tx(tx, ids).await
}

/// The accounts as they are, without a lock.
///
/// # Errors
/// The database failed.
pub async fn accounts(on: &impl Executor, ids: &[AccountId]) -> Result<Vec<Account>> {
    store::accounts(on, ids).await
}

/// Every account of the books: for reports, not for requests.
///
/// # Errors
/// The database failed.
pub async fn all_accounts(on: &impl Executor) -> Result<Vec<Account>> {
    store::all_accounts(on).await
}

/// The holds with these identifiers. To change one, its account must be locked first.
///
/// # Errors
/// The database failed.
pub async fn holds(on: &impl Executor, ids: &[HoldId]) -> Result<Vec<Hold>> {
    store::holds(on, ids).await
}

/// Open holds whose time is over, the longest overdue first.
///
/// # Errors
/// The database failed.
pub async fn expired_holds(on: &impl Executor, now: BankTime, limit: u32) -> Result<Vec<Hold>> {
    store::expired_holds(on, now, limit).await
}

/// When the next of the open holds expires; `None`: there are none.
///
/// # Errors
/// The database failed.
pub async fn next_expiry(on: &impl Executor) -> Result<Option<BankTime>> {
    store::next_expiry(on).await
}

/// Opens accounts; those that are there already stay as they are.
///
/// # Errors
/// The database failed.
pub async fn open_accounts_in_tx(tx: &Tx, accounts: &[Account]) -> Result<u64> {
    store::insert_accounts_in_tx(tx, accounts).await
}

/// Opens the account that each line of the chart has in a currency, unless it is open.
///
/// # Errors
/// The database failed.
pub async fn open_own_accounts_in_tx(tx: &Tx, currency: Currency, now: BankTime) -> Result<()> {
    let accounts: Vec<Account> = ChartCode::own_lines().map(|line| Account::own(line, currency, now)).collect();
    store::insert_accounts_in_tx(tx, &accounts).await.map(drop)
}

/// Stores a changed status, overdraft limit or holder of an account that the transaction has locked.
///
/// # Errors
/// The database failed.
pub async fn change_terms_in_tx(tx: &Tx, account: &Account) -> Result<()> {
    store::update_terms_in_tx(tx, account).await
}

/// What a book changed, as the writes of one commit.
pub fn writes(changes: &Changes) -> Vec<(&'static Statement, Rows)> {
    [additions(changes), vec![balances(changes)]].concat()
}

/// What a book changed besides balances. It waits for nobody.
pub fn additions(changes: &Changes) -> Vec<(&'static Statement, Rows)> {
    store::additions(changes)
}

/// The balances that a book changed. Where an account is no longer as the book was told, the database refuses the whole
/// transaction: whatever locks were taken or not, nothing is booked on a balance that was not there.
pub fn balances(changes: &Changes) -> (&'static Statement, Rows) {
    store::balances(changes)
}

/// Entries with a posting on one of the accounts and an identifier before the given one: the last `limit` of them, the
/// highest identifier first, each once.
///
/// # Errors
/// The database failed.
pub async fn entries_before(
    on: &impl Executor,
    accounts: &[AccountId],
    before: EntryId,
    limit: u32,
) -> Result<Vec<EntryId>> {
    store::entries_before(on, accounts, before, limit).await
}

/// The entries with their postings on the accounts that are given for each. What is missing was not booked.
///
/// # Errors
/// The database failed.
pub async fn booked(on: &impl Executor, wanted: &[(EntryId, Vec<AccountId>)]) -> Result<Vec<(Entry, Vec<Posting>)>> {
    let mut found = Vec::with_capacity(wanted.len());
    let at_once = match on.engine() {
        Engine::Postgres => BOOKED_AT_ONCE,
        Engine::Sqlite => BOOKED_AT_ONCE_EMBEDDED,
    };
    for chunk in wanted.chunks(at_once) {
        found.extend(store::booked(on, chunk).await?);
    }
    Ok(found)
}

/// The posted balance after everything booked up to the instant, in minor units.
///
/// # Errors
/// The database failed.
pub async fn balance_at(on: &impl Executor, account: AccountId, at: BankTime) -> Result<i64> {
    store::balance_at(on, account, at).await
}

/// The posted balance at the end of a value date, in minor units, however late it was booked.
///
/// # Errors
/// The database failed.
pub async fn balance_by_value_date(on: &impl Executor, account: AccountId, day: Date) -> Result<i64> {
    store::balance_by_value_date(on, account, day).await
}

/// The value date of the oldest entry; none when nothing is booked.
///
/// # Errors
/// The database failed.
pub async fn first_value_date(on: &impl Executor) -> Result<Option<Date>> {
    store::first_value_date(on).await
}

/// Takes every posting with its entry into a state, by value date, the sides of an entry together.
///
/// # Errors
/// The database failed, or the step did.
pub async fn fold_journal<S: Send + 'static>(
    snapshot: &Snapshot,
    state: S,
    step: impl FnMut(&mut S, JournalLine) -> Result<()> + Send + 'static,
) -> Result<S> {
    snapshot.fold(&store::SELECT_JOURNAL, Vec::new(), state, step).await
}
