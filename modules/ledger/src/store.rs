//! The ledger's SQL: locked loading, writing what changed, and reading.

use crate::{Account, AccountChange, AccountStatus, Changes, ChartCode, Entry, Hold, HoldStatus, JournalLine, Posting};
use db::{BankTime, Date, Executor, Result, Rows, Statement, Tx, Value, columns, fields, params, statements};
use ids::{AccountId, EntryId, HoldId};
use std::collections::{BTreeSet, HashMap};

fields! {
    Text: ChartCode, ChartCode::parse, |chart| chart.code();
    Text: AccountStatus, AccountStatus::parse, |status| status.word();
    Text: HoldStatus, HoldStatus::parse, |status| status.word();
}

columns! {
    Account {
        id, holder_id, chart = chart_code, currency, status, overdraft_limit_minor, posted_minor, held_minor, sequence,
        opened_at
    }
    AccountChange { after = "*", before = "was_*" }
    Entry { id, kind, description, value_date, booked_at, sides }
    Posting {
        account = account_id, sequence, entry = entry_id, currency, amount_minor, balance_minor, value_date, booked_at,
        is_late
    }
    Hold { id, account = account_id, amount_minor, captured_minor, status, placed_at, expires_at, closed_at }
    JournalLine { entry = "e.*", posting = "p.*" }
}

/// By so much the clocks of processes on one database may differ before balances of the past could be taken a moment too
/// early. The balance of now does not depend on it.
const CLOCKS_APART_MILLIS_MAX: u64 = 10_000;

statements! {
    LOCK_ACCOUNTS -> Account =
        "SELECT {columns} FROM ledger_account WHERE id IN (SELECT UNNEST($1::uuid[])) ORDER BY id FOR UPDATE";
    SELECT_ACCOUNTS -> Account = "SELECT {columns} FROM ledger_account WHERE id = ANY($1)";
    SELECT_ALL_ACCOUNTS -> Account = "SELECT {columns} FROM ledger_account ORDER BY id";
    INSERT_ACCOUNTS(Account) =
        "INSERT INTO ledger_account ({columns}) VALUES ({values}) ON CONFLICT (id) DO NOTHING";
    // Everything that a decision looks at is compared; the posted balance goes with the sequence.
    UPDATE_BALANCES(AccountChange) =
        "UPDATE ledger_account SET posted_minor = $posted_minor, held_minor = $held_minor,
             sequence = CASE WHEN sequence = $was_sequence AND held_minor = $was_held_minor AND status = $was_status
                                  AND overdraft_limit_minor IS NOT DISTINCT FROM $was_overdraft_limit_minor
                                  AND holder_id IS NOT DISTINCT FROM $was_holder_id
                             THEN $sequence ELSE store_lost_race() END
         WHERE id = $id";
    UPDATE_TERMS(Account) =
        "UPDATE ledger_account SET status = $status, overdraft_limit_minor = $overdraft_limit_minor, holder_id = $holder_id
         WHERE id = $id";
    INSERT_ENTRIES(Entry) = "INSERT INTO ledger_entry ({columns}) VALUES ({values})";
    INSERT_POSTINGS(Posting) = "INSERT INTO ledger_posting ({columns}) VALUES ({values})";
    SELECT_HOLDS -> Hold = "SELECT {columns} FROM ledger_hold WHERE id = ANY($1)";
    SELECT_EXPIRED_HOLDS -> Hold =
        "SELECT {columns} FROM ledger_hold WHERE status = 'HELD' AND expires_at <= $1 ORDER BY expires_at LIMIT $2";
    SELECT_NEXT_EXPIRY -> Option<BankTime> = "SELECT MIN(expires_at) FROM ledger_hold WHERE status = 'HELD'";
    INSERT_HOLDS(Hold) = "INSERT INTO ledger_hold ({columns}) VALUES ({values})";
    CLOSE_HOLDS(Hold) =
        "UPDATE ledger_hold SET captured_minor = $captured_minor, status = $status, closed_at = $closed_at WHERE id = $id";
    SELECT_ENTRIES -> Entry = "SELECT {columns} FROM ledger_entry WHERE id = ANY($1)";
    SELECT_POSTINGS -> Posting =
        "SELECT {columns} FROM ledger_posting WHERE (account_id, entry_id) = ANY PAIR($1, $2)";
    SELECT_ENTRIES_BEFORE -> EntryId =
        "SELECT entry_id FROM ledger_posting WHERE account_id = $1 AND entry_id < $2
         GROUP BY entry_id ORDER BY entry_id DESC LIMIT $3";
    SELECT_ENTRIES_OF_MANY_BEFORE -> EntryId =
        "SELECT entry_id FROM ledger_posting WHERE account_id = ANY($1) AND entry_id < $2
         GROUP BY entry_id ORDER BY entry_id DESC LIMIT $3";
    // Identifiers of entries rise with the time at which they were booked, as exactly as the clocks of several processes
    // agree; the few that are older have an index of their own.
    SELECT_LAST_ENTRY_AT -> EntryId =
        "SELECT entry_id FROM ledger_posting
         WHERE account_id = $1 AND booked_at <= $2 AND NOT is_late ORDER BY entry_id DESC LIMIT 1";
    SELECT_BALANCE_AT -> i64 =
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
    SELECT_BALANCE_BY_VALUE_DATE -> i64 =
        "SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) FROM ledger_posting
         WHERE account_id = $1 AND value_date <= $2";
    SELECT_FIRST_VALUE_DATE -> Option<Date> = "SELECT MIN(value_date) FROM ledger_entry";
    SELECT_JOURNAL -> JournalLine =
        "SELECT {columns} FROM ledger_posting p JOIN ledger_entry e ON e.id = p.entry_id
         ORDER BY e.value_date, e.id, p.account_id, p.sequence";
}

/// Entries with their postings on these accounts.
pub(crate) async fn booked(
    on: &impl Executor,
    wanted: &[(EntryId, Vec<AccountId>)],
) -> Result<Vec<(Entry, Vec<Posting>)>> {
    let pairs: BTreeSet<(AccountId, EntryId)> =
        wanted.iter().flat_map(|(entry, accounts)| accounts.iter().map(|account| (*account, *entry))).collect();
    let accounts = Value::list(pairs.iter().map(|(account, _)| *account));
    let entries = Value::list(pairs.iter().map(|(_, entry)| *entry));
    let postings = on.query_as(&SELECT_POSTINGS, params![accounts, entries]).await?;
    let ids = Value::list(wanted.iter().map(|(id, _)| *id));
    let entries = on.query_as(&SELECT_ENTRIES, params![ids]).await?;
    let mut by_entry: HashMap<EntryId, Vec<Posting>> = HashMap::new();
    for posting in postings.into_iter().filter(|posting| pairs.contains(&(posting.account, posting.entry))) {
        by_entry.entry(posting.entry).or_default().push(posting);
    }
    let with_postings = |entry: Entry| {
        let postings = by_entry.remove(&entry.id).unwrap_or_default();
        (entry, postings)
    };
    Ok(entries.into_iter().map(with_postings).collect())
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
    on.query_one(&SELECT_NEXT_EXPIRY, params![]).await
}

pub(crate) async fn insert_accounts_in_tx(tx: &Tx, accounts: &[Account]) -> Result<u64> {
    tx.execute_rows(&INSERT_ACCOUNTS, accounts.iter().copied()).await
}

pub(crate) async fn update_terms_in_tx(tx: &Tx, account: &Account) -> Result<()> {
    tx.execute_rows(&UPDATE_TERMS, [*account]).await.map(drop)
}

pub(crate) async fn entries_before(
    on: &impl Executor,
    accounts: &[AccountId],
    before: EntryId,
    limit: u32,
) -> Result<Vec<EntryId>> {
    match accounts {
        [] => Ok(Vec::new()),
        [account] => on.query_as(&SELECT_ENTRIES_BEFORE, params![*account, before, limit]).await,
        many => {
            let many = Value::list(many.iter().copied());
            on.query_as(&SELECT_ENTRIES_OF_MANY_BEFORE, params![many, before, limit]).await
        }
    }
}

pub(crate) async fn balance_at(on: &impl Executor, id: AccountId, at: BankTime) -> Result<i64> {
    let last = on.query_optional(&SELECT_LAST_ENTRY_AT, params![id, at]).await?;
    let from = last.map_or(EntryId::earliest_at(0), clocks_apart);
    Ok(on.query_optional(&SELECT_BALANCE_AT, params![id, at, from]).await?.unwrap_or(0))
}

/// The earliest entry that may have been booked after this one, by a process whose clock is behind.
fn clocks_apart(entry: EntryId) -> EntryId {
    EntryId::earliest_at(entry.unix_millis().saturating_sub(CLOCKS_APART_MILLIS_MAX))
}

pub(crate) async fn balance_by_value_date(on: &impl Executor, id: AccountId, day: Date) -> Result<i64> {
    on.query_one(&SELECT_BALANCE_BY_VALUE_DATE, params![id, day]).await
}

pub(crate) async fn first_value_date(on: &impl Executor) -> Result<Option<Date>> {
    on.query_one(&SELECT_FIRST_VALUE_DATE, params![]).await
}

pub(crate) fn additions(changes: &Changes) -> Vec<(&'static Statement, Rows)> {
    vec![
        INSERT_ENTRIES.rows(changes.entries.iter().cloned()),
        INSERT_POSTINGS.rows(changes.postings.iter().copied()),
        INSERT_HOLDS.rows(changes.new_holds.iter().copied()),
        CLOSE_HOLDS.rows(changes.closed_holds.iter().copied()),
    ]
}

pub(crate) fn balances(changes: &Changes) -> (&'static Statement, Rows) {
    // Rows are locked in this order, as everywhere.
    let mut accounts = changes.accounts.clone();
    accounts.sort_unstable_by_key(|change| change.after.id);
    UPDATE_BALANCES.rows(accounts)
}
