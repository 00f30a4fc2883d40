//! The rows of `auth_session` and `auth_refresh_token`.

use super::{PresentedToken, RefreshTokenHash, Session};
use crate::{Factors, Proof};
use ::store::{Executor, FromRow, Result, Row, StoreError, Timestamp, Tx, params, statements};
use ids::{SessionId, UserId};

/// A session that ended before its time.
#[derive(Clone, Copy)]
pub(crate) struct RevokedSession {
    pub(crate) id: SessionId,
    pub(crate) revoked_at: Timestamp,
}

statements! {
    INSERT_SESSION =
        "INSERT INTO auth_session (id, user_id, started_at, expires_at, proved_at, proved_with)
         VALUES ($1, $2, $3, $4, $5, $6)";
    INSERT_REFRESH_TOKEN =
        "INSERT INTO auth_refresh_token (token_hash, session_id, issued_at) VALUES ($1, $2, $3)";
    LOCK_REFRESH_TOKEN =
        "SELECT s.id, s.user_id, s.started_at, s.expires_at, s.revoked_at,
                s.proved_at, s.proved_with, t.used_at
         FROM auth_refresh_token t JOIN auth_session s ON s.id = t.session_id
         WHERE t.token_hash = $1 FOR UPDATE";
    USE_REFRESH_TOKEN =
        "UPDATE auth_refresh_token SET used_at = $2 WHERE token_hash = $1";
    REVOKE_SESSION =
        "UPDATE auth_session SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    REVOKE_SESSIONS_OF_USER =
        "UPDATE auth_session SET revoked_at = $2
         WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2 RETURNING id, revoked_at";
    SELECT_REVOKED_SINCE =
        "SELECT id, revoked_at FROM auth_session WHERE revoked_at > $1";
}

pub(crate) async fn insert_in_tx(tx: &Tx, session: &Session) -> Result<()> {
    let factors = session.proof.factors.words().collect::<Vec<_>>().join(" ");
    let Session { id, user_id, started_at, expires_at, .. } = *session;
    let row = params![id, user_id, started_at, expires_at, session.proof.at, factors];
    tx.execute(&INSERT_SESSION, row).await.map(drop)
}

pub(crate) async fn insert_token_in_tx(
    tx: &Tx,
    token_hash: &RefreshTokenHash,
    session_id: SessionId,
    now: Timestamp,
) -> Result<()> {
    tx.execute(&INSERT_REFRESH_TOKEN, params![&token_hash.0[..], session_id, now]).await.map(drop)
}

/// Of several who present the same token at once, one after the other gets to see it.
pub(crate) async fn lock_token_in_tx(tx: &Tx, token_hash: &RefreshTokenHash) -> Result<Option<PresentedToken>> {
    tx.query_optional(&LOCK_REFRESH_TOKEN, params![&token_hash.0[..]]).await
}

pub(crate) async fn use_token_in_tx(tx: &Tx, token_hash: &RefreshTokenHash, now: Timestamp) -> Result<()> {
    tx.execute(&USE_REFRESH_TOKEN, params![&token_hash.0[..], now]).await.map(drop)
}

/// Whether it was this call that ended the session.
pub(crate) async fn revoke_in_tx(tx: &Tx, id: SessionId, now: Timestamp) -> Result<bool> {
    Ok(tx.execute(&REVOKE_SESSION, params![id, now]).await? > 0)
}

pub(crate) async fn revoke_all_in_tx(tx: &Tx, user_id: UserId, now: Timestamp) -> Result<Vec<RevokedSession>> {
    tx.query_as(&REVOKE_SESSIONS_OF_USER, params![user_id, now]).await
}

pub(crate) async fn revoked_since(on: &impl Executor, since: Timestamp) -> Result<Vec<RevokedSession>> {
    on.query_as(&SELECT_REVOKED_SINCE, params![since]).await
}

impl FromRow for PresentedToken {
    fn from_row(row: &Row) -> Result<Self> {
        let session = Session {
            id: SessionId::from_uuid(row.get(0)?),
            user_id: UserId::from_uuid(row.get(1)?),
            started_at: row.get(2)?,
            expires_at: row.get(3)?,
            revoked_at: row.get(4)?,
            proof: Proof { at: row.get(5)?, factors: read_factors(&row.get::<String>(6)?)? },
        };
        Ok(Self { session, used_at: row.get(7)? })
    }
}

fn read_factors(words: &str) -> Result<Factors> {
    let damaged = || StoreError::Internal("auth_session has an unknown factor".to_owned());
    Factors::parse(words.split(' ')).ok_or_else(damaged)
}

impl FromRow for RevokedSession {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self { id: SessionId::from_uuid(row.get(0)?), revoked_at: row.get(1)? })
    }
}
