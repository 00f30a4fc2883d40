//! The authorization server of OAuth 2.1: clients, what people grant to them, and the tokens that come of it. How
//! requests and refusals look on the wire is the edge's matter.

mod authorization;
mod client;
mod error;
mod grant;
mod introspection;
mod pkce;
mod redirect_uri;
mod tokens;

pub use authorization::{AuthorizationRefusal, AuthorizationRequest, RawAuthorizationRequest};
pub use client::{Client, ClientAuthentication, ClientSecret, NewClient};
pub use error::OAuthError;
pub use grant::Grant;
pub use introspection::Introspection;
pub use pkce::CodeChallenge;
pub use redirect_uri::RedirectUri;
pub use tokens::{IssuedTokens, TokenRequest};

pub(crate) use client::stop_clients_in_tx;
pub(crate) use grant::{end_all_in_tx, store as grant_store};

use sha2::{Digest, Sha256};

/// What the commands of the authorization server lead to.
pub type Result<T> = std::result::Result<T, OAuthError>;

/// The SHA-256 of a code, secret or refresh token. They are random, so they need no slow hash.
fn hash_of(secret: &str) -> [u8; 32] {
    Sha256::digest(secret).into()
}
