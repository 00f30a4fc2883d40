//! The rows of `payments_cash_counted`.

use super::{COUNTED_MINOR_MAX, WINDOW_SECONDS};
use db::{Db, Executor as _, Result, Tx, WallTime, params, statements};
use ids::UserId;
use money::{Currency, Money};
use std::collections::BTreeMap;

statements! {
    /// One statement, so that of many at once each sees what the others have taken.
    COUNT_CASH -> WallTime =
        "INSERT INTO payments_cash_counted (user_id, currency, since, minor) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id, currency) DO UPDATE SET
             minor = CASE WHEN payments_cash_counted.since <= $5 THEN $4 ELSE payments_cash_counted.minor + $4 END,
             since = CASE WHEN payments_cash_counted.since <= $5 THEN $3 ELSE payments_cash_counted.since END
         WHERE payments_cash_counted.since <= $5 OR payments_cash_counted.minor <= $6
         RETURNING since";
    SELECT_CASH_COUNTED -> i64 =
        "SELECT minor FROM payments_cash_counted WHERE user_id = $1 AND currency = $2 AND since > $3";
    GIVE_CASH_BACK =
        "UPDATE payments_cash_counted SET minor = minor - $3
         WHERE user_id = $1 AND currency = $2 AND since = $4 AND minor >= $3";
}

/// Counts the money, which itself is at most the limit; gives since when its count runs, or `None` when there would be
/// more than the limit.
pub(super) async fn reserve_in_tx(tx: &Tx, user_id: UserId, money: Money, now: WallTime) -> Result<Option<WallTime>> {
    let over = now.plus_seconds(-WINDOW_SECONDS);
    let room = COUNTED_MINOR_MAX - money.minor();
    let row = params![user_id, money.currency().code(), now, money.minor(), over, room];
    tx.query_optional(&COUNT_CASH, row).await
}

/// How much counts by now, in minor units.
pub(super) async fn counted_in_tx(tx: &Tx, user_id: UserId, currency: Currency, now: WallTime) -> Result<i64> {
    let over = now.plus_seconds(-WINDOW_SECONDS);
    let counted = tx.query_optional(&SELECT_CASH_COUNTED, params![user_id, currency.code(), over]).await?;
    Ok(counted.unwrap_or_default())
}

/// Nothing of a currency whose count has begun anew since.
pub(super) async fn give_back(
    db: &Db,
    user_id: UserId,
    moneys: &BTreeMap<String, Money>,
    since: &BTreeMap<String, WallTime>,
) -> Result<()> {
    let tx = db.begin().await?;
    for (code, money) in moneys {
        if let Some(since) = since.get(code) {
            tx.execute(&GIVE_CASH_BACK, params![user_id, code.as_str(), money.minor(), *since]).await?;
        }
    }
    tx.commit().await
}
