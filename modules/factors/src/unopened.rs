//! Authenticator apps whose secret another key sealed: since `florin keys replace-secrets` nobody can check their codes. They
//! count as none, so that people are shown the ways that are left to them.

use crate::{Factors, Result};
use db::{Db, params, statements};
use ids::UserId;
use secrets::Secrets;
use std::sync::atomic::Ordering;

statements! {
    SELECT_CONFIRMED_APPS -> (UserId, Vec<u8>, i64) =
        "SELECT t.user_id, t.sealed_secret,
                (SELECT COUNT(*) FROM auth_passkey p WHERE p.user_id = t.user_id) +
                (SELECT COUNT(*) FROM auth_recovery_code r WHERE r.user_id = t.user_id AND r.used_at IS NULL)
         FROM auth_totp t WHERE t.confirmed_at IS NOT NULL";
}

/// How many people have an authenticator app that a key does not open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnopenedApps {
    /// Those who have a passkey or recovery codes besides.
    pub with_another_factor: u64,
    /// Those who get in no more by themselves.
    pub alone: u64,
}

/// Tries the key on every app that is confirmed.
///
/// # Errors
/// The database failed.
pub async fn count_unopened_apps(db: &Db, secrets: &Secrets) -> Result<UnopenedApps> {
    let (snapshot, secrets) = (db.snapshot().await?, secrets.clone());
    let counted = snapshot.fold(
        &SELECT_CONFIRMED_APPS,
        params![],
        UnopenedApps::default(),
        move |counted: &mut UnopenedApps, row| {
            let (user_id, sealed_secret, others) = row;
            if secrets.open(&sealed_secret, user_id.uuid().as_bytes()).is_none() {
                let count = if others > 0 { &mut counted.with_another_factor } else { &mut counted.alone };
                *count += 1;
            }
            Ok(())
        },
    );
    Ok(counted.await?)
}

impl Factors {
    /// The secret of somebody's app, unless another key sealed it.
    pub(crate) fn opened(&self, sealed_secret: &[u8], user_id: UserId) -> Option<Vec<u8>> {
        let secret = self.identity.secrets().open(sealed_secret, user_id.uuid().as_bytes());
        if secret.is_none() && !self.has_told_of_unopened.swap(true, Ordering::Relaxed) {
            tracing::error!(
                %user_id,
                "authenticator apps were sealed with another key, of this person and perhaps of others: they count as none, \
                 until they are set up again"
            );
        }
        secret
    }
}
