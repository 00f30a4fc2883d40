//! The rows of `auth_session` and `auth_refresh_token`.

use super::refresh::TokenState;
use super::{ActiveSession, PresentedToken, Session};
use crate::revocations::Revoked;
use crate::{Credential, Device, Factors, Proof, SecretHash};
use db::{Executor, Result, Tx, WallTime, columns, fields, params, statements};
use ids::{SessionId, UserId};
use uuid::Uuid;

fields! {
    Text: Factors, |words| Factors::parse(words.split(' ').filter(|word| !word.is_empty())),
        |factors| factors.words().collect::<Vec<_>>().join(" ");
}

columns! {
    Session { id, user_id, started_at, expires_at, revoked_at, proof = "*" }
    Proof { at = proved_at, factors = proved_with }
    struct NewSession { session: Session = "*", address: Option<String>, user_agent: Option<String> }
    ActiveSession {
        id, started_at,
        last_seen_at = "COALESCE((SELECT MAX(t.issued_at) FROM auth_refresh_token t WHERE t.session_id = s.id), s.started_at)",
        expires_at, device = "*" as StoredDevice
    }
    struct StoredDevice { address: Option<String>, user_agent: Option<String> }
    /// A session that ended before its time.
    #[derive(Clone, Copy)]
    pub(crate) struct RevokedSession { pub(crate) id: SessionId, pub(crate) revoked_at: WallTime }
    /// A refresh token's row with its session's.
    struct StoredToken {
        session: Session = "*",
        used_at: Option<WallTime>,
        replaced_at: Option<WallTime>,
        successor_hash: Option<[u8; 32]>,
    }
}

statements! {
    INSERT_SESSION(NewSession) = "INSERT INTO auth_session ({columns}) VALUES ({values})";
    SET_DEVICE =
        "UPDATE auth_session SET address = $2, user_agent = $3 WHERE id = $1";
    INSERT_REFRESH_TOKEN =
        "INSERT INTO auth_refresh_token (token_hash, session_id, issued_at) VALUES ($1, $2, $3)";
    LOCK_REFRESH_TOKEN -> StoredToken =
        "SELECT {columns} FROM auth_refresh_token t JOIN auth_session s ON s.id = t.session_id
         WHERE t.token_hash = $1 FOR UPDATE";
    SELECT_SESSION -> Session = "SELECT {columns} FROM auth_session WHERE id = $1";
    USE_REFRESH_TOKEN =
        "UPDATE auth_refresh_token SET used_at = $2, successor_hash = $3 WHERE token_hash = $1";
    SELECT_TOKEN_USE -> Option<WallTime> =
        "SELECT used_at FROM auth_refresh_token WHERE token_hash = $1";
    REVOKE_SESSION =
        "UPDATE auth_session SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    REVOKE_OTHER_SESSIONS -> RevokedSession =
        "UPDATE auth_session SET revoked_at = $3
         WHERE user_id = $1 AND id <> $2 AND revoked_at IS NULL AND expires_at > $3 RETURNING {columns}";
    REVOKE_SESSION_OF_USER =
        "UPDATE auth_session SET revoked_at = $3
         WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL AND expires_at > $3";
    SELECT_ACTIVE_SESSIONS -> ActiveSession =
        "SELECT {columns} FROM auth_session s
         WHERE s.user_id = $1 AND s.id < $2 AND s.revoked_at IS NULL AND s.expires_at > $3
         ORDER BY s.id DESC LIMIT $4";
    DELETE_TOKENS_OF_EXPIRED =
        "DELETE FROM auth_refresh_token WHERE token_hash IN
             (SELECT t.token_hash FROM auth_session s JOIN auth_refresh_token t ON t.session_id = s.id
              WHERE s.expires_at < $1 LIMIT $2)";
    DELETE_EXPIRED_SESSIONS =
        "DELETE FROM auth_session WHERE id IN
             (SELECT s.id FROM auth_session s
              WHERE s.expires_at < $1 AND NOT EXISTS (SELECT 1 FROM auth_refresh_token t WHERE t.session_id = s.id)
              LIMIT $2)";
    SELECT_REVOKED_SINCE -> RevokedSession =
        "SELECT {columns} FROM auth_session WHERE revoked_at > $1";
}

pub(crate) async fn insert_in_tx(tx: &Tx, session: &Session, device: &Device) -> Result<()> {
    let StoredDevice { address, user_agent } = device.clone().into();
    tx.execute_rows(&INSERT_SESSION, [NewSession { session: *session, address, user_agent }]).await.map(drop)
}

pub(crate) async fn set_device_in_tx(tx: &Tx, id: SessionId, device: &Device) -> Result<()> {
    let StoredDevice { address, user_agent } = device.clone().into();
    tx.execute(&SET_DEVICE, params![id, address, user_agent]).await.map(drop)
}

pub(crate) async fn insert_token_in_tx(
    tx: &Tx,
    token_hash: &SecretHash,
    session_id: SessionId,
    now: WallTime,
) -> Result<()> {
    tx.execute(&INSERT_REFRESH_TOKEN, params![*token_hash, session_id, now]).await.map(drop)
}

/// Of several who present the same token at once, one after the other gets to see it.
pub(crate) async fn lock_token_in_tx(tx: &Tx, token_hash: &SecretHash) -> Result<Option<PresentedToken>> {
    let stored = tx.query_optional(&LOCK_REFRESH_TOKEN, params![*token_hash]).await?;
    let Some(stored) = stored else { return Ok(None) };
    // The session's row is held, and nobody touches its tokens without it.
    let successor_used_at = match stored.successor_hash {
        Some(hash) => tx.query_optional(&SELECT_TOKEN_USE, params![hash]).await?,
        None => None,
    };
    let state = match (stored.replaced_at, stored.used_at, successor_used_at) {
        (Some(_), _, _) => TokenState::Replaced,
        (None, None, _) => TokenState::Unused,
        (None, Some(at), Some(None)) => TokenState::UsedLast { at },
        (None, Some(_), _) => TokenState::Superseded,
    };
    Ok(Some(PresentedToken { session: stored.session, state, successor_hash: stored.successor_hash }))
}

/// When it was used, and what took its place.
pub(crate) async fn use_token_in_tx(
    tx: &Tx,
    token_hash: &SecretHash,
    successor: &SecretHash,
    now: WallTime,
) -> Result<()> {
    tx.execute(&USE_REFRESH_TOKEN, params![*token_hash, now, *successor]).await.map(drop)
}

pub(crate) async fn find_in_tx(tx: &Tx, id: SessionId) -> Result<Option<Session>> {
    tx.query_optional(&SELECT_SESSION, params![id]).await
}

/// Whether it was this call that ended the session.
pub(crate) async fn revoke_in_tx(tx: &Tx, id: SessionId, now: WallTime) -> Result<bool> {
    Ok(tx.execute(&REVOKE_SESSION, params![id, now]).await? > 0)
}

/// All but the spared one.
pub(crate) async fn revoke_others_in_tx(
    tx: &Tx,
    user_id: UserId,
    spared: Option<SessionId>,
    now: WallTime,
) -> Result<Vec<RevokedSession>> {
    let spared = spared.map_or(Uuid::nil(), SessionId::uuid);
    tx.query_as(&REVOKE_OTHER_SESSIONS, params![user_id, spared, now]).await
}

/// Whether there was such a session of the person's to end.
pub(crate) async fn revoke_of_user_in_tx(tx: &Tx, id: SessionId, user_id: UserId, now: WallTime) -> Result<bool> {
    Ok(tx.execute(&REVOKE_SESSION_OF_USER, params![id, user_id, now]).await? > 0)
}

/// The newest first, from behind the given one on.
pub(crate) async fn active(
    on: &impl Executor,
    user_id: UserId,
    after: Option<SessionId>,
    limit: u32,
    now: WallTime,
) -> Result<Vec<ActiveSession>> {
    let before = after.map_or(Uuid::max(), SessionId::uuid);
    on.query_as(&SELECT_ACTIVE_SESSIONS, params![user_id, before, now, limit]).await
}

/// Forgets at most so many tokens, and so many sessions that have none left, of those that expired before then.
pub(crate) async fn delete_expired_in_tx(tx: &Tx, before: WallTime, limit: u32) -> Result<u64> {
    let tokens = tx.execute(&DELETE_TOKENS_OF_EXPIRED, params![before, limit]).await?;
    Ok(tokens + tx.execute(&DELETE_EXPIRED_SESSIONS, params![before, limit]).await?)
}

pub(crate) async fn revoked_since(on: &impl Executor, since: WallTime) -> Result<Vec<RevokedSession>> {
    on.query_as(&SELECT_REVOKED_SINCE, params![since]).await
}

impl From<StoredDevice> for Device {
    fn from(StoredDevice { address, user_agent }: StoredDevice) -> Self {
        Self::stored(address.as_deref(), user_agent)
    }
}

impl From<Device> for StoredDevice {
    fn from(device: Device) -> Self {
        let address = device.address.map(|address| address.to_string());
        Self { address, user_agent: device.user_agent().map(str::to_owned) }
    }
}

impl From<RevokedSession> for Revoked {
    fn from(RevokedSession { id, revoked_at }: RevokedSession) -> Self {
        Self { credential: Credential::Session(id), revoked_at }
    }
}
