//! The request with which a client sends a browser here, whether it is in order, and the code that a consent leads to.

use super::code::{self, PresentedCode};
use super::grant::Term;
use super::{Client, CodeChallenge, Grant, client, events, grant_store as store, hash_of};
use crate::{ProgramError, Programs, Result, change};
use db::WallTime;
use identity::{Caller, Scopes};
use ids::ClientId;

/// A code is fetched at once by the client that it was sent to.
const CODE_LIFETIME_SECONDS: i64 = 60;
const STATE_CHARACTERS_MAX: usize = 512;

/// The request as it came, parameter by parameter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of RFC 6749, section 4.1.1, and RFC 7636, section 4.3")]
pub struct RawAuthorizationRequest {
    pub client_id: Option<String>,
    pub redirect_uri: Option<String>,
    pub response_type: Option<String>,
    pub scope: Option<String>,
    pub state: Option<String>,
    pub code_challenge: Option<String>,
    pub code_challenge_method: Option<String>,
}

/// A request that is in order: the person can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// Who asks.
    pub client: Client,
    /// Where the browser goes afterwards.
    pub redirect_uri: String,
    /// How far it is to reach.
    pub scopes: Scopes,
    /// What the client wants to have back.
    pub state: Option<String>,
    challenge: CodeChallenge,
}

/// Why nobody is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthorizationRefusal {
    /// Neither the client nor the address can be trusted: the person is told, and the browser goes nowhere.
    Untrusted(&'static str),
    /// The client is told, at its address.
    Back {
        /// The address, which is registered.
        redirect_uri: String,
        /// What the client wants to have back.
        state: Option<String>,
        /// The word of RFC 6749, section 4.1.2.1.
        error: &'static str,
        /// For developers.
        description: &'static str,
    },
    /// The database failed.
    Failed(ProgramError),
}

impl Programs {
    /// Whether a person can be asked.
    ///
    /// # Errors
    /// What is to be told instead, and to whom.
    pub async fn check_authorization(
        &self,
        raw: RawAuthorizationRequest,
    ) -> std::result::Result<AuthorizationRequest, AuthorizationRefusal> {
        let unknown = AuthorizationRefusal::Untrusted("The client is not known here.");
        let id = raw.client_id.as_deref().and_then(|id| ClientId::parse(id).ok()).ok_or_else(|| unknown.clone())?;
        let found = client::find_standing(&self.db, id).await;
        let client = found.map_err(|error| AuthorizationRefusal::Failed(error.into()))?.ok_or(unknown)?;
        check(client, raw)
    }

    /// The caller, who has just proved who they are, consents: the code for the client.
    ///
    /// # Errors
    /// `UnknownClient` when it was removed meanwhile, `Disabled`, or the database failed.
    pub async fn consent(&self, caller: &Caller, request: &AuthorizationRequest, now: WallTime) -> Result<String> {
        let (given, end) = (identity::random_token(), now.plus_seconds(CODE_LIFETIME_SECONDS));
        let tx = self.db.begin().await?;
        let user = self.identity.lock_user_in_tx(&tx, caller.user_id).await?;
        user.require_active()?;
        let client = client::lock_standing_in_tx(&tx, request.client.id).await?.ok_or(ProgramError::UnknownClient)?;
        let grant = Grant::of_consent(&client, caller, request.scopes, Term { from: now, until: end });
        store::insert_in_tx(&tx, &grant).await?;
        outbox::append_in_tx(&tx, vec![events::grant_made(&grant, caller.does(now))]).await?;
        self.identity.mail_change_in_tx(&tx, &user, change::granted(&client.name), now).await?;
        let code_row = PresentedCode {
            grant,
            redirect_uri: request.redirect_uri.clone(),
            challenge: request.challenge.clone(),
            expires_at: end,
            used_at: None,
        };
        code::store::insert_in_tx(&tx, &hash_of(&given), &code_row).await?;
        tx.commit().await?;
        Ok(given)
    }
}

/// First what decides whom to tell, then the rest.
fn check(
    client: Client,
    raw: RawAuthorizationRequest,
) -> std::result::Result<AuthorizationRequest, AuthorizationRefusal> {
    let known = raw.redirect_uri.filter(|uri| client.knows(uri));
    let elsewhere = "The client asks to send you to an address that it has not registered.";
    let redirect_uri = known.ok_or(AuthorizationRefusal::Untrusted(elsewhere))?;
    let state = raw.state.filter(|state| state.len() <= STATE_CHARACTERS_MAX);
    let back = |error, description| {
        let (redirect_uri, state) = (redirect_uri.clone(), state.clone());
        Err(AuthorizationRefusal::Back { redirect_uri, state, error, description })
    };
    if raw.response_type.as_deref() != Some("code") {
        return back("unsupported_response_type", "response_type must be code");
    }
    if raw.code_challenge_method.as_deref() != Some("S256") {
        return back("invalid_request", "code_challenge_method must be S256");
    }
    let Some(challenge) = raw.code_challenge.as_deref().and_then(CodeChallenge::parse) else {
        return back("invalid_request", "code_challenge must be a SHA-256 in base64url");
    };
    let Some(scopes) = client.narrowed(raw.scope.as_deref()) else {
        return back("invalid_scope", "the scope is unknown, or more than was registered");
    };
    Ok(AuthorizationRequest { client, redirect_uri, scopes, state, challenge })
}
