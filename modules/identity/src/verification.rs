//! E-mail addresses: shown to be read by their owner, and changed. Only a verified one gets a way back in.

use crate::mail_token::{Purpose, by_mail, store as tokens};
use crate::notice::Notice;
use crate::user::event::{PersonEvent, about};
use crate::{Caller, Email, Identity, IdentityError, Result, User, user};
use db::{Tx, WallTime};

impl Identity {
    /// Mails the person a token that shows that their address is theirs. Nothing when it is known already.
    ///
    /// # Errors
    /// `NoMail`, `NoEmail`, `TooManyMails`, `Busy`, or the database failed.
    pub async fn request_verification(&self, caller: &Caller, now: WallTime) -> Result<()> {
        self.require_mailing()?;
        let tx = self.db.begin().await?;
        let user = user::store::lock_in_tx(&tx, caller.user_id).await?.ok_or(IdentityError::UnknownUser)?;
        if user.email_verified_at.is_some() {
            return Ok(());
        }
        if !self.mail_verification_in_tx(&tx, &user, now).await? {
            return Err(IdentityError::TooManyMails);
        }
        Ok(tx.commit().await?)
    }

    /// Takes the token as proof that the person reads their address.
    ///
    /// # Errors
    /// `InvalidMailToken`, or the database failed.
    pub async fn verify_email(&self, token: &str, now: WallTime) -> Result<()> {
        let tx = self.db.begin().await?;
        let user = self.use_mail_token_in_tx(&tx, token, Purpose::VerifyEmail, now).await?;
        let email = user.email.as_ref().ok_or(IdentityError::InvalidMailToken)?;
        user::store::set_verified_in_tx(&tx, user.id, &email.lookup(), now).await?;
        outbox::append_in_tx(&tx, vec![about(&user, PersonEvent::EmailVerified, by_mail(&user, now))]).await?;
        Ok(tx.commit().await?)
    }

    /// Gives the person another address, tells the old one, and mails a token to the new one. Until that is used, there is
    /// no way back in by mail.
    ///
    /// # Errors
    /// `InvalidEmail`, `NoMail`, `TooManyMails`, `Busy`, or the database failed.
    pub async fn change_email(&self, caller: &Caller, email: &str, now: WallTime) -> Result<User> {
        let email = Email::parse(email)?;
        self.require_mailing()?;
        let tx = self.db.begin().await?;
        let before = user::store::lock_in_tx(&tx, caller.user_id).await?.ok_or(IdentityError::UnknownUser)?;
        before.require_active()?;
        if before.email.as_ref() == Some(&email) {
            return Ok(before);
        }
        let user = User { email: Some(email), email_verified_at: None, ..before.clone() };
        user::store::set_email_in_tx(&tx, &user).await?;
        tokens::end_all_in_tx(&tx, user.id, Purpose::ResetPassword, now).await?;
        if !self.mail_verification_in_tx(&tx, &user, now).await? {
            return Err(IdentityError::TooManyMails);
        }
        outbox::append_in_tx(&tx, vec![about(&user, PersonEvent::EmailChanged, caller.does(now))]).await?;
        self.mail_in_tx(&tx, &before, Notice::EmailChanged, now).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// Whether one more mail was allowed. Whoever calls holds the person's row, and this bank sends mail.
    pub(crate) async fn mail_verification_in_tx(&self, tx: &Tx, user: &User, now: WallTime) -> Result<bool> {
        let Some(token) = self.issue_mail_token_in_tx(tx, user, Purpose::VerifyEmail, now).await? else {
            return Ok(false);
        };
        self.mail_in_tx(tx, user, Notice::VerifyEmail { token: &token }, now).await?;
        Ok(true)
    }
}
