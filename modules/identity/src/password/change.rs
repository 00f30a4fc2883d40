//! Changing a password: whoever knows the current one may choose another, and is logged out everywhere else.

use super::{Password, PasswordHash, Scheme, is_still, store};
use crate::access::Ending;
use crate::dependent::{AccessChange, AccessChangeKind};
use crate::notice::Change;
use crate::session::{EndOfSession, HeldSession};
use crate::user::event::{PersonEvent, about};
use crate::{Caller, Factor, Identity, IdentityError, Result, User, mail_token, tie, user};
use db::{Tx, WallTime};
use outbox::Act;

impl Identity {
    /// Replaces the caller's password, and ends all their grants, and their sessions but the one at hand.
    ///
    /// While passwords are hashed the session may have ended, by guesses or by its owner: then nothing is changed.
    /// A wrong current password counts like a wrong proof inside the session: too many end the session.
    ///
    /// # Errors
    /// `WrongPassword`, `WeakPassword`, `SessionRevoked`, `Disabled`, `Busy`, or the database failed.
    pub async fn change_password(
        &self,
        caller: &Caller,
        current: Password,
        new: Password,
        now: WallTime,
    ) -> Result<()> {
        caller.session_id().ok_or(IdentityError::SessionRevoked)?;
        let place = self.hashing.place()?;
        let user = user::store::find(&self.db, caller.user_id).await?.ok_or(IdentityError::UnknownUser)?;
        let known = store::hash_of(&self.db, user.id).await?.ok_or(IdentityError::UnknownUser)?;
        if !self.hashing.verify(place, current, Some(known.clone())).await? {
            let held = self.hold_session(caller, now).await?;
            let failed = about(&held.user, PersonEvent::PasswordChangeFailed, caller.does(now));
            outbox::append_in_tx(&held.tx, vec![failed]).await?;
            self.count_wrong_proof(held, Factor::Password, now).await?;
            return Err(IdentityError::WrongPassword);
        }
        let chosen = self.hash_chosen(new, &user).await?;
        let HeldSession { tx, user, session } = self.hold_session(caller, now).await?;
        if !is_still(&tx, &user, &known).await? {
            return Err(IdentityError::WrongPassword);
        }
        let act = caller.does(now);
        let api_keys = self.replace_password_in_tx(&tx, &user, &chosen, act).await?;
        let ending = Ending::of_all(user.id, EndOfSession::PasswordChanged, act).sparing(session.id);
        let ended = self.end_access_in_tx(&tx, ending).await?;
        outbox::append_in_tx(&tx, vec![about(&user, PersonEvent::PasswordChanged, act)]).await?;
        self.mail_change_in_tx(&tx, &user, Change::password_changed(api_keys), now).await?;
        tx.commit().await?;
        self.refuse(ended);
        Ok(())
    }

    /// Checks the rules for a password that the person is choosing, and hashes it.
    pub(crate) async fn hash_chosen(&self, password: Password, user: &User) -> Result<PasswordHash> {
        password.require_strong(user)?;
        self.hashing.hash_chosen(password).await
    }

    /// Hashes a password that has just been proved right in the current way, if it was hashed in another one. Not if that
    /// one reads only the beginning: the rest that was typed may be wrong, and would be the only right one from now on.
    pub(crate) async fn hash_better(&self, password: Password, known: &PasswordHash) -> Result<Option<PasswordHash>> {
        if known.scheme() == Scheme::current() || !known.reads_all_of(&password) {
            return Ok(None);
        }
        self.hashing.hash(password).await.map(Some)
    }

    /// Replaces it, and returns the number of API keys that go on working. Whoever calls holds the person's row. Ways back in
    /// that were mailed before are dead, and so is what was begun with the old password elsewhere; and whoever was told the
    /// old one no longer knows it.
    pub(crate) async fn replace_password_in_tx(
        &self,
        tx: &Tx,
        user: &User,
        chosen: &PasswordHash,
        act: Act,
    ) -> Result<i64> {
        store::set_in_tx(tx, user.id, chosen).await?;
        tie::store::forget_password_in_tx(tx, user.id, act.at).await?;
        let change = AccessChange { user_id: user.id, kind: AccessChangeKind::PasswordReplaced, act };
        let followed = self.dependents.follow_in_tx(tx, change).await?;
        mail_token::store::end_all_in_tx(tx, user.id, mail_token::Purpose::ResetPassword, act.at).await?;
        Ok(followed.working_api_keys)
    }
}
