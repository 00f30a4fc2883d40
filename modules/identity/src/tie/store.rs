//! The rows of `auth_tie`.

use super::{Deed, Tie};
use db::{Executor, Result, Tx, Value, WallTime, columns, fields, params, statements};
use ids::UserId;

fields! {
    Text: Deed, Deed::parse, |deed| deed.word();
}

columns! {
    Tie { person = person_id, other = other_id, deed, at = tied_at, knows_password }
}

statements! {
    PUT_TIE(Tie) =
        "INSERT INTO auth_tie ({columns}) VALUES ({values})
         ON CONFLICT (person_id, other_id, deed)
         DO UPDATE SET tied_at = excluded.tied_at, knows_password = excluded.knows_password";
    SELECT_TIES -> Tie =
        "SELECT {columns} FROM auth_tie
         WHERE person_id = ANY($1) AND (knows_password OR tied_at > $2)";
    UPDATE_TIES_OF_PASSWORD =
        "UPDATE auth_tie SET knows_password = FALSE, tied_at = $2 WHERE person_id = $1 AND knows_password";
    DELETE_OLD_TIES =
        "DELETE FROM auth_tie WHERE (person_id, other_id, deed) IN
             (SELECT person_id, other_id, deed FROM auth_tie WHERE tied_at <= $1 AND NOT knows_password LIMIT $2)";
}

/// Done again, it counts from now on.
pub(super) async fn put_in_tx(tx: &Tx, tie: &Tie) -> Result<()> {
    tx.execute_rows(&PUT_TIE, [*tie]).await.map(drop)
}

/// What was done to these people since the instant, or ties them still.
pub(super) async fn counting_in_tx(tx: &Tx, people: &[UserId], since: WallTime) -> Result<Vec<Tie>> {
    tx.query_as(&SELECT_TIES, params![Value::list(people.iter().copied()), since]).await
}

/// From now on nobody else knows the person's password; what was done with it before still counts.
pub(crate) async fn forget_password_in_tx(tx: &Tx, person: UserId, now: WallTime) -> Result<()> {
    tx.execute(&UPDATE_TIES_OF_PASSWORD, params![person, now]).await.map(drop)
}

/// Forgets what says nothing any more.
pub(crate) async fn delete_old_in_tx(tx: &Tx, now: WallTime, limit: u32) -> Result<u64> {
    tx.execute(&DELETE_OLD_TIES, params![now.plus_seconds(-super::TIE_SECONDS), limit]).await
}
