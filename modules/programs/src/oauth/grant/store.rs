//! The rows of `auth_grant`, and how they end with what belongs to them.

use super::{EndedGrant, Grant, GrantKind};
use db::{Executor, Result, Tx, WallTime, columns, fields, params, statements};
use identity::{Credential, Revoked};
use ids::{ClientId, GrantId, UserId};
use uuid::Uuid;

/// So many grants at most are forgotten in one step: the number in the statements.
pub(crate) const PURGE_STEP_GRANTS: u64 = 500;

fields! {
    Text: GrantKind, GrantKind::parse, |kind| kind.word();
}

columns! {
    // Where rows are locked the client's is not: it stays free for others, and for whoever removes it.
    Grant {
        id = "g.id", client_id = "g.client_id",
        client_name = "(SELECT c.name FROM auth_oauth_client c WHERE c.id = g.client_id)", user_id = "g.user_id",
        kind = "g.kind", scopes = "g.scopes", granted_at = "g.granted_at", expires_at = "g.expires_at",
        revoked_at = "g.revoked_at", factors = "g.proved_with"
    }
    EndedGrant { id, user_id }
    struct RevokedGrant { id: GrantId, revoked_at: WallTime }
}

statements! {
    INSERT_GRANT =
        "INSERT INTO auth_grant (id, client_id, user_id, kind, scopes, granted_at, expires_at, proved_with)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    SELECT_GRANT -> Grant = "SELECT {columns} FROM auth_grant g WHERE g.id = $1";
    SELECT_GRANTS_OF_USER -> Grant =
        "SELECT {columns} FROM auth_grant g
         WHERE g.user_id = $1 AND g.kind = 'CONSENT' AND g.revoked_at IS NULL AND g.expires_at > $2 AND g.id > $3
         ORDER BY g.id LIMIT $4";
    EXTEND_GRANT =
        "UPDATE auth_grant SET expires_at = $2 WHERE id = $1";
    REVOKE_GRANT -> EndedGrant =
        "UPDATE auth_grant SET revoked_at = $2
         WHERE id = $1 AND revoked_at IS NULL RETURNING {columns}";
    REVOKE_GRANTS_OF_CLIENT -> EndedGrant =
        "UPDATE auth_grant SET revoked_at = $2
         WHERE client_id = $1 AND revoked_at IS NULL AND expires_at > $2 RETURNING {columns}";
    REVOKE_GRANTS_OF_USER -> EndedGrant =
        "UPDATE auth_grant SET revoked_at = $2
         WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > $2 RETURNING {columns}";
    SELECT_GRANTS_REVOKED_SINCE -> RevokedGrant =
        "SELECT {columns} FROM auth_grant WHERE revoked_at > $1";
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
    let row = params![
        grant.id,
        grant.client_id,
        grant.user_id,
        grant.kind,
        grant.scopes,
        grant.granted_at,
        grant.expires_at,
        grant.factors,
    ];
    tx.execute(&INSERT_GRANT, row).await.map(drop)
}

pub(crate) async fn find(on: &impl Executor, id: GrantId) -> Result<Option<Grant>> {
    on.query_optional(&SELECT_GRANT, params![id]).await
}

pub(crate) async fn page(
    on: &impl Executor,
    user_id: UserId,
    after: Option<GrantId>,
    limit: u32,
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
    let revoked = on.query_as(&SELECT_GRANTS_REVOKED_SINCE, params![since]).await?;
    let as_credential = |RevokedGrant { id, revoked_at }| Revoked { credential: Credential::Grant(id), revoked_at };
    Ok(revoked.into_iter().map(as_credential).collect())
}

/// Deletes some of the grants that ended before, and what belongs to them; returns the number of grants.
pub(crate) async fn purge_in_tx(tx: &Tx, before: WallTime) -> Result<u64> {
    tx.execute(&PURGE_CODES, params![before]).await?;
    tx.execute(&PURGE_GRANT_TOKENS, params![before]).await?;
    tx.execute(&PURGE_GRANTS, params![before]).await
}
