//! The rows of `auth_unproved_spending`.

use super::WINDOW_SECONDS;
use db::{Executor, Result, Tx, WallTime, params, statements};
use ids::UserId;
use money::{Currency, Money};

statements! {
    /// One statement, so that of many at once each sees what the others have taken.
    RESERVE_SPENDING -> WallTime =
        "INSERT INTO auth_unproved_spending (user_id, currency, since, minor) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id, currency) DO UPDATE SET
             minor = CASE WHEN auth_unproved_spending.since <= $5 THEN $4 ELSE auth_unproved_spending.minor + $4 END,
             since = CASE WHEN auth_unproved_spending.since <= $5 THEN $3 ELSE auth_unproved_spending.since END
         WHERE auth_unproved_spending.since <= $5 OR auth_unproved_spending.minor <= $6
         RETURNING since";
    SELECT_SPENDING -> i64 =
        "SELECT minor FROM auth_unproved_spending WHERE user_id = $1 AND currency = $2 AND since > $3";
    GIVE_SPENDING_BACK =
        "UPDATE auth_unproved_spending SET minor = minor - $3
         WHERE user_id = $1 AND currency = $2 AND since = $4 AND minor >= $3";
    FORGET_SPENDING =
        "DELETE FROM auth_unproved_spending WHERE user_id = $1";
}

/// Counts the money, which itself is at most the limit; gives since when its count runs, or `None` when there would be
/// more than the limit.
pub(super) async fn reserve_in_tx(
    tx: &Tx,
    user_id: UserId,
    money: Money,
    limit_minor: i64,
    now: WallTime,
) -> Result<Option<WallTime>> {
    let currency = money.currency();
    let room = limit_minor - money.minor();
    let over = now.plus_seconds(-WINDOW_SECONDS);
    let row = params![user_id, currency.code(), now, money.minor(), over, room];
    tx.query_optional(&RESERVE_SPENDING, row).await
}

/// What counts against the person's limit just now.
pub(super) async fn counted(on: &impl Executor, user_id: UserId, currency: Currency, now: WallTime) -> Result<i64> {
    let over = now.plus_seconds(-WINDOW_SECONDS);
    Ok(on.query_optional(&SELECT_SPENDING, params![user_id, currency.code(), over]).await?.unwrap_or(0))
}

/// Nothing, when the count has begun anew since.
pub(super) async fn give_back_in_tx(tx: &Tx, user_id: UserId, money: Money, since: WallTime) -> Result<()> {
    let currency = money.currency();
    tx.execute(&GIVE_SPENDING_BACK, params![user_id, currency.code(), money.minor(), since]).await.map(drop)
}

pub(super) async fn forget_in_tx(tx: &Tx, user_id: UserId) -> Result<()> {
    tx.execute(&FORGET_SPENDING, params![user_id]).await.map(drop)
}
