//! Recognising a key that was presented: by a look-up in the database, and for a second after it from memory.

use super::store::{self, KeyUse, StoredKey};
use super::text::{self, KeyHash};
use crate::look_ups::LookUps;
use crate::{AllowedAddresses, ProgramError, ProgramKey, Programs, Result};
use db::WallTime;
use identity::{Caller, Credential, Factors, IdentityError, Proof, UserStatus};
use ids::ApiKeyId;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Of a key that is used all the time one use a minute is written down.
const USE_SECONDS: i64 = 60;
const UNWRITTEN_USES_MAX: usize = 10_000;

/// A key as it works right now.
#[derive(Debug)]
pub struct KnownKey {
    pub(crate) id: ApiKeyId,
    pub(crate) program_key: Option<ProgramKey>,
    caller: Caller,
    allowed_addresses: AllowedAddresses,
    works_until: Option<WallTime>,
    /// As it was written down when the key was looked up.
    last_used_at: Option<WallTime>,
}

/// The keys that were looked up within the last second, and the uses that wait to be written down.
pub(crate) struct KnownKeys {
    look_ups: LookUps<KeyHash, Arc<KnownKey>>,
    uses: Mutex<HashMap<ApiKeyId, WallTime>>,
}

impl Programs {
    /// Whether a bearer token is to be looked up with [`Programs::authenticate_key`].
    pub fn is_api_key(bearer_token: &str) -> bool {
        text::looks_like_one(bearer_token)
    }

    /// Whose key it is that somebody presents from an address. No database within a second of the last look-up, and
    /// none for what cannot be a key.
    ///
    /// # Errors
    /// `InvalidToken` when it is unknown, over, or its owner disabled; `AddressNotAllowed`; `Busy`, or the database
    /// failed.
    pub async fn authenticate_key(
        &self,
        bearer_token: &str,
        from: Option<IpAddr>,
        now: WallTime,
    ) -> Result<Arc<KnownKey>> {
        if !text::is_as_long_as_one(bearer_token) {
            return Err(ProgramError::Identity(IdentityError::InvalidToken));
        }
        let hash = KeyHash::of(bearer_token);
        let key = match self.memory.known_keys.look_ups.recall(&hash, now) {
            Some(key) => key,
            None => self.look_up(bearer_token, hash, now).await?,
        };
        key.require_usable(from, now)?;
        Ok(key)
    }

    async fn look_up(&self, bearer_token: &str, hash: KeyHash, now: WallTime) -> Result<Arc<KnownKey>> {
        let id = text::parse(bearer_token).ok_or(ProgramError::Identity(IdentityError::InvalidToken))?;
        let look_ups = &self.memory.known_keys.look_ups;
        let turn = look_ups.turn().await?;
        if let Some(key) = look_ups.recall(&hash, now) {
            return Ok(key);
        }
        let stored =
            store::presented(&self.db, id).await?.ok_or(ProgramError::Identity(IdentityError::InvalidToken))?;
        let key = Arc::new(stored.open(id, &hash)?);
        look_ups.remember(&turn, hash, Arc::clone(&key), now);
        Ok(key)
    }

    /// Remembers that a request with the key was let in, signature and all; it is written down soon.
    pub fn note_key_use(&self, key: &KnownKey, now: WallTime) {
        if key.last_used_at.is_none_or(|last| last.plus_seconds(USE_SECONDS) <= now) {
            self.memory.known_keys.note_use(key.id, now);
        }
    }

    /// Writes down which keys were used. To be called every second; mostly there is nothing to do.
    ///
    /// # Errors
    /// The database failed; the next use of each key is noted again.
    pub async fn record_key_uses(&self) -> Result<()> {
        let uses = self.memory.known_keys.take_uses();
        if uses.is_empty() {
            return Ok(());
        }
        let tx = self.db.begin().await?;
        store::set_used_in_tx(&tx, uses).await?;
        Ok(tx.commit().await?)
    }
}

impl StoredKey {
    /// What the presented secret opens.
    fn open(self, id: ApiKeyId, presented: &KeyHash) -> Result<KnownKey> {
        // Nobody can steer the hash of what they present, so the time that it takes to compare them tells nothing.
        let secret_until = if *presented == self.secret_hash {
            None
        } else if Some(presented) == self.previous_secret_hash.as_ref() {
            Some(self.previous_secret_until.ok_or(ProgramError::Identity(IdentityError::InvalidToken))?)
        } else {
            return Err(ProgramError::Identity(IdentityError::InvalidToken));
        };
        if self.revoked_at.is_some() || self.owner_status != UserStatus::Active {
            return Err(ProgramError::Identity(IdentityError::InvalidToken));
        }
        let caller = Caller {
            user_id: self.user_id,
            role: self.role,
            credential: Credential::ApiKey(id),
            client: None,
            // The role may have changed since the key was made.
            scopes: self.scopes.intersection(self.role.scopes()),
            proof: Proof { at: self.created_at, factors: Factors::default() },
            // A program cannot show one: its scopes bound it.
            has_second_factor: false,
        };
        let works_until = [secret_until, self.expires_at].into_iter().flatten().min();
        let (program_key, allowed_addresses, last_used_at) =
            (self.program_key, self.allowed_addresses, self.last_used_at);
        Ok(KnownKey { id, program_key, caller, allowed_addresses, works_until, last_used_at })
    }
}

impl KnownKey {
    /// Its identifier: what a signature has as `keyid`.
    pub const fn id(&self) -> ApiKeyId {
        self.id
    }

    /// For whom it calls, and how far it reaches.
    pub const fn caller(&self) -> Caller {
        self.caller
    }

    /// Whether every request with it has to be signed.
    pub const fn requires_signature(&self) -> bool {
        self.program_key.is_some()
    }

    fn require_usable(&self, from: Option<IpAddr>, now: WallTime) -> Result<()> {
        if self.works_until.is_some_and(|end| end <= now) {
            return Err(ProgramError::Identity(IdentityError::InvalidToken));
        }
        if !self.allowed_addresses.allow(from) {
            return Err(ProgramError::AddressNotAllowed);
        }
        Ok(())
    }
}

impl KnownKeys {
    pub(crate) fn new() -> Self {
        Self { look_ups: LookUps::new(), uses: Mutex::default() }
    }

    /// To be called when something happened to a key or its owner, after the commit: the next use looks it up.
    pub(crate) fn forget(&self) {
        self.look_ups.forget();
    }

    fn note_use(&self, id: ApiKeyId, now: WallTime) {
        let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
        if uses.len() < UNWRITTEN_USES_MAX || uses.contains_key(&id) {
            uses.insert(id, now);
        }
    }

    fn take_uses(&self) -> Vec<KeyUse> {
        let uses = std::mem::take(&mut *self.uses.lock().unwrap_or_else(PoisonError::into_inner));
        let mut uses: Vec<_> = uses.into_iter().map(|(id, last_used_at)| KeyUse { id, last_used_at }).collect();
        // Rows are locked in the order of identifiers.
        uses.sort_unstable();
        uses
    }
}
