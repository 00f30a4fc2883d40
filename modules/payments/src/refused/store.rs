//! The rows of `payments_refusal`.

use super::{RefusalFilter, Refused};
use db::{Db, DbError, Executor, FromRow, Result, Row, Rows, Statement, WallTime, params, statements};
use ids::{AccountId, RefusalId, TransactionId};
use money::{Currency, Money};
use outbox::Actor;
use uuid::Uuid;

macro_rules! columns {
    () => {
        "id, happened_at, actor_user_id, actor_credential, actor_credential_id, actor_client_id, actor_on_behalf_of_id, \
         request_id, command, reason, figures, transaction_id, source_account_id, destination_account_id, amount_minor, \
         currency"
    };
}

/// $1: the cursor, $2: the length of the page, $3: what is looked for.
macro_rules! page {
    ($condition:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM payments_refusal WHERE id < $1 ",
            $condition,
            " ORDER BY id DESC LIMIT $2"
        )
    };
}

statements! {
    INSERT_REFUSALS(Id, Time, Id, Text, Id, Id, Id, Text, Text, Text, Text, Id, Id, Id, Int, Text) = concat!(
        "INSERT INTO payments_refusal (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, \
         $14, $15, $16)"
    );
    SELECT_REFUSALS = page!("");
    SELECT_REFUSALS_OF_USER = page!("AND actor_user_id = $3");
    SELECT_REFUSALS_OF_REQUEST = page!("AND request_id = $3");
    // Each side comes out of its index in order.
    SELECT_REFUSALS_OF_ACCOUNT = concat!(
        "SELECT * FROM (", page!("AND source_account_id = $3"), ") AS paying UNION SELECT * FROM (",
        page!("AND destination_account_id = $3"), ") AS paid ORDER BY id DESC LIMIT $2"
    );
    DELETE_OLD_REFUSALS =
        "DELETE FROM payments_refusal WHERE id IN (SELECT id FROM payments_refusal WHERE id < $1 ORDER BY id LIMIT $2)";
}

/// The rows as a write for the batch's commit.
pub(crate) fn as_write(refused: &[Refused]) -> (&'static Statement, Rows) {
    let mut rows = Rows::new();
    for one in refused {
        let [user, credential, credential_id, client, on_behalf_of] = Actor::values(Some(one.actor));
        rows.push([
            one.id.into(),
            one.at.into(),
            user,
            credential,
            credential_id,
            client,
            on_behalf_of,
            one.request_id.as_deref().into(),
            one.command.as_str().into(),
            one.reason.as_str().into(),
            one.figures.as_str().into(),
            one.transaction.into(),
            one.source.into(),
            one.destination.into(),
            one.money.map(Money::minor).into(),
            one.money.map(|money| money.currency().code().to_owned()).into(),
        ]);
    }
    (&INSERT_REFUSALS, rows)
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

impl FromRow for Refused {
    fn from_row(row: &Row) -> Result<Self> {
        let damaged = |what: &str| DbError::Internal(format!("a refusal has a damaged {what}"));
        let code: Option<String> = row.get(15)?;
        let currency = code.map(|code| Currency::parse(&code)).transpose().map_err(|_| damaged("currency"))?;
        let minor: Option<i64> = row.get(14)?;
        Ok(Self {
            id: RefusalId::from_uuid(row.get(0)?),
            at: row.get(1)?,
            actor: Actor::read(row, 2)?.ok_or_else(|| damaged("actor"))?,
            request_id: row.get(7)?,
            command: row.get(8)?,
            reason: row.get(9)?,
            figures: row.get(10)?,
            transaction: row.get::<Option<Uuid>>(11)?.map(TransactionId::from_uuid),
            source: row.get::<Option<Uuid>>(12)?.map(AccountId::from_uuid),
            destination: row.get::<Option<Uuid>>(13)?.map(AccountId::from_uuid),
            money: minor.zip(currency).map(|(minor, currency)| Money::new(minor, currency)),
        })
    }
}
