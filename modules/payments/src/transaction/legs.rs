//! The legs of bookings with more than two: writing and reading them.

use super::{BalanceAfter, BookedLeg, Side, Transaction};
use db::{DbError, Executor, FromRow, Result, Row, Rows, Statement, Tx, Value, params, statements};
use ids::{AccountId, TransactionId, UserId};
use money::{Currency, Money};
use std::collections::HashMap;

statements! {
    SELECT_LEGS =
        "SELECT transaction_id, account_id, holder_id, is_own, currency, amount_minor, balance_minor, available_minor
         FROM payments_leg WHERE transaction_id = ANY($1) ORDER BY transaction_id, position";
    INSERT_LEGS(Id, Id, Int, Id, Bool, Text, Int, Int, Int) =
        "INSERT INTO payments_leg (transaction_id, account_id, position, holder_id, is_own, currency, amount_minor,
                                   balance_minor, available_minor)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    ASSIGN_LEG_HOLDER =
        "UPDATE payments_leg SET holder_id = $2 WHERE account_id = $1 AND holder_id IS NULL AND NOT is_own";
}

struct LegRow {
    transaction: TransactionId,
    leg: BookedLeg,
}

impl FromRow for LegRow {
    fn from_row(row: &Row) -> Result<Self> {
        let unknown = |_| DbError::Internal("a leg has an unknown currency".to_owned());
        let currency = Currency::parse(&row.get::<String>(4)?).map_err(unknown)?;
        let side = Side {
            account: AccountId::from_uuid(row.get(1)?),
            holder: row.get::<Option<_>>(2)?.map(UserId::from_uuid),
            is_own: row.get(3)?,
            balance_after: Some(BalanceAfter { posted_minor: row.get(6)?, available_minor: row.get(7)? }),
        };
        let leg = BookedLeg { side, money: Money::new(row.get(5)?, currency) };
        Ok(Self { transaction: TransactionId::from_uuid(row.get(0)?), leg })
    }
}

/// Gives bookings their legs. Where none of the transactions is one, nothing is asked.
pub(super) async fn with_legs(on: &impl Executor, mut transactions: Vec<Transaction>) -> Result<Vec<Transaction>> {
    let booked = transactions.iter().filter(|transaction| transaction.booked.is_some());
    let booked: Vec<TransactionId> = booked.map(|transaction| transaction.id).collect();
    if booked.is_empty() {
        return Ok(transactions);
    }
    let rows: Vec<LegRow> = on.query_as(&SELECT_LEGS, params![Value::list(booked)]).await?;
    let mut legs: HashMap<TransactionId, Vec<BookedLeg>> = HashMap::new();
    for LegRow { transaction, leg } in rows {
        legs.entry(transaction).or_default().push(leg);
    }
    for transaction in &mut transactions {
        if let Some(booked) = &mut transaction.booked {
            booked.legs = legs.remove(&transaction.id).unwrap_or_default();
        }
    }
    Ok(transactions)
}

pub(super) fn insert<'a>(bookings: impl Iterator<Item = &'a Transaction>) -> (&'static Statement, Rows) {
    let mut rows = Rows::new();
    for booking in bookings {
        for (leg, position) in booking.booked.iter().flat_map(|booked| &booked.legs).zip(0_i64..) {
            let after = leg.side.balance_after.expect("a leg is booked with the balances after it");
            rows.push([
                booking.id.into(),
                leg.side.account.into(),
                position.into(),
                leg.side.holder.into(),
                leg.side.is_own.into(),
                leg.money.currency().code().into(),
                leg.money.minor().into(),
                after.posted_minor.into(),
                after.available_minor.into(),
            ]);
        }
    }
    (&INSERT_LEGS, rows)
}

pub(super) async fn assign_holder_in_tx(tx: &Tx, account: AccountId, holder: UserId) -> Result<()> {
    tx.execute(&ASSIGN_LEG_HOLDER, params![account, holder]).await.map(drop)
}
