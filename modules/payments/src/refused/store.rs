//! The rows of `payments_refusal`.

use super::{RefusalFilter, Refused};
use db::{Db, Executor, Result, Rows, Statement, WallTime, columns, params, statements};
use ids::RefusalId;
use uuid::Uuid;

columns! {
    Refused {
        id, at = happened_at, actor = "actor_*", request_id, command, reason, figures, transaction = transaction_id,
        source = source_account_id, destination = destination_account_id, money = "*"
    }
}

/// $1: the cursor, $2: the length of the page, $3: what is looked for.
macro_rules! page {
    ($condition:literal) => {
        concat!("SELECT {columns} FROM payments_refusal WHERE id < $1 ", $condition, " ORDER BY id DESC LIMIT $2")
    };
}

statements! {
    INSERT_REFUSALS(Refused) = "INSERT INTO payments_refusal ({columns}) VALUES ({values})";
    SELECT_REFUSALS -> Refused = page!("");
    SELECT_REFUSALS_OF_USER -> Refused = page!("AND actor_user_id = $3");
    SELECT_REFUSALS_OF_REQUEST -> Refused = page!("AND request_id = $3");
    // Each side comes out of its index in order.
    SELECT_REFUSALS_OF_ACCOUNT -> Refused = concat!(
        "SELECT * FROM (", page!("AND source_account_id = $3"), ") AS paying UNION SELECT * FROM (",
        page!("AND destination_account_id = $3"), ") AS paid ORDER BY id DESC LIMIT $2"
    );
    DELETE_OLD_REFUSALS =
        "DELETE FROM payments_refusal WHERE id IN (SELECT id FROM payments_refusal WHERE id < $1 ORDER BY id LIMIT $2)";
}

/// The rows as a write for the batch's commit.
pub(crate) fn as_write(refused: &[Refused]) -> (&'static Statement, Rows) {
    INSERT_REFUSALS.rows(refused.iter().cloned())
}

/// The newest first, from before a given one on.
pub(crate) async fn page(
    on: &impl Executor,
    filter: &RefusalFilter,
    before: Option<RefusalId>,
    limit: u32,
) -> Result<Vec<Refused>> {
    let before = before.unwrap_or(RefusalId::from_uuid(Uuid::max()));
    match filter {
        RefusalFilter::All => on.query_as(&SELECT_REFUSALS, params![before, limit]).await,
        RefusalFilter::Account(account) => {
            on.query_as(&SELECT_REFUSALS_OF_ACCOUNT, params![before, limit, *account]).await
        }
        RefusalFilter::User(user) => on.query_as(&SELECT_REFUSALS_OF_USER, params![before, limit, *user]).await,
        RefusalFilter::Request(name) => {
            on.query_as(&SELECT_REFUSALS_OF_REQUEST, params![before, limit, name.as_str()]).await
        }
    }
}

/// Forgets a bounded number of those that are older; returns how many.
pub(crate) async fn purge(db: &Db, older_than: WallTime, limit: u32) -> Result<u64> {
    let millis = u64::try_from(older_than.unix_micros().div_euclid(1_000)).unwrap_or_default();
    let tx = db.begin().await?;
    let purged = tx.execute(&DELETE_OLD_REFUSALS, params![RefusalId::earliest_at(millis), limit]).await?;
    tx.commit().await?;
    Ok(purged)
}
