//! What a presented refresh token of a grant leads to: a new one, the same one again because the reply was lost, or the end
//! of the grant (RFC 9700, section 4.14.2). The same rule as for sessions; how tokens are issued is in `tokens.rs`.

use super::events::EndOfGrant;
use super::refresh_token::{Refresh, store as tokens};
use super::tokens::{Continuation, IssuedTokens, narrowed};
use super::{Client, OAuthError, Result, hash_of};
use crate::Programs;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use db::WallTime;
use outbox::Actor;

const UNKNOWN_TOKEN: &str = "the refresh token is unknown, used or over";

impl Programs {
    /// Continues a grant; the refresh token that was presented is used up. However often it is presented within ten
    /// seconds, before its successor was used, it gets the same successor. Any later time ends the grant: one of the two who
    /// hold it stole it.
    pub(super) async fn refresh_grant(
        &self,
        client: &Client,
        refresh_token: &str,
        scope: Option<&str>,
        now: WallTime,
    ) -> Result<IssuedTokens> {
        let unknown = || OAuthError::InvalidGrant(UNKNOWN_TOKEN);
        let token_hash = hash_of(refresh_token);
        let tx = self.db.begin().await?;
        let presented = tokens::lock_in_tx(&tx, &token_hash).await?.ok_or_else(unknown)?;
        let refresh = presented.refresh(now);
        let grant = presented.grant;
        if grant.client_id != client.id || !grant.stands(now) {
            return Err(unknown());
        }
        if refresh == Refresh::Revoke {
            tracing::warn!(grant_id = %grant.id, "a used refresh token was presented: the grant ends");
            self.end_grant(tx, &grant, EndOfGrant::RefreshTokenReused, Actor::ITSELF.does(now)).await?;
            return Err(unknown());
        }
        let scopes = narrowed(grant.scopes, scope).ok_or(OAuthError::InvalidScope)?;
        let successor = self.token_after(refresh_token);
        let successor_hash = hash_of(&successor);
        match refresh {
            Refresh::Repeat(hash) if hash == successor_hash => {}
            // Made with another key: what it was, nobody can find out again.
            Refresh::Repeat(_) => return Err(unknown()),
            Refresh::Rotate | Refresh::Revoke => {
                tokens::insert_in_tx(&tx, &successor_hash, grant.id, now).await?;
                tokens::use_in_tx(&tx, &token_hash, &successor_hash, now).await?;
            }
        }
        self.continue_grant(tx, Continuation { grant, scopes, refresh_token: successor }, now).await
    }

    /// What takes the place of a token: always the same for the same one, and known to nobody without the key.
    fn token_after(&self, presented: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.identity.secrets().derive("grant token after", presented.as_bytes()))
    }
}
