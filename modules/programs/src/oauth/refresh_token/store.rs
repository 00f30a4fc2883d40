//! The rows of `auth_grant_token`.

use super::{PresentedRefreshToken, Successor};
use db::{Executor, Result, Tx, WallTime, columns, fields, params, statements};
use ids::GrantId;

fields! {
    // Whether it is used says its own row; until that is read it counts as used.
    Bytes: Successor, |hash| Some(Successor { hash: hash.try_into().ok()?, is_used: true }), |successor| successor.hash;
}

columns! {
    PresentedRefreshToken { grant = "*", used_at = "t.used_at", successor = "t.successor_hash" }
}

statements! {
    INSERT_GRANT_TOKEN =
        "INSERT INTO auth_grant_token (token_hash, grant_id, issued_at) VALUES ($1, $2, $3)";
    LOCK_GRANT_TOKEN -> PresentedRefreshToken =
        "SELECT {columns} FROM auth_grant_token t JOIN auth_grant g ON g.id = t.grant_id
         WHERE t.token_hash = $1 FOR UPDATE";
    SELECT_GRANT_TOKEN -> PresentedRefreshToken =
        "SELECT {columns} FROM auth_grant_token t JOIN auth_grant g ON g.id = t.grant_id WHERE t.token_hash = $1";
    USE_GRANT_TOKEN =
        "UPDATE auth_grant_token SET used_at = $2, successor_hash = $3 WHERE token_hash = $1";
    SELECT_GRANT_TOKEN_USE -> Option<WallTime> =
        "SELECT used_at FROM auth_grant_token WHERE token_hash = $1";
}

pub(crate) async fn insert_in_tx(tx: &Tx, hash: &[u8; 32], id: GrantId, now: WallTime) -> Result<()> {
    tx.execute(&INSERT_GRANT_TOKEN, params![&hash[..], id, now]).await.map(drop)
}

/// Of several who present the same token at once, one after the other gets to see it.
pub(crate) async fn lock_in_tx(tx: &Tx, hash: &[u8; 32]) -> Result<Option<PresentedRefreshToken>> {
    let found = tx.query_optional(&LOCK_GRANT_TOKEN, params![&hash[..]]).await?;
    let Some(mut presented) = found else { return Ok(None) };
    // The grant's row is held, and nobody touches its tokens without it.
    if let Some(successor) = &mut presented.successor {
        let used_at = tx.query_optional(&SELECT_GRANT_TOKEN_USE, params![successor.hash]).await?;
        successor.is_used = used_at.is_none_or(|at| at.is_some());
    }
    Ok(Some(presented))
}

pub(crate) async fn find(on: &impl Executor, hash: &[u8; 32]) -> Result<Option<PresentedRefreshToken>> {
    on.query_optional(&SELECT_GRANT_TOKEN, params![&hash[..]]).await
}

/// When it was used, and what took its place.
pub(crate) async fn use_in_tx(tx: &Tx, hash: &[u8; 32], successor: &[u8; 32], now: WallTime) -> Result<()> {
    tx.execute(&USE_GRANT_TOKEN, params![&hash[..], now, &successor[..]]).await.map(drop)
}
