//! The transactions' SQL: writing what changed, and the lists.

use super::{BalanceAfter, Side, Transaction, TransactionStatus, TransactionType};
use ids::{AccountId, TransactionId, UserId};
use money::{Currency, Money};
use store::{Executor, FromRow, Result, Row, Rows, Statement, StoreError, Timestamp, Tx, Value, params, statements};

macro_rules! columns {
    () => {
        "id, type, status, status_reason, source_account_id, destination_account_id, source_holder_id, \
         destination_holder_id, amount_minor, captured_minor, currency, description, metadata, original_id, counter_id, \
         value_date, created_at, settled_at, expires_at, source_balance_minor, source_available_minor, \
         destination_balance_minor, destination_available_minor"
    };
}

/// The conditions of a list: $2 the cursor, then the filters, then the length of the page.
macro_rules! filters {
    () => {
        "id < $2 AND (CAST($3 AS TEXT) IS NULL OR type = CAST($3 AS TEXT)) \
         AND (CAST($4 AS TEXT) IS NULL OR status = CAST($4 AS TEXT)) \
         AND (CAST($5 AS TIMESTAMPTZ) IS NULL OR created_at >= CAST($5 AS TIMESTAMPTZ)) \
         AND (CAST($6 AS TIMESTAMPTZ) IS NULL OR created_at < CAST($6 AS TIMESTAMPTZ)) \
         AND (CAST($7 AS BIGINT) IS NULL OR amount_minor >= CAST($7 AS BIGINT)) \
         AND (CAST($8 AS BIGINT) IS NULL OR amount_minor <= CAST($8 AS BIGINT)) \
         ORDER BY id DESC LIMIT $9"
    };
}

/// Where the accounts pay and where they are paid. Of one account no transaction is both; of several it can be.
macro_rules! both_sides {
    ($accounts:literal, $union:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM (SELECT * FROM payments_transaction WHERE source_account_id ",
            $accounts,
            " AND ",
            filters!(),
            ") AS s ",
            $union,
            " SELECT ",
            columns!(),
            " FROM (SELECT * FROM payments_transaction WHERE destination_account_id ",
            $accounts,
            " AND ",
            filters!(),
            ") AS d ORDER BY id DESC LIMIT $9"
        )
    };
}

statements! {
    SELECT_TRANSACTIONS = concat!("SELECT ", columns!(), " FROM payments_transaction WHERE id = ANY($1)");
    SELECT_OF_ACCOUNT = both_sides!("= $1", "UNION ALL");
    SELECT_OF_ACCOUNTS = both_sides!("= ANY($1)", "UNION");
    SELECT_ALL = concat!("SELECT ", columns!(), " FROM payments_transaction WHERE CAST($1 AS BIGINT) = 0 AND ", filters!());
    INSERT_TRANSACTIONS(
        Id, Text, Text, Text, Id, Id, Id, Id, Int, Int, Text, Text, Text, Id, Id, Date, Time, Time, Time, Int, Int, Int, Int
    ) = concat!(
        "INSERT INTO payments_transaction (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, \
         $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)"
    );
    UPDATE_TRANSACTIONS(Id, Text, Text, Int, Id, Time, Int, Int, Int, Int) =
        "UPDATE payments_transaction SET status = $2, status_reason = $3, captured_minor = $4, counter_id = $5,
             settled_at = $6, source_balance_minor = $7, source_available_minor = $8, destination_balance_minor = $9,
             destination_available_minor = $10
         WHERE id = $1";
    ASSIGN_SOURCE_HOLDER =
        "UPDATE payments_transaction SET source_holder_id = $2
         WHERE source_account_id = $1 AND source_holder_id IS NULL";
    ASSIGN_DESTINATION_HOLDER =
        "UPDATE payments_transaction SET destination_holder_id = $2
         WHERE destination_account_id = $1 AND destination_holder_id IS NULL";
}

/// Which transactions a list shows; an absent filter shows all.
#[derive(Clone, Debug, Default)]
pub struct TransactionFilter {
    /// Of this type.
    pub kind: Option<TransactionType>,
    /// In this status.
    pub status: Option<TransactionStatus>,
    /// Made at or after this instant.
    pub from: Option<Timestamp>,
    /// Made before this instant.
    pub to: Option<Timestamp>,
    /// Of at least this many minor units.
    pub min_amount_minor: Option<i64>,
    /// Of at most this many minor units.
    pub max_amount_minor: Option<i64>,
}

/// Up to so many accounts are searched one by one; a customer rarely has more.
const ACCOUNTS_ONE_BY_ONE_MAX: usize = 16;

/// Part of a list, newest first.
#[derive(Clone, Copy, Debug)]
pub struct PageRequest {
    /// Only what is older than this one.
    pub before: Option<TransactionId>,
    /// At most this many.
    pub limit: u32,
}

pub(crate) async fn by_ids(on: &impl Executor, ids: &[TransactionId]) -> Result<Vec<Transaction>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    on.query_as(&SELECT_TRANSACTIONS, params![Value::list(ids.iter().copied())]).await
}

/// Of the given accounts, or of all when there is no list of them.
pub(crate) async fn list(
    on: &impl Executor,
    accounts: Option<&[AccountId]>,
    filter: &TransactionFilter,
    page: PageRequest,
) -> Result<Vec<Transaction>> {
    match accounts {
        // Account by account, each list comes out of an index in order, however long the history is.
        Some(accounts) if accounts.len() <= ACCOUNTS_ONE_BY_ONE_MAX => {
            let mut found = Vec::new();
            for account in accounts {
                found.extend(select(on, &SELECT_OF_ACCOUNT, (*account).into(), filter, page).await?);
            }
            found.sort_unstable_by_key(|transaction| std::cmp::Reverse(transaction.id));
            // Between two of the accounts it was found on both.
            found.dedup_by_key(|transaction| transaction.id);
            found.truncate(usize::try_from(page.limit).unwrap_or(usize::MAX));
            Ok(found)
        }
        Some(accounts) => select(on, &SELECT_OF_ACCOUNTS, Value::list(accounts.iter().copied()), filter, page).await,
        None => select(on, &SELECT_ALL, Value::Int(0), filter, page).await,
    }
}

async fn select(
    on: &impl Executor,
    statement: &'static Statement,
    accounts: Value,
    filter: &TransactionFilter,
    page: PageRequest,
) -> Result<Vec<Transaction>> {
    let newest = TransactionId::from_uuid(uuid::Uuid::max());
    let parameters = params![
        accounts,
        page.before.unwrap_or(newest),
        filter.kind.map(TransactionType::word),
        filter.status.map(TransactionStatus::word),
        filter.from,
        filter.to,
        filter.min_amount_minor,
        filter.max_amount_minor,
        page.limit
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
            description: row.get(11)?,
            metadata: row.get(12)?,
            original: row.get::<Option<_>>(13)?.map(TransactionId::from_uuid),
            counter: row.get::<Option<_>>(14)?.map(TransactionId::from_uuid),
            value_date: row.get(15)?,
            created_at: row.get(16)?,
            settled_at: row.get(17)?,
            expires_at: row.get(18)?,
        })
    }
}
