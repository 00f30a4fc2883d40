//! The SQL of reports. What was booked in a time is found by the identifiers of its entries, which are of that time, and where
//! they are not, by an index of its own.

use super::closing::{Booked, DayTotal};
use super::sheet::Window;
use super::{Deposits, Dormant, LineBalance, Range, SheetLine, SheetRequest};
use db::{BankTime, Date, Executor, Result, Snapshot, Tx, columns, params, statements};
use ids::{AccountId, EntryId};
use uuid::Uuid;

/// By so much at most the identifier of an entry and its booking are apart, unless its postings say that they are late.
const APART_MILLIS_MAX: u64 = 10_000;

columns! {
    LineBalance {
        line = chart_code, currency, minor = "CAST(SUM(amount_minor) AS BIGINT)",
        postings = "CAST(SUM(postings) AS BIGINT)"
    }
    DayTotal { booked_on, value_date, line = chart_code, currency, amount_minor, postings }
    Booked { line = chart_code, currency, amount_minor, value_date, booked_at }
    SheetLine { posting = "p.*", kind = "e.kind", description = "e.description" }
    Deposits {
        currency,
        credit_accounts = "COUNT(CASE WHEN posted_minor > 0 THEN 1 END)",
        credit_minor = "CAST(SUM(CASE WHEN posted_minor > 0 THEN posted_minor ELSE 0 END) AS BIGINT)",
        debit_accounts = "COUNT(CASE WHEN posted_minor < 0 THEN 1 END)",
        debit_minor = "CAST(SUM(CASE WHEN posted_minor < 0 THEN -posted_minor ELSE 0 END) AS BIGINT)",
        held_minor = "CAST(SUM(held_minor) AS BIGINT)"
    }
    Dormant { account = id, currency, posted_minor, opened_at, postings = sequence }
}

/// The postings of a time: `$1` and `$2` bound the identifiers of entries, `$3` and `$4` the time of booking. The engine
/// goes through the accounts and looks each up, which is what the order of postings is good for.
macro_rules! booked {
    ($select:literal, $from:literal) => {
        concat!(
            $select,
            " FROM (SELECT a.chart_code, p.currency, p.amount_minor, 1 AS postings, p.value_date, p.booked_at
               FROM ledger_account a CROSS JOIN ledger_posting p
               WHERE p.account_id = a.id AND p.entry_id >= $1 AND p.entry_id < $2 AND NOT p.is_late
                 AND p.booked_at >= $3 AND p.booked_at < $4
             UNION ALL
               SELECT a.chart_code, p.currency, p.amount_minor, 1 AS postings, p.value_date, p.booked_at
               FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id
               WHERE p.is_late AND p.booked_at >= $3 AND p.booked_at < $4) AS booked",
            $from
        )
    };
}

macro_rules! sheet {
    ($condition:literal) => {
        concat!(
            "SELECT p.* FROM ledger_account a CROSS JOIN ledger_posting p
             WHERE a.chart_code = $1 AND a.id >= $2 AND a.id <= $3 AND p.account_id = a.id
               AND (p.entry_id, p.sequence) > ($4, $5) AND p.booked_at >= $6 AND p.booked_at < $7 AND ",
            $condition,
            " ORDER BY p.account_id, p.entry_id, p.sequence LIMIT $8"
        )
    };
}

statements! {
    SELECT_CLOSED_UNTIL -> Date = "SELECT closed_until FROM ledger_closing WHERE id = 1";
    CLOSE_FIRST = "INSERT INTO ledger_closing (id, closed_until) VALUES (1, $1) ON CONFLICT (id) DO NOTHING";
    CLOSE_NEXT = "UPDATE ledger_closing SET closed_until = $1 WHERE id = 1 AND closed_until = $2";
    INSERT_TOTALS(DayTotal) = "INSERT INTO ledger_day_total ({columns}) VALUES ({values})";
    SELECT_TOTALS -> DayTotal =
        "SELECT {columns} FROM ledger_day_total ORDER BY booked_on, value_date, chart_code, currency";
    SUM_CLOSED -> LineBalance =
        "SELECT {columns} FROM ledger_day_total WHERE booked_on < $1 AND value_date <= $2
         GROUP BY chart_code, currency";
    SUM_CLOSED_BY_BOOKING -> (Date, LineBalance) =
        "SELECT booked_on, {columns} FROM ledger_day_total WHERE booked_on >= $1 AND booked_on <= $2
         GROUP BY booked_on, chart_code, currency";
    SUM_CLOSED_BY_VALUE -> (Date, LineBalance) =
        "SELECT value_date, {columns} FROM ledger_day_total WHERE value_date >= $1 AND value_date <= $2
         GROUP BY value_date, chart_code, currency";
    SUM_BOOKED -> LineBalance = booked!("SELECT {columns}", " WHERE value_date <= $5 GROUP BY chart_code, currency");
    SELECT_BOOKED -> Booked = booked!("SELECT {columns}", "");
    SELECT_SHEET -> SheetLine = concat!(
        "SELECT {columns} FROM (SELECT * FROM (SELECT * FROM (",
        sheet!("p.entry_id >= $9 AND p.entry_id < $10 AND NOT p.is_late"),
        ") AS in_time UNION ALL SELECT * FROM (",
        sheet!("p.is_late"),
        ") AS late) AS found ORDER BY account_id, entry_id, sequence LIMIT $8) AS p
         JOIN ledger_entry e ON e.id = p.entry_id ORDER BY p.account_id, p.entry_id, p.sequence"
    );
    SUM_DEPOSITS -> Deposits =
        "SELECT {columns} FROM ledger_account WHERE chart_code = '2000' GROUP BY currency ORDER BY currency";
    SELECT_DORMANT -> Dormant =
        "SELECT {columns} FROM ledger_account a
         WHERE chart_code = '2000' AND status <> 'CLOSED' AND id > $1 AND opened_at < $2
           AND NOT EXISTS (SELECT 1 FROM ledger_posting p WHERE p.account_id = a.id AND p.entry_id >= $3 AND p.booked_at >= $2)
           AND NOT EXISTS (SELECT 1 FROM ledger_posting p WHERE p.account_id = a.id AND p.is_late AND p.booked_at >= $2)
         ORDER BY id LIMIT $4";
}

pub(super) async fn closed_until(on: &impl Executor) -> Result<Option<Date>> {
    on.query_optional(&SELECT_CLOSED_UNTIL, params![]).await
}

/// Whether the days are closed up to this one; not, where somebody else has closed meanwhile.
pub(super) async fn close_in_tx(tx: &Tx, was: Option<Date>, until: Date) -> Result<bool> {
    let closed = match was {
        None => tx.execute(&CLOSE_FIRST, params![until]).await?,
        Some(was) => tx.execute(&CLOSE_NEXT, params![until, was]).await?,
    };
    Ok(closed == 1)
}

pub(super) async fn insert_totals_in_tx(tx: &Tx, totals: Vec<DayTotal>) -> Result<()> {
    tx.execute_rows(&INSERT_TOTALS, totals).await.map(drop)
}

pub(super) async fn all_totals(on: &impl Executor) -> Result<Vec<DayTotal>> {
    on.query_as(&SELECT_TOTALS, params![]).await
}

pub(super) async fn closed_sums(on: &impl Executor, before: Date, value_until: Date) -> Result<Vec<LineBalance>> {
    on.query_as(&SUM_CLOSED, params![before, value_until]).await
}

pub(super) async fn closed_by_booking(on: &impl Executor, from: Date, to: Date) -> Result<Vec<(Date, LineBalance)>> {
    on.query_as(&SUM_CLOSED_BY_BOOKING, params![from, to]).await
}

pub(super) async fn closed_by_value(on: &impl Executor, from: Date, to: Date) -> Result<Vec<(Date, LineBalance)>> {
    on.query_as(&SUM_CLOSED_BY_VALUE, params![from, to]).await
}

pub(super) async fn open_sums(on: &impl Executor, range: Range, value_until: Date) -> Result<Vec<LineBalance>> {
    let (first, last) = entries_of(range);
    on.query_as(&SUM_BOOKED, params![first, last, range.from, range.until, value_until]).await
}

pub(super) async fn fold_booked<S: Send + 'static>(
    on: &Snapshot,
    range: Range,
    state: S,
    step: impl FnMut(&mut S, Booked) -> Result<()> + Send + 'static,
) -> Result<S> {
    let (first, last) = entries_of(range);
    on.fold(&SELECT_BOOKED, params![first, last, range.from, range.until], state, step).await
}

pub(super) async fn sheet(
    on: &impl Executor,
    request: SheetRequest,
    range: Range,
    window: Window,
) -> Result<Vec<SheetLine>> {
    let (first, last) = entries_of(range);
    let Window { accounts, after } = window;
    let parameters = params![
        request.line.code(),
        accounts.0,
        accounts.1,
        after.0,
        after.1,
        range.from,
        range.until,
        request.limit,
        first.max(after.0),
        last
    ];
    on.query_as(&SELECT_SHEET, parameters).await
}

pub(super) async fn deposits(on: &impl Executor) -> Result<Vec<Deposits>> {
    on.query_as(&SUM_DEPOSITS, params![]).await
}

pub(super) async fn dormant(
    on: &impl Executor,
    since: BankTime,
    after: Option<AccountId>,
    limit: u32,
) -> Result<Vec<Dormant>> {
    let after = after.unwrap_or(AccountId::from_uuid(Uuid::nil()));
    let (first, _) = entries_of(Range { from: since, until: since });
    on.query_as(&SELECT_DORMANT, params![after, since, first, limit]).await
}

/// The lowest identifier that an entry of the time can have, and the lowest one of after it.
fn entries_of(range: Range) -> (EntryId, EntryId) {
    let millis = |at: BankTime| u64::try_from(at.unix_micros().div_euclid(1_000)).unwrap_or(0);
    let first = millis(range.from).saturating_sub(APART_MILLIS_MAX);
    (EntryId::earliest_at(first), EntryId::earliest_at(millis(range.until).saturating_add(APART_MILLIS_MAX)))
}
