//! The rows of `auth_tie`.

use super::{Deed, Tie};
use db::{DbError, Executor, FromRow, Result, Row, Tx, Value, WallTime, params, statements};
use ids::UserId;

statements! {
    PUT_TIE =
        "INSERT INTO auth_tie (person_id, other_id, deed, tied_at, knows_password) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (person_id, other_id, deed)
         DO UPDATE SET tied_at = excluded.tied_at, knows_password = excluded.knows_password";
    SELECT_TIES =
        "SELECT person_id, other_id, deed, tied_at, knows_password FROM auth_tie
         WHERE person_id = ANY($1) AND (knows_password OR tied_at > $2)";
    UPDATE_TIES_OF_PASSWORD =
        "UPDATE auth_tie SET knows_password = FALSE, tied_at = $2 WHERE person_id = $1 AND knows_password";
    DELETE_OLD_TIES =
        "DELETE FROM auth_tie WHERE (person_id, other_id, deed) IN
             (SELECT person_id, other_id, deed FROM auth_tie WHERE tied_at <= $1 AND NOT knows_password LIMIT $2)";
}

/// Done again, it counts from now on.
pub(super) async fn put_in_tx(tx: &Tx, tie: &Tie) -> Result<()> {
    let row = params![tie.person, tie.other, tie.deed.word(), tie.at, tie.knows_password];
    tx.execute(&PUT_TIE, row).await.map(drop)
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

impl FromRow for Tie {
    fn from_row(row: &Row) -> Result<Self> {
        let deed = Deed::parse(&row.get::<String>(2)?);
        Ok(Self {
            person: UserId::from_uuid(row.get(0)?),
            other: UserId::from_uuid(row.get(1)?),
            deed: deed.ok_or_else(|| DbError::Internal("auth_tie has an unknown deed".to_owned()))?,
            at: row.get(3)?,
            knows_password: row.get(4)?,
        })
    }
}
