//! The transactions' SQL: writing what changed, and reading. How a list is put together is in `list.rs`.

use super::list::{PageRequest, TransactionFilter};
use super::{BalanceAfter, Side, Transaction, TransactionStatus, TransactionType};
use events::Actor;
use ids::{AccountId, TransactionId, UserId};
use money::{Currency, Money};
use store::{Executor, FromRow, Result, Row, Rows, Statement, StoreError, Tx, Value, params, statements};

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

/// What is read: a new transaction has no refunds yet, so that writing one costs nothing for them.
macro_rules! all_columns {
    () => {
        concat!(columns!(), ", refunded_minor")
    };
}

/// The conditions of a list, behind the parameters of where it is looked for.
macro_rules! filters {
    () => {
        "AND (CAST($4 AS TEXT) IS NULL OR type = CAST($4 AS TEXT)) \
         AND (CAST($5 AS TEXT) IS NULL OR status = CAST($5 AS TEXT)) \
         AND (CAST($6 AS TIMESTAMPTZ) IS NULL OR created_at >= CAST($6 AS TIMESTAMPTZ)) \
         AND (CAST($7 AS TIMESTAMPTZ) IS NULL OR created_at < CAST($7 AS TIMESTAMPTZ)) \
         AND (CAST($8 AS BIGINT) IS NULL OR amount_minor >= CAST($8 AS BIGINT)) \
         AND (CAST($9 AS BIGINT) IS NULL OR amount_minor <= CAST($9 AS BIGINT)) \
         ORDER BY id DESC LIMIT $3"
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
    SELECT_FILTERED = concat!("SELECT ", all_columns!(), " FROM payments_transaction WHERE id = ANY($1) AND id < $2 ", filters!());
    SELECT_ALL = concat!(
        "SELECT ", all_columns!(), " FROM payments_transaction WHERE CAST($1 AS BIGINT) = 0 AND id < $2 ", filters!()
    );
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
    UPDATE_TRANSACTIONS(Id, Text, Text, Int, Id, Time, Int, Int, Int, Int, Int) =
        "UPDATE payments_transaction SET status = $2, status_reason = $3, captured_minor = $4, counter_id = $5,
             settled_at = $6, source_balance_minor = $7, source_available_minor = $8, destination_balance_minor = $9,
             destination_available_minor = $10, refunded_minor = $11
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
    on.query_as(&SELECT_TRANSACTIONS, params![Value::list(ids.iter().copied())]).await
}

/// Those of the transactions that the filter lets through, newest first.
pub(crate) async fn filtered(
    on: &impl Executor,
    ids: &[TransactionId],
    filter: &TransactionFilter,
) -> Result<Vec<Transaction>> {
    let page = PageRequest { before: None, limit: u32::try_from(ids.len()).unwrap_or(u32::MAX) };
    select(on, &SELECT_FILTERED, Value::list(ids.iter().copied()), (filter, page)).await
}

/// A page of everybody's.
pub(crate) async fn all(on: &impl Executor, filter: &TransactionFilter, page: PageRequest) -> Result<Vec<Transaction>> {
    select(on, &SELECT_ALL, Value::Int(0), (filter, page)).await
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

async fn select(
    on: &impl Executor,
    statement: &'static Statement,
    looked_for: Value,
    (filter, page): (&TransactionFilter, PageRequest),
) -> Result<Vec<Transaction>> {
    let newest = TransactionId::from_uuid(uuid::Uuid::max());
    let parameters = params![
        looked_for,
        page.before.unwrap_or(newest),
        page.limit,
        filter.kind.map(TransactionType::word),
        filter.status.map(TransactionStatus::word),
        filter.from,
        filter.to,
        filter.min_amount_minor,
        filter.max_amount_minor
    ];
    on.query_as(statement, parameters).await
}

/// What moved on an account while it was nobody's becomes its owner's.
pub(crate) async fn assign_holder_in_tx(tx: &Tx, account: AccountId, holder: UserId) -> Result<()> {
    tx.execute(&ASSIGN_SOURCE_HOLDER, params![account, holder]).await?;
    tx.execute(&ASSIGN_DESTINATION_HOLDER, params![account, holder]).await.map(drop)
}

pub(crate) fn insert<'a>(transactions: impl Iterator<Item = &'a Transaction>) -> (&'static Statement, Rows) {
    let mut rows = Rows::new();
    for transaction in transactions {
        let [source_posted, source_available] = balances(&transaction.source);
        let [destination_posted, destination_available] = balances(&transaction.destination);
        let [user, credential, credential_id, client, on_behalf_of] = Actor::values(transaction.started_by);
        rows.push([
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
        ]);
    }
    (&INSERT_TRANSACTIONS, rows)
}

pub(crate) fn update<'a>(transactions: impl Iterator<Item = &'a Transaction>) -> (&'static Statement, Rows) {
    let mut rows = Rows::new();
    for transaction in transactions {
        let [source_posted, source_available] = balances(&transaction.source);
        let [destination_posted, destination_available] = balances(&transaction.destination);
        rows.push([
            transaction.id.into(),
            transaction.status.word().into(),
            transaction.status_reason.clone().into(),
            transaction.captured_minor.into(),
            transaction.counter.into(),
            transaction.settled_at.into(),
            source_posted,
            source_available,
            destination_posted,
            destination_available,
            Some(transaction.refunded_minor).filter(|minor| *minor > 0).into(),
        ]);
    }
    (&UPDATE_TRANSACTIONS, rows)
}

fn balances(side: &Side) -> [Value; 2] {
    [
        side.balance_after.map(|after| after.posted_minor).into(),
        side.balance_after.map(|after| after.available_minor).into(),
    ]
}

impl FromRow for Transaction {
    fn from_row(row: &Row) -> Result<Self> {
        let unknown = |what: &str| StoreError::Internal(format!("a transaction has an unknown {what}"));
        let side = |account: usize, holder: usize, posted: usize| -> Result<Side> {
            let amounts: (Option<i64>, Option<i64>) = (row.get(posted)?, row.get(posted + 1)?);
            let balance_after = amounts
                .0
                .zip(amounts.1)
                .map(|(posted_minor, available_minor)| BalanceAfter { posted_minor, available_minor });
            Ok(Side {
                account: AccountId::from_uuid(row.get(account)?),
                holder: row.get::<Option<_>>(holder)?.map(UserId::from_uuid),
                balance_after,
            })
        };
        let currency = Currency::parse(&row.get::<String>(10)?).map_err(|_| unknown("currency"))?;
        Ok(Self {
            id: TransactionId::from_uuid(row.get(0)?),
            kind: TransactionType::parse(&row.get::<String>(1)?).ok_or_else(|| unknown("type"))?,
            status: TransactionStatus::parse(&row.get::<String>(2)?).ok_or_else(|| unknown("status"))?,
            status_reason: row.get(3)?,
            source: side(4, 6, 19)?,
            destination: side(5, 7, 21)?,
            money: Money::new(row.get(8)?, currency),
            captured_minor: row.get(9)?,
            refunded_minor: row.get::<Option<_>>(23)?.unwrap_or_default(),
            description: row.get(11)?,
            metadata: row.get(12)?,
            original: row.get::<Option<_>>(13)?.map(TransactionId::from_uuid),
            counter: row.get::<Option<_>>(14)?.map(TransactionId::from_uuid),
            value_date: row.get(15)?,
            created_at: row.get(16)?,
            settled_at: row.get(17)?,
            expires_at: row.get(18)?,
            started_by: Actor::read(row, 23)?,
        })
    }
}
