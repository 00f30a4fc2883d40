//! The transactions' SQL: writing what changed, and reading. How a list is put together is in `list.rs`, the legs of bookings
//! are in `legs.rs`.

use super::filter::TransactionFilter;
use super::legs;
use super::{BalanceAfter, Booked, Side, Transaction, TransactionStatus, TransactionType};
use db::{DbError, Executor, FromRow, Result, Row, Rows, Statement, Tx, Value, params, statements};
use ids::{AccountId, TransactionId, UserId};
use money::{Currency, Money};
use outbox::Actor;

const COLUMNS: usize = 28;
const BOOKING_COLUMNS: usize = COLUMNS + 4;

/// What a new transaction has.
macro_rules! columns {
    () => {
        "id, type, status, status_reason, source_account_id, destination_account_id, source_holder_id, \
         destination_holder_id, amount_minor, captured_minor, currency, description, metadata, original_id, counter_id, \
         value_date, created_at, settled_at, expires_at, source_balance_minor, source_available_minor, \
         destination_balance_minor, destination_available_minor, actor_user_id, actor_credential, actor_credential_id, \
         actor_client_id, actor_on_behalf_of_id"
    };
}

/// What a new booking has besides.
macro_rules! booking_columns {
    () => {
        concat!(columns!(), ", booked_as, legs, source_is_own, destination_is_own")
    };
}

/// What is read: a new transaction has no refunds yet, so that writing one costs nothing for them.
macro_rules! all_columns {
    () => {
        concat!(booking_columns!(), ", refunded_minor")
    };
}

/// The conditions of a list, behind the identifiers that it is looked for among.
macro_rules! filters {
    () => {
        "AND (CAST($2 AS TEXT) IS NULL OR type = CAST($2 AS TEXT)) \
         AND (CAST($3 AS TEXT) IS NULL OR status = CAST($3 AS TEXT)) \
         AND (CAST($4 AS TIMESTAMPTZ) IS NULL OR created_at >= CAST($4 AS TIMESTAMPTZ)) \
         AND (CAST($5 AS TIMESTAMPTZ) IS NULL OR created_at < CAST($5 AS TIMESTAMPTZ)) \
         AND (CAST($6 AS DATE) IS NULL OR value_date >= CAST($6 AS DATE)) \
         AND (CAST($7 AS DATE) IS NULL OR value_date <= CAST($7 AS DATE)) \
         AND (CAST($8 AS BIGINT) IS NULL OR amount_minor >= CAST($8 AS BIGINT) OR legs IS NOT NULL) \
         AND (CAST($9 AS BIGINT) IS NULL OR amount_minor <= CAST($9 AS BIGINT) OR legs IS NOT NULL) \
         ORDER BY id DESC"
    };
}

/// What was ever held, of some accounts: $2 the cursor, $3 the length of the page.
macro_rules! held {
    ($condition:literal) => {
        concat!(
            "SELECT id FROM payments_transaction WHERE ",
            $condition,
            " AND expires_at IS NOT NULL AND id < $2 ORDER BY id DESC LIMIT $3"
        )
    };
}

statements! {
    SELECT_TRANSACTIONS = concat!("SELECT ", all_columns!(), " FROM payments_transaction WHERE id = ANY($1)");
    SELECT_FILTERED = concat!("SELECT ", all_columns!(), " FROM payments_transaction WHERE id = ANY($1) ", filters!());
    SELECT_NEWEST = "SELECT id FROM payments_transaction WHERE id < $1 ORDER BY id DESC LIMIT $2";
    SELECT_HELD_FROM = held!("source_account_id = $1");
    SELECT_HELD_FOR = held!("destination_account_id = $1");
    SELECT_HELD_FROM_MANY = held!("source_account_id = ANY($1)");
    SELECT_HELD_FOR_MANY = held!("destination_account_id = ANY($1)");
    SELECT_COUNTERING =
        "SELECT id FROM payments_transaction WHERE original_id = $1 AND original_id IS NOT NULL AND id < $2
         ORDER BY id DESC LIMIT $3";
    INSERT_TRANSACTIONS(
        Id, Text, Text, Text, Id, Id, Id, Id, Int, Int, Text, Text, Text, Id, Id, Date, Time, Time, Time, Int, Int, Int, Int,
        Id, Text, Id, Id, Id
    ) = concat!(
        "INSERT INTO payments_transaction (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, \
         $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28)"
    );
    INSERT_BOOKINGS(
        Id, Text, Text, Text, Id, Id, Id, Id, Int, Int, Text, Text, Text, Id, Id, Date, Time, Time, Time, Int, Int, Int, Int,
        Id, Text, Id, Id, Id, Text, Int, Bool, Bool
    ) = concat!(
        "INSERT INTO payments_transaction (", booking_columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, \
         $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)"
    );
    // Where it is no longer as it was decided on, the database refuses the whole batch, as with balances.
    UPDATE_TRANSACTIONS(Id, Text, Text, Int, Id, Time, Int, Int, Int, Int, Int, Date, Text, Int) =
        "UPDATE payments_transaction SET status = $2, status_reason = $3, captured_minor = $4, counter_id = $5,
             settled_at = $6, source_balance_minor = $7, source_available_minor = $8, destination_balance_minor = $9,
             destination_available_minor = $10, refunded_minor = $11, value_date = $12,
             amount_minor = CASE WHEN status = $13 AND refunded_minor IS NOT DISTINCT FROM $14
                                 THEN amount_minor ELSE store_lost_race() END
         WHERE id = $1";
    ASSIGN_SOURCE_HOLDER =
        "UPDATE payments_transaction SET source_holder_id = $2
         WHERE source_account_id = $1 AND source_holder_id IS NULL";
    ASSIGN_DESTINATION_HOLDER =
        "UPDATE payments_transaction SET destination_holder_id = $2
         WHERE destination_account_id = $1 AND destination_holder_id IS NULL";
}

pub(crate) async fn by_ids(on: &impl Executor, ids: &[TransactionId]) -> Result<Vec<Transaction>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found = on.query_as(&SELECT_TRANSACTIONS, params![Value::list(ids.iter().copied())]).await?;
    legs::with_legs(on, found).await
}

/// Those of the transactions that the filter lets through, newest first.
pub(crate) async fn filtered(
    on: &impl Executor,
    ids: &[TransactionId],
    filter: &TransactionFilter,
) -> Result<Vec<Transaction>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let parameters = params![
        Value::list(ids.iter().copied()),
        filter.kind.map(TransactionType::word),
        filter.status.map(TransactionStatus::word),
        filter.from,
        filter.to,
        filter.value_from,
        filter.value_to,
        filter.min_amount_minor,
        filter.max_amount_minor
    ];
    let found = on.query_as(&SELECT_FILTERED, parameters).await?;
    legs::with_legs(on, found).await
}

/// The newest of all before one.
pub(crate) async fn newest_before(on: &impl Executor, before: TransactionId, limit: u32) -> Result<Vec<TransactionId>> {
    let rows = on.query(&SELECT_NEWEST, params![before, limit]).await?;
    rows.iter().map(|row| row.get(0).map(TransactionId::from_uuid)).collect()
}

/// What refunds or reverses a transaction, the newest first.
pub(crate) async fn countering(
    on: &impl Executor,
    original: TransactionId,
    before: TransactionId,
    limit: u32,
) -> Result<Vec<TransactionId>> {
    let rows = on.query(&SELECT_COUNTERING, params![original, before, limit]).await?;
    rows.iter().map(|row| row.get(0).map(TransactionId::from_uuid)).collect()
}

/// What was, or is, held on one of the accounts or for one of them: the newest first, each side by itself.
pub(crate) async fn held_before(
    on: &impl Executor,
    accounts: &[AccountId],
    before: TransactionId,
    limit: u32,
) -> Result<Vec<TransactionId>> {
    // Of one account they come out of the index in order.
    let (statements, of): ([&Statement; 2], Value) = match accounts {
        [account] => ([&SELECT_HELD_FROM, &SELECT_HELD_FOR], (*account).into()),
        many => ([&SELECT_HELD_FROM_MANY, &SELECT_HELD_FOR_MANY], Value::list(many.iter().copied())),
    };
    let mut held = Vec::new();
    for statement in statements {
        let rows = on.query(statement, params![of.clone(), before, limit]).await?;
        for row in rows {
            held.push(TransactionId::from_uuid(row.get(0)?));
        }
    }
    Ok(held)
}

/// What moved on an account while it was nobody's becomes its owner's.
pub(crate) async fn assign_holder_in_tx(tx: &Tx, account: AccountId, holder: UserId) -> Result<()> {
    tx.execute(&ASSIGN_SOURCE_HOLDER, params![account, holder]).await?;
    tx.execute(&ASSIGN_DESTINATION_HOLDER, params![account, holder]).await?;
    legs::assign_holder_in_tx(tx, account, holder).await
}

/// New transactions of any kind, as the writes of one commit.
pub(crate) fn inserts(transactions: &[Transaction]) -> [(&'static Statement, Rows); 3] {
    let booked = transactions.iter().filter(|transaction| transaction.booked.is_some());
    let others = transactions.iter().filter(|transaction| transaction.booked.is_none());
    [insert(others), insert_bookings(booked.clone()), legs::insert(booked)]
}

/// New transactions that are no bookings.
pub(crate) fn insert<'a>(transactions: impl Iterator<Item = &'a Transaction>) -> (&'static Statement, Rows) {
    let mut rows = Rows::new();
    for transaction in transactions {
        rows.push(values(transaction));
    }
    (&INSERT_TRANSACTIONS, rows)
}

fn insert_bookings<'a>(bookings: impl Iterator<Item = &'a Transaction>) -> (&'static Statement, Rows) {
    let mut rows = Rows::new();
    for booking in bookings {
        let legs = booking.booked.iter().map(|booked| booked.legs.len()).find(|legs| *legs > 0);
        let further = [
            booking.booked.as_ref().map(|booked| booked.word.clone()).into(),
            legs.map(|legs| i64::try_from(legs).expect("the legs are bounded")).into(),
            booking.source.is_own.into(),
            booking.destination.is_own.into(),
        ];
        let all: Vec<Value> = values(booking).into_iter().chain(further).collect();
        rows.push::<BOOKING_COLUMNS>(all.try_into().expect("as many columns as there are values"));
    }
    (&INSERT_BOOKINGS, rows)
}

fn values(transaction: &Transaction) -> [Value; COLUMNS] {
    let [source_posted, source_available] = balances(&transaction.source);
    let [destination_posted, destination_available] = balances(&transaction.destination);
    let [user, credential, credential_id, client, on_behalf_of] = Actor::values(transaction.started_by);
    [
        transaction.id.into(),
        transaction.kind.word().into(),
        transaction.status.word().into(),
        transaction.status_reason.clone().into(),
        transaction.source.account.into(),
        transaction.destination.account.into(),
        transaction.source.holder.into(),
        transaction.destination.holder.into(),
        transaction.money.minor().into(),
        transaction.captured_minor.into(),
        transaction.money.currency().code().into(),
        transaction.description.clone().into(),
        transaction.metadata.clone().into(),
        transaction.original.into(),
        transaction.counter.into(),
        transaction.value_date.into(),
        transaction.created_at.into(),
        transaction.settled_at.into(),
        transaction.expires_at.into(),
        source_posted,
        source_available,
        destination_posted,
        destination_available,
        user,
        credential,
        credential_id,
        client,
        on_behalf_of,
    ]
}

/// Each as it was loaded, and as it is now.
pub(crate) fn update<'a>(
    changes: impl Iterator<Item = (&'a Transaction, &'a Transaction)>,
) -> (&'static Statement, Rows) {
    let mut rows = Rows::new();
    for (before, after) in changes {
        let [source_posted, source_available] = balances(&after.source);
        let [destination_posted, destination_available] = balances(&after.destination);
        rows.push([
            after.id.into(),
            after.status.word().into(),
            after.status_reason.clone().into(),
            after.captured_minor.into(),
            after.counter.into(),
            after.settled_at.into(),
            source_posted,
            source_available,
            destination_posted,
            destination_available,
            refunded(after),
            after.value_date.into(),
            before.status.word().into(),
            refunded(before),
        ]);
    }
    (&UPDATE_TRANSACTIONS, rows)
}

fn refunded(transaction: &Transaction) -> Value {
    Some(transaction.refunded_minor).filter(|minor| *minor > 0).into()
}

fn balances(side: &Side) -> [Value; 2] {
    [
        side.balance_after.map(|after| after.posted_minor).into(),
        side.balance_after.map(|after| after.available_minor).into(),
    ]
}

impl FromRow for Transaction {
    fn from_row(row: &Row) -> Result<Self> {
        let unknown = |what: &str| DbError::Internal(format!("a transaction has an unknown {what}"));
        let side = |account: usize, holder: usize, posted: usize, is_own: usize| -> Result<Side> {
            let amounts: (Option<i64>, Option<i64>) = (row.get(posted)?, row.get(posted + 1)?);
            let balance_after = amounts
                .0
                .zip(amounts.1)
                .map(|(posted_minor, available_minor)| BalanceAfter { posted_minor, available_minor });
            let account = AccountId::from_uuid(row.get(account)?);
            Ok(Side {
                account,
                holder: row.get::<Option<_>>(holder)?.map(UserId::from_uuid),
                is_own: row.get::<Option<bool>>(is_own)?.unwrap_or_else(|| ledger::is_line_account(account)),
                balance_after,
            })
        };
        let currency = Currency::parse(&row.get::<String>(10)?).map_err(|_| unknown("currency"))?;
        Ok(Self {
            id: TransactionId::from_uuid(row.get(0)?),
            kind: TransactionType::parse(&row.get::<String>(1)?).ok_or_else(|| unknown("type"))?,
            status: TransactionStatus::parse(&row.get::<String>(2)?).ok_or_else(|| unknown("status"))?,
            status_reason: row.get(3)?,
            source: side(4, 6, 19, 30)?,
            destination: side(5, 7, 21, 31)?,
            money: Money::new(row.get(8)?, currency),
            captured_minor: row.get(9)?,
            refunded_minor: row.get::<Option<_>>(32)?.unwrap_or_default(),
            description: row.get(11)?,
            metadata: row.get(12)?,
            original: row.get::<Option<_>>(13)?.map(TransactionId::from_uuid),
            counter: row.get::<Option<_>>(14)?.map(TransactionId::from_uuid),
            value_date: row.get(15)?,
            created_at: row.get(16)?,
            settled_at: row.get(17)?,
            expires_at: row.get(18)?,
            started_by: Actor::read(row, 23)?,
            // The legs are in a table of their own.
            booked: row.get::<Option<String>>(28)?.map(|word| Box::new(Booked { word, legs: Vec::new() })),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use db::BankTime;

    fn paid() -> Transaction {
        let now = BankTime::from_unix_micros(1_767_225_600_000_000);
        let side = || Side { account: AccountId::generate(), holder: None, is_own: false, balance_after: None };
        Transaction {
            id: TransactionId::generate(),
            kind: TransactionType::Transfer,
            status: TransactionStatus::Settled,
            status_reason: None,
            source: side(),
            destination: side(),
            money: Money::new(1_000, Currency::parse("USD").unwrap()),
            captured_minor: None,
            refunded_minor: 0,
            description: String::new(),
            metadata: None,
            original: None,
            counter: None,
            value_date: now.date(),
            created_at: now,
            settled_at: Some(now),
            expires_at: None,
            started_by: None,
            booked: None,
        }
    }

    #[test]
    fn a_transaction_that_is_no_longer_as_it_was_decided_on_is_not_written_over() {
        let migrations = [ledger::MIGRATIONS, crate::MIGRATIONS].concat();
        testkit::on_each_engine(&migrations, async |db| {
            let before = paid();
            let tx = db.begin().await.unwrap();
            tx.write_and_commit(vec![insert([&before].into_iter())]).await.unwrap();
            let refunded = |minor| Transaction { refunded_minor: minor, ..before.clone() };
            let write = async |before: Transaction, after: Transaction| {
                let tx = db.begin().await.unwrap();
                tx.write_and_commit(vec![update(std::iter::once((&before, &after)))]).await
            };
            write(before.clone(), refunded(600)).await.unwrap();
            let error = write(before.clone(), refunded(700)).await.unwrap_err();
            assert!(error.is_transient() || db.engine() == db::Engine::Sqlite, "{error:?}");
            let reversed = Transaction { status: TransactionStatus::Reversed, ..before.clone() };
            write(reversed, refunded(700)).await.unwrap_err();
            write(refunded(600), refunded(1_001)).await.unwrap_err();
            assert_eq!(by_ids(&db, &[before.id]).await.unwrap(), [refunded(600)]);
            write(refunded(600), refunded(1_000)).await.unwrap();
        });
    }
}
