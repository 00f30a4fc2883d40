//! The legs of bookings with more than two: writing and reading them.

use super::store::StoredSide;
use super::{BookedLeg, Transaction};
use db::{Executor, Result, Rows, Statement, Tx, Value, columns, params, statements};
use ids::{AccountId, TransactionId, UserId};
use money::Money;
use std::collections::HashMap;

columns! {
    struct LegRow {
        transaction: TransactionId = transaction_id, position: i64, side: StoredSide = "*", money: Money = "*"
    }
}

statements! {
    SELECT_LEGS -> LegRow =
        "SELECT {columns} FROM payments_leg WHERE transaction_id = ANY($1) ORDER BY transaction_id, position";
    INSERT_LEGS(LegRow) = "INSERT INTO payments_leg ({columns}) VALUES ({values})";
    ASSIGN_LEG_HOLDER =
        "UPDATE payments_leg SET holder_id = $2 WHERE account_id = $1 AND holder_id IS NULL AND NOT is_own";
}

/// Gives bookings their legs. Where none of the transactions is one, nothing is asked.
pub(super) async fn with_legs(on: &impl Executor, mut transactions: Vec<Transaction>) -> Result<Vec<Transaction>> {
    let booked = transactions.iter().filter(|transaction| transaction.booked.is_some());
    let booked: Vec<TransactionId> = booked.map(|transaction| transaction.id).collect();
    if booked.is_empty() {
        return Ok(transactions);
    }
    let mut legs: HashMap<TransactionId, Vec<BookedLeg>> = HashMap::new();
    for LegRow { transaction, side, money, .. } in on.query_as(&SELECT_LEGS, params![Value::list(booked)]).await? {
        legs.entry(transaction).or_default().push(BookedLeg { side: side.into(), money });
    }
    for transaction in &mut transactions {
        if let Some(booked) = &mut transaction.booked {
            booked.legs = legs.remove(&transaction.id).unwrap_or_default();
        }
    }
    Ok(transactions)
}

pub(super) fn insert<'a>(bookings: impl Iterator<Item = &'a Transaction>) -> (&'static Statement, Rows) {
    let legs = |booking: &'a Transaction| booking.booked.iter().flat_map(|booked| &booked.legs).zip(0..);
    let row = |(transaction, (leg, position)): (TransactionId, (&BookedLeg, i64))| LegRow {
        transaction,
        position,
        side: leg.side.into(),
        money: leg.money,
    };
    INSERT_LEGS.rows(bookings.flat_map(|booking| legs(booking).map(|leg| (booking.id, leg))).map(row))
}

pub(super) async fn assign_holder_in_tx(tx: &Tx, account: AccountId, holder: UserId) -> Result<()> {
    tx.execute(&ASSIGN_LEG_HOLDER, params![account, holder]).await.map(drop)
}
