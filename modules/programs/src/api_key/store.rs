//! The rows of `auth_api_key`.

use super::text::KeyHash;
use super::{AllowedAddresses, ApiKey, OwnedKey};
use crate::{ProgramKey, SignatureAlgorithm};
use db::{DbError, Executor, FromRow, Result, Row, Rows, Tx, WallTime, params, statements};
use identity::{Role, Scopes, UserStatus};
use ids::{ApiKeyId, UserId};
use uuid::Uuid;

/// A key as it is stored, with what matters of its owner.
pub(crate) struct StoredKey {
    pub(crate) user_id: UserId,
    pub(crate) role: Role,
    pub(crate) owner_status: UserStatus,
    pub(crate) scopes: Scopes,
    pub(crate) allowed_addresses: AllowedAddresses,
    pub(crate) secret_hash: KeyHash,
    pub(crate) previous_secret_hash: Option<KeyHash>,
    pub(crate) previous_secret_until: Option<WallTime>,
    pub(crate) program_key: Option<ProgramKey>,
    pub(crate) created_at: WallTime,
    pub(crate) expires_at: Option<WallTime>,
    pub(crate) revoked_at: Option<WallTime>,
    pub(crate) last_used_at: Option<WallTime>,
}

statements! {
    INSERT_API_KEY =
        "INSERT INTO auth_api_key (id, user_id, name, scopes, allowed_addresses, secret_hash, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    COUNT_API_KEYS =
        "SELECT COUNT(*) FROM auth_api_key WHERE user_id = $1 AND revoked_at IS NULL";
    COUNT_WORKING_API_KEYS =
        "SELECT COUNT(*) FROM auth_api_key
         WHERE user_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)";
    SELECT_API_KEYS =
        "SELECT id, name, scopes, allowed_addresses, signer_algorithm, created_at, expires_at, revoked_at,
                previous_secret_until, last_used_at
         FROM auth_api_key WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    LOCK_API_KEY =
        "SELECT id, name, scopes, allowed_addresses, signer_algorithm, created_at, expires_at, revoked_at,
                previous_secret_until, last_used_at
         FROM auth_api_key WHERE user_id = $1 AND id = $2 FOR UPDATE";
    ROTATE_API_KEY =
        "UPDATE auth_api_key SET previous_secret_hash = secret_hash, previous_secret_until = $3, secret_hash = $2
         WHERE id = $1";
    REVOKE_API_KEY =
        "UPDATE auth_api_key SET revoked_at = $2 WHERE id = $1";
    REVOKE_API_KEYS_OF_USER =
        "UPDATE auth_api_key SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL RETURNING id";
    SET_PROGRAM_KEY =
        "UPDATE auth_api_key SET signer_algorithm = $2, signer_public_key = $3 WHERE id = $1";
    SET_API_KEY_USED(Id, Time) =
        "UPDATE auth_api_key SET last_used_at = $2 WHERE id = $1";
    SELECT_PRESENTED_API_KEY =
        "SELECT k.user_id, u.role, u.status, k.scopes, k.allowed_addresses, k.secret_hash, k.previous_secret_hash,
                k.previous_secret_until, k.signer_algorithm, k.signer_public_key, k.created_at, k.expires_at,
                k.revoked_at, k.last_used_at
         FROM auth_api_key k JOIN auth_user u ON u.id = k.user_id WHERE k.id = $1";
}

pub(crate) async fn insert_in_tx(tx: &Tx, owner: UserId, key: &ApiKey, hash: &KeyHash) -> Result<()> {
    let (scopes, allowed) = (key.scopes.to_string(), key.allowed_addresses.to_string());
    let name = key.name.as_str();
    let row = params![key.id, owner, name, scopes, allowed, &hash.0[..], key.created_at, key.expires_at];
    tx.execute(&INSERT_API_KEY, row).await.map(drop)
}

pub(crate) async fn count_in_tx(tx: &Tx, owner: UserId) -> Result<i64> {
    tx.query(&COUNT_API_KEYS, params![owner]).await?.first().map_or(Ok(0), |row| row.get(0))
}

pub(crate) async fn count_working_in_tx(tx: &Tx, owner: UserId, now: WallTime) -> Result<i64> {
    tx.query(&COUNT_WORKING_API_KEYS, params![owner, now]).await?.first().map_or(Ok(0), |row| row.get(0))
}

pub(crate) async fn list(
    on: &impl Executor,
    owner: UserId,
    after: Option<ApiKeyId>,
    limit: u32,
) -> Result<Vec<ApiKey>> {
    let after = after.map_or(Uuid::nil(), ApiKeyId::uuid);
    on.query_as(&SELECT_API_KEYS, params![owner, after, limit]).await
}

pub(crate) async fn lock_in_tx(tx: &Tx, OwnedKey { owner, id }: OwnedKey) -> Result<Option<ApiKey>> {
    tx.query_optional(&LOCK_API_KEY, params![owner, id]).await
}

pub(crate) async fn rotate_in_tx(tx: &Tx, id: ApiKeyId, hash: &KeyHash, old_until: Option<WallTime>) -> Result<()> {
    tx.execute(&ROTATE_API_KEY, params![id, &hash.0[..], old_until]).await.map(drop)
}

pub(crate) async fn revoke_in_tx(tx: &Tx, id: ApiKeyId, now: WallTime) -> Result<()> {
    tx.execute(&REVOKE_API_KEY, params![id, now]).await.map(drop)
}

pub(crate) async fn revoke_of_user_in_tx(tx: &Tx, owner: UserId, now: WallTime) -> Result<Vec<ApiKeyId>> {
    let rows = tx.query(&REVOKE_API_KEYS_OF_USER, params![owner, now]).await?;
    rows.iter().map(|row| Ok(ApiKeyId::from_uuid(row.get(0)?))).collect()
}

pub(crate) async fn set_program_key_in_tx(tx: &Tx, id: ApiKeyId, program_key: Option<&ProgramKey>) -> Result<()> {
    let algorithm = program_key.map(|key| key.algorithm().word());
    tx.execute(&SET_PROGRAM_KEY, params![id, algorithm, program_key.map(ProgramKey::to_bytes)]).await.map(drop)
}

pub(crate) async fn set_used_in_tx(tx: &Tx, uses: Vec<(ApiKeyId, WallTime)>) -> Result<()> {
    let mut rows = Rows::new();
    for (id, at) in uses {
        rows.push([id.into(), at.into()]);
    }
    tx.execute_batch(&SET_API_KEY_USED, rows).await.map(drop)
}

pub(crate) async fn presented(on: &impl Executor, id: ApiKeyId) -> Result<Option<StoredKey>> {
    on.query_optional(&SELECT_PRESENTED_API_KEY, params![id]).await
}

impl FromRow for ApiKey {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: ApiKeyId::from_uuid(row.get(0)?),
            name: row.get(1)?,
            scopes: read_scopes(row, 2)?,
            allowed_addresses: read_addresses(row, 3)?,
            signature_algorithm: read_algorithm(row, 4)?,
            created_at: row.get(5)?,
            expires_at: row.get(6)?,
            revoked_at: row.get(7)?,
            previous_secret_until: row.get(8)?,
            last_used_at: row.get(9)?,
        })
    }
}

impl FromRow for StoredKey {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            user_id: UserId::from_uuid(row.get(0)?),
            role: Role::parse(&row.get::<String>(1)?).ok_or_else(|| damaged("role"))?,
            owner_status: UserStatus::parse(&row.get::<String>(2)?).ok_or_else(|| damaged("owner's status"))?,
            scopes: read_scopes(row, 3)?,
            allowed_addresses: read_addresses(row, 4)?,
            secret_hash: read_hash(row.get(5)?)?,
            previous_secret_hash: row.get::<Option<Vec<u8>>>(6)?.map(read_hash).transpose()?,
            previous_secret_until: row.get(7)?,
            program_key: read_program_key(read_algorithm(row, 8)?, row.get(9)?)?,
            created_at: row.get(10)?,
            expires_at: row.get(11)?,
            revoked_at: row.get(12)?,
            last_used_at: row.get(13)?,
        })
    }
}

fn read_scopes(row: &Row, column: usize) -> Result<Scopes> {
    Scopes::parse(&row.get::<String>(column)?).ok_or_else(|| damaged("scope"))
}

fn read_addresses(row: &Row, column: usize) -> Result<AllowedAddresses> {
    AllowedAddresses::from_stored(&row.get::<String>(column)?).ok_or_else(|| damaged("network"))
}

fn read_algorithm(row: &Row, column: usize) -> Result<Option<SignatureAlgorithm>> {
    let word = row.get::<Option<String>>(column)?;
    word.map(|word| SignatureAlgorithm::parse(&word).ok_or_else(|| damaged("signature algorithm"))).transpose()
}

fn read_hash(bytes: Vec<u8>) -> Result<KeyHash> {
    bytes.try_into().map(KeyHash).map_err(|_| damaged("hash"))
}

fn read_program_key(algorithm: Option<SignatureAlgorithm>, bytes: Option<Vec<u8>>) -> Result<Option<ProgramKey>> {
    // A key without its other half must not pass as one that asks for no signature.
    match (algorithm, bytes) {
        (None, None) => Ok(None),
        (Some(algorithm), Some(bytes)) => {
            ProgramKey::from_bytes(algorithm, &bytes).map(Some).ok_or_else(|| damaged("public key"))
        }
        _ => Err(damaged("half of a signing key")),
    }
}

fn damaged(what: &str) -> DbError {
    DbError::Internal(format!("auth_api_key has an unknown {what}"))
}
