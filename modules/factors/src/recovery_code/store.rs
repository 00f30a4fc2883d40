//! The rows of `auth_recovery_code`. All are changed while the person's row is held.

use db::{Result, Tx, WallTime, columns, params, statements};
use ids::UserId;

columns! {
    struct RecoveryCode { user_id: UserId, code_hash: [u8; 32] }
}

statements! {
    DELETE_RECOVERY_CODES = "DELETE FROM auth_recovery_code WHERE user_id = $1";
    INSERT_RECOVERY_CODES(RecoveryCode) = "INSERT INTO auth_recovery_code ({columns}) VALUES ({values})";
    USE_RECOVERY_CODE =
        "UPDATE auth_recovery_code SET used_at = $3
         WHERE user_id = $1 AND code_hash = $2 AND used_at IS NULL";
}

pub(super) async fn replace_in_tx(tx: &Tx, user_id: UserId, code_hashes: Vec<[u8; 32]>) -> Result<()> {
    tx.execute(&DELETE_RECOVERY_CODES, params![user_id]).await?;
    let codes = code_hashes.into_iter().map(|code_hash| RecoveryCode { user_id, code_hash });
    tx.execute_rows(&INSERT_RECOVERY_CODES, codes).await.map(drop)
}

/// Whether it was there and is used only now.
pub(super) async fn use_in_tx(tx: &Tx, user_id: UserId, code_hash: [u8; 32], now: WallTime) -> Result<bool> {
    Ok(tx.execute(&USE_RECOVERY_CODE, params![user_id, &code_hash[..], now]).await? > 0)
}
