//! The rows of `auth_session` and `auth_refresh_token`.

use super::refresh::TokenState;
use super::{ActiveSession, PresentedToken, Session};
use crate::revocations::Revoked;
use crate::{Credential, Device, Factors, Proof, SecretHash};
use db::{DbError, Executor, FromRow, Result, Row, Tx, WallTime, params, statements};
use ids::{SessionId, UserId};
use uuid::Uuid;

/// A session that ended before its time.
#[derive(Clone, Copy)]
pub(crate) struct RevokedSession {
    pub(crate) id: SessionId,
    pub(crate) revoked_at: WallTime,
}

statements! {
    INSERT_SESSION =
        "INSERT INTO auth_session (id, user_id, started_at, expires_at, proved_at, proved_with, address, user_agent)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    SET_DEVICE =
        "UPDATE auth_session SET address = $2, user_agent = $3 WHERE id = $1";
    INSERT_REFRESH_TOKEN =
        "INSERT INTO auth_refresh_token (token_hash, session_id, issued_at) VALUES ($1, $2, $3)";
    LOCK_REFRESH_TOKEN =
        "SELECT s.id, s.user_id, s.started_at, s.expires_at, s.revoked_at,
                s.proved_at, s.proved_with, t.used_at, t.replaced_at, t.successor_hash
         FROM auth_refresh_token t JOIN auth_session s ON s.id = t.session_id
         WHERE t.token_hash = $1 FOR UPDATE";
    SELECT_SESSION =
        "SELECT s.id, s.user_id, s.started_at, s.expires_at, s.revoked_at, s.proved_at, s.proved_with
         FROM auth_session s WHERE s.id = $1";
    USE_REFRESH_TOKEN =
        "UPDATE auth_refresh_token SET used_at = $2, successor_hash = $3 WHERE token_hash = $1";
    SELECT_TOKEN_USE =
        "SELECT used_at FROM auth_refresh_token WHERE token_hash = $1";
    REVOKE_SESSION =
        "UPDATE auth_session SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    REVOKE_OTHER_SESSIONS =
        "UPDATE auth_session SET revoked_at = $3
         WHERE user_id = $1 AND id <> $2 AND revoked_at IS NULL AND expires_at > $3 RETURNING id, revoked_at";
    REVOKE_SESSION_OF_USER =
        "UPDATE auth_session SET revoked_at = $3
         WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL AND expires_at > $3";
    SELECT_ACTIVE_SESSIONS =
        "SELECT s.id, s.started_at,
                COALESCE((SELECT MAX(t.issued_at) FROM auth_refresh_token t WHERE t.session_id = s.id), s.started_at),
                s.expires_at, s.address, s.user_agent
         FROM auth_session s
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
    SELECT_REVOKED_SINCE =
        "SELECT id, revoked_at FROM auth_session WHERE revoked_at > $1";
}

pub(crate) async fn insert_in_tx(tx: &Tx, session: &Session, device: &Device) -> Result<()> {
    let factors = session.proof.factors.words().collect::<Vec<_>>().join(" ");
    let Session { id, user_id, started_at, expires_at, .. } = *session;
    let (address, user_agent) = columns(device);
    let row = params![id, user_id, started_at, expires_at, session.proof.at, factors, address, user_agent];
    tx.execute(&INSERT_SESSION, row).await.map(drop)
}

pub(crate) async fn set_device_in_tx(tx: &Tx, id: SessionId, device: &Device) -> Result<()> {
    let (address, user_agent) = columns(device);
    tx.execute(&SET_DEVICE, params![id, address, user_agent]).await.map(drop)
}

fn columns(device: &Device) -> (Option<String>, Option<&str>) {
    (device.address.map(|address| address.to_string()), device.user_agent())
}

pub(crate) async fn insert_token_in_tx(
    tx: &Tx,
    token_hash: &SecretHash,
    session_id: SessionId,
    now: WallTime,
) -> Result<()> {
    tx.execute(&INSERT_REFRESH_TOKEN, params![&token_hash.0[..], session_id, now]).await.map(drop)
}

/// Of several who present the same token at once, one after the other gets to see it.
pub(crate) async fn lock_token_in_tx(tx: &Tx, token_hash: &SecretHash) -> Result<Option<PresentedToken>> {
    let stored: Option<StoredToken> = tx.query_optional(&LOCK_REFRESH_TOKEN, params![&token_hash.0[..]]).await?;
    let Some(stored) = stored else { return Ok(None) };
    // The session's row is held, and nobody touches its tokens without it.
    let successor_used_at = match &stored.successor_hash {
        Some(hash) => tx.query_optional(&SELECT_TOKEN_USE, params![&hash[..]]).await?.map(|UsedAt(at)| at),
        None => None,
    };
    let state = match (stored.replaced_at, stored.used_at, successor_used_at) {
        (Some(_), _, _) => TokenState::Replaced,
        (None, None, _) => TokenState::Unused,
        (None, Some(at), Some(None)) => TokenState::UsedLast { at },
        (None, Some(_), _) => TokenState::Superseded,
    };
    let successor_hash = stored.successor_hash.as_deref().map(<[u8; 32]>::try_from).transpose();
    let damaged = |_| DbError::Internal("auth_refresh_token has a hash that is none".to_owned());
    Ok(Some(PresentedToken { session: stored.session, state, successor_hash: successor_hash.map_err(damaged)? }))
}

/// When it was used, and what took its place.
pub(crate) async fn use_token_in_tx(
    tx: &Tx,
    token_hash: &SecretHash,
    successor: &SecretHash,
    now: WallTime,
) -> Result<()> {
    tx.execute(&USE_REFRESH_TOKEN, params![&token_hash.0[..], now, &successor.0[..]]).await.map(drop)
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
    (user_id, after): (UserId, Option<SessionId>),
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

/// A refresh token's row with its session's.
struct StoredToken {
    session: Session,
    used_at: Option<WallTime>,
    replaced_at: Option<WallTime>,
    successor_hash: Option<Vec<u8>>,
}

struct UsedAt(Option<WallTime>);

impl FromRow for UsedAt {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self(row.get(0)?))
    }
}

impl FromRow for ActiveSession {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: SessionId::from_uuid(row.get(0)?),
            started_at: row.get(1)?,
            last_seen_at: row.get(2)?,
            expires_at: row.get(3)?,
            device: Device::stored(row.get::<Option<String>>(4)?.as_deref(), row.get(5)?),
        })
    }
}

impl FromRow for StoredToken {
    fn from_row(row: &Row) -> Result<Self> {
        let session = Session::from_row(row)?;
        Ok(Self { session, used_at: row.get(7)?, replaced_at: row.get(8)?, successor_hash: row.get(9)? })
    }
}

impl FromRow for Session {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: SessionId::from_uuid(row.get(0)?),
            user_id: UserId::from_uuid(row.get(1)?),
            started_at: row.get(2)?,
            expires_at: row.get(3)?,
            revoked_at: row.get(4)?,
            proof: Proof { at: row.get(5)?, factors: read_factors(&row.get::<String>(6)?)? },
        })
    }
}

fn read_factors(words: &str) -> Result<Factors> {
    let damaged = || DbError::Internal("auth_session has an unknown factor".to_owned());
    Factors::parse(words.split(' ')).ok_or_else(damaged)
}

impl FromRow for RevokedSession {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self { id: SessionId::from_uuid(row.get(0)?), revoked_at: row.get(1)? })
    }
}

impl From<RevokedSession> for Revoked {
    fn from(RevokedSession { id, revoked_at }: RevokedSession) -> Self {
        Self { credential: Credential::Session(id), revoked_at }
    }
}
