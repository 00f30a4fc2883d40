//! The code that a consent leads to, and what it leads to when it is presented.

pub(super) mod store;

use super::{CodeChallenge, Grant, OAuthError};
use db::WallTime;
use ids::ClientId;

/// A code that somebody presented, as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct PresentedCode {
    pub(crate) grant: Grant,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: CodeChallenge,
    pub(crate) expires_at: WallTime,
    pub(crate) used_at: Option<WallTime>,
}

/// What a presented code leads to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Exchange {
    /// It is used up, and the client gets its tokens.
    Issue,
    /// It was used before: two hold it, so the grant ends for both.
    Revoke,
    /// It leads to nothing.
    Refuse(&'static str),
}

/// What a client shows besides the code.
#[derive(Clone, Copy)]
pub(crate) struct CodeProof<'a> {
    pub(crate) redirect_uri: Option<&'a str>,
    pub(crate) verifier: &'a str,
}

impl PresentedCode {
    /// What it leads to, presented by a client with an address and a verifier.
    pub(crate) fn exchange(
        &self,
        client_id: ClientId,
        CodeProof { redirect_uri, verifier }: CodeProof<'_>,
        now: WallTime,
    ) -> Exchange {
        if self.grant.client_id != client_id {
            return Exchange::Refuse(UNKNOWN_CODE);
        }
        if self.used_at.is_some() {
            return Exchange::Revoke;
        }
        if now >= self.expires_at || !self.grant.stands(now) {
            return Exchange::Refuse(UNKNOWN_CODE);
        }
        // OAuth 2.1 leaves it out, where PKCE does its work; OAuth 2.0 sends it, and then it has to be the same.
        if redirect_uri.is_some_and(|uri| uri != self.redirect_uri) {
            return Exchange::Refuse("the redirect_uri is not the one of the authorization request");
        }
        if self.challenge.is_met_by(verifier) {
            Exchange::Issue
        } else {
            Exchange::Refuse("the code_verifier is wrong")
        }
    }
}

/// The same for all, so that nobody learns which it is.
pub(super) const UNKNOWN_CODE: &str = "the code is unknown, used or over";

impl From<Exchange> for std::result::Result<(), OAuthError> {
    fn from(exchange: Exchange) -> Self {
        match exchange {
            Exchange::Issue => Ok(()),
            Exchange::Revoke => Err(OAuthError::InvalidGrant(UNKNOWN_CODE)),
            Exchange::Refuse(reason) => Err(OAuthError::InvalidGrant(reason)),
        }
    }
}
