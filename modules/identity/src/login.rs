//! Registering and logging in: what goes into it, what comes out of it, and the commands themselves.

use crate::password::{insert_users_in_tx, is_still, store as passwords};
use crate::session::{Entrance, Session, logged_in};
use crate::user::event::{PersonEvent, about};
use crate::user::{self, Email, Username};
use crate::{Factors, Identity, IdentityError, Mailing, Occasion, Password, Result, Role, User};
use db::Tx;
use ids::{SessionId, UserId};
use outbox::{Act, Actor, Event, Means};
use uuid::Uuid;

/// Who wants to become a customer.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// As typed; see [`Username::parse`].
    pub username: String,
    /// As typed.
    pub password: Password,
    /// As typed; see [`Email::parse`].
    pub email: Option<String>,
}

/// Somebody has logged in, or stays so.
pub struct Login {
    /// Who.
    pub user: User,
    /// The session.
    pub session_id: SessionId,
    /// What every request carries.
    pub access_token: String,
    /// What continues the session, once; see [`Identity::refresh`].
    pub refresh_token: String,
    /// How long the access token is good for.
    pub expires_in_seconds: i64,
}

/// What the right password leads to.
pub enum BegunLogin {
    /// It is enough: the person is logged in.
    Complete(Login),
    /// The person has a second factor: without it there is no session.
    NeedsSecondFactor(HalfLogin),
}

/// A login with the right password that lacks the second factor. What stands for it is to be committed.
pub struct HalfLogin {
    /// The transaction that holds the person's row.
    pub tx: Tx,
    /// Who.
    pub user: User,
}

impl Identity {
    /// Makes a customer and logs them in.
    ///
    /// # Errors
    /// A rule for names, passwords or addresses is broken, the name is taken, `Busy`, or the database failed.
    pub async fn register(&self, new_user: NewUser, occasion: impl Into<Occasion>) -> Result<Login> {
        let occasion = occasion.into();
        let now = occasion.now;
        let email = new_user.email.as_deref().map(Email::parse).transpose()?;
        let username = Username::parse(&new_user.username)?;
        username.require_unreserved()?;
        let user = User { email, ..User::new(username, Role::Customer, now) };
        let password_hash = self.hash_chosen(new_user.password, &user).await?;
        let tx = self.db.begin().await?;
        insert_users_in_tx(&tx, [(&user, &password_hash)]).await?;
        let session = Session::start(user.id, Factors::PASSWORD, now);
        let act = Actor::person(user.id, Means::Session(session.id)).does(now);
        // Lists of events are in the order of identifiers, which is that of their making.
        let registered = about(&user, PersonEvent::UserRegistered, act);
        let logged_in = logged_in(&user, session.id, &occasion, Entrance::Registration);
        outbox::append_in_tx(&tx, vec![registered, logged_in]).await?;
        if user.email.is_some() && self.mailing == Mailing::On {
            // When enough mails went there already, the person may ask for another one later.
            self.mail_verification_in_tx(&tx, &user, now).await?;
        }
        let login = self.open_session_in_tx(&tx, user, &session, &occasion).await?;
        tx.commit().await?;
        Ok(login)
    }

    /// Makes somebody whom an issuer elsewhere vouches for, in the caller's transaction. Nobody knows the password, and
    /// without an address nobody gets another one: only the issuer opens the way in.
    ///
    /// # Errors
    /// The name is taken, after which the transaction can only be rolled back, or the database failed.
    pub async fn register_without_password_in_tx(&self, tx: &Tx, user: &User, act: Act) -> Result<()> {
        insert_users_in_tx(tx, [(user, &self.hashing.hash_of_nobody())]).await?;
        Ok(outbox::append_in_tx(tx, vec![about(user, PersonEvent::UserRegistered, act)]).await?)
    }

    /// Takes a name and a password; who has a second factor is half logged in by them. An unknown name and a wrong password
    /// look the same, also to a stopwatch, whatever the password is hashed with; that somebody is disabled is only said to
    /// who knows the password. A password that came hashed in another way is hashed anew.
    ///
    /// # Errors
    /// `WrongCredentials`, `Disabled`, `Busy`, or the database failed.
    pub async fn begin_login(
        &self,
        username: &str,
        password: Password,
        occasion: impl Into<Occasion>,
    ) -> Result<BegunLogin> {
        let place = self.hashing.place()?;
        let occasion = occasion.into();
        let now = occasion.now;
        let username = Username::parse(username).ok();
        let credentials = match &username {
            Some(username) => passwords::credentials(&self.db, username).await?,
            None => None,
        };
        let (user_id, known) = credentials.map(|found| (found.user_id, found.password_hash)).unzip();
        let is_right = self.hashing.verify(place, password.clone(), known.clone()).await?;
        let known = known.filter(|_| is_right);
        let better = match &known {
            Some(known) => self.hash_better(password, known).await?,
            None => None,
        };
        let tx = self.db.begin().await?;
        let (Some(user_id), Some(known)) = (user_id, known) else {
            let failed = login_failed(user_id, username.as_ref(), &occasion);
            outbox::append_in_tx(&tx, vec![failed]).await?;
            tx.commit().await?;
            return Err(IdentityError::WrongCredentials);
        };
        let user = user::store::lock_in_tx(&tx, user_id).await?.ok_or(IdentityError::WrongCredentials)?;
        user.require_active()?;
        if !is_still(&tx, &user, &known).await? {
            // It was changed a moment ago, so it is wrong by now.
            return Err(IdentityError::WrongCredentials);
        }
        if let Some(better) = better {
            passwords::set_in_tx(&tx, user.id, &better).await?;
            let rehashed = about(&user, PersonEvent::PasswordRehashed, Actor::ITSELF.does(now));
            outbox::append_in_tx(&tx, vec![rehashed]).await?;
        }
        if user.mfa_enabled {
            return Ok(BegunLogin::NeedsSecondFactor(HalfLogin { tx, user }));
        }
        let login = self.start_session_in_tx(&tx, user, Factors::PASSWORD, &occasion).await?;
        tx.commit().await?;
        Ok(BegunLogin::Complete(login))
    }

    /// Whether somebody could begin to log in with this. Nothing is recorded and nothing counted: for those who run the bank.
    ///
    /// # Errors
    /// `Busy`, or the database failed.
    pub async fn could_log_in(&self, username: &str, password: Password) -> Result<bool> {
        let Some(user) = self.find_by_username(username).await? else { return Ok(false) };
        let Some(known) = passwords::credentials(&self.db, &user.username).await? else { return Ok(false) };
        let place = self.hashing.place()?;
        let is_right = self.hashing.verify(place, password, Some(known.password_hash)).await?;
        Ok(is_right && user.require_active().is_ok())
    }
}

/// About nobody when there is no such user, and without what was typed when it cannot be a username (it may well be a password).
fn login_failed(user_id: Option<UserId>, username: Option<&Username>, occasion: &Occasion) -> Event {
    let username = username.map(ToString::to_string);
    let failed = PersonEvent::LoginFailed { username, address: occasion.address_text() };
    Event::of(user_id.map_or(Uuid::nil(), UserId::uuid), &failed, Act::of_nobody(occasion.now))
}

impl std::fmt::Debug for Login {
    /// Without the tokens.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}
