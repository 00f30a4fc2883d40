//! Tokens of messages: with one, a message on a queue shows that it is the bank's and about whom. It has a type and an audience
//! of its own, so that it never passes for an access token, and the hash of the message, so that it vouches for no other.

use crate::access_token::AccessTokens;
use crate::token_key::TOKEN_SECONDS;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use db::WallTime;
use ids::{EventId, UserId};
use jsonwebtoken::{Algorithm, Header};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

const AUDIENCE: &str = "florin-queues";
const TYPE: &str = "florin-message+jwt";

/// What a message tells, and about whom.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    /// The event that it tells.
    pub id: EventId,
    /// The person.
    pub user_id: UserId,
    /// By the name that the message has for them.
    pub username: &'a str,
    /// When it happened.
    pub at: WallTime,
    /// The text of the message.
    pub text: &'a str,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    /// The name: consumers of these queues know people by it.
    sub: &'a str,
    user_id: String,
    /// When it happened, however late the message is read.
    iat: i64,
    exp: i64,
    jti: String,
    /// SHA-256 of the text, in base64url without padding.
    text_sha256: String,
}

impl AccessTokens {
    pub(crate) fn sign_message(&self, message: &Message<'_>) -> String {
        let issued = message.at.unix_seconds();
        let claims = Claims {
            iss: self.issuer(),
            aud: AUDIENCE,
            sub: message.username,
            user_id: message.user_id.to_string(),
            iat: issued,
            exp: issued + TOKEN_SECONDS,
            jti: message.id.to_string(),
            text_sha256: URL_SAFE_NO_PAD.encode(Sha256::digest(message.text)),
        };
        let ring = self.keys.ring();
        let key = ring.active();
        let header = Header {
            typ: Some(TYPE.to_owned()),
            kid: Some(key.public.key_id.clone()),
            ..Header::new(Algorithm::EdDSA)
        };
        jsonwebtoken::encode(&header, &claims, &key.encoding)
            .expect("the key is an Ed25519 key and the claims are plain JSON")
    }
}
