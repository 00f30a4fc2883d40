//! The ways to tokens: a code, a refresh token, or a client's own credentials. Which client asks was proved before.

use super::code::{self, CodeProof, Exchange, UNKNOWN_CODE};
use super::events::{self, EndOfGrant};
use super::grant::Term;
use super::{Client, Grant, OAuthError, Result, client, grant_store as store, hash_of, refresh_token};
use crate::Programs;
use db::{Tx, WallTime};
use identity::{IdentityError, Scopes, TOKEN_SECONDS};
use outbox::Actor;

/// What a client presents.
#[derive(Clone)]
pub enum TokenRequest {
    /// The code of a consent.
    Code {
        /// As it was sent to the client.
        code: String,
        /// The address that it was sent to, if the client repeats it.
        redirect_uri: Option<String>,
        /// The secret behind the challenge.
        verifier: String,
    },
    /// What continues a grant, once.
    Refresh {
        /// The token.
        refresh_token: String,
        /// Less than was granted, if not all of it.
        scope: Option<String>,
    },
    /// Nothing but itself: it acts for who registered it.
    Own {
        /// Less than was registered, if not all of it.
        scope: Option<String>,
    },
}

/// What the client gets.
pub struct IssuedTokens {
    /// What its requests carry.
    pub access_token: String,
    /// How long that is good for.
    pub expires_in_seconds: i64,
    /// What gets the next, once; a client's own credentials need none.
    pub refresh_token: Option<String>,
    /// How far the access token reaches.
    pub scopes: Scopes,
}

/// A grant that goes on, as far as these scopes, with the refresh token that comes next.
pub(super) struct Continuation {
    pub(super) grant: Grant,
    pub(super) scopes: Scopes,
    pub(super) refresh_token: String,
}

impl Programs {
    /// The tokens for what a client presents.
    ///
    /// # Errors
    /// What is wrong with it, in OAuth's words, or the database failed.
    pub async fn issue_tokens_to(&self, client: &Client, request: TokenRequest, now: WallTime) -> Result<IssuedTokens> {
        match request {
            TokenRequest::Code { code, redirect_uri, verifier } => {
                let proof = CodeProof { redirect_uri: redirect_uri.as_deref(), verifier: &verifier };
                self.exchange_code(client, &hash_of(&code), proof, now).await
            }
            TokenRequest::Refresh { refresh_token, scope } => {
                self.refresh_grant(client, &refresh_token, scope.as_deref(), now).await
            }
            TokenRequest::Own { scope } => self.issue_own(client, scope.as_deref(), now).await,
        }
    }

    async fn exchange_code(
        &self,
        client: &Client,
        code_hash: &[u8; 32],
        proof: CodeProof<'_>,
        now: WallTime,
    ) -> Result<IssuedTokens> {
        let tx = self.db.begin().await?;
        let presented = code::store::lock_in_tx(&tx, code_hash).await?;
        let presented = presented.ok_or(OAuthError::InvalidGrant(UNKNOWN_CODE))?;
        let exchange = presented.exchange(client.id, proof, now);
        if exchange == Exchange::Revoke {
            tracing::warn!(grant_id = %presented.grant.id, "a used code was presented: the grant ends");
            self.end_grant(tx, &presented.grant, EndOfGrant::CodeReused, Actor::ITSELF.does(now)).await?;
            return Err(OAuthError::InvalidGrant(UNKNOWN_CODE));
        }
        Result::<()>::from(exchange)?;
        code::store::use_in_tx(&tx, code_hash, now).await?;
        let (grant, refresh_token) = (presented.grant, identity::random_token());
        refresh_token::store::insert_in_tx(&tx, &hash_of(&refresh_token), grant.id, now).await?;
        let scopes = grant.scopes;
        self.continue_grant(tx, Continuation { grant, scopes, refresh_token }, now).await
    }

    /// Commits that a grant goes on. Whoever calls has stored what becomes of its refresh tokens.
    pub(super) async fn continue_grant(&self, tx: Tx, next: Continuation, now: WallTime) -> Result<IssuedTokens> {
        let Continuation { grant, scopes, refresh_token } = next;
        let user = self.identity.user_in_tx(&tx, grant.user_id).await?.ok_or(IdentityError::UnknownUser)?;
        if user.require_active().is_err() {
            return Err(OAuthError::InvalidGrant("the user is disabled"));
        }
        let grant = Grant { expires_at: Grant::end_when_used(now), ..grant };
        store::extend_in_tx(&tx, grant.id, grant.expires_at).await?;
        let access_token = self.identity.issue_token(&user, &grant.token_basis(scopes), now);
        tx.commit().await?;
        Ok(IssuedTokens {
            access_token: access_token.text,
            expires_in_seconds: access_token.expires_in_seconds,
            refresh_token: Some(refresh_token),
            scopes,
        })
    }

    async fn issue_own(&self, client: &Client, scope: Option<&str>, now: WallTime) -> Result<IssuedTokens> {
        if !client.is_confidential() {
            return Err(OAuthError::UnauthorizedClient("a public client cannot prove that it is itself"));
        }
        let scopes = client.narrowed(scope).ok_or(OAuthError::InvalidScope)?;
        let tx = self.db.begin().await?;
        let owner = self.identity.lock_user_in_tx(&tx, client.owner_id).await?;
        if owner.require_active().is_err() {
            return Err(OAuthError::UnauthorizedClient("the owner of the client is disabled"));
        }
        let standing = client::lock_standing_in_tx(&tx, client.id).await?.ok_or(OAuthError::InvalidClient)?;
        if !standing.acts_for_owner {
            return Err(OAuthError::UnauthorizedClient(
                "its owner's role has changed since: they have to register it anew",
            ));
        }
        let grant = Grant::own(client, scopes, Term { from: now, until: now.plus_seconds(TOKEN_SECONDS) });
        store::insert_in_tx(&tx, &grant).await?;
        outbox::append_in_tx(&tx, vec![events::grant_made(&grant, grant.actor().does(now))]).await?;
        let access_token = self.identity.issue_token(&owner, &grant.token_basis(scopes), now);
        tx.commit().await?;
        Ok(IssuedTokens {
            access_token: access_token.text,
            expires_in_seconds: access_token.expires_in_seconds,
            refresh_token: None,
            scopes,
        })
    }
}

impl Client {
    /// The scopes that a request names, all registered ones when it names none; `None` when they are too many.
    pub(super) fn narrowed(&self, scope: Option<&str>) -> Option<Scopes> {
        narrowed(self.scopes, scope)
    }
}

pub(super) fn narrowed(most: Scopes, scope: Option<&str>) -> Option<Scopes> {
    let Some(words) = scope else { return Some(most) };
    Scopes::parse(words).filter(|scopes| !scopes.is_empty() && most.contains_all(*scopes))
}

impl std::fmt::Debug for TokenRequest {
    /// Without secrets.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Code { .. } => "TokenRequest::Code",
            Self::Refresh { .. } => "TokenRequest::Refresh",
            Self::Own { .. } => "TokenRequest::Own",
        })
    }
}

impl std::fmt::Debug for IssuedTokens {
    /// Without the tokens.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("IssuedTokens").field("scopes", &self.scopes).finish_non_exhaustive()
    }
}
