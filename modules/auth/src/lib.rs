//! Identity: people, passwords, sessions, access tokens. What a role may do is decided at the edge's routes;
//! whose money something is, in the modules that hold it.

mod error;
mod events;
mod login;
mod password;
mod revocations;
mod session;
mod signing_key;
mod token;
mod user;

pub use error::AuthError;
pub use login::{Caller, Login, NewUser};
pub use password::Password;
pub use user::{Email, Role, User, UserStatus, Username};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use events::EndOfSession;
use ids::{SessionId, UserId};
use password::{Hashing, PasswordHash};
use revocations::Revocations;
use session::{Refresh, RefreshToken, RefreshTokenHash, Session};
use signing_key::SigningKey;
use std::path::PathBuf;
use store::{Db, Migration, StoreError, Timestamp, Tx};
use token::AccessTokens;

/// The outcome of anything about identity.
pub type Result<T> = std::result::Result<T, AuthError>;

/// The tables of users and sessions.
pub const MIGRATIONS: &[Migration] = &[Migration {
    module: "auth",
    number: 1,
    sql: include_str!("../migrations/0001_users_and_sessions.sql"),
    postgres: "",
    sqlite: "",
    append_only: &[],
}];

/// What has to be known to open the module.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The PEM file of the key that signs access tokens; made when absent. Processes on one database share it.
    pub signing_key_path: PathBuf,
}

/// The identity of everybody.
pub struct Auth {
    db: Db,
    hashing: Hashing,
    tokens: AccessTokens,
    revocations: Revocations,
}

impl Auth {
    /// Reads or makes the signing key, and learns which sessions were revoked lately.
    ///
    /// # Errors
    /// The key file is unusable, or the database cannot be read.
    pub async fn open(db: Db, settings: Settings, now: Timestamp) -> Result<Self> {
        let tokens = AccessTokens::new(SigningKey::load_or_create(&settings.signing_key_path)?);
        let auth = Self { db, hashing: Hashing::start().await?, tokens, revocations: Revocations::default() };
        auth.refresh_revocations(now).await?;
        Ok(auth)
    }

    /// Makes a customer and logs them in.
    ///
    /// # Errors
    /// A rule for names, passwords or addresses is broken, the name is taken, `Busy`, or the database failed.
    pub async fn register(&self, new_user: NewUser, now: Timestamp) -> Result<Login> {
        let email = new_user.email.as_deref().map(Email::parse).transpose()?;
        let user = User { email, ..User::new(Username::parse(&new_user.username)?, Role::Customer, now) };
        let password_hash = self.hash_chosen(new_user.password, &user.username).await?;
        let tx = self.db.begin().await?;
        insert_user_in_tx(&tx, &user, &password_hash).await?;
        ::events::append_in_tx(&tx, vec![events::user_registered(&user, now)]).await?;
        let login = self.start_session_in_tx(&tx, user, now).await?;
        tx.commit().await?;
        Ok(login)
    }

    /// Makes an administrator. They log in like everybody else.
    ///
    /// # Errors
    /// As [`Auth::register`].
    pub async fn create_admin(&self, username: &str, password: Password, now: Timestamp) -> Result<User> {
        let user = User::new(Username::parse(username)?, Role::Admin, now);
        let password_hash = self.hash_chosen(password, &user.username).await?;
        let tx = self.db.begin().await?;
        insert_user_in_tx(&tx, &user, &password_hash).await?;
        ::events::append_in_tx(&tx, vec![events::admin_created(&user, now)]).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// Logs somebody in. An unknown name and a wrong password look the same, also to a stopwatch.
    ///
    /// # Errors
    /// `WrongCredentials`, `Disabled`, `Busy`, or the database failed.
    pub async fn login(&self, username: &str, password: Password, now: Timestamp) -> Result<Login> {
        let username = Username::parse(username).ok();
        let credentials = match &username {
            Some(username) => user::store::credentials(&self.db, username).await?,
            None => None,
        };
        let (user_id, password_hash) = credentials.map(|found| (found.user_id, found.password_hash)).unzip();
        let is_right = self.hashing.verify(password, password_hash).await?;
        let tx = self.db.begin().await?;
        let Some(user_id) = user_id.filter(|_| is_right) else {
            let failed = events::login_failed(user_id, username.as_ref(), now);
            ::events::append_in_tx(&tx, vec![failed]).await?;
            tx.commit().await?;
            return Err(AuthError::WrongCredentials);
        };
        let user = user::store::lock_in_tx(&tx, user_id).await?.ok_or(AuthError::WrongCredentials)?;
        user.require_active()?;
        let login = self.start_session_in_tx(&tx, user, now).await?;
        tx.commit().await?;
        Ok(login)
    }

    /// Continues a session with a new pair of tokens; the refresh token that was presented is used up.
    /// Presented again it ends the session: one of the two who hold it stole it (RFC 9700, section 4.14.2).
    ///
    /// # Errors
    /// `InvalidRefreshToken`, `Disabled`, or the database failed.
    pub async fn refresh(&self, refresh_token: &str, now: Timestamp) -> Result<Login> {
        let token_hash = RefreshTokenHash::of(refresh_token);
        let tx = self.db.begin().await?;
        let presented = session::store::lock_token_in_tx(&tx, &token_hash).await?;
        let presented = presented.ok_or(AuthError::InvalidRefreshToken)?;
        let session = presented.session;
        match presented.refresh(now) {
            Refresh::Refuse => Err(AuthError::InvalidRefreshToken),
            Refresh::Revoke => {
                tracing::warn!(session_id = %session.id, "a used refresh token was presented: the session ends");
                self.end_session(tx, (session.user_id, session.id), EndOfSession::RefreshTokenReused, now).await?;
                Err(AuthError::InvalidRefreshToken)
            }
            Refresh::Rotate => {
                let user = user::store::find(&tx, session.user_id).await?.ok_or(AuthError::InvalidRefreshToken)?;
                user.require_active()?;
                session::store::use_token_in_tx(&tx, &token_hash, now).await?;
                let login = self.issue_tokens_in_tx(&tx, user, &session, now).await?;
                tx.commit().await?;
                Ok(login)
            }
        }
    }

    /// Ends the caller's session, at once in this process and with the next poll in others. Again changes nothing.
    ///
    /// # Errors
    /// The database failed.
    pub async fn logout(&self, caller: &Caller, now: Timestamp) -> Result<()> {
        let tx = self.db.begin().await?;
        self.end_session(tx, (caller.user_id, caller.session_id), EndOfSession::Logout, now).await
    }

    /// Keeps somebody out from now on, and ends all their sessions.
    ///
    /// # Errors
    /// `UnknownUser`, or the database failed.
    pub async fn disable(&self, user_id: UserId, now: Timestamp) -> Result<()> {
        let tx = self.db.begin().await?;
        let user = user::store::lock_in_tx(&tx, user_id).await?.ok_or(AuthError::UnknownUser)?;
        if user.status == UserStatus::Disabled {
            return Ok(());
        }
        user::store::set_status_in_tx(&tx, user_id, UserStatus::Disabled).await?;
        let revoked = session::store::revoke_all_in_tx(&tx, user_id, now).await?;
        let ended = revoked.iter().map(|ended| events::logged_out(user_id, ended.id, EndOfSession::UserDisabled, now));
        let happened = std::iter::once(events::user_disabled(&user, now)).chain(ended).collect();
        ::events::append_in_tx(&tx, happened).await?;
        tx.commit().await?;
        for session in revoked {
            self.revocations.insert(session.id, session.revoked_at);
        }
        Ok(())
    }

    /// Who the access token (what follows `Bearer `) speaks for. No database: about a microsecond once it is cached.
    ///
    /// # Errors
    /// `InvalidToken`, `ExpiredToken` or `SessionRevoked`.
    pub fn authenticate(&self, bearer_token: &str, now: Timestamp) -> Result<Caller> {
        let caller = self.tokens.verify(bearer_token, now)?;
        if self.revocations.contains(caller.session_id) {
            return Err(AuthError::SessionRevoked);
        }
        Ok(caller)
    }

    /// The person behind an identifier.
    ///
    /// # Errors
    /// The database failed.
    pub async fn user(&self, user_id: UserId) -> Result<Option<User>> {
        Ok(user::store::find(&self.db, user_id).await?)
    }

    /// The person behind a name, in any case.
    ///
    /// # Errors
    /// The database failed.
    pub async fn find_by_username(&self, username: &str) -> Result<Option<User>> {
        match Username::parse(username) {
            Ok(username) => Ok(user::store::find_by_username(&self.db, &username).await?),
            Err(_) => Ok(None),
        }
    }

    /// Learns which sessions other processes have revoked, and forgets those that no longer matter.
    /// To be called every second.
    ///
    /// # Errors
    /// The database failed; what is known stays known, and the next call catches up.
    pub async fn refresh_revocations(&self, now: Timestamp) -> Result<()> {
        let since = self.revocations.unknown_since(now);
        let found = session::store::revoked_since(&self.db, since).await?;
        self.revocations.absorb(&found, now);
        Ok(())
    }

    async fn hash_chosen(&self, password: Password, username: &Username) -> Result<PasswordHash> {
        password.require_strong(username)?;
        self.hashing.hash(password).await
    }

    async fn start_session_in_tx(&self, tx: &Tx, user: User, now: Timestamp) -> Result<Login> {
        let session = Session::start(user.id, now);
        session::store::insert_in_tx(tx, &session).await?;
        ::events::append_in_tx(tx, vec![events::logged_in(&user, session.id, now)]).await?;
        self.issue_tokens_in_tx(tx, user, &session, now).await
    }

    async fn issue_tokens_in_tx(&self, tx: &Tx, user: User, session: &Session, now: Timestamp) -> Result<Login> {
        let refresh_token = RefreshToken::generate();
        session::store::insert_token_in_tx(tx, &refresh_token.hash(), session.id, now).await?;
        let caller = Caller { user_id: user.id, session_id: session.id, role: user.role };
        let access_token = self.tokens.issue(&caller, session.expires_at, now);
        Ok(Login {
            user,
            access_token: access_token.text,
            refresh_token: refresh_token.into_text(),
            expires_in_seconds: access_token.expires_in_seconds,
        })
    }

    /// Commits the end of a session; whoever ended it first has told the outbox.
    async fn end_session(
        &self,
        tx: Tx,
        (user_id, session_id): (UserId, SessionId),
        reason: EndOfSession,
        now: Timestamp,
    ) -> Result<()> {
        if session::store::revoke_in_tx(&tx, session_id, now).await? {
            ::events::append_in_tx(&tx, vec![events::logged_out(user_id, session_id, reason, now)]).await?;
        }
        tx.commit().await?;
        self.revocations.insert(session_id, now);
        Ok(())
    }
}

async fn insert_user_in_tx(tx: &Tx, user: &User, password_hash: &PasswordHash) -> Result<()> {
    user::store::insert_in_tx(tx, user, password_hash).await.map_err(|error| match error {
        StoreError::Duplicate(_) => AuthError::UsernameTaken,
        other => AuthError::Store(other),
    })
}

/// 32 random bytes in base64url: 256 bits that nobody guesses.
fn random_token() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    URL_SAFE_NO_PAD.encode(bytes)
}
