//! What a client may ask about its tokens (RFC 7662), and giving them back (RFC 7009). Another client's tokens are
//! like unknown ones.

use super::{Client, EndOfGrant, Grant, OAuthError, Result, grant_store as store, hash_of, refresh_token};
use crate::Programs;
use db::WallTime;
use identity::{Credential, Scopes, User};

/// What is known of a token that is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introspection {
    /// For whom the client acts.
    pub user: User,
    /// How far the token reaches.
    pub scopes: Scopes,
    /// Its last moment.
    pub expires_at: WallTime,
    /// Whether requests carry it; otherwise it gets such tokens.
    pub is_access_token: bool,
}

impl Programs {
    /// What is known of a token of the client's; `None`: it is not good, or not the client's.
    ///
    /// # Errors
    /// `UnauthorizedClient` for clients that cannot prove themselves, or the database failed.
    pub async fn introspect(&self, client: &Client, token: &str, now: WallTime) -> Result<Option<Introspection>> {
        if !client.is_confidential() {
            return Err(OAuthError::UnauthorizedClient("only clients with a secret may ask"));
        }
        let Some(found) = self.find_token(token, now).await? else { return Ok(None) };
        if found.grant.client_id != client.id || !found.grant.stands(now) || found.is_used {
            return Ok(None);
        }
        let user = self.identity.user(found.grant.user_id).await?;
        let (scopes, expires_at) = (found.scopes, found.expires_at);
        Ok(user.map(|user| Introspection { user, scopes, expires_at, is_access_token: found.is_access_token }))
    }

    /// Ends the grant that a token of the client's belongs to. Unknown tokens are as good as ended.
    ///
    /// # Errors
    /// `InvalidGrant` when it is another client's, or the database failed.
    pub async fn revoke_token(&self, client: &Client, token: &str, now: WallTime) -> Result<()> {
        let Some(found) = self.find_token(token, now).await? else { return Ok(()) };
        if found.grant.client_id != client.id {
            return Err(OAuthError::InvalidGrant("the token was issued to another client"));
        }
        let tx = self.db.begin().await?;
        Ok(self.end_grant(tx, &found.grant, EndOfGrant::Revoked, found.grant.actor().does(now)).await?)
    }

    async fn find_token(&self, token: &str, now: WallTime) -> Result<Option<Found>> {
        if let Ok((caller, expires_at)) = self.identity.read_token(token, now) {
            let Credential::Grant(id) = caller.credential else { return Ok(None) };
            let grant = store::find(&self.db, id).await?;
            let scopes = caller.scopes;
            return Ok(grant.map(|grant| Found { grant, scopes, expires_at, is_access_token: true, is_used: false }));
        }
        let presented = refresh_token::store::find(&self.db, &hash_of(token)).await?;
        Ok(presented.map(|presented| Found {
            scopes: presented.grant.scopes,
            expires_at: presented.grant.expires_at,
            is_used: presented.used_at.is_some(),
            grant: presented.grant,
            is_access_token: false,
        }))
    }
}

struct Found {
    grant: Grant,
    scopes: Scopes,
    expires_at: WallTime,
    is_access_token: bool,
    is_used: bool,
}
