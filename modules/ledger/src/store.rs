//! The ledger's SQL: locked loading, writing what changed, and reading.

use crate::{Account, AccountChange, AccountStatus, Changes, ChartCode, Entry, Hold, HoldStatus, JournalLine, Posting};
use db::{BankTime, Date, DbError, Executor, FromRow, Result, Row, Rows, Statement, Tx, Value, params, statements};
use ids::{AccountId, EntryId, HoldId};
use money::Currency;

/// How many columns an account is read from; what is read beside it comes after them.
pub(crate) const ACCOUNT_COLUMNS: usize = 10;

/// By so much the clocks of processes on one database may differ before balances of the past could be taken a moment too
/// early. The balance of now does not depend on it.
const CLOCKS_APART_MILLIS_MAX: u64 = 10_000;

statements! {
    LOCK_ACCOUNTS =
        "SELECT id, holder_id, chart_code, currency, status, overdraft_limit_minor, posted_minor, held_minor, sequence,
                opened_at
         FROM ledger_account WHERE id IN (SELECT UNNEST($1::uuid[])) ORDER BY id FOR UPDATE";
    SELECT_ACCOUNTS =
        "SELECT id, holder_id, chart_code, currency, status, overdraft_limit_minor, posted_minor, held_minor, sequence,
                opened_at
         FROM ledger_account WHERE id = ANY($1)";
    SELECT_ALL_ACCOUNTS =
        "SELECT id, holder_id, chart_code, currency, status, overdraft_limit_minor, posted_minor, held_minor, sequence,
                opened_at
         FROM ledger_account ORDER BY id";
    INSERT_ACCOUNTS(Id, Id, Text, Text, Text, Int, Int, Int, Int, Time) =
        "INSERT INTO ledger_account (id, holder_id, chart_code, currency, status, overdraft_limit_minor, posted_minor,
                                     held_minor, sequence, opened_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (id) DO NOTHING";
    // Everything that a decision looks at is compared; the posted balance goes with the sequence.
    UPDATE_BALANCES(Id, Int, Int, Int, Int, Int, Text, Int, Id) =
        "UPDATE ledger_account SET posted_minor = $2, held_minor = $3,
             sequence = CASE WHEN sequence = $5 AND held_minor = $6 AND status = $7
                                  AND overdraft_limit_minor IS NOT DISTINCT FROM $8
                                  AND holder_id IS NOT DISTINCT FROM $9
                             THEN $4 ELSE store_lost_race() END
         WHERE id = $1";
    UPDATE_TERMS =
        "UPDATE ledger_account SET status = $2, overdraft_limit_minor = $3, holder_id = $4 WHERE id = $1";
    INSERT_ENTRIES(Id, Text, Text, Date, Time, Int) =
        "INSERT INTO ledger_entry (id, kind, description, value_date, booked_at, sides) VALUES ($1, $2, $3, $4, $5, $6)";
    INSERT_POSTINGS(Id, Int, Id, Text, Int, Int, Date, Time, Bool) =
        "INSERT INTO ledger_posting (account_id, sequence, entry_id, currency, amount_minor, balance_minor, value_date,
                                     booked_at, is_late)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    SELECT_HOLDS =
        "SELECT id, account_id, amount_minor, captured_minor, status, placed_at, expires_at, closed_at
         FROM ledger_hold WHERE id = ANY($1)";
    SELECT_EXPIRED_HOLDS =
        "SELECT id, account_id, amount_minor, captured_minor, status, placed_at, expires_at, closed_at
         FROM ledger_hold WHERE status = 'HELD' AND expires_at <= $1 ORDER BY expires_at LIMIT $2";
    SELECT_NEXT_EXPIRY = "SELECT MIN(expires_at) FROM ledger_hold WHERE status = 'HELD'";
    INSERT_HOLDS(Id, Id, Int, Int, Text, Time, Time, Time) =
        "INSERT INTO ledger_hold (id, account_id, amount_minor, captured_minor, status, placed_at, expires_at, closed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    CLOSE_HOLDS(Id, Int, Text, Time) =
        "UPDATE ledger_hold SET captured_minor = $2, status = $3, closed_at = $4 WHERE id = $1";
    SELECT_ENTRIES_BEFORE =
        "SELECT entry_id FROM ledger_posting WHERE account_id = $1 AND entry_id < $2
         GROUP BY entry_id ORDER BY entry_id DESC LIMIT $3";
    SELECT_ENTRIES_OF_MANY_BEFORE =
        "SELECT entry_id FROM ledger_posting WHERE account_id = ANY($1) AND entry_id < $2
         GROUP BY entry_id ORDER BY entry_id DESC LIMIT $3";
    // Identifiers of entries rise with the time at which they were booked, as exactly as the clocks of several processes
    // agree; the few that are older have an index of their own.
    SELECT_LAST_ENTRY_AT =
        "SELECT entry_id FROM ledger_posting
         WHERE account_id = $1 AND booked_at <= $2 AND NOT is_late ORDER BY entry_id DESC LIMIT 1";
    SELECT_BALANCE_AT =
        "SELECT balance_minor FROM (
             SELECT * FROM (
                 SELECT balance_minor, sequence FROM ledger_posting
                 WHERE account_id = $1 AND booked_at <= $2 AND entry_id >= $3
                 ORDER BY sequence DESC LIMIT 1) AS in_time
             UNION ALL
             SELECT * FROM (
                 SELECT balance_minor, sequence FROM ledger_posting
                 WHERE account_id = $1 AND booked_at <= $2 AND is_late
                 ORDER BY sequence DESC LIMIT 1) AS late) AS last
         ORDER BY sequence DESC LIMIT 1";
    SELECT_BALANCE_BY_VALUE_DATE =
        "SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) FROM ledger_posting
         WHERE account_id = $1 AND value_date <= $2";
    SELECT_FIRST_VALUE_DATE = "SELECT MIN(value_date) FROM ledger_entry";
    SELECT_JOURNAL =
        "SELECT e.id, e.kind, e.description, e.value_date, e.booked_at, e.sides, p.account_id, p.sequence, p.entry_id,
                p.currency, p.amount_minor, p.balance_minor, p.value_date, p.booked_at, p.is_late
         FROM ledger_posting p JOIN ledger_entry e ON e.id = p.entry_id
         ORDER BY e.value_date, e.id, p.account_id, p.sequence";
}

/// Loads accounts and locks them, in the order of their identifiers, until the transaction ends.
pub(crate) async fn lock_accounts_in_tx(tx: &Tx, ids: &[AccountId]) -> Result<Vec<Account>> {
    tx.query_as(&LOCK_ACCOUNTS, params![Value::list(ids.iter().copied())]).await
}

pub(crate) async fn accounts(on: &impl Executor, ids: &[AccountId]) -> Result<Vec<Account>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    on.query_as(&SELECT_ACCOUNTS, params![Value::list(ids.iter().copied())]).await
}

pub(crate) async fn all_accounts(on: &impl Executor) -> Result<Vec<Account>> {
    on.query_as(&SELECT_ALL_ACCOUNTS, params![]).await
}

pub(crate) async fn holds(on: &impl Executor, ids: &[HoldId]) -> Result<Vec<Hold>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    on.query_as(&SELECT_HOLDS, params![Value::list(ids.iter().copied())]).await
}

pub(crate) async fn expired_holds(on: &impl Executor, now: BankTime, limit: u32) -> Result<Vec<Hold>> {
    on.query_as(&SELECT_EXPIRED_HOLDS, params![now, limit]).await
}

pub(crate) async fn next_expiry(on: &impl Executor) -> Result<Option<BankTime>> {
    let rows = on.query(&SELECT_NEXT_EXPIRY, params![]).await?;
    rows.first().map_or(Ok(None), |row| row.get(0))
}

pub(crate) async fn insert_accounts_in_tx(tx: &Tx, accounts: &[Account]) -> Result<u64> {
    let mut rows = Rows::new();
    for account in accounts {
        rows.push([
            account.id.into(),
            account.holder_id.into(),
            account.chart.code().into(),
            account.currency.code().into(),
            account.status.word().into(),
            account.overdraft_limit_minor.into(),
            account.posted_minor.into(),
            account.held_minor.into(),
            account.sequence.into(),
            account.opened_at.into(),
        ]);
    }
    tx.execute_batch(&INSERT_ACCOUNTS, rows).await
}

pub(crate) async fn update_terms_in_tx(tx: &Tx, account: &Account) -> Result<()> {
    let terms = params![account.id, account.status.word(), account.overdraft_limit_minor, account.holder_id];
    tx.execute(&UPDATE_TERMS, terms).await.map(drop)
}

pub(crate) async fn entries_before(
    on: &impl Executor,
    accounts: &[AccountId],
    before: EntryId,
    limit: u32,
) -> Result<Vec<EntryId>> {
    let rows = match accounts {
        [] => return Ok(Vec::new()),
        [account] => on.query(&SELECT_ENTRIES_BEFORE, params![*account, before, limit]).await?,
        many => {
            let many = Value::list(many.iter().copied());
            on.query(&SELECT_ENTRIES_OF_MANY_BEFORE, params![many, before, limit]).await?
        }
    };
    rows.iter().map(|row| row.get(0).map(EntryId::from_uuid)).collect()
}

pub(crate) async fn balance_at(on: &impl Executor, id: AccountId, at: BankTime) -> Result<i64> {
    let last = on.query(&SELECT_LAST_ENTRY_AT, params![id, at]).await?;
    let last = last.first().map(|row| row.get(0).map(EntryId::from_uuid)).transpose()?;
    let rows =
        on.query(&SELECT_BALANCE_AT, params![id, at, last.map_or(EntryId::earliest_at(0), clocks_apart)]).await?;
    rows.first().map_or(Ok(0), |row| row.get(0))
}

/// The earliest entry that may have been booked after this one, by a process whose clock is behind.
fn clocks_apart(entry: EntryId) -> EntryId {
    EntryId::earliest_at(entry.unix_millis().saturating_sub(CLOCKS_APART_MILLIS_MAX))
}

pub(crate) async fn balance_by_value_date(on: &impl Executor, id: AccountId, day: Date) -> Result<i64> {
    let rows = on.query(&SELECT_BALANCE_BY_VALUE_DATE, params![id, day]).await?;
    rows.first().map_or(Ok(0), |row| row.get(0))
}

pub(crate) async fn first_value_date(on: &impl Executor) -> Result<Option<Date>> {
    let rows = on.query(&SELECT_FIRST_VALUE_DATE, params![]).await?;
    rows.first().map_or(Ok(None), |row| row.get(0))
}

pub(crate) fn additions(changes: &Changes) -> Vec<(&'static Statement, Rows)> {
    vec![
        (&INSERT_ENTRIES, entry_rows(&changes.entries)),
        (&INSERT_POSTINGS, posting_rows(&changes.postings)),
        (&INSERT_HOLDS, new_hold_rows(&changes.new_holds)),
        (&CLOSE_HOLDS, closed_hold_rows(&changes.closed_holds)),
    ]
}

fn entry_rows(entries: &[Entry]) -> Rows {
    let mut rows = Rows::new();
    for entry in entries {
        rows.push([
            entry.id.into(),
            entry.kind.as_str().into(),
            entry.description.as_str().into(),
            entry.value_date.into(),
            entry.booked_at.into(),
            entry.sides.into(),
        ]);
    }
    rows
}

fn posting_rows(postings: &[Posting]) -> Rows {
    let mut rows = Rows::new();
    for posting in postings {
        rows.push([
            posting.account.into(),
            posting.sequence.into(),
            posting.entry.into(),
            posting.currency.code().into(),
            posting.amount_minor.into(),
            posting.balance_minor.into(),
            posting.value_date.into(),
            posting.booked_at.into(),
            posting.is_late.into(),
        ]);
    }
    rows
}

pub(crate) fn balances(changes: &Changes) -> (&'static Statement, Rows) {
    // Rows are locked in this order, as everywhere.
    let mut accounts: Vec<_> = changes.accounts.iter().collect();
    accounts.sort_unstable_by_key(|change| change.after.id);
    let mut rows = Rows::new();
    for AccountChange { before, after } in accounts {
        rows.push([
            after.id.into(),
            after.posted_minor.into(),
            after.held_minor.into(),
            after.sequence.into(),
            before.sequence.into(),
            before.held_minor.into(),
            before.status.word().into(),
            before.overdraft_limit_minor.into(),
            before.holder_id.into(),
        ]);
    }
    (&UPDATE_BALANCES, rows)
}

fn new_hold_rows(holds: &[Hold]) -> Rows {
    let mut rows = Rows::new();
    for hold in holds {
        rows.push([
            hold.id.into(),
            hold.account.into(),
            hold.amount_minor.into(),
            hold.captured_minor.into(),
            hold.status.word().into(),
            hold.placed_at.into(),
            hold.expires_at.into(),
            hold.closed_at.into(),
        ]);
    }
    rows
}

fn closed_hold_rows(holds: &[Hold]) -> Rows {
    let mut rows = Rows::new();
    for hold in holds {
        rows.push([hold.id.into(), hold.captured_minor.into(), hold.status.word().into(), hold.closed_at.into()]);
    }
    rows
}

impl FromRow for Account {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: AccountId::from_uuid(row.get(0)?),
            holder_id: row.get(1)?,
            chart: word(row, 2, ChartCode::parse)?,
            currency: word(row, 3, |code| Currency::parse(code).ok())?,
            status: word(row, 4, AccountStatus::parse)?,
            overdraft_limit_minor: row.get(5)?,
            posted_minor: row.get(6)?,
            held_minor: row.get(7)?,
            sequence: row.get(8)?,
            opened_at: row.get(9)?,
        })
    }
}

impl FromRow for Hold {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: HoldId::from_uuid(row.get(0)?),
            account: AccountId::from_uuid(row.get(1)?),
            amount_minor: row.get(2)?,
            captured_minor: row.get(3)?,
            status: word(row, 4, HoldStatus::parse)?,
            placed_at: row.get(5)?,
            expires_at: row.get(6)?,
            closed_at: row.get(7)?,
        })
    }
}

impl FromRow for JournalLine {
    fn from_row(row: &Row) -> Result<Self> {
        let entry = Entry {
            id: EntryId::from_uuid(row.get(0)?),
            kind: row.get(1)?,
            description: row.get(2)?,
            value_date: row.get(3)?,
            booked_at: row.get(4)?,
            sides: row.get(5)?,
        };
        let posting = Posting {
            account: AccountId::from_uuid(row.get(6)?),
            sequence: row.get(7)?,
            entry: EntryId::from_uuid(row.get(8)?),
            currency: word(row, 9, |code| Currency::parse(code).ok())?,
            amount_minor: row.get(10)?,
            balance_minor: row.get(11)?,
            value_date: row.get(12)?,
            booked_at: row.get(13)?,
            is_late: row.get(14)?,
        };
        Ok(Self { entry, posting })
    }
}

fn word<T>(row: &Row, column: usize, parse: impl Fn(&str) -> Option<T>) -> Result<T> {
    let text: String = row.get(column)?;
    parse(&text).ok_or_else(|| DbError::Internal(format!("column {column} holds the unknown word {text:?}")))
}
