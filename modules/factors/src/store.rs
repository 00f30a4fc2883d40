//! What concerns all second factors of a person at once.

use db::{DbError, Executor, Result, Tx, WallTime, columns, params, statements};
use ids::UserId;

columns! {
    Has {
        is_enabled = "u.mfa_enabled",
        sealed_secret =
            "(SELECT t.sealed_secret FROM auth_totp t WHERE t.user_id = u.id AND t.confirmed_at IS NOT NULL)",
        passkeys = "(SELECT COUNT(*) FROM auth_passkey p WHERE p.user_id = u.id)",
        recovery_codes_left =
            "(SELECT COUNT(*) FROM auth_recovery_code r WHERE r.user_id = u.id AND r.used_at IS NULL)"
    }
}

statements! {
    SELECT_MFA_STATUS -> Has = "SELECT {columns} FROM auth_user u WHERE u.id = $1";
    DELETE_TOTP_OF_USER = "DELETE FROM auth_totp WHERE user_id = $1";
    DELETE_RECOVERY_CODES_OF_USER = "DELETE FROM auth_recovery_code WHERE user_id = $1";
    DELETE_PASSKEYS_OF_USER = "DELETE FROM auth_passkey WHERE user_id = $1";
    DELETE_MFA_CHALLENGES_OF_USER = "DELETE FROM auth_mfa_challenge WHERE user_id = $1";
    DELETE_EXPIRED_MFA_CHALLENGES = "DELETE FROM auth_mfa_challenge WHERE expires_at <= $1";
    DELETE_EXPIRED_CEREMONIES = "DELETE FROM auth_passkey_ceremony WHERE expires_at <= $1";
}

/// What somebody has, as it is stored.
pub(super) struct Has {
    pub(super) is_enabled: bool,
    /// Of the authenticator app, if one is confirmed.
    pub(super) sealed_secret: Option<Vec<u8>>,
    pub(super) passkeys: i64,
    pub(super) recovery_codes_left: i64,
}

pub(super) async fn of_person(on: &impl Executor, user_id: UserId) -> Result<Has> {
    let found = on.query_optional(&SELECT_MFA_STATUS, params![user_id]).await?;
    found.ok_or_else(|| DbError::Internal("the person whose factors are asked for is gone".to_owned()))
}

/// The authenticator app, the passkeys, the recovery codes, and the logins that wait for one of them.
pub(super) async fn remove_all_in_tx(tx: &Tx, user_id: UserId) -> Result<()> {
    tx.execute(&DELETE_TOTP_OF_USER, params![user_id]).await?;
    tx.execute(&DELETE_RECOVERY_CODES_OF_USER, params![user_id]).await?;
    tx.execute(&DELETE_PASSKEYS_OF_USER, params![user_id]).await?;
    remove_challenges_in_tx(tx, user_id).await
}

pub(super) async fn remove_challenges_in_tx(tx: &Tx, user_id: UserId) -> Result<()> {
    tx.execute(&DELETE_MFA_CHALLENGES_OF_USER, params![user_id]).await.map(drop)
}

pub(super) async fn purge_in_tx(tx: &Tx, now: WallTime) -> Result<()> {
    tx.execute(&DELETE_EXPIRED_MFA_CHALLENGES, params![now]).await?;
    tx.execute(&DELETE_EXPIRED_CEREMONIES, params![now]).await.map(drop)
}
