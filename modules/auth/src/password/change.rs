//! Changing a password: whoever knows the current one may choose another, and is logged out everywhere else.

use super::{Password, PasswordHash, Scheme};
use crate::administration::end_access_in_tx;
use crate::events::{self, EndOfSession};
use crate::notice::Change;
use crate::{Auth, AuthError, Caller, Factor, Result, User, api_key, mail_token, mfa, tie, user};
use db::{Timestamp, Tx};

impl Auth {
    /// Replaces the caller's password, and ends all their grants, and their sessions but the one at hand.
    ///
    /// While passwords are hashed the session may have ended, by guesses or by its owner: then nothing is changed.
    /// A wrong current password counts like a wrong proof of [`Auth::step_up`]: too many end the session.
    ///
    /// # Errors
    /// `WrongPassword`, `WeakPassword`, `SessionRevoked`, `Disabled`, `Busy`, or the database failed.
    pub async fn change_password(
        &self,
        caller: &Caller,
        current: Password,
        new: Password,
        now: Timestamp,
    ) -> Result<()> {
        let session_id = caller.session_id().ok_or(AuthError::SessionRevoked)?;
        let place = self.hashing.place()?;
        let user = user::store::find(&self.db, caller.user_id).await?.ok_or(AuthError::UnknownUser)?;
        let known = user::store::password_hash(&self.db, user.id).await?.ok_or(AuthError::UnknownUser)?;
        if !self.hashing.verify(place, current, Some(known.clone())).await? {
            let (tx, user, session) = self.lock_session(caller, session_id, now).await?;
            outbox::append_in_tx(&tx, vec![events::password_change_failed(&user, caller.does(now))]).await?;
            self.count_failure(tx, &session, Factor::Password, now).await?;
            return Err(AuthError::WrongPassword);
        }
        let chosen = self.hash_chosen(new, &user).await?;
        let (tx, user, session) = self.lock_session(caller, session_id, now).await?;
        if !is_still(&tx, &user, &known).await? {
            return Err(AuthError::WrongPassword);
        }
        replace_password_in_tx(&tx, &user, &chosen, now).await?;
        let ended =
            end_access_in_tx(&tx, (user.id, Some(session.id)), EndOfSession::PasswordChanged, caller.does(now)).await?;
        outbox::append_in_tx(&tx, vec![events::password_changed(&user, caller.does(now))]).await?;
        let api_keys = api_key::store::count_working_in_tx(&tx, user.id, now).await?;
        self.tell_change_in_tx(&tx, &user, Change::password_changed(api_keys), now).await?;
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
}

/// Whether the hash that was compared with is still the person's, now that their row is held.
pub(crate) async fn is_still(tx: &Tx, user: &User, known: &PasswordHash) -> Result<bool> {
    Ok(user::store::password_hash(tx, user.id).await?.is_some_and(|stored| stored == *known))
}

/// Whoever calls holds the person's row. Ways back in that were mailed before are dead, and so are logins with the old
/// password that still wait for a second factor; and whoever was told the old one no longer knows it.
pub(crate) async fn replace_password_in_tx(tx: &Tx, user: &User, chosen: &PasswordHash, now: Timestamp) -> Result<()> {
    user::store::set_password_in_tx(tx, user.id, chosen).await?;
    tie::store::forget_password_in_tx(tx, user.id, now).await?;
    mfa::forget_half_done_logins_in_tx(tx, user.id).await?;
    Ok(mail_token::store::end_all_in_tx(tx, (user.id, mail_token::Purpose::ResetPassword), now).await?)
}
