//! The transactions' SQL: writing what changed, and reading. How a list is put together is in `list.rs`, the legs of bookings
//! are in `legs.rs`.

use super::filter::TransactionFilter;
use super::legs;
use super::{BalanceAfter, Booked, Side, Transaction, TransactionStatus, TransactionType};
use db::{BankTime, Date, Executor, Result, Rows, Select, Statement, Tx, Value, columns, params, statements};
use ids::{AccountId, TransactionId, UserId};

columns! {
    Transaction {
        id, kind = type, status, status_reason, source = "source_*" as StoredSide,
        destination = "destination_*" as StoredSide, money = "*", captured_minor,
        refunded_minor = "refunded_*" as Refunded, description, metadata, original = original_id, counter = counter_id,
        value_date, created_at, settled_at, expires_at, started_by = "actor_*", booked = "*" as StoredBooked
    }
    /// Of a transaction that is no booking whether a side is the bank's own is not stored.
    pub(super) struct StoredSide {
        account: AccountId = account_id, holder: Option<UserId> = holder_id, is_own: Option<bool>,
        balance_after: Option<BalanceAfter> = "*"
    }
    BalanceAfter { posted_minor = balance_minor, available_minor }
    /// Absent while there are no refunds.
    struct Refunded { minor: Option<i64> }
    /// The legs are in a table of their own.
    struct StoredBooked { word: Option<String> = booked_as, legs: Option<i64> }
    /// What changes of a transaction, and what is still to be so.
    struct Change {
        id: TransactionId, status: TransactionStatus, status_reason: Option<String>, captured_minor: Option<i64>,
        counter: Option<TransactionId> = counter_id, settled_at: Option<BankTime>, value_date: Date,
        source: Option<BalanceAfter> = "source_*", destination: Option<BalanceAfter> = "destination_*",
        refunded: Refunded = "refunded_*", was_status: TransactionStatus, was_refunded: Refunded = "was_refunded_*"
    }
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
    SELECT_TRANSACTIONS -> Transaction = "SELECT {columns} FROM payments_transaction WHERE id = ANY($1)";
    // For replays: identifiers rise with bank time, those of imported histories with their value dates.
    WALK_IN_ORDER -> Transaction = "SELECT {columns} FROM payments_transaction ORDER BY id";
    SELECT_FILTERED -> Transaction =
        concat!("SELECT {columns} FROM payments_transaction WHERE id = ANY($1) ", filters!());
    SELECT_NEWEST -> TransactionId = "SELECT id FROM payments_transaction WHERE id < $1 ORDER BY id DESC LIMIT $2";
    SELECT_HELD_FROM -> TransactionId = held!("source_account_id = $1");
    SELECT_HELD_FOR -> TransactionId = held!("destination_account_id = $1");
    SELECT_HELD_FROM_MANY -> TransactionId = held!("source_account_id = ANY($1)");
    SELECT_HELD_FOR_MANY -> TransactionId = held!("destination_account_id = ANY($1)");
    SELECT_COUNTERING -> TransactionId =
        "SELECT id FROM payments_transaction WHERE original_id = $1 AND original_id IS NOT NULL AND id < $2
         ORDER BY id DESC LIMIT $3";
    // What only bookings have, and refunds, which come later, cost nothing here.
    INSERT_TRANSACTIONS(Transaction) =
        "INSERT INTO payments_transaction
             ({columns except source_is_own, destination_is_own, refunded_minor, booked_as, legs}) VALUES ({values})";
    INSERT_BOOKINGS(Transaction) =
        "INSERT INTO payments_transaction ({columns except refunded_minor}) VALUES ({values})";
    // Where it is no longer as it was decided on, the database refuses the whole batch, as with balances.
    UPDATE_TRANSACTIONS(Change) =
        "UPDATE payments_transaction SET status = $status, status_reason = $status_reason, captured_minor = $captured_minor,
             counter_id = $counter_id, settled_at = $settled_at, source_balance_minor = $source_balance_minor,
             source_available_minor = $source_available_minor, destination_balance_minor = $destination_balance_minor,
             destination_available_minor = $destination_available_minor, refunded_minor = $refunded_minor,
             value_date = $value_date,
             amount_minor = CASE WHEN status = $was_status AND refunded_minor IS NOT DISTINCT FROM $was_refunded_minor
                                 THEN amount_minor ELSE store_lost_race() END
         WHERE id = $id";
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
    on.query_as(&SELECT_NEWEST, params![before, limit]).await
}

/// What refunds or reverses a transaction, the newest first.
pub(crate) async fn countering(
    on: &impl Executor,
    original: TransactionId,
    before: TransactionId,
    limit: u32,
) -> Result<Vec<TransactionId>> {
    on.query_as(&SELECT_COUNTERING, params![original, before, limit]).await
}

/// What was, or is, held on one of the accounts or for one of them: the newest first, each side by itself.
pub(crate) async fn held_before(
    on: &impl Executor,
    accounts: &[AccountId],
    before: TransactionId,
    limit: u32,
) -> Result<Vec<TransactionId>> {
    // Of one account they come out of the index in order.
    let (statements, of): ([&Select<TransactionId>; 2], Value) = match accounts {
        [account] => ([&SELECT_HELD_FROM, &SELECT_HELD_FOR], (*account).into()),
        many => ([&SELECT_HELD_FROM_MANY, &SELECT_HELD_FOR_MANY], Value::list(many.iter().copied())),
    };
    let mut held = Vec::new();
    for statement in statements {
        held.extend(on.query_as(statement, params![of.clone(), before, limit]).await?);
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
    [insert(others), INSERT_BOOKINGS.rows(booked.clone().cloned()), legs::insert(booked)]
}

/// New transactions that are no bookings.
pub(crate) fn insert<'a>(transactions: impl Iterator<Item = &'a Transaction>) -> (&'static Statement, Rows) {
    INSERT_TRANSACTIONS.rows(transactions.cloned())
}

/// Each as it was loaded, and as it is now.
pub(crate) fn update<'a>(
    changes: impl Iterator<Item = (&'a Transaction, &'a Transaction)>,
) -> (&'static Statement, Rows) {
    UPDATE_TRANSACTIONS.rows(changes.map(|(before, after)| Change {
        id: after.id,
        status: after.status,
        status_reason: after.status_reason.clone(),
        captured_minor: after.captured_minor,
        counter: after.counter,
        settled_at: after.settled_at,
        value_date: after.value_date,
        source: after.source.balance_after,
        destination: after.destination.balance_after,
        refunded: after.refunded_minor.into(),
        was_status: before.status,
        was_refunded: before.refunded_minor.into(),
    }))
}

impl From<StoredSide> for Side {
    fn from(StoredSide { account, holder, is_own, balance_after }: StoredSide) -> Self {
        let is_own = is_own.unwrap_or_else(|| ledger::is_line_account(account));
        Self { account, holder, is_own, balance_after }
    }
}

impl From<Side> for StoredSide {
    fn from(Side { account, holder, is_own, balance_after }: Side) -> Self {
        Self { account, holder, is_own: Some(is_own), balance_after }
    }
}

impl From<Refunded> for i64 {
    fn from(Refunded { minor }: Refunded) -> Self {
        minor.unwrap_or_default()
    }
}

impl From<i64> for Refunded {
    fn from(minor: i64) -> Self {
        Self { minor: Some(minor).filter(|minor| *minor > 0) }
    }
}

impl From<StoredBooked> for Option<Box<Booked>> {
    fn from(StoredBooked { word, .. }: StoredBooked) -> Self {
        word.map(|word| Box::new(Booked { word, legs: Vec::new() }))
    }
}

impl From<Option<Box<Booked>>> for StoredBooked {
    fn from(booked: Option<Box<Booked>>) -> Self {
        let legs = booked.as_ref().map(|booked| booked.legs.len()).filter(|legs| *legs > 0);
        let legs = legs.map(|legs| i64::try_from(legs).expect("the legs are bounded"));
        Self { word: booked.map(|booked| booked.word), legs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use money::{Currency, Money};

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
