//! The rows of `auth_passkey`.

use super::{Passkey, Stored};
use db::{DbError, Executor, Result, Tx, WallTime, columns, params, statements};
use ids::{PasskeyId, UserId};
use webauthn_rs::prelude::Passkey as Key;

columns! {
    Passkey { id, name, created_at, last_used_at }
    struct KeyRow { id: PasskeyId, user_id: UserId, credential: String }
}

statements! {
    INSERT_PASSKEY =
        "INSERT INTO auth_passkey (id, user_id, credential_id, name, credential, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)";
    SELECT_PASSKEYS -> Passkey =
        "SELECT {columns} FROM auth_passkey WHERE user_id = $1 ORDER BY id";
    SELECT_PASSKEY_KEYS -> KeyRow = "SELECT {columns} FROM auth_passkey WHERE user_id = $1 ORDER BY id";
    SELECT_PASSKEY_KEY -> KeyRow = "SELECT {columns} FROM auth_passkey WHERE credential_id = $1";
    SELECT_PASSKEY_OWNER -> UserId = "SELECT user_id FROM auth_passkey WHERE credential_id = $1";
    UPDATE_PASSKEY_KEY = "UPDATE auth_passkey SET credential = $2, last_used_at = $3 WHERE id = $1";
    RENAME_PASSKEY -> Passkey =
        "UPDATE auth_passkey SET name = $3 WHERE id = $1 AND user_id = $2
         RETURNING {columns}";
    DELETE_PASSKEY = "DELETE FROM auth_passkey WHERE id = $1 AND user_id = $2";
}

pub(super) async fn list(on: &impl Executor, user_id: UserId) -> Result<Vec<Passkey>> {
    on.query_as(&SELECT_PASSKEYS, params![user_id]).await
}

pub(super) async fn of_user_in_tx(tx: &Tx, user_id: UserId) -> Result<Vec<Stored>> {
    tx.query_as(&SELECT_PASSKEY_KEYS, params![user_id]).await?.into_iter().map(read).collect()
}

pub(super) async fn find_in_tx(tx: &Tx, credential_id: &[u8]) -> Result<Option<Stored>> {
    tx.query_optional(&SELECT_PASSKEY_KEY, params![credential_id]).await?.map(read).transpose()
}

pub(super) async fn owner_of(on: &impl Executor, credential_id: &[u8]) -> Result<Option<UserId>> {
    on.query_optional(&SELECT_PASSKEY_OWNER, params![credential_id]).await
}

/// `DbError::Duplicate` when the key is registered.
pub(super) async fn insert_in_tx(tx: &Tx, user_id: UserId, passkey: &Passkey, key: &Key) -> Result<()> {
    let credential_id: &[u8] = key.cred_id().as_ref();
    let row = params![passkey.id, user_id, credential_id, passkey.name.as_str(), write(key)?, passkey.created_at];
    tx.execute(&INSERT_PASSKEY, row).await.map(drop)
}

/// Keeps the counter and the flags that the authenticator told.
pub(super) async fn used_in_tx(tx: &Tx, stored: &Stored, now: WallTime) -> Result<()> {
    tx.execute(&UPDATE_PASSKEY_KEY, params![stored.id, write(&stored.key)?, now]).await.map(drop)
}

pub(super) async fn rename_in_tx(tx: &Tx, user_id: UserId, id: PasskeyId, name: String) -> Result<Option<Passkey>> {
    tx.query_optional(&RENAME_PASSKEY, params![id, user_id, name]).await
}

/// Whether it was there and the person's.
pub(super) async fn remove_in_tx(tx: &Tx, user_id: UserId, id: PasskeyId) -> Result<bool> {
    Ok(tx.execute(&DELETE_PASSKEY, params![id, user_id]).await? > 0)
}

fn write(key: &Key) -> Result<String> {
    serde_json::to_string(key).map_err(|error| DbError::Internal(error.to_string()))
}

fn read(KeyRow { id, user_id, credential }: KeyRow) -> Result<Stored> {
    let damaged = |error| DbError::Internal(format!("auth_passkey has an unreadable credential: {error}"));
    Ok(Stored { id, user_id, key: serde_json::from_str(&credential).map_err(damaged)? })
}
