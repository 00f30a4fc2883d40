//! The document in which an issuer says where its keys are (OpenID Connect Discovery, section 3).

use crate::{FetchError, IssuerUrl};
use serde::Deserialize;
use url::Url;

#[derive(Deserialize)]
pub(crate) struct Document {
    issuer: String,
    jwks_uri: String,
}

impl Document {
    pub(crate) fn parse(text: &str) -> Result<Self, FetchError> {
        serde_json::from_str(text).map_err(|_| FetchError::Document("is not JSON with issuer and jwks_uri".to_owned()))
    }

    /// Where the keys of this issuer are; another one's document says nothing about it.
    pub(crate) fn keys_of(&self, issuer: &IssuerUrl) -> Result<Url, FetchError> {
        if self.issuer != issuer.as_str() {
            return Err(FetchError::Document(format!("names another issuer: {:?}", shortened(&self.issuer))));
        }
        let keys = Url::parse(&self.jwks_uri).ok().filter(|keys| issuer.allows(keys));
        keys.ok_or_else(|| FetchError::Document(format!("has no safe jwks_uri: {:?}", shortened(&self.jwks_uri))))
    }
}

/// What fits into a line of the log.
fn shortened(text: &str) -> String {
    text.chars().take(100).collect()
}
