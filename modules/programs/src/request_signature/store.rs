//! The rows of `auth_signature_nonce`.

use super::Nonce;
use db::{Result, Tx, WallTime, params, statements};
use ids::ApiKeyId;

statements! {
    INSERT_NONCE =
        "INSERT INTO auth_signature_nonce (api_key_id, nonce_hash, forget_at) VALUES ($1, $2, $3)
         ON CONFLICT (api_key_id, nonce_hash) DO NOTHING";
    DELETE_NONCES =
        "DELETE FROM auth_signature_nonce WHERE (api_key_id, nonce_hash) IN
             (SELECT api_key_id, nonce_hash FROM auth_signature_nonce WHERE forget_at < $1 LIMIT $2)";
}

/// Whether it was not there before. Of two processes that insert it at once, one waits for the other.
pub(crate) async fn insert_nonce_in_tx(tx: &Tx, api_key_id: ApiKeyId, nonce: &Nonce) -> Result<bool> {
    Ok(tx.execute(&INSERT_NONCE, params![api_key_id, &nonce.hash[..], nonce.forget_at]).await? > 0)
}

/// How many there were, up to the limit.
pub(crate) async fn delete_nonces_in_tx(tx: &Tx, now: WallTime, limit: u32) -> Result<u64> {
    tx.execute(&DELETE_NONCES, params![now, limit]).await
}
