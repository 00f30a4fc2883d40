//! Registering and logging in: what goes into it, what comes out of it, and the commands themselves.

use crate::mfa::MfaError;
use crate::password::PasswordHash;
use crate::password::change::is_still;
use crate::user::{self, Email, Username};
use crate::{Auth, AuthError, Factors, Mailing, NewStaff, Occasion, Password, Result, Role, User, events};
use db::{DbError, Timestamp, Tx};
use outbox::{Act, Actor};

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
    /// What every request carries.
    pub access_token: String,
    /// What continues the session, once; see [`Auth::refresh`].
    pub refresh_token: String,
    /// How long the access token is good for.
    pub expires_in_seconds: i64,
}

impl Auth {
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
        insert_user_in_tx(&tx, &user, &password_hash).await?;
        outbox::append_in_tx(&tx, vec![events::user_registered(&user, Act::of_nobody(now))]).await?;
        if user.email.is_some() && self.mailing == Mailing::On {
            // When enough mails went there already, the person may ask for another one later.
            self.mail_verification_in_tx(&tx, &user, now).await?;
        }
        let login = self.start_session_in_tx(&tx, user, Factors::PASSWORD, &occasion).await?;
        tx.commit().await?;
        Ok(login)
    }

    /// Makes an administrator. They log in like everybody else.
    ///
    /// # Errors
    /// As [`Auth::register`].
    pub async fn create_admin(&self, username: &str, password: Password, now: Timestamp) -> Result<User> {
        let new = NewStaff { username: username.to_owned(), password: Some(password), role: Role::Admin };
        Ok(self.create_staff(new, Actor::COMMAND_LINE.does(now)).await?.user)
    }

    /// Logs somebody in. An unknown name and a wrong password look the same, also to a stopwatch, whatever the password is
    /// hashed with; that somebody is disabled is only told to who knows the password. A password that came hashed in
    /// another way is hashed anew.
    ///
    /// # Errors
    /// `WrongCredentials`, `Disabled`, `MfaError::Required` when the second factor has to follow, `Busy`, or the database failed.
    pub async fn login(&self, username: &str, password: Password, occasion: impl Into<Occasion>) -> Result<Login> {
        let place = self.hashing.place()?;
        let occasion = occasion.into();
        let now = occasion.now;
        let username = Username::parse(username).ok();
        let credentials = match &username {
            Some(username) => user::store::credentials(&self.db, username).await?,
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
            let failed = events::login_failed(user_id, username.as_ref(), &occasion);
            outbox::append_in_tx(&tx, vec![failed]).await?;
            tx.commit().await?;
            return Err(AuthError::WrongCredentials);
        };
        let user = user::store::lock_in_tx(&tx, user_id).await?.ok_or(AuthError::WrongCredentials)?;
        user.require_active()?;
        if !is_still(&tx, &user, &known).await? {
            // It was changed a moment ago, so it is wrong by now.
            return Err(AuthError::WrongCredentials);
        }
        if let Some(better) = better {
            user::store::set_password_in_tx(&tx, user.id, &better).await?;
            outbox::append_in_tx(&tx, vec![events::password_rehashed(&user, Actor::ITSELF.does(now))]).await?;
        }
        if user.mfa_enabled {
            let challenge = self.challenge_in_tx(&tx, &user, now).await?;
            tx.commit().await?;
            return Err(MfaError::Required(challenge).into());
        }
        let login = self.start_session_in_tx(&tx, user, Factors::PASSWORD, &occasion).await?;
        tx.commit().await?;
        Ok(login)
    }
}

impl std::fmt::Debug for Login {
    /// Without the tokens.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

pub(crate) async fn insert_user_in_tx(tx: &Tx, user: &User, password_hash: &PasswordHash) -> Result<()> {
    user::store::insert_in_tx(tx, user, password_hash).await.map_err(|error| match error {
        DbError::Duplicate(_) => AuthError::UsernameTaken,
        other => AuthError::Store(other),
    })
}
