//! The rows of `auth_api_key`.

use super::text::KeyHash;
use super::{AllowedAddresses, ApiKey, OwnedKey};
use crate::{ProgramKey, SignatureAlgorithm};
use db::{
    ColumnList, Columns, DbError, Executor, Reading, Result, Tx, WallTime, Writing, columns, fields, params, statements,
};
use identity::{Role, Scopes, UserStatus};
use ids::{ApiKeyId, UserId};
use uuid::Uuid;

fields! {
    Text: AllowedAddresses, AllowedAddresses::from_stored, |addresses| addresses.to_string();
    Text: SignatureAlgorithm, SignatureAlgorithm::parse, |algorithm| algorithm.word();
    Bytes: KeyHash, |bytes| bytes.try_into().ok().map(KeyHash), |hash| hash.0;
}

columns! {
    ApiKey {
        id, name, scopes, allowed_addresses, signature_algorithm = signer_algorithm, created_at, expires_at, revoked_at,
        previous_secret_until, last_used_at
    }
    struct New { user_id: UserId, key: ApiKey = "*", secret_hash: KeyHash }
    /// When a key was used last; in the order of identifiers.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub(super) struct KeyUse { pub(super) id: ApiKeyId, pub(super) last_used_at: WallTime }
    /// A key as it is stored, with what matters of its owner.
    pub(crate) struct StoredKey {
        pub(crate) user_id: UserId = "k.user_id",
        pub(crate) role: Role = "u.role",
        pub(crate) owner_status: UserStatus = "u.status",
        pub(crate) scopes: Scopes = "k.scopes",
        pub(crate) allowed_addresses: AllowedAddresses = "k.allowed_addresses",
        pub(crate) secret_hash: KeyHash = "k.secret_hash",
        pub(crate) previous_secret_hash: Option<KeyHash> = "k.previous_secret_hash",
        pub(crate) previous_secret_until: Option<WallTime> = "k.previous_secret_until",
        pub(crate) program_key: Option<ProgramKey> = "k.signer_*",
        pub(crate) created_at: WallTime = "k.created_at",
        pub(crate) expires_at: Option<WallTime> = "k.expires_at",
        pub(crate) revoked_at: Option<WallTime> = "k.revoked_at",
        pub(crate) last_used_at: Option<WallTime> = "k.last_used_at",
    }
    struct StoredProgramKey { algorithm: SignatureAlgorithm, public_key: Vec<u8> }
}

statements! {
    INSERT_API_KEY(New) = "INSERT INTO auth_api_key ({columns}) VALUES ({values})";
    COUNT_API_KEYS -> i64 =
        "SELECT COUNT(*) FROM auth_api_key WHERE user_id = $1 AND revoked_at IS NULL";
    COUNT_WORKING_API_KEYS -> i64 =
        "SELECT COUNT(*) FROM auth_api_key
         WHERE user_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)";
    SELECT_API_KEYS -> ApiKey =
        "SELECT {columns} FROM auth_api_key WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    LOCK_API_KEY -> ApiKey =
        "SELECT {columns} FROM auth_api_key WHERE user_id = $1 AND id = $2 FOR UPDATE";
    ROTATE_API_KEY =
        "UPDATE auth_api_key SET previous_secret_hash = secret_hash, previous_secret_until = $3, secret_hash = $2
         WHERE id = $1";
    REVOKE_API_KEY =
        "UPDATE auth_api_key SET revoked_at = $2 WHERE id = $1";
    REVOKE_API_KEYS_OF_USER -> ApiKeyId =
        "UPDATE auth_api_key SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL RETURNING id";
    SET_PROGRAM_KEY =
        "UPDATE auth_api_key SET signer_algorithm = $2, signer_public_key = $3 WHERE id = $1";
    SET_API_KEY_USED(KeyUse) =
        "UPDATE auth_api_key SET last_used_at = $last_used_at WHERE id = $id";
    SELECT_PRESENTED_API_KEY -> StoredKey =
        "SELECT {columns} FROM auth_api_key k JOIN auth_user u ON u.id = k.user_id WHERE k.id = $1";
}

pub(crate) async fn insert_in_tx(tx: &Tx, owner: UserId, key: &ApiKey, hash: &KeyHash) -> Result<()> {
    let new = New { user_id: owner, key: key.clone(), secret_hash: *hash };
    tx.execute_rows(&INSERT_API_KEY, [new]).await.map(drop)
}

pub(crate) async fn count_in_tx(tx: &Tx, owner: UserId) -> Result<i64> {
    tx.query_one(&COUNT_API_KEYS, params![owner]).await
}

pub(crate) async fn count_working_in_tx(tx: &Tx, owner: UserId, now: WallTime) -> Result<i64> {
    tx.query_one(&COUNT_WORKING_API_KEYS, params![owner, now]).await
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
    tx.execute(&ROTATE_API_KEY, params![id, *hash, old_until]).await.map(drop)
}

pub(crate) async fn revoke_in_tx(tx: &Tx, id: ApiKeyId, now: WallTime) -> Result<()> {
    tx.execute(&REVOKE_API_KEY, params![id, now]).await.map(drop)
}

pub(crate) async fn revoke_of_user_in_tx(tx: &Tx, owner: UserId, now: WallTime) -> Result<Vec<ApiKeyId>> {
    tx.query_as(&REVOKE_API_KEYS_OF_USER, params![owner, now]).await
}

pub(crate) async fn set_program_key_in_tx(tx: &Tx, id: ApiKeyId, program_key: Option<&ProgramKey>) -> Result<()> {
    let algorithm = program_key.map(ProgramKey::algorithm);
    tx.execute(&SET_PROGRAM_KEY, params![id, algorithm, program_key.map(ProgramKey::to_bytes)]).await.map(drop)
}

pub(crate) async fn set_used_in_tx(tx: &Tx, uses: Vec<KeyUse>) -> Result<()> {
    tx.execute_rows(&SET_API_KEY_USED, uses).await.map(drop)
}

pub(crate) async fn presented(on: &impl Executor, id: ApiKeyId) -> Result<Option<StoredKey>> {
    on.query_optional(&SELECT_PRESENTED_API_KEY, params![id]).await
}

/// A key without its other half must not pass as one that asks for no signature: it is null where it must not be.
impl Columns for ProgramKey {
    const COUNT: usize = StoredProgramKey::COUNT;

    fn list(name: &str, list: &mut ColumnList) {
        StoredProgramKey::list(name, list);
    }

    fn read(row: &mut Reading<'_>) -> Result<Self> {
        let StoredProgramKey { algorithm, public_key } = row.take()?;
        let damaged = || DbError::Internal("auth_api_key has an unknown public key".to_owned());
        Self::from_bytes(algorithm, &public_key).ok_or_else(damaged)
    }

    fn write(self, row: &mut Writing<'_>) {
        StoredProgramKey { algorithm: self.algorithm(), public_key: self.to_bytes() }.write(row);
    }
}
