//! The authorization server of OAuth 2.1: clients, what people grant to them, and the tokens that come of it. How
//! requests and refusals look on the wire is the edge's matter.

mod authorization;
mod client;
mod code;
mod error;
mod events;
mod grant;
mod introspection;
mod pkce;
mod redirect_uri;
mod refresh;
mod refresh_token;
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
pub(crate) use events::EndOfGrant;
pub(crate) use grant::end_all_in_tx;
pub(crate) use grant::store::{PURGE_STEP_GRANTS, purge_in_tx, revoked_since};

use grant::store as grant_store;
use identity::SecretHash;

/// What the commands of the authorization server lead to.
pub type Result<T> = std::result::Result<T, OAuthError>;

/// The hash of a code, secret or refresh token, all of which are random.
fn hash_of(secret: &str) -> [u8; 32] {
    SecretHash::of(secret).0
}
