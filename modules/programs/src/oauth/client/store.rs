//! The rows of `auth_oauth_client`.

use super::{Client, RedirectUri};
use db::{DbError, Executor, FromRow, Result, Row, Tx, WallTime, params, statements};
use identity::Scopes;
use ids::{ClientId, UserId};
use uuid::Uuid;

statements! {
    INSERT_CLIENT =
        "INSERT INTO auth_oauth_client (id, owner_id, name, secret_hash, redirect_uris, scopes, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)";
    SELECT_CLIENT =
        "SELECT id, owner_id, name, secret_hash, redirect_uris, scopes, created_at, acts_for_owner
         FROM auth_oauth_client WHERE id = $1 AND removed_at IS NULL";
    LOCK_CLIENT =
        "SELECT id, owner_id, name, secret_hash, redirect_uris, scopes, created_at, acts_for_owner
         FROM auth_oauth_client WHERE id = $1 AND removed_at IS NULL FOR UPDATE";
    SELECT_CLIENTS_OF_OWNER =
        "SELECT id, owner_id, name, secret_hash, redirect_uris, scopes, created_at, acts_for_owner
         FROM auth_oauth_client WHERE owner_id = $1 AND removed_at IS NULL AND id > $2 ORDER BY id LIMIT $3";
    REMOVE_CLIENT =
        "UPDATE auth_oauth_client SET removed_at = $2 WHERE id = $1";
    STOP_CLIENTS_OF_OWNER =
        "UPDATE auth_oauth_client SET acts_for_owner = FALSE WHERE owner_id = $1 AND removed_at IS NULL";
}

pub(crate) async fn insert_in_tx(tx: &Tx, client: &Client) -> Result<()> {
    let uris: Vec<&str> = client.redirect_uris.iter().map(RedirectUri::as_str).collect();
    let row = params![
        client.id,
        client.owner_id,
        client.name.as_str(),
        client.secret_hash.as_ref().map(|hash| &hash[..]),
        uris.join("\n"),
        client.scopes.to_string(),
        client.created_at,
    ];
    tx.execute(&INSERT_CLIENT, row).await.map(drop)
}

/// A client that was not removed.
pub(crate) async fn find_standing(on: &impl Executor, id: ClientId) -> Result<Option<Client>> {
    on.query_optional(&SELECT_CLIENT, params![id]).await
}

/// Whoever grants to a client or removes it holds the row, so that neither misses the other.
pub(crate) async fn lock_in_tx(tx: &Tx, id: ClientId) -> Result<Option<Client>> {
    tx.query_optional(&LOCK_CLIENT, params![id]).await
}

/// How many there are; not more than a page is looked at.
pub(crate) async fn count_in_tx(tx: &Tx, owner: UserId) -> Result<usize> {
    tx.query(&SELECT_CLIENTS_OF_OWNER, params![owner, Uuid::nil(), 100_u32]).await.map(|rows| rows.len())
}

pub(crate) async fn page(
    on: &impl Executor,
    owner: UserId,
    after: Option<ClientId>,
    limit: u32,
) -> Result<Vec<Client>> {
    let after = after.map_or(Uuid::nil(), ClientId::uuid);
    on.query_as(&SELECT_CLIENTS_OF_OWNER, params![owner, after, limit]).await
}

pub(crate) async fn remove_in_tx(tx: &Tx, id: ClientId, now: WallTime) -> Result<()> {
    tx.execute(&REMOVE_CLIENT, params![id, now]).await.map(drop)
}

/// From now on none of the clients acts for who registered it.
pub(crate) async fn stop_in_tx(tx: &Tx, owner: UserId) -> Result<()> {
    tx.execute(&STOP_CLIENTS_OF_OWNER, params![owner]).await.map(drop)
}

impl FromRow for Client {
    fn from_row(row: &Row) -> Result<Self> {
        let damaged = |column: &str| DbError::Internal(format!("auth_oauth_client has a damaged {column}"));
        let secret_hash = row.get::<Option<Vec<u8>>>(3)?.map(<[u8; 32]>::try_from).transpose();
        let uris: String = row.get(4)?;
        let redirect_uris = uris.lines().map(RedirectUri::from_stored).collect::<Option<Vec<_>>>();
        Ok(Self {
            id: ClientId::from_uuid(row.get(0)?),
            owner_id: UserId::from_uuid(row.get(1)?),
            name: row.get(2)?,
            secret_hash: secret_hash.map_err(|_| damaged("secret_hash"))?,
            redirect_uris: redirect_uris.ok_or_else(|| damaged("redirect_uris"))?,
            scopes: Scopes::parse(&row.get::<String>(5)?).ok_or_else(|| damaged("scopes"))?,
            created_at: row.get(6)?,
            acts_for_owner: row.get(7)?,
        })
    }
}
