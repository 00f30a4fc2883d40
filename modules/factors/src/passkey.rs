//! Passkeys (WebAuthn level 3), checked by `webauthn-rs`: registering them, and proving who one is with them, as second
//! factor or alone. Each challenge is answered once and soon. The user is always verified by the device.

mod ceremony;
mod relying_party;
mod store;

use relying_party::Question;
pub use relying_party::RelyingParty;

use crate::events::FactorEvent;
use crate::{Enabled, FactorError, Factors, Result, change, events};
use ceremony::{Ceremony, Kind};
use db::{DbError, Tx, WallTime};
use identity::{Caller, Factor, HeldSession, Login, Occasion};
use ids::{CeremonyId, PasskeyId, UserId};
use outbox::{Act, Actor};
use webauthn_rs::prelude::{PublicKeyCredential, RegisterPublicKeyCredential, WebauthnError};

/// Nobody has more devices than this.
const PER_USER_MAX: usize = 10;
const NAME_CHARACTERS_MAX: usize = 64;

/// A person's passkey, without its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// Its identifier here.
    pub id: PasskeyId,
    /// What its owner calls it.
    pub name: String,
    /// When it was registered.
    pub created_at: WallTime,
    /// When it was used last.
    pub last_used_at: Option<WallTime>,
}

/// A passkey that was registered, and what came with it.
pub struct AddedPasskey {
    /// The passkey.
    pub passkey: Passkey,
    /// What having a second factor brought, if it is the first.
    pub enabled: Enabled,
}

/// What a browser is to ask an authenticator.
#[derive(Clone, Debug)]
pub struct PasskeyQuestion {
    /// What the answer has to name.
    pub ceremony: CeremonyId,
    /// The argument of `navigator.credentials.create` or `.get`, as JSON with binary values in base64url.
    pub options: String,
}

/// What an authenticator answered to who wants to prove something.
#[derive(Debug)]
pub struct PasskeyAnswer {
    /// Who the bank is to authenticators.
    pub relying_party: RelyingParty,
    /// The question.
    pub ceremony: CeremonyId,
    /// The credential of `navigator.credentials.get`, as JSON.
    pub credential: String,
}

/// What an authenticator answered to who registers it.
#[derive(Debug)]
pub struct NewPasskey {
    /// The answer; its credential is that of `navigator.credentials.create`.
    pub answer: PasskeyAnswer,
    /// What its owner calls it.
    pub name: String,
}

/// A passkey as it is stored.
pub(super) struct Stored {
    pub(super) id: PasskeyId,
    pub(super) user_id: UserId,
    pub(super) key: webauthn_rs::prelude::Passkey,
}

impl Factors {
    /// The caller's passkeys, the oldest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn passkeys(&self, user_id: UserId) -> Result<Vec<Passkey>> {
        Ok(store::list(&self.db, user_id).await?)
    }

    /// What to ask an authenticator that is to be registered.
    ///
    /// # Errors
    /// `PasskeyRefused` when there are too many, or the database failed.
    pub async fn begin_passkey(
        &self,
        caller: &Caller,
        relying_party: &RelyingParty,
        now: WallTime,
    ) -> Result<PasskeyQuestion> {
        let HeldSession { tx, user, .. } = self.identity.hold_session(caller, now).await?;
        let present = store::of_user_in_tx(&tx, user.id).await?;
        if present.len() >= PER_USER_MAX {
            return Err(FactorError::PasskeyRefused("would be one too many: ten are the most"));
        }
        let Question { options, state } = relying_party.ask_to_register(&user, &present)?;
        let ceremony = Ceremony::new(Kind::Register, Some(user.id), state, now);
        ceremony::store::insert_in_tx(&tx, &ceremony, now).await?;
        tx.commit().await?;
        Ok(PasskeyQuestion { ceremony: ceremony.id, options })
    }

    /// Registers an authenticator that has answered.
    ///
    /// # Errors
    /// `PasskeyRefused`, or the database failed.
    pub async fn add_passkey(
        &self,
        caller: &Caller,
        new: NewPasskey,
        occasion: impl Into<Occasion>,
    ) -> Result<AddedPasskey> {
        let occasion = occasion.into();
        let now = occasion.now;
        let name = read_name(&new.name)?;
        let answer: RegisterPublicKeyCredential = serde_json::from_str(&new.answer.credential)
            .map_err(|_| FactorError::PasskeyRefused("is not as browsers give it"))?;
        let held = self.identity.hold_session(caller, now).await?;
        let taken = ceremony::store::take_in_tx(&held.tx, new.answer.ceremony).await?;
        let open = taken.filter(|ceremony| ceremony.is_open_for(Kind::Register, Some(held.user.id), now));
        let Some(ceremony) = open else {
            held.tx.commit().await?;
            return Err(FactorError::PasskeyRefused("answers no open question: begin again"));
        };
        let key = match new.answer.relying_party.register(&answer, &ceremony.state) {
            Ok(key) => key,
            Err(error) => {
                held.tx.commit().await?;
                tracing::info!(%error, user_id = %held.user.id, "a passkey was refused");
                return Err(FactorError::PasskeyRefused("does not answer the question as it must"));
            }
        };
        let passkey = Passkey { id: PasskeyId::generate(), name, created_at: now, last_used_at: None };
        store::insert_in_tx(&held.tx, held.user.id, &passkey, &key).await.map_err(|error| match error {
            DbError::Duplicate(_) => FactorError::PasskeyRefused("is registered already"),
            other => FactorError::Store(other),
        })?;
        outbox::append_in_tx(
            &held.tx,
            vec![FactorEvent::PasskeyAdded { passkey_id: passkey.id }.of(held.user.id, caller.does(now))],
        )
        .await?;
        self.identity.mail_change_in_tx(&held.tx, &held.user, change::passkey_added(&passkey.name), now).await?;
        let enabled = self.finish_enrolment(held, caller, Factor::Passkey, &occasion).await?;
        Ok(AddedPasskey { passkey, enabled })
    }

    /// Gives one of the caller's passkeys another name.
    ///
    /// # Errors
    /// `UnknownPasskey`, `PasskeyRefused` for a bad name, or the database failed.
    pub async fn rename_passkey(&self, caller: &Caller, id: PasskeyId, name: &str) -> Result<Passkey> {
        let name = read_name(name)?;
        let tx = self.db.begin().await?;
        let renamed = store::rename_in_tx(&tx, caller.user_id, id, name).await?.ok_or(FactorError::UnknownPasskey)?;
        tx.commit().await?;
        Ok(renamed)
    }

    /// Takes one of the caller's passkeys away.
    ///
    /// # Errors
    /// `UnknownPasskey`, or the database failed.
    pub async fn remove_passkey(&self, caller: &Caller, id: PasskeyId, now: WallTime) -> Result<()> {
        let HeldSession { tx, user, .. } = self.identity.hold_session(caller, now).await?;
        if !store::remove_in_tx(&tx, user.id, id).await? {
            return Err(FactorError::UnknownPasskey);
        }
        outbox::append_in_tx(&tx, vec![FactorEvent::PasskeyRemoved { passkey_id: id }.of(user.id, caller.does(now))])
            .await?;
        self.identity.mail_change_in_tx(&tx, &user, change::passkey_removed(), now).await?;
        self.finish_removal(tx, &user, caller.does(now)).await
    }

    /// What to ask whatever passkeys are at hand, of somebody who has not said who they are. The question is the same
    /// for everybody, so it tells nothing of anybody.
    ///
    /// # Errors
    /// The database failed.
    pub async fn ask_passkeys_of_anybody(
        &self,
        relying_party: &RelyingParty,
        now: WallTime,
    ) -> Result<PasskeyQuestion> {
        let Question { options, state } = relying_party.ask_to_prove(&[])?;
        let ceremony = Ceremony::new(Kind::Prove, None, state, now);
        let tx = self.db.begin().await?;
        ceremony::store::insert_in_tx(&tx, &ceremony, now).await?;
        tx.commit().await?;
        Ok(PasskeyQuestion { ceremony: ceremony.id, options })
    }

    /// Logs in who answers with a passkey: the device, and what opens it, are two factors.
    ///
    /// # Errors
    /// `Wrong`, `Disabled`, or the database failed.
    pub async fn login_with_passkey(&self, answer: &PasskeyAnswer, occasion: impl Into<Occasion>) -> Result<Login> {
        let occasion = occasion.into();
        let now = occasion.now;
        let credential = read_credential(answer)?;
        let owner = store::owner_of(&self.db, credential.get_credential_id()).await?;
        // Of an unknown key the question is used up too, as of a known one.
        let Some(owner) = owner else {
            let tx = self.db.begin().await?;
            ceremony::store::take_in_tx(&tx, answer.ceremony).await?;
            tx.commit().await?;
            return Err(FactorError::Wrong);
        };
        let (tx, user) = self.lock_user(owner).await?;
        if let Err(refused) = check_in_tx(&tx, Asked::Anybody { owner }, answer, now).await? {
            outbox::append_in_tx(
                &tx,
                vec![events::mfa_failed(user.id, crate::MfaMethod::Passkey, Act::of_nobody(now))],
            )
            .await?;
            tx.commit().await?;
            return Err(refused);
        }
        user.require_active()?;
        let login = self.start_session_in_tx(&tx, user, identity::Factors::of(Factor::Passkey), &occasion).await?;
        tx.commit().await?;
        Ok(login)
    }
}

/// Whose answer is awaited.
#[derive(Clone, Copy)]
pub(super) enum Asked {
    /// Of a person who is known already.
    Person(UserId),
    /// Of nobody in particular; the key that answered is this person's.
    Anybody {
        /// Whose key it is.
        owner: UserId,
    },
}

/// What to ask a person's passkeys; the answer proves who they are.
pub(super) async fn ask_in_tx(
    tx: &Tx,
    relying_party: &RelyingParty,
    user_id: UserId,
    now: WallTime,
) -> Result<PasskeyQuestion> {
    let present = store::of_user_in_tx(tx, user_id).await?;
    if present.is_empty() {
        return Err(FactorError::NotEnrolled);
    }
    let Question { options, state } = relying_party.ask_to_prove(&present)?;
    let ceremony = Ceremony::new(Kind::Prove, Some(user_id), state, now);
    ceremony::store::insert_in_tx(tx, &ceremony, now).await?;
    Ok(PasskeyQuestion { ceremony: ceremony.id, options })
}

/// Checks an answer of the person whose row is held. The question is used up either way.
pub(super) async fn check_in_tx(
    tx: &Tx,
    asked: Asked,
    answer: &PasskeyAnswer,
    now: WallTime,
) -> Result<std::result::Result<(), FactorError>> {
    let (owner, asked_of) = match asked {
        Asked::Person(user_id) => (user_id, Some(user_id)),
        Asked::Anybody { owner } => (owner, None),
    };
    let taken = ceremony::store::take_in_tx(tx, answer.ceremony).await?;
    let open = taken.filter(|ceremony| ceremony.is_open_for(Kind::Prove, asked_of, now));
    let (Some(ceremony), Ok(credential)) = (open, read_credential(answer)) else { return Ok(Err(FactorError::Wrong)) };
    // An authenticator that tells whose its key is must tell right, and has to when nobody else did.
    let names_owner = credential.get_user_unique_id().map(|handle| handle == owner.uuid().as_bytes());
    if names_owner == Some(false) || names_owner.is_none() && asked_of.is_none() {
        return Ok(Err(FactorError::Wrong));
    }
    let found = store::find_in_tx(tx, credential.get_credential_id()).await?;
    let Some(mut stored) = found.filter(|stored| stored.user_id == owner) else { return Ok(Err(FactorError::Wrong)) };
    match answer.relying_party.check(&credential, &ceremony.state, &stored.key) {
        Ok(result) => {
            stored.key.update_credential(&result);
            store::used_in_tx(tx, &stored, now).await?;
            Ok(Ok(()))
        }
        Err(error) => {
            if matches!(error, WebauthnError::CredentialPossibleCompromise) {
                tracing::warn!(passkey_id = %stored.id, "the counter of a passkey went backwards");
                outbox::append_in_tx(
                    tx,
                    vec![FactorEvent::PasskeyCloned { passkey_id: stored.id }.of(owner, Actor::ITSELF.does(now))],
                )
                .await?;
            }
            Ok(Err(FactorError::Wrong))
        }
    }
}

fn read_credential(answer: &PasskeyAnswer) -> std::result::Result<PublicKeyCredential, FactorError> {
    serde_json::from_str(&answer.credential).map_err(|_| FactorError::Wrong)
}

fn read_name(text: &str) -> std::result::Result<String, FactorError> {
    let name = text.trim();
    let is_name = (1..=NAME_CHARACTERS_MAX).contains(&name.chars().count()) && legible::is_label(name);
    let reason = "needs a name of 1 to 64 characters without control or invisible ones, or ones that pass for others";
    if is_name { Ok(name.to_owned()) } else { Err(FactorError::PasskeyRefused(reason)) }
}
