//! Whom a subject of the trusted issuer is here: linked by the bank, or made a customer at first sight.

use super::store::{self, Named};
use super::{External, IdentityLink, KnownPerson, issuer_token};
use crate::{ProgramError, Programs, Result, change};
use db::{DbError, Tx, WallTime};
use identity::event::{Administered, administered};
use identity::{EndedAccess, IdentityError, Role, User, UserStatus, Username};
use ids::UserId;
use outbox::{Act, Actor, Event, Means, events};

/// What the names of those begin with who were made customers at first sight.
const USERNAME_PREFIX: &str = "ext-";

/// What a trusted issuer calls somebody: the claim `sub`, to the letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject(String);

/// How the trusted issuer calls a person of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalIdentity {
    /// Who it is here.
    pub user_id: UserId,
    /// The issuer.
    pub issuer: String,
    /// What it calls them.
    pub subject: String,
    /// Since when they are one.
    pub linked_at: WallTime,
}

impl Programs {
    /// How the trusted issuer calls somebody; `None`: they are not linked.
    ///
    /// # Errors
    /// `UnknownUser`, `NoTrustedIssuer`, or the database failed.
    pub async fn external_identity(&self, user_id: UserId) -> Result<Option<ExternalIdentity>> {
        self.identity.user(user_id).await?.ok_or(IdentityError::UnknownUser)?;
        Ok(store::of_user(&self.db, user_id, self.trusted_issuer()?).await?)
    }

    /// Whether a subject and a person could be linked, and with which issuer.
    ///
    /// # Errors
    /// `UnknownUser`, `NoTrustedIssuer`, `AlreadyLinked`, or the database failed.
    pub async fn require_linkable(&self, user_id: UserId, subject: &Subject) -> Result<String> {
        let own = self.external_identity(user_id).await?;
        let issuer = self.trusted_issuer()?;
        match (own, store::person(&self.db, Named { issuer, subject: subject.as_str() }).await?) {
            (None, None) => Ok(issuer.to_owned()),
            _ => Err(ProgramError::AlreadyLinked),
        }
    }

    /// Lets the trusted issuer speak for somebody, as somebody asked and somebody else does, in the caller's transaction;
    /// after its commit [`identity::Identity::refuse`] makes this process know of it. Refused, it has written nothing.
    ///
    /// # Errors
    /// `UnknownUser`, `NoTrustedIssuer`, `AlreadyLinked`, or the database failed.
    pub async fn link_identity_in_tx(
        &self,
        tx: &Tx,
        link: IdentityLink,
        asked_by: UserId,
        act: Act,
    ) -> Result<EndedAccess> {
        let trusted = self.trusted_issuer()?;
        if link.issuer != trusted {
            return Err(ProgramError::NoTrustedIssuer);
        }
        // Whoever links a person holds their row; two who link one subject to two people meet at the key of the table.
        let user = self.identity.lock_user_in_tx(tx, link.user_id).await?;
        let is_taken = store::of_user(tx, user.id, trusted).await?.is_some()
            || store::person(tx, Named { issuer: trusted, subject: link.subject.as_str() }).await?.is_some();
        if is_taken {
            return Err(ProgramError::AlreadyLinked);
        }
        let identity =
            ExternalIdentity { user_id: user.id, issuer: link.issuer, subject: link.subject.0, linked_at: act.at };
        store::insert_in_tx(tx, &identity).await.map_err(|error| match error {
            // Somebody linked it a moment ago; nothing can be written in this transaction any more.
            DbError::Duplicate(key) => DbError::Conflict(key),
            other => other,
        })?;
        self.identity.tie_to_linkers_in_tx(tx, user.id, asked_by, act).await?;
        outbox::append_in_tx(tx, vec![identity_linked(&user, act)]).await?;
        self.identity.mail_change_in_tx(tx, &user, change::identity_linked(), act.at).await?;
        Ok(EndedAccess::none())
    }

    /// From now on the trusted issuer does not speak for somebody any more: at once in this process, and within a second
    /// in others.
    ///
    /// # Errors
    /// `UnknownUser`, `NoTrustedIssuer`, `NotLinked`, or the database failed.
    pub async fn unlink_identity(&self, user_id: UserId, act: Act) -> Result<()> {
        let tx = self.db.begin().await?;
        let user = self.identity.lock_user_in_tx(&tx, user_id).await?;
        if !store::delete_in_tx(&tx, user_id, self.trusted_issuer()?).await? {
            return Err(ProgramError::NotLinked);
        }
        outbox::append_in_tx(&tx, vec![administered(&user, IdentityEvent::Unlinked, act)]).await?;
        self.identity.mail_change_in_tx(&tx, &user, change::identity_unlinked(), act.at).await?;
        tx.commit().await?;
        self.memory.forget_external_people();
        Ok(())
    }

    fn trusted_issuer(&self) -> Result<&str> {
        self.memory
            .external
            .as_ref()
            .map(|external| external.trusted.issuer.as_str())
            .ok_or(ProgramError::NoTrustedIssuer)
    }

    /// Makes a customer of a subject that is seen for the first time. Nobody knows the password, and without an address
    /// nobody gets another one: only the issuer opens the way in.
    pub(super) async fn register_external(
        &self,
        external: &External,
        subject: &str,
        now: WallTime,
    ) -> Result<KnownPerson> {
        let user = new_customer(now)?;
        let issuer = external.trusted.issuer.clone();
        let identity = ExternalIdentity { user_id: user.id, issuer, subject: subject.to_owned(), linked_at: now };
        // The issuer's word made them, and no person of ours.
        let act = Actor { user: None, ..Actor::person(user.id, Means::External) }.does(now);
        let tx = self.db.begin().await?;
        self.identity.register_without_password_in_tx(&tx, &user, act).await?;
        outbox::append_in_tx(&tx, vec![identity_linked(&user, act)]).await?;
        match store::insert_in_tx(&tx, &identity).await {
            Ok(()) => tx.commit().await?,
            Err(DbError::Duplicate(_)) => {
                // Their first requests came at once, and another one was faster.
                drop(tx);
                let person = store::person(&self.db, Named { issuer: &identity.issuer, subject }).await?;
                return person.ok_or(ProgramError::UnknownSubject);
            }
            Err(error) => return Err(error.into()),
        }
        external.people.forget();
        Ok(KnownPerson::new(&user))
    }
}

events! {
    /// What happens to who is known elsewhere.
    enum IdentityEvent about User for Owner {
        /// A trusted issuer speaks for the person from now on; `by` is null when they were made at first sight.
        Linked = "auth.identity_linked"(Administered),
        /// It does so no longer.
        Unlinked = "auth.identity_unlinked"(Administered),
    }
}

fn identity_linked(user: &User, act: Act) -> Event {
    administered(user, IdentityEvent::Linked, act)
}

/// Somebody whose name nobody could guess, take before them, or mistake for another's.
fn new_customer(now: WallTime) -> Result<User> {
    let id = UserId::generate();
    let text = id.to_string();
    let name = text.trim_start_matches(|character| character != '_').trim_start_matches('_');
    let username = Username::parse(&format!("{USERNAME_PREFIX}{name}"))?;
    Ok(User { id, ..User::new(username, Role::Customer, now) })
}

impl Subject {
    /// Takes it to the letter.
    ///
    /// # Errors
    /// [`ProgramError::InvalidSubject`].
    pub fn parse(text: &str) -> Result<Self> {
        if issuer_token::is_subject(text) { Ok(Self(text.to_owned())) } else { Err(ProgramError::InvalidSubject) }
    }

    /// The subject as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl KnownPerson {
    const fn new(user: &User) -> Self {
        Self {
            user_id: user.id,
            role: user.role,
            status: UserStatus::Active,
            has_second_factor: user.mfa_enabled,
            tokens_since: None,
        }
    }
}
