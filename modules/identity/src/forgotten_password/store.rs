//! The rows of `auth_reset_request`.

use super::ResetRequest;
use crate::Username;
use db::{DbError, Executor, Result, Tx, WallTime, columns, params, statements};
use uuid::Uuid;

columns! {
    struct Waiting { id: Uuid, username: Option<String>, email: Option<String> }
}

statements! {
    INSERT_RESET_REQUEST =
        "INSERT INTO auth_reset_request (id, username, email, requested_at) VALUES ($1, $2, $3, $4)";
    SELECT_WAITING_RESET_REQUEST =
        "SELECT id FROM auth_reset_request ORDER BY id LIMIT 1 OFFSET $1";
    LOCK_OLDEST_RESET_REQUEST -> Waiting =
        "SELECT {columns} FROM auth_reset_request ORDER BY id LIMIT 1 FOR UPDATE";
    DELETE_RESET_REQUEST =
        "DELETE FROM auth_reset_request WHERE id = $1";
}

pub(crate) async fn insert_in_tx(tx: &Tx, request: &ResetRequest, now: WallTime) -> Result<()> {
    let (username, email) = match request {
        ResetRequest::OfUsername(username) => (Some(username.as_str()), None),
        ResetRequest::OfEmail(email) => (None, Some(email.as_str())),
    };
    tx.execute(&INSERT_RESET_REQUEST, params![Uuid::now_v7(), username, email, now]).await.map(drop)
}

/// Whether more than so many wait.
pub(crate) async fn waits_at(on: &impl Executor, position: u32) -> Result<bool> {
    Ok(!on.query(&SELECT_WAITING_RESET_REQUEST, params![position]).await?.is_empty())
}

/// The oldest one, which is gone with the commit. Of several processes one gets it.
pub(crate) async fn take_oldest_in_tx(tx: &Tx) -> Result<Option<ResetRequest>> {
    let waiting = tx.query_optional(&LOCK_OLDEST_RESET_REQUEST, params![]).await?;
    let Some(Waiting { id, username, email }) = waiting else { return Ok(None) };
    let request = match username {
        Some(username) => Username::parse(&username).ok().map(ResetRequest::OfUsername),
        None => email.map(ResetRequest::OfEmail),
    };
    let damaged = || DbError::Internal("auth_reset_request has a row about nobody".to_owned());
    let request = request.ok_or_else(damaged)?;
    tx.execute(&DELETE_RESET_REQUEST, params![id]).await?;
    Ok(Some(request))
}
