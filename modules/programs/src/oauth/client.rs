//! Clients: programs that people register, what they may ask for, and how they prove that they are themselves.

mod store;

pub(crate) use store::{find_standing, lock_in_tx as lock_standing_in_tx, stop_in_tx as stop_clients_in_tx};

use super::events::{self, EndOfGrant};
use super::{OAuthError, RedirectUri, Result, hash_of};
use crate::{ProgramError, Programs, change};
use db::WallTime;
use identity::{Caller, Scopes};
use ids::{ClientId, UserId};

const NAME_CHARACTERS_MAX: usize = 64;
const REDIRECT_URIS_MAX: usize = 10;
const CLIENTS_MAX: usize = 20;

/// A program that acts for people, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its identifier, which everybody may know.
    pub id: ClientId,
    /// Who registered it, and for whom it acts with client credentials.
    pub owner_id: UserId,
    /// What people are asked about.
    pub name: String,
    /// Where browsers may be sent back to.
    pub redirect_uris: Vec<RedirectUri>,
    /// The most that may be granted to it.
    pub scopes: Scopes,
    /// When it was registered.
    pub created_at: WallTime,
    /// `None`: a public client, such as an app on a telephone, which could not keep a secret.
    pub(crate) secret_hash: Option<[u8; 32]>,
    /// Whether it still acts for who registered it: until their role changes.
    pub(crate) acts_for_owner: bool,
}

/// What somebody registers.
#[derive(Clone, Debug)]
pub struct NewClient {
    /// As typed.
    pub name: String,
    /// As typed; see [`RedirectUri::parse`].
    pub redirect_uris: Vec<String>,
    /// The most that may be granted to it.
    pub scopes: Scopes,
    /// Whether it gets a secret.
    pub secret: ClientSecret,
}

/// Whether a client can keep a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientSecret {
    /// It runs where only its makers look: a confidential client.
    Kept,
    /// It runs at its users', who could read it: a public client.
    None,
}

/// How a client says who it is.
#[derive(Clone)]
pub struct ClientAuthentication {
    /// As sent.
    pub client_id: String,
    /// As sent.
    pub secret: Option<String>,
}

impl Programs {
    /// Registers a client; gives its secret, if it has one, which is never shown again.
    ///
    /// # Errors
    /// `InvalidClientField` with what is wrong, or the database failed.
    pub async fn register_client(
        &self,
        caller: &Caller,
        new: NewClient,
        now: WallTime,
    ) -> crate::Result<(Client, Option<String>)> {
        let (client, secret) = Client::new(caller.user_id, new, now)?;
        let tx = self.db.begin().await?;
        // Held, so that nobody registers two at once beyond the bound.
        let user = self.identity.lock_user_in_tx(&tx, caller.user_id).await?;
        if store::count_in_tx(&tx, caller.user_id).await? >= CLIENTS_MAX {
            return Err(ProgramError::InvalidClientField {
                field: "name",
                reason: "is one too many: remove one first",
            });
        }
        store::insert_in_tx(&tx, &client).await?;
        outbox::append_in_tx(&tx, vec![events::client_registered(&client, caller.does(now))]).await?;
        self.identity.mail_change_in_tx(&tx, &user, change::client_registered(&client.name), now).await?;
        tx.commit().await?;
        Ok((client, secret))
    }

    /// The clients that somebody has registered, after a given one, oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn clients(&self, owner: UserId, after: Option<ClientId>, limit: u32) -> crate::Result<Vec<Client>> {
        Ok(store::page(&self.db, owner, after, limit).await?)
    }

    /// Removes a client of the caller's; everything granted to it ends at once.
    ///
    /// # Errors
    /// `UnknownClient`, or the database failed.
    pub async fn remove_client(&self, caller: &Caller, id: ClientId, now: WallTime) -> crate::Result<()> {
        let tx = self.db.begin().await?;
        let client = store::lock_in_tx(&tx, id).await?.filter(|client| client.owner_id == caller.user_id);
        let client = client.ok_or(ProgramError::UnknownClient)?;
        store::remove_in_tx(&tx, id, now).await?;
        let ended = super::grant_store::revoke_of_client_in_tx(&tx, id, now).await?;
        outbox::append_in_tx(&tx, vec![events::client_removed(&client, caller.does(now))]).await?;
        self.commit_end_of_grants(tx, &ended, EndOfGrant::ClientRemoved, caller.does(now)).await
    }

    /// The client that sent a request, if it proves that it is the one that it names.
    ///
    /// # Errors
    /// `InvalidClient`, or the database failed.
    pub async fn authenticate_client(&self, sent: &ClientAuthentication) -> Result<Client> {
        let id = ClientId::parse(&sent.client_id).map_err(|_| OAuthError::InvalidClient)?;
        let client = store::find_standing(&self.db, id).await?.ok_or(OAuthError::InvalidClient)?;
        if client.is_proved_by(sent.secret.as_deref()) { Ok(client) } else { Err(OAuthError::InvalidClient) }
    }
}

impl Client {
    fn new(owner_id: UserId, new: NewClient, now: WallTime) -> crate::Result<(Self, Option<String>)> {
        let refused = |field, reason| ProgramError::InvalidClientField { field, reason };
        let name = new.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > NAME_CHARACTERS_MAX || !legible::is_label(&name) {
            return Err(refused(
                "name",
                "must have 1 to 64 characters, none of them a control or invisible one, or one that passes for another",
            ));
        }
        let redirect_uris =
            new.redirect_uris.iter().map(|uri| RedirectUri::parse(uri)).collect::<std::result::Result<Vec<_>, _>>();
        let redirect_uris = redirect_uris.map_err(|reason| refused("redirectUris", reason))?;
        if redirect_uris.len() > REDIRECT_URIS_MAX {
            return Err(refused("redirectUris", "are more than 10"));
        }
        if new.secret == ClientSecret::None && redirect_uris.is_empty() {
            return Err(refused("redirectUris", "must name one: without a secret there is no other way to a token"));
        }
        if new.scopes.is_empty() {
            return Err(refused("scopes", "must name at least one"));
        }
        let secret = (new.secret == ClientSecret::Kept).then(identity::random_token);
        let client = Self {
            id: ClientId::generate(),
            owner_id,
            name,
            redirect_uris,
            scopes: new.scopes,
            created_at: now,
            secret_hash: secret.as_deref().map(hash_of),
            acts_for_owner: true,
        };
        Ok((client, secret))
    }

    /// Whether it has a secret.
    pub const fn is_confidential(&self) -> bool {
        self.secret_hash.is_some()
    }

    /// The registered address that a request names.
    pub(crate) fn knows(&self, redirect_uri: &str) -> bool {
        self.redirect_uris.iter().any(|registered| registered.is(redirect_uri))
    }

    /// Hashes of random secrets are compared: how long that takes tells nothing about the secret.
    fn is_proved_by(&self, secret: Option<&str>) -> bool {
        match (self.secret_hash, secret) {
            (Some(hash), Some(secret)) => hash_of(secret) == hash,
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
}

impl std::fmt::Debug for ClientAuthentication {
    /// Without the secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ClientAuthentication").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}
