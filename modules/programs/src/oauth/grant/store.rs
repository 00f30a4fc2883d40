//! The rows of `auth_grant`, `auth_authorization_code` and `auth_grant_token`.

use super::{EndedGrant, Grant, GrantKind};
use crate::oauth::CodeChallenge;
use crate::oauth::authorization::PresentedCode;
use crate::oauth::refresh::{PresentedRefreshToken, Successor};
use db::{DbError, Executor, FromRow, Result, Row, Tx, WallTime, params, statements};
use identity::{Credential, Factors, Revoked, Scopes};
use ids::{ClientId, GrantId, UserId};
use uuid::Uuid;

/// So many grants at most are forgotten in one step: the number in the statements.
pub(crate) const PURGE_STEP_GRANTS: u64 = 500;
/// How many columns of a joined row a grant takes.
const GRANT_COLUMNS: usize = 10;

statements! {
    INSERT_GRANT =
        "INSERT INTO auth_grant (id, client_id, user_id, kind, scopes, granted_at, expires_at, proved_with)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    SELECT_GRANT =
        "SELECT g.id, g.client_id, c.name, g.user_id, g.kind, g.scopes, g.granted_at, g.expires_at, g.revoked_at,
                g.proved_with
         FROM auth_grant g JOIN auth_oauth_client c ON c.id = g.client_id WHERE g.id = $1";
    SELECT_GRANTS_OF_USER =
        "SELECT g.id, g.client_id, c.name, g.user_id, g.kind, g.scopes, g.granted_at, g.expires_at, g.revoked_at,
                g.proved_with
         FROM auth_grant g JOIN auth_oauth_client c ON c.id = g.client_id
         WHERE g.user_id = $1 AND g.kind = 'CONSENT' AND g.revoked_at IS NULL AND g.expires_at > $2 AND g.id > $3
         ORDER BY g.id LIMIT $4";
    EXTEND_GRANT =
        "UPDATE auth_grant SET expires_at = $2 WHERE id = $1";
    REVOKE_GRANT =
        "UPDATE auth_grant SET revoked_at = $2
         WHERE id = $1 AND revoked_at IS NULL RETURNING id, user_id";
    REVOKE_GRANTS_OF_CLIENT =
        "UPDATE auth_grant SET revoked_at = $2
         WHERE client_id = $1 AND revoked_at IS NULL AND expires_at > $2 RETURNING id, user_id";
    REVOKE_GRANTS_OF_USER =
        "UPDATE auth_grant SET revoked_at = $2
         WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2 RETURNING id, user_id";
    SELECT_GRANTS_REVOKED_SINCE =
        "SELECT id, revoked_at FROM auth_grant WHERE revoked_at > $1";
    INSERT_CODE =
        "INSERT INTO auth_authorization_code (code_hash, grant_id, redirect_uri, code_challenge, expires_at)
         VALUES ($1, $2, $3, $4, $5)";
    /// Without the client's name: its row stays free for others, and for whoever removes it.
    LOCK_CODE =
        "SELECT g.id, g.client_id, '', g.user_id, g.kind, g.scopes, g.granted_at, g.expires_at, g.revoked_at,
                g.proved_with, a.redirect_uri, a.code_challenge, a.expires_at, a.used_at
         FROM auth_authorization_code a JOIN auth_grant g ON g.id = a.grant_id
         WHERE a.code_hash = $1 FOR UPDATE";
    USE_CODE =
        "UPDATE auth_authorization_code SET used_at = $2 WHERE code_hash = $1";
    INSERT_GRANT_TOKEN =
        "INSERT INTO auth_grant_token (token_hash, grant_id, issued_at) VALUES ($1, $2, $3)";
    /// As with codes.
    LOCK_GRANT_TOKEN =
        "SELECT g.id, g.client_id, '', g.user_id, g.kind, g.scopes, g.granted_at, g.expires_at, g.revoked_at,
                g.proved_with, t.used_at, t.successor_hash
         FROM auth_grant_token t JOIN auth_grant g ON g.id = t.grant_id
         WHERE t.token_hash = $1 FOR UPDATE";
    SELECT_GRANT_TOKEN =
        "SELECT g.id, g.client_id, c.name, g.user_id, g.kind, g.scopes, g.granted_at, g.expires_at, g.revoked_at,
                g.proved_with, t.used_at, t.successor_hash
         FROM auth_grant_token t JOIN auth_grant g ON g.id = t.grant_id
              JOIN auth_oauth_client c ON c.id = g.client_id
         WHERE t.token_hash = $1";
    USE_GRANT_TOKEN =
        "UPDATE auth_grant_token SET used_at = $2, successor_hash = $3 WHERE token_hash = $1";
    SELECT_GRANT_TOKEN_USE =
        "SELECT used_at FROM auth_grant_token WHERE token_hash = $1";
    PURGE_CODES =
        "DELETE FROM auth_authorization_code WHERE grant_id IN
         (SELECT id FROM auth_grant WHERE expires_at < $1 ORDER BY expires_at, id LIMIT 500)";
    PURGE_GRANT_TOKENS =
        "DELETE FROM auth_grant_token WHERE grant_id IN
         (SELECT id FROM auth_grant WHERE expires_at < $1 ORDER BY expires_at, id LIMIT 500)";
    PURGE_GRANTS =
        "DELETE FROM auth_grant WHERE id IN
         (SELECT id FROM auth_grant WHERE expires_at < $1 ORDER BY expires_at, id LIMIT 500)";
}

pub(crate) async fn insert_in_tx(tx: &Tx, grant: &Grant) -> Result<()> {
    let factors = grant.factors.words().collect::<Vec<_>>().join(" ");
    let row = params![
        grant.id,
        grant.client_id,
        grant.user_id,
        grant.kind.word(),
        grant.scopes.to_string(),
        grant.granted_at,
        grant.expires_at,
        factors,
    ];
    tx.execute(&INSERT_GRANT, row).await.map(drop)
}

pub(crate) async fn find(on: &impl Executor, id: GrantId) -> Result<Option<Grant>> {
    on.query_optional(&SELECT_GRANT, params![id]).await
}

pub(crate) async fn page(
    on: &impl Executor,
    user_id: UserId,
    (after, limit): (Option<GrantId>, u32),
    now: WallTime,
) -> Result<Vec<Grant>> {
    let after = after.map_or(Uuid::nil(), GrantId::uuid);
    on.query_as(&SELECT_GRANTS_OF_USER, params![user_id, now, after, limit]).await
}

pub(crate) async fn extend_in_tx(tx: &Tx, id: GrantId, until: WallTime) -> Result<()> {
    tx.execute(&EXTEND_GRANT, params![id, until]).await.map(drop)
}

/// The grant, if it was this call that ended it.
pub(crate) async fn revoke_in_tx(tx: &Tx, id: GrantId, now: WallTime) -> Result<Vec<EndedGrant>> {
    tx.query_as(&REVOKE_GRANT, params![id, now]).await
}

pub(crate) async fn revoke_of_client_in_tx(tx: &Tx, id: ClientId, now: WallTime) -> Result<Vec<EndedGrant>> {
    tx.query_as(&REVOKE_GRANTS_OF_CLIENT, params![id, now]).await
}

pub(crate) async fn revoke_of_user_in_tx(tx: &Tx, id: UserId, now: WallTime) -> Result<Vec<EndedGrant>> {
    tx.query_as(&REVOKE_GRANTS_OF_USER, params![id, now]).await
}

pub(crate) async fn revoked_since(on: &impl Executor, since: WallTime) -> Result<Vec<Revoked>> {
    let revoked: Vec<RevokedGrant> = on.query_as(&SELECT_GRANTS_REVOKED_SINCE, params![since]).await?;
    let as_credential = |RevokedGrant { id, revoked_at }| Revoked { credential: Credential::Grant(id), revoked_at };
    Ok(revoked.into_iter().map(as_credential).collect())
}

pub(crate) async fn insert_code_in_tx(tx: &Tx, hash: &[u8; 32], code: &PresentedCode) -> Result<()> {
    let PresentedCode { grant, redirect_uri, challenge, expires_at, .. } = code;
    let row = params![&hash[..], grant.id, redirect_uri.as_str(), challenge.as_str(), *expires_at];
    tx.execute(&INSERT_CODE, row).await.map(drop)
}

/// Of several who present the same code at once, one after the other gets to see it.
pub(crate) async fn lock_code_in_tx(tx: &Tx, hash: &[u8; 32]) -> Result<Option<PresentedCode>> {
    tx.query_optional(&LOCK_CODE, params![&hash[..]]).await
}

pub(crate) async fn use_code_in_tx(tx: &Tx, hash: &[u8; 32], now: WallTime) -> Result<()> {
    tx.execute(&USE_CODE, params![&hash[..], now]).await.map(drop)
}

pub(crate) async fn insert_token_in_tx(tx: &Tx, hash: &[u8; 32], id: GrantId, now: WallTime) -> Result<()> {
    tx.execute(&INSERT_GRANT_TOKEN, params![&hash[..], id, now]).await.map(drop)
}

/// Of several who present the same token at once, one after the other gets to see it.
pub(crate) async fn lock_token_in_tx(tx: &Tx, hash: &[u8; 32]) -> Result<Option<PresentedRefreshToken>> {
    let found: Option<PresentedRefreshToken> = tx.query_optional(&LOCK_GRANT_TOKEN, params![&hash[..]]).await?;
    let Some(mut presented) = found else { return Ok(None) };
    // The grant's row is held, and nobody touches its tokens without it.
    if let Some(successor) = &mut presented.successor {
        let used: Option<UsedAt> = tx.query_optional(&SELECT_GRANT_TOKEN_USE, params![&successor.hash[..]]).await?;
        successor.is_used = used.is_none_or(|UsedAt(at)| at.is_some());
    }
    Ok(Some(presented))
}

pub(crate) async fn find_token(on: &impl Executor, hash: &[u8; 32]) -> Result<Option<PresentedRefreshToken>> {
    on.query_optional(&SELECT_GRANT_TOKEN, params![&hash[..]]).await
}

/// When it was used, and what took its place.
pub(crate) async fn use_token_in_tx(tx: &Tx, hash: &[u8; 32], successor: &[u8; 32], now: WallTime) -> Result<()> {
    tx.execute(&USE_GRANT_TOKEN, params![&hash[..], now, &successor[..]]).await.map(drop)
}

/// Deletes some of the grants that ended before, and what belongs to them; returns the number of grants.
pub(crate) async fn purge_in_tx(tx: &Tx, before: WallTime) -> Result<u64> {
    tx.execute(&PURGE_CODES, params![before]).await?;
    tx.execute(&PURGE_GRANT_TOKENS, params![before]).await?;
    tx.execute(&PURGE_GRANTS, params![before]).await
}

impl FromRow for Grant {
    fn from_row(row: &Row) -> Result<Self> {
        let damaged = |column: &str| DbError::Internal(format!("auth_grant has an unknown {column}"));
        let factors: String = row.get(9)?;
        let factors = Factors::parse(factors.split(' ').filter(|word| !word.is_empty()));
        Ok(Self {
            id: GrantId::from_uuid(row.get(0)?),
            client_id: ClientId::from_uuid(row.get(1)?),
            client_name: row.get(2)?,
            user_id: UserId::from_uuid(row.get(3)?),
            kind: GrantKind::parse(&row.get::<String>(4)?).ok_or_else(|| damaged("kind"))?,
            scopes: Scopes::parse(&row.get::<String>(5)?).ok_or_else(|| damaged("scope"))?,
            granted_at: row.get(6)?,
            expires_at: row.get(7)?,
            revoked_at: row.get(8)?,
            factors: factors.ok_or_else(|| damaged("factor"))?,
        })
    }
}

impl FromRow for PresentedCode {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            grant: Grant::from_row(row)?,
            redirect_uri: row.get(GRANT_COLUMNS)?,
            challenge: CodeChallenge::from_stored(row.get(GRANT_COLUMNS + 1)?),
            expires_at: row.get(GRANT_COLUMNS + 2)?,
            used_at: row.get(GRANT_COLUMNS + 3)?,
        })
    }
}

impl FromRow for PresentedRefreshToken {
    fn from_row(row: &Row) -> Result<Self> {
        let damaged = |_| DbError::Internal("auth_grant_token has a hash that is none".to_owned());
        let hash: Option<Vec<u8>> = row.get(GRANT_COLUMNS + 1)?;
        let hash = hash.map(<[u8; 32]>::try_from).transpose().map_err(damaged)?;
        // Whether it is used says its own row; until that is read it counts as used.
        let successor = hash.map(|hash| Successor { hash, is_used: true });
        Ok(Self { grant: Grant::from_row(row)?, used_at: row.get(GRANT_COLUMNS)?, successor })
    }
}

struct UsedAt(Option<WallTime>);

impl FromRow for UsedAt {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self(row.get(0)?))
    }
}

impl FromRow for EndedGrant {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self { id: GrantId::from_uuid(row.get(0)?), user_id: UserId::from_uuid(row.get(1)?) })
    }
}

struct RevokedGrant {
    id: GrantId,
    revoked_at: WallTime,
}

impl FromRow for RevokedGrant {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self { id: GrantId::from_uuid(row.get(0)?), revoked_at: row.get(1)? })
    }
}
