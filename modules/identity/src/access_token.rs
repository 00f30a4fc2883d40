//! Access tokens: JWTs in the profile of RFC 9068, signed with Ed25519, and a cache of those already verified.
//! Whether the session behind a token still stands is decided in `revocations.rs`.

use crate::token_key::{TOKEN_SECONDS, TokenKeys};
use crate::{Caller, Credential, Factors, IdentityError, Proof, Result, Role, Scopes, User};
use db::WallTime;
use ids::{ClientId, GrantId, SessionId, UserId};
use jsonwebtoken::{Algorithm, Header, Validation};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::time::Duration;

const AUDIENCE: &str = "florin";
const TYPE: &str = "at+jwt";
const BYTES_MAX: usize = 2048;
const CACHED_MAX: u64 = 100_000;

/// By so much the clocks of several processes may differ.
const CLOCK_SKEW_SECONDS: i64 = 5;

/// Issues access tokens and verifies them.
pub(crate) struct AccessTokens {
    pub(crate) keys: TokenKeys,
    /// The claim `iss`: where people and programs reach this bank.
    issuer: String,
    validation: Validation,
    verified: Cache<[u8; 32], Verified>,
}

/// An access token as it is handed out.
pub struct AccessToken {
    /// What requests carry.
    pub text: String,
    /// How long it is good for.
    pub expires_in_seconds: i64,
}

/// What access tokens are issued for: what they name, and how and until when it stands.
#[derive(Clone, Copy, Debug)]
pub struct TokenBasis {
    /// Who will carry them.
    pub bearer: Bearer,
    /// How the person proved who they are.
    pub proof: Proof,
    /// When it ends; its tokens end then at the latest.
    pub ends_at: WallTime,
}

/// Who carries an access token.
#[derive(Clone, Copy, Debug)]
pub enum Bearer {
    /// The person themselves, in this session.
    Session(SessionId),
    /// A client, by a grant (RFC 9068).
    Client {
        /// The grant.
        grant_id: GrantId,
        /// The client.
        client_id: ClientId,
        /// How far it reaches.
        scopes: Scopes,
    },
}

#[derive(Clone, Copy)]
struct Verified {
    caller: Caller,
    not_before: i64,
    expires: i64,
    /// Of the token keys: when keys come or go, everything is verified anew.
    generation: u64,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    /// Of a session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    /// Of a grant, as are the two after it (RFC 9068).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    grant_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    role: String,
    auth_time: i64,
    amr: Vec<String>,
    /// Whether the person has a second factor.
    mfa: bool,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: String,
}

impl AccessTokens {
    pub(crate) fn new(keys: TokenKeys, issuer: String) -> Self {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[&issuer]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp", "nbf"]);
        // Against the time that is passed in, not the machine's: see `Verified::require_current`.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let lifetime = Duration::from_secs(TOKEN_SECONDS.unsigned_abs());
        let verified = Cache::builder().max_capacity(CACHED_MAX).time_to_live(lifetime).build();
        Self { keys, issuer, validation, verified }
    }

    /// The claim `iss`.
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// A new token for the person.
    pub(crate) fn issue(&self, user: &User, basis: &TokenBasis, now: WallTime) -> AccessToken {
        let claims = self.claims(user, basis, now);
        self.sign(&match basis.bearer {
            Bearer::Session(id) => Claims { sid: Some(id.to_string()), ..claims },
            Bearer::Client { grant_id, client_id, scopes } => Claims {
                grant_id: Some(grant_id.to_string()),
                client_id: Some(client_id.to_string()),
                scope: Some(scopes.to_string()),
                ..claims
            },
        })
    }

    /// What all tokens say.
    fn claims(&self, user: &User, basis: &TokenBasis, now: WallTime) -> Claims {
        let issued = now.unix_seconds();
        Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: user.id.to_string(),
            sid: None,
            grant_id: None,
            client_id: None,
            scope: None,
            role: user.role.word().to_owned(),
            auth_time: basis.proof.at.unix_seconds(),
            amr: basis.proof.factors.words().map(str::to_owned).collect(),
            mfa: user.mfa_enabled,
            iat: issued,
            nbf: issued,
            exp: (issued + TOKEN_SECONDS).min(basis.ends_at.unix_seconds()),
            jti: crate::random_token(),
        }
    }

    fn sign(&self, claims: &Claims) -> AccessToken {
        let ring = self.keys.ring();
        let key = ring.active();
        let text = jsonwebtoken::encode(&header_with(&key.public.key_id), claims, &key.encoding)
            .expect("the key is an Ed25519 key and the claims are plain JSON");
        AccessToken { text, expires_in_seconds: claims.exp - claims.iat }
    }

    /// Who the token speaks for. The second time it costs a hash and a look into the cache.
    pub(crate) fn verify(&self, token: &str, now: WallTime) -> Result<Caller> {
        self.verify_current(token, now).map(|verified| verified.caller)
    }

    /// The same, and the token's last moment.
    pub(crate) fn verify_with_end(&self, token: &str, now: WallTime) -> Result<(Caller, WallTime)> {
        let verified = self.verify_current(token, now)?;
        Ok((verified.caller, WallTime::from_unix_micros(verified.expires.saturating_mul(1_000_000))))
    }

    fn verify_current(&self, token: &str, now: WallTime) -> Result<Verified> {
        if token.len() > BYTES_MAX {
            return Err(IdentityError::InvalidToken);
        }
        let digest: [u8; 32] = Sha256::digest(token).into();
        // Read before the keys: should they change meanwhile, the next look verifies again.
        let generation = self.keys.generation();
        if let Some(verified) = self.verified.get(&digest).filter(|verified| verified.generation == generation) {
            verified.require_current(now)?;
            return Ok(verified);
        }
        let verified = self.verify_signed(token, generation, now).ok_or(IdentityError::InvalidToken)?;
        verified.require_current(now)?;
        self.verified.insert(digest, verified);
        Ok(verified)
    }

    fn verify_signed(&self, token: &str, generation: u64, now: WallTime) -> Option<Verified> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        let key_id = header.kid.as_deref()?;
        // To the letter what ours say: no other type, no address or key to take instead, nothing critical (RFC 8725).
        if header != header_with(key_id) {
            return None;
        }
        let mut ring = self.keys.ring();
        if ring.find(key_id).is_none() {
            self.keys.reload_for_unknown_key(now);
            ring = self.keys.ring();
        }
        let key = ring.find(key_id)?;
        let claims = jsonwebtoken::decode::<Claims>(token, &key.decoding, &self.validation).ok()?.claims;
        let caller = claims.caller()?;
        Some(Verified { caller, not_before: claims.nbf, expires: claims.exp, generation })
    }
}

impl Claims {
    /// Whom they speak of; `None` when they contradict themselves.
    fn caller(&self) -> Option<Caller> {
        let proof = Proof {
            at: WallTime::from_unix_micros(self.auth_time.checked_mul(1_000_000)?),
            factors: Factors::parse(self.amr.iter().map(String::as_str))?,
        };
        let (user_id, role) = (UserId::parse(&self.sub).ok()?, Role::parse(&self.role)?);
        match (&self.sid, &self.grant_id, &self.scope) {
            (Some(id), None, None) => {
                let caller = Caller::of_session(user_id, role, SessionId::parse(id).ok()?, proof);
                Some(Caller { has_second_factor: self.mfa, ..caller })
            }
            (None, Some(id), Some(scope)) => {
                let credential = Credential::Grant(GrantId::parse(id).ok()?);
                Some(Caller {
                    user_id,
                    role,
                    credential,
                    client: self.client_id.as_deref().and_then(|id| ClientId::parse(id).ok()),
                    scopes: Scopes::parse(scope)?,
                    proof,
                    has_second_factor: self.mfa,
                })
            }
            _ => None,
        }
    }
}

fn header_with(key_id: &str) -> Header {
    Header { typ: Some(TYPE.to_owned()), kid: Some(key_id.to_owned()), ..Header::new(Algorithm::EdDSA) }
}

impl Verified {
    const fn require_current(&self, now: WallTime) -> Result<()> {
        let now = now.unix_seconds();
        if now >= self.expires {
            return Err(IdentityError::ExpiredToken);
        }
        if now < self.not_before.saturating_sub(CLOCK_SKEW_SECONDS) {
            return Err(IdentityError::InvalidToken);
        }
        Ok(())
    }
}
