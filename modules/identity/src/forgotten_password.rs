//! The way back in for who forgot their password: asked for by name or address, answered by mail to a verified address,
//! and gone through with the mailed token. It logs nobody in, and takes no second factor away.

pub(crate) mod store;

use crate::access::Ending;
use crate::mail_token::{MailToken, Purpose, by_mail, hash_of_copied, store as tokens};
use crate::notice::{Change, Notice};
use crate::session::EndOfSession;
use crate::user::event::{PersonEvent, about};
use crate::{Email, Identity, IdentityError, Password, Result, User, Username, user};
use db::{Tx, WallTime};
use outbox::Act;

/// At most so many requests wait to be answered.
const WAITING_MAX: u32 = 10_000;
/// At most so many are answered in one turn.
const TURN_MAX: usize = 200;
/// At most so many people with one address get a mail.
const PEOPLE_PER_ADDRESS_MAX: u32 = 5;

/// Who says that they forgot their password, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forgetful {
    /// By the name that they log in with.
    Username(String),
    /// By their address.
    Email(String),
}

/// The same, as it waits to be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ResetRequest {
    OfUsername(Username),
    /// In lower case.
    OfEmail(String),
}

impl Identity {
    /// Writes down that somebody wants a new password. Whether there is such a person is only looked up afterwards, by
    /// [`Identity::answer_reset_requests`]: neither the answer nor its time can tell.
    ///
    /// # Errors
    /// What was typed can be no name or address; `NoMail`, `Busy`, or the database failed.
    pub async fn request_reset(&self, who: Forgetful, now: WallTime) -> Result<()> {
        self.require_mailing()?;
        let request = match who {
            Forgetful::Username(username) => ResetRequest::OfUsername(Username::parse(&username)?),
            Forgetful::Email(email) => ResetRequest::OfEmail(Email::parse(&email)?.lookup()),
        };
        let tx = self.db.begin().await?;
        if store::waits_at(&tx, WAITING_MAX).await? {
            return Err(IdentityError::Busy);
        }
        store::insert_in_tx(&tx, &request, now).await?;
        Ok(tx.commit().await?)
    }

    /// Mails tokens to those who asked, are here and have a verified address; gives how many requests were answered. To
    /// be called every second.
    ///
    /// # Errors
    /// The database failed, or too many mails wait; the requests that are left are answered later.
    pub async fn answer_reset_requests(&self, now: WallTime) -> Result<usize> {
        for answered in 0..TURN_MAX {
            let tx = self.db.begin().await?;
            let Some(request) = store::take_oldest_in_tx(&tx).await? else { return Ok(answered) };
            for user in lock_askers_in_tx(&tx, &request).await? {
                self.mail_reset_in_tx(&tx, &user, now).await?;
            }
            tx.commit().await?;
        }
        Ok(TURN_MAX)
    }

    async fn mail_reset_in_tx(&self, tx: &Tx, user: &User, now: WallTime) -> Result<()> {
        if user.require_active().is_err() {
            return Ok(());
        }
        let Some(token) = self.issue_mail_token_in_tx(tx, user, Purpose::ResetPassword, now).await? else {
            return Ok(());
        };
        outbox::append_in_tx(tx, vec![about(user, PersonEvent::PasswordResetRequested, Act::of_nobody(now))]).await?;
        self.mail_in_tx(tx, user, Notice::ResetPassword { token: &token }, now).await
    }

    /// Replaces the password of whom the token was mailed to, and ends all their sessions and grants. They log in as usual
    /// afterwards, with whatever second factor they have.
    ///
    /// # Errors
    /// `InvalidMailToken`, `WeakPassword` (the token stays good), `Busy`, or the database failed.
    pub async fn reset_password(&self, token: &str, new: Password, now: WallTime) -> Result<()> {
        let user = self.whose_reset_token(token, now).await?;
        let chosen = self.hash_chosen(new, &user).await?;
        let tx = self.db.begin().await?;
        let user = self.use_mail_token_in_tx(&tx, token, Purpose::ResetPassword, now).await?;
        let act = by_mail(&user, now);
        let api_keys = self.replace_password_in_tx(&tx, &user, &chosen, act).await?;
        let ended = self.end_access_in_tx(&tx, Ending::of_all(user.id, EndOfSession::PasswordReset, act)).await?;
        outbox::append_in_tx(&tx, vec![about(&user, PersonEvent::PasswordReset, act)]).await?;
        self.mail_change_in_tx(&tx, &user, Change::password_reset(api_keys), now).await?;
        tx.commit().await?;
        self.refuse(ended);
        Ok(())
    }

    /// Looks before anything is hashed: made-up tokens must not cost much.
    async fn whose_reset_token(&self, token: &str, now: WallTime) -> Result<User> {
        let token: Option<MailToken> = tokens::find(&self.db, &hash_of_copied(token)).await?;
        let token = token.ok_or(IdentityError::InvalidMailToken)?;
        let user = user::store::find(&self.db, token.user_id).await?.ok_or(IdentityError::InvalidMailToken)?;
        if token.opens(Purpose::ResetPassword, &user, now) { Ok(user) } else { Err(IdentityError::InvalidMailToken) }
    }
}

/// Those who asked and have a verified address, held.
async fn lock_askers_in_tx(tx: &Tx, request: &ResetRequest) -> Result<Vec<User>> {
    Ok(match request {
        ResetRequest::OfUsername(username) => user::store::lock_recoverable_by_username_in_tx(tx, username).await?,
        ResetRequest::OfEmail(email) => {
            user::store::lock_recoverable_by_email_in_tx(tx, email, PEOPLE_PER_ADDRESS_MAX).await?
        }
    })
}
