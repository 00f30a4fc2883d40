//! API keys: with which a program calls the API for a person, how they are made, exchanged and taken back.
//! How a key that was presented is recognised is in `api_key/known.rs`; signatures of requests are in `request_signature.rs`.

mod addresses;
mod events;
mod known;
mod store;
mod text;

pub use addresses::AllowedAddresses;
pub use known::KnownKey;
pub(crate) use known::KnownKeys;
pub(crate) use store::count_working_in_tx;

use crate::{ProgramError, ProgramKey, Programs, Result, SignatureAlgorithm, change};
use db::{DbError, Tx, WallTime};
use identity::{Scopes, User};
use ids::{ApiKeyId, UserId};
use outbox::Act;
use text::KeyText;

/// So many keys one person may have that are not revoked.
const KEYS_PER_USER_MAX: i64 = 25;
const NAME_CHARACTERS_MAX: usize = 100;
/// For so long the old secret goes on working at most, once there is a new one.
const OVERLAP_SECONDS_MAX: i64 = 7 * 24 * 60 * 60;

/// What somebody wants of a new key.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// What they call it: 1 to 100 characters.
    pub name: String,
    /// How far it reaches: at least one, and no further than its owner.
    pub scopes: Scopes,
    /// From where it may be used.
    pub allowed_addresses: AllowedAddresses,
    /// When it ends by itself.
    pub expires_at: Option<WallTime>,
}

/// A key as its owner sees it: without the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its identifier.
    pub id: ApiKeyId,
    /// What its owner calls it.
    pub name: String,
    /// How far it reaches.
    pub scopes: Scopes,
    /// From where it may be used.
    pub allowed_addresses: AllowedAddresses,
    /// How requests with it have to be signed, if they have to.
    pub signature_algorithm: Option<SignatureAlgorithm>,
    /// When it was made.
    pub created_at: WallTime,
    /// When it ends by itself.
    pub expires_at: Option<WallTime>,
    /// When it was taken back.
    pub revoked_at: Option<WallTime>,
    /// Until when the secret before the last rotation works too.
    pub previous_secret_until: Option<WallTime>,
    /// When it was used last, to the minute.
    pub last_used_at: Option<WallTime>,
}

/// Whether a key works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiKeyStatus {
    /// It does.
    Active,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
}

/// Which key of whose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnedKey {
    /// Whose it has to be.
    pub owner: UserId,
    /// Which.
    pub id: ApiKeyId,
}

/// A key and its text, which is never shown again.
pub struct IssuedApiKey {
    /// The key.
    pub key: ApiKey,
    /// What the program sends behind `Bearer `.
    pub text: String,
}

/// For how long the old secret works beside a new one: nothing to seven days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlap(i64);

impl Programs {
    /// Makes a key for somebody.
    ///
    /// # Errors
    /// `InvalidApiKey`, `ScopeBeyondRole`, `TooManyApiKeys`, `UnknownUser`, `Disabled`, or the database failed.
    pub async fn create_api_key(&self, owner: UserId, new: NewApiKey, act: Act) -> Result<IssuedApiKey> {
        let key = ApiKey::make(new, act.at)?;
        let text = KeyText::generate(key.id);
        let tx = self.db.begin().await?;
        let user = self.identity.lock_user_in_tx(&tx, owner).await?;
        user.require_active()?;
        let allowed = user.role.scopes();
        if let Some(scope) = key.scopes.iter().find(|scope| !allowed.contains(*scope)) {
            return Err(ProgramError::ScopeBeyondRole(scope));
        }
        if store::count_in_tx(&tx, owner).await? >= KEYS_PER_USER_MAX {
            return Err(ProgramError::TooManyApiKeys);
        }
        store::insert_in_tx(&tx, owner, &key, &text.hash()).await?;
        outbox::append_in_tx(&tx, vec![events::created(owner, &key, act)]).await?;
        self.identity.mail_change_in_tx(&tx, &user, change::api_key_made(&key.name), act.at).await?;
        tx.commit().await?;
        Ok(IssuedApiKey { key, text: text.into_text() })
    }

    /// Somebody's keys, the revoked ones too, in the order of their making.
    ///
    /// # Errors
    /// The database failed.
    pub async fn api_keys(&self, owner: UserId, after: Option<ApiKeyId>, limit: u32) -> Result<Vec<ApiKey>> {
        Ok(store::list(&self.db, owner, after, limit).await?)
    }

    /// Gives a key a new secret; the old one goes on working for the overlap, and the one before that no more.
    ///
    /// # Errors
    /// `UnknownApiKey` when it is none of the owner's, `ApiKeyEnded`, or the database failed.
    pub async fn rotate_api_key(&self, of: OwnedKey, overlap: Overlap, act: Act) -> Result<IssuedApiKey> {
        let text = KeyText::generate(of.id);
        let tx = self.db.begin().await?;
        let (user, mut key) = self.lock_working_in_tx(&tx, of, act.at).await?;
        key.previous_secret_until = Some(act.at.plus_seconds(overlap.0));
        store::rotate_in_tx(&tx, of.id, &text.hash(), key.previous_secret_until).await?;
        outbox::append_in_tx(&tx, vec![events::rotated(of, overlap.0, act)]).await?;
        self.identity.mail_change_in_tx(&tx, &user, change::api_key_rotated(&key.name), act.at).await?;
        tx.commit().await?;
        self.memory.known_keys.forget();
        Ok(IssuedApiKey { key, text: text.into_text() })
    }

    /// Takes a key back: at once in this process, within a second in others. Again changes nothing.
    ///
    /// # Errors
    /// `UnknownApiKey` when it is none of the owner's, or the database failed.
    pub async fn revoke_api_key(&self, of: OwnedKey, act: Act) -> Result<()> {
        let tx = self.db.begin().await?;
        let key = store::lock_in_tx(&tx, of).await?.ok_or(ProgramError::UnknownApiKey)?;
        if key.revoked_at.is_none() {
            store::revoke_in_tx(&tx, of.id, act.at).await?;
            outbox::append_in_tx(&tx, vec![events::revoked(of, act)]).await?;
            tx.commit().await?;
            self.memory.known_keys.forget();
        }
        Ok(())
    }

    /// From now on every request with the key has to be signed with this one; or, with none, no longer.
    ///
    /// # Errors
    /// `UnknownApiKey` when it is none of the owner's, `ApiKeyEnded`, or the database failed.
    pub async fn set_program_key(&self, of: OwnedKey, program_key: Option<ProgramKey>, act: Act) -> Result<ApiKey> {
        let tx = self.db.begin().await?;
        let (user, mut key) = self.lock_working_in_tx(&tx, of, act.at).await?;
        key.signature_algorithm = program_key.as_ref().map(ProgramKey::algorithm);
        store::set_program_key_in_tx(&tx, of.id, program_key.as_ref()).await?;
        let event = events::program_key_changed(of, key.signature_algorithm, act);
        outbox::append_in_tx(&tx, vec![event]).await?;
        self.identity.mail_change_in_tx(&tx, &user, change::program_key_changed(&key.name), act.at).await?;
        tx.commit().await?;
        self.memory.known_keys.forget();
        Ok(key)
    }

    /// The key with its owner, both held: the person first, in the order of everybody else.
    async fn lock_working_in_tx(&self, tx: &Tx, of: OwnedKey, now: WallTime) -> Result<(User, ApiKey)> {
        let user = self.identity.lock_user_in_tx(tx, of.owner).await?;
        let key = store::lock_in_tx(tx, of).await?.ok_or(ProgramError::UnknownApiKey)?;
        match key.status(now) {
            ApiKeyStatus::Active => Ok((user, key)),
            ApiKeyStatus::Expired | ApiKeyStatus::Revoked => Err(ProgramError::ApiKeyEnded),
        }
    }
}

/// Takes all of somebody's keys back. Whoever calls commits, and only then lets what is remembered of them be forgotten.
pub(crate) async fn revoke_all_in_tx(tx: &Tx, owner: UserId, act: Act) -> std::result::Result<(), DbError> {
    let revoked = store::revoke_of_user_in_tx(tx, owner, act.at).await?;
    let happened = revoked.into_iter().map(|id| events::revoked(OwnedKey { owner, id }, act)).collect();
    outbox::append_in_tx(tx, happened).await
}

impl ApiKey {
    fn make(new: NewApiKey, now: WallTime) -> Result<Self> {
        let wrong = |field, reason| Err(ProgramError::InvalidApiKey { field, reason });
        let name = new.name.trim().to_owned();
        let length = name.chars().count();
        if !(1..=NAME_CHARACTERS_MAX).contains(&length) || !legible::is_label(&name) {
            return wrong(
                "name",
                "must have 1 to 100 characters, none of them a control or invisible one, or one that passes for another",
            );
        }
        if new.scopes.is_empty() {
            return wrong("scopes", "must have at least one scope");
        }
        if new.expires_at.is_some_and(|end| end <= now) {
            return wrong("expiresAt", "must be in the future");
        }
        Ok(Self {
            id: ApiKeyId::generate(),
            name,
            scopes: new.scopes,
            allowed_addresses: new.allowed_addresses,
            signature_algorithm: None,
            created_at: now,
            expires_at: new.expires_at,
            revoked_at: None,
            previous_secret_until: None,
            last_used_at: None,
        })
    }

    /// Whether it works.
    pub fn status(&self, now: WallTime) -> ApiKeyStatus {
        if self.revoked_at.is_some() {
            ApiKeyStatus::Revoked
        } else if self.expires_at.is_some_and(|end| end <= now) {
            ApiKeyStatus::Expired
        } else {
            ApiKeyStatus::Active
        }
    }

    /// The beginning of its text, by which people recognise it.
    pub fn prefix(&self) -> String {
        text::prefix(self.id)
    }
}

impl ApiKeyStatus {
    /// The word that is shown.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Expired => "EXPIRED",
            Self::Revoked => "REVOKED",
        }
    }
}

impl Overlap {
    /// Checks the bounds.
    ///
    /// # Errors
    /// `InvalidApiKey`: negative, or more than seven days.
    pub const fn try_new(seconds: i64) -> Result<Self> {
        match seconds {
            0..=OVERLAP_SECONDS_MAX => Ok(Self(seconds)),
            _ => Err(ProgramError::InvalidApiKey { field: "overlapSeconds", reason: "must be from 0 to 604800" }),
        }
    }
}

impl Default for Overlap {
    /// A day.
    fn default() -> Self {
        Self(24 * 60 * 60)
    }
}

impl std::fmt::Debug for IssuedApiKey {
    /// Without the text.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("IssuedApiKey").field("key", &self.key).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: WallTime = WallTime::from_unix_micros(1_767_225_600_000_000);

    fn new(name: &str) -> NewApiKey {
        let scopes = Scopes::parse("accounts:read").unwrap();
        NewApiKey { name: name.to_owned(), scopes, allowed_addresses: AllowedAddresses::default(), expires_at: None }
    }

    #[test]
    fn a_key_needs_a_name_a_scope_and_a_future() {
        assert_eq!(ApiKey::make(new(" payroll "), NOW).unwrap().name, "payroll");
        let too_long = "n".repeat(101);
        let nameless = ["", "  ", "a\nb", "a\u{202e}b", "p\u{430}yroll", "payroll\u{fe0f}", &too_long].map(new);
        let without_scope = NewApiKey { scopes: Scopes::NONE, ..new("payroll") };
        let over = NewApiKey { expires_at: Some(NOW), ..new("payroll") };
        for wrong in nameless.into_iter().chain([without_scope, over]) {
            assert!(matches!(ApiKey::make(wrong, NOW), Err(ProgramError::InvalidApiKey { .. })));
        }
    }

    #[test]
    fn a_key_is_active_until_it_expires_or_is_revoked() {
        let key = ApiKey::make(NewApiKey { expires_at: Some(NOW.plus_seconds(60)), ..new("payroll") }, NOW).unwrap();
        assert_eq!(key.status(NOW.plus_seconds(59)), ApiKeyStatus::Active);
        assert_eq!(key.status(NOW.plus_seconds(60)), ApiKeyStatus::Expired);
        let revoked = ApiKey { revoked_at: Some(NOW), ..key };
        assert_eq!(revoked.status(NOW.plus_seconds(60)), ApiKeyStatus::Revoked);
    }

    #[test]
    fn an_overlap_is_at_most_a_week() {
        assert!(Overlap::try_new(0).is_ok() && Overlap::try_new(OVERLAP_SECONDS_MAX).is_ok());
        assert!(Overlap::try_new(-1).is_err() && Overlap::try_new(OVERLAP_SECONDS_MAX + 1).is_err());
    }
}
