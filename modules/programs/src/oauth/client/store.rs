//! The rows of `auth_oauth_client`.

use super::{Client, RedirectUri};
use db::{Executor, Result, Tx, WallTime, columns, fields, params, statements};
use ids::{ClientId, UserId};
use uuid::Uuid;

fields! {
    Text: RedirectUris, |text| text.lines().map(RedirectUri::from_stored).collect::<Option<_>>().map(RedirectUris),
        |uris| uris.0.iter().map(RedirectUri::as_str).collect::<Vec<_>>().join("\n");
}

/// One in each line.
struct RedirectUris(Vec<RedirectUri>);

columns! {
    Client {
        id, owner_id, name, secret_hash, redirect_uris as RedirectUris, scopes, created_at, acts_for_owner
    }
}

statements! {
    INSERT_CLIENT(Client) = "INSERT INTO auth_oauth_client ({columns}) VALUES ({values})";
    SELECT_CLIENT -> Client = "SELECT {columns} FROM auth_oauth_client WHERE id = $1 AND removed_at IS NULL";
    LOCK_CLIENT -> Client = "SELECT {columns} FROM auth_oauth_client WHERE id = $1 AND removed_at IS NULL FOR UPDATE";
    SELECT_CLIENTS_OF_OWNER -> Client =
        "SELECT {columns} FROM auth_oauth_client
         WHERE owner_id = $1 AND removed_at IS NULL AND id > $2 ORDER BY id LIMIT $3";
    REMOVE_CLIENT =
        "UPDATE auth_oauth_client SET removed_at = $2 WHERE id = $1";
    STOP_CLIENTS_OF_OWNER =
        "UPDATE auth_oauth_client SET acts_for_owner = FALSE WHERE owner_id = $1 AND removed_at IS NULL";
}

pub(crate) async fn insert_in_tx(tx: &Tx, client: &Client) -> Result<()> {
    tx.execute_rows(&INSERT_CLIENT, [client.clone()]).await.map(drop)
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
    tx.query_as(&SELECT_CLIENTS_OF_OWNER, params![owner, Uuid::nil(), 100_u32]).await.map(|clients| clients.len())
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

impl From<RedirectUris> for Vec<RedirectUri> {
    fn from(RedirectUris(uris): RedirectUris) -> Self {
        uris
    }
}

impl From<Vec<RedirectUri>> for RedirectUris {
    fn from(uris: Vec<RedirectUri>) -> Self {
        Self(uris)
    }
}
