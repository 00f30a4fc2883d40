//! The rows of `auth_authorization_code`.

use super::PresentedCode;
use crate::oauth::CodeChallenge;
use db::{Executor as _, Result, Tx, WallTime, columns, fields, params, statements};

fields! {
    Text: CodeChallenge, |text| Some(CodeChallenge::from_stored(text.to_owned())), |challenge| challenge.as_str();
}

columns! {
    PresentedCode {
        grant = "*", redirect_uri = "a.redirect_uri", challenge = "a.code_challenge", expires_at = "a.expires_at",
        used_at = "a.used_at"
    }
}

statements! {
    INSERT_CODE =
        "INSERT INTO auth_authorization_code (code_hash, grant_id, redirect_uri, code_challenge, expires_at)
         VALUES ($1, $2, $3, $4, $5)";
    LOCK_CODE -> PresentedCode =
        "SELECT {columns} FROM auth_authorization_code a JOIN auth_grant g ON g.id = a.grant_id
         WHERE a.code_hash = $1 FOR UPDATE";
    USE_CODE =
        "UPDATE auth_authorization_code SET used_at = $2 WHERE code_hash = $1";
}

pub(crate) async fn insert_in_tx(tx: &Tx, hash: &[u8; 32], code: &PresentedCode) -> Result<()> {
    let PresentedCode { grant, redirect_uri, challenge, expires_at, .. } = code;
    let row = params![&hash[..], grant.id, redirect_uri.as_str(), challenge.as_str(), *expires_at];
    tx.execute(&INSERT_CODE, row).await.map(drop)
}

/// Of several who present the same code at once, one after the other gets to see it.
pub(crate) async fn lock_in_tx(tx: &Tx, hash: &[u8; 32]) -> Result<Option<PresentedCode>> {
    tx.query_optional(&LOCK_CODE, params![&hash[..]]).await
}

pub(crate) async fn use_in_tx(tx: &Tx, hash: &[u8; 32], now: WallTime) -> Result<()> {
    tx.execute(&USE_CODE, params![&hash[..], now]).await.map(drop)
}
