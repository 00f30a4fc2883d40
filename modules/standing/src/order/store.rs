//! The rows of `standing_order`.

use super::{NextDate, OwnedOrder, StandingOrder, StandingStatus, StandingWish};
use crate::schedule::{Frequency, OnHoliday, Schedule};
use db::{BankTime, Date, DbError, Executor, Result, Tx, Value, WallTime, columns, params, statements};
use ids::{AccountId, IdempotencyKey, StandingOrderId, UserId};
use money::Money;

columns! {
    struct Stored {
        id: StandingOrderId,
        user_id: UserId,
        status: StandingStatus,
        source_account_id: AccountId,
        destination_account_id: AccountId,
        money: Money = "*",
        description: String,
        frequency: Frequency,
        first_date: Date,
        last_date: Option<Date>,
        day_of_month: Option<u16>,
        on_holiday: OnHoliday,
        catches_up: bool,
        version: i64,
        next_number: i64,
        next_date: Option<Date>,
        due_at: Option<BankTime>,
        named_at: Option<BankTime>,
        tries: i64,
        failures: i64,
        created_at: WallTime,
    }
    /// An order as it is made.
    struct New { order: Stored = "*", key_hash: [u8; 32], fingerprint: [u8; 32] }
    /// An order that was made under a key.
    struct Made { order: Stored = "*", fingerprint: [u8; 32] }
}

statements! {
    INSERT_ORDER(New) = "INSERT INTO standing_order ({columns}) VALUES ({values})";
    UPDATE_ORDERS(Stored) =
        "UPDATE standing_order
         SET status = $status, destination_account_id = $destination_account_id, amount_minor = $amount_minor,
             description = $description, frequency = $frequency, first_date = $first_date, last_date = $last_date,
             day_of_month = $day_of_month, on_holiday = $on_holiday, catches_up = $catches_up, version = $version,
             next_number = $next_number, next_date = $next_date, due_at = $due_at, named_at = $named_at, tries = $tries,
             failures = $failures
         WHERE id = $id";
    SELECT_ORDERS -> Stored =
        "SELECT {columns} FROM standing_order WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    SELECT_MADE -> Made = "SELECT {columns} FROM standing_order WHERE key_hash = $1";
    SELECT_ORDER -> Stored = "SELECT {columns} FROM standing_order WHERE id = $1 AND user_id = $2";
    LOCK_ORDER -> Stored = "SELECT {columns} FROM standing_order WHERE id = $1 AND user_id = $2 FOR UPDATE";
    LOCK_ORDERS -> Stored = "SELECT {columns} FROM standing_order WHERE id = ANY($1) ORDER BY id FOR UPDATE";
    COUNT_OPEN -> i64 =
        "SELECT COUNT(*) FROM standing_order
         WHERE user_id = $1 AND status IN ('ACTIVE', 'PAUSED')";
    SELECT_DUE -> Stored =
        "SELECT {columns} FROM standing_order
         WHERE status = 'ACTIVE' AND due_at IS NOT NULL AND due_at <= $1 ORDER BY due_at, id LIMIT $2";
    SELECT_NEXT_DUE -> BankTime =
        "SELECT due_at FROM standing_order WHERE status = 'ACTIVE' AND due_at IS NOT NULL ORDER BY due_at LIMIT 1";
}

pub(crate) async fn insert_in_tx(tx: &Tx, order: StandingOrder, key: &IdempotencyKey) -> Result<()> {
    let new = New { order: order.into(), key_hash: *key.hash(), fingerprint: *key.fingerprint() };
    tx.execute_rows(&INSERT_ORDER, [new]).await.map(drop)
}

/// The order that was made under the key before, as it is now; and whether the same was asked for.
pub(crate) async fn made(on: &impl Executor, key: &IdempotencyKey) -> Result<Option<(StandingOrder, bool)>> {
    let Some(Made { order, fingerprint }) = on.query_optional(&SELECT_MADE, params![*key.hash()]).await? else {
        return Ok(None);
    };
    Ok(Some((order.try_into()?, fingerprint == *key.fingerprint())))
}

pub(crate) async fn update_in_tx(tx: &Tx, orders: Vec<StandingOrder>) -> Result<()> {
    tx.execute_rows(&UPDATE_ORDERS, orders.into_iter().map(Stored::from)).await.map(drop)
}

pub(crate) async fn page(
    on: &impl Executor,
    owner: UserId,
    after: Option<StandingOrderId>,
    limit: u32,
) -> Result<Vec<StandingOrder>> {
    let after = after.unwrap_or(StandingOrderId::from_uuid(uuid::Uuid::nil()));
    read(on.query_as(&SELECT_ORDERS, params![owner, after, limit]).await?)
}

pub(crate) async fn find(on: &impl Executor, of: OwnedOrder) -> Result<Option<StandingOrder>> {
    Ok(read(on.query_optional(&SELECT_ORDER, params![of.id, of.owner]).await?)?.pop())
}

pub(crate) async fn lock_in_tx(tx: &Tx, of: OwnedOrder) -> Result<Option<StandingOrder>> {
    Ok(read(tx.query_optional(&LOCK_ORDER, params![of.id, of.owner]).await?)?.pop())
}

pub(crate) async fn lock_all_in_tx(tx: &Tx, ids: Vec<StandingOrderId>) -> Result<Vec<StandingOrder>> {
    read(tx.query_as(&LOCK_ORDERS, params![Value::list(ids)]).await?)
}

/// How many somebody has that have not ended.
pub(crate) async fn count_open_in_tx(tx: &Tx, owner: UserId) -> Result<i64> {
    Ok(tx.query_optional(&COUNT_OPEN, params![owner]).await?.unwrap_or(0))
}

pub(crate) async fn due(on: &impl Executor, until: BankTime, limit: u32) -> Result<Vec<StandingOrder>> {
    read(on.query_as(&SELECT_DUE, params![until, limit]).await?)
}

pub(crate) async fn next_due(on: &impl Executor) -> Result<Option<BankTime>> {
    on.query_optional(&SELECT_NEXT_DUE, params![]).await
}

fn read(rows: impl IntoIterator<Item = Stored>) -> Result<Vec<StandingOrder>> {
    rows.into_iter().map(StandingOrder::try_from).collect()
}

impl From<StandingOrder> for Stored {
    fn from(order: StandingOrder) -> Self {
        let StandingOrder { id, user_id, status, wish, version, next_number, next, tries, failures, created_at } =
            order;
        let StandingWish { source, destination, money, description, schedule, catches_up } = wish;
        let Schedule { frequency, first, last, day_of_month, on_holiday } = schedule;
        Self {
            id,
            user_id,
            status,
            source_account_id: source,
            destination_account_id: destination,
            money,
            description,
            frequency,
            first_date: calendar::stored(first),
            last_date: last.map(calendar::stored),
            day_of_month: day_of_month.map(u16::from),
            on_holiday,
            catches_up,
            version: version.into(),
            next_number: next_number.into(),
            next_date: next.map(|next| next.date),
            due_at: next.map(|next| next.due_at),
            named_at: next.map(|next| next.named_at),
            tries: tries.into(),
            failures: failures.into(),
            created_at,
        }
    }
}

impl TryFrom<Stored> for StandingOrder {
    type Error = DbError;

    fn try_from(stored: Stored) -> Result<Self> {
        let id = stored.id;
        let damaged = || DbError::Internal(format!("{id} is damaged"));
        let number = |stored: i64| u32::try_from(stored).map_err(|_| damaged());
        let day_of_month = stored.day_of_month.map(u8::try_from).transpose().map_err(|_| damaged())?;
        let next = match (stored.next_date, stored.due_at, stored.named_at) {
            (Some(date), Some(due_at), Some(named_at)) => Some(NextDate { date, due_at, named_at }),
            (None, None, None) => None,
            _ => return Err(damaged()),
        };
        let schedule = Schedule {
            frequency: stored.frequency,
            first: calendar::read(stored.first_date),
            last: stored.last_date.map(calendar::read),
            day_of_month,
            on_holiday: stored.on_holiday,
        };
        let wish = StandingWish {
            source: stored.source_account_id,
            destination: stored.destination_account_id,
            money: stored.money,
            description: stored.description,
            schedule,
            catches_up: stored.catches_up,
        };
        Ok(Self {
            id,
            user_id: stored.user_id,
            status: stored.status,
            wish,
            version: number(stored.version)?,
            next_number: number(stored.next_number)?,
            next,
            tries: number(stored.tries)?,
            failures: number(stored.failures)?,
            created_at: stored.created_at,
        })
    }
}
