//! People who prove who they are to a trusted issuer of OpenID Connect, and call us with its access tokens. Who they are
//! here, and what they may do, is ours alone; fetching the issuer's keys is the edge's matter.

mod identity_link;
mod issuer_keys;
mod issuer_token;
mod key_set;
mod link;
mod store;

pub use identity_link::{IdentityLink, register_actions};
pub use issuer_keys::IssuerKeys;
pub use key_set::KeySetError;
pub use link::{ExternalIdentity, Subject};
pub(crate) use store::end_tokens_in_tx;

use crate::look_ups::LookUps;
use crate::{ProgramError, Programs, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use db::WallTime;
use identity::{Caller, Credential, IdentityError, Role, UserStatus};
use ids::UserId;
use issuer_token::Statement;
use moka::sync::Cache;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// A verified token is remembered for so long at most.
const VERIFIED_MEMORY: Duration = Duration::from_secs(15 * 60);
const VERIFIED_MAX: u64 = 100_000;

/// An issuer elsewhere whose word on who somebody is counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedIssuer {
    /// What its tokens have as `iss`, to the letter.
    pub issuer: String,
    /// What they must have in `aud`.
    pub audience: String,
    /// How somebody is met whom nobody has linked.
    pub unknown: UnknownSubjects,
}

/// How somebody is met whom nobody has linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownSubjects {
    /// They stay outside.
    Refuse,
    /// They become a customer.
    Register,
}

/// A trusted issuer with what is known of it and of its people.
pub(crate) struct External {
    trusted: TrustedIssuer,
    keys: IssuerKeys,
    verified: Cache<[u8; 32], Verified>,
    people: LookUps<Arc<str>, Option<KnownPerson>>,
}

#[derive(Clone)]
struct Verified {
    statement: Statement,
    /// Of the keys: when they come or go, everything is verified anew.
    generation: u64,
}

/// Whom a subject is linked to, as they stand right now.
#[derive(Clone, Copy)]
pub(crate) struct KnownPerson {
    pub(crate) user_id: UserId,
    pub(crate) role: Role,
    pub(crate) status: UserStatus,
    pub(crate) has_second_factor: bool,
    pub(crate) tokens_since: Option<WallTime>,
}

#[derive(Deserialize)]
struct Issuer<'a> {
    #[serde(borrow)]
    iss: Cow<'a, str>,
}

impl Programs {
    /// What is known of the trusted issuer's keys, if there is such an issuer.
    pub fn issuer_keys(&self) -> Option<&IssuerKeys> {
        self.memory.external.as_ref().map(|external| &external.keys)
    }

    /// Whether a bearer token says of itself that it comes from the trusted issuer; then
    /// [`Programs::authenticate_external`] looks whether that is so.
    pub fn is_external(&self, bearer_token: &str) -> bool {
        let Some(external) = &self.memory.external else { return false };
        let says = || {
            let claims = URL_SAFE_NO_PAD.decode(bearer_token.split('.').nth(1)?).ok()?;
            Some(serde_json::from_slice::<Issuer<'_>>(&claims).ok()?.iss == external.trusted.issuer)
        };
        bearer_token.len() <= issuer_token::BYTES_MAX && says().unwrap_or(false)
    }

    /// Who a token of the trusted issuer speaks for. No database within a second of the last look-up.
    ///
    /// # Errors
    /// `InvalidToken`, `ExpiredToken`, `IssuerAway` when its keys were never there, `UnknownSubject`, `Disabled`, `Busy`,
    /// or the database failed.
    pub async fn authenticate_external(&self, bearer_token: &str, now: WallTime) -> Result<Caller> {
        let external = self.memory.external.as_ref().ok_or(ProgramError::Identity(IdentityError::InvalidToken))?;
        let statement = external.verify(bearer_token, now).await?;
        let person = match external.people.recall(&statement.subject, now) {
            Some(person) => person,
            None => self.look_up_person(external, &statement.subject, now).await?,
        };
        let person = match (person, external.trusted.unknown) {
            (Some(person), _) => person,
            (None, UnknownSubjects::Register) if !statement.is_of_program => {
                self.register_external(external, &statement.subject, now).await?
            }
            (None, _) => return Err(ProgramError::UnknownSubject),
        };
        person.caller(&statement)
    }

    async fn look_up_person(
        &self,
        external: &External,
        subject: &Arc<str>,
        now: WallTime,
    ) -> Result<Option<KnownPerson>> {
        let turn = external.people.turn().await?;
        if let Some(person) = external.people.recall(subject, now) {
            return Ok(person);
        }
        let person = store::person(&self.db, store::Named { issuer: &external.trusted.issuer, subject }).await?;
        external.people.remember(&turn, Arc::clone(subject), person, now);
        Ok(person)
    }
}

impl External {
    pub(crate) fn new(trusted: TrustedIssuer) -> Self {
        Self {
            trusted,
            keys: IssuerKeys::new(),
            verified: Cache::builder().max_capacity(VERIFIED_MAX).time_to_live(VERIFIED_MEMORY).build(),
            people: LookUps::new(),
        }
    }

    /// To be called when something happened to people, after the commit.
    pub(crate) fn forget_people(&self) {
        self.people.forget();
    }

    /// What a token says that is one of the issuer's and counts now.
    async fn verify(&self, bearer_token: &str, now: WallTime) -> Result<Statement> {
        if bearer_token.len() > issuer_token::BYTES_MAX {
            return Err(ProgramError::Identity(IdentityError::InvalidToken));
        }
        let digest: [u8; 32] = Sha256::digest(bearer_token).into();
        // Read before the keys: should they change meanwhile, the next look verifies again.
        let generation = self.keys.generation();
        if let Some(verified) = self.verified.get(&digest).filter(|verified| verified.generation == generation) {
            verified.statement.require_current(now)?;
            return Ok(verified.statement);
        }
        let (key_id, algorithm) =
            issuer_token::key_of(bearer_token).ok_or(ProgramError::Identity(IdentityError::InvalidToken))?;
        let key = self.keys.find(&key_id, algorithm).await?;
        let statement = issuer_token::verify(bearer_token, &key, &self.trusted);
        let statement = statement.ok_or(ProgramError::Identity(IdentityError::InvalidToken))?;
        statement.require_current(now)?;
        self.verified.insert(digest, Verified { statement: statement.clone(), generation });
        Ok(statement)
    }
}

impl Statement {
    const fn require_current(&self, now: WallTime) -> Result<()> {
        let now = now.unix_seconds();
        if now >= self.expires {
            return Err(ProgramError::Identity(IdentityError::ExpiredToken));
        }
        if now < self.not_before {
            return Err(ProgramError::Identity(IdentityError::InvalidToken));
        }
        Ok(())
    }
}

impl KnownPerson {
    /// The person with this token in hand.
    fn caller(&self, statement: &Statement) -> Result<Caller> {
        match self.status {
            UserStatus::Active => {}
            UserStatus::Disabled => return Err(ProgramError::Identity(IdentityError::Disabled)),
        }
        let issued = WallTime::from_unix_micros(statement.issued.saturating_mul(1_000_000));
        if self.tokens_since.is_some_and(|since| issued < since) {
            return Err(ProgramError::Identity(IdentityError::SessionRevoked));
        }
        Ok(Caller {
            user_id: self.user_id,
            role: self.role,
            credential: Credential::External,
            client: None,
            scopes: statement.scopes.intersection(self.role.scopes()),
            proof: statement.proof,
            has_second_factor: self.has_second_factor,
        })
    }
}
