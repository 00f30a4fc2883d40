//! People: their passwords, sessions and access tokens, their roles, and what administrators do with them. What a role may do
//! is decided at the edge's routes; whose money something is, in the modules that hold it. Second factors are in `factors`,
//! programs that act for people in `programs`; both follow what happens here as [`Dependent`]s. Each concept's file has its
//! own part of [`Identity`].

mod access;
mod access_token;
mod administration;
mod caller;
mod dependent;
mod error;
mod forgotten_password;
mod housekeeping;
mod import;
mod login;
mod mail_token;
mod message_token;
mod notice;
mod occasion;
mod password;
mod people;
mod revocations;
mod role;
mod scope;
mod secret_hash;
mod session;
mod tie;
mod token_key;
mod user;
mod verification;

pub use access::{EndedAccess, Ending};
pub use access_token::{AccessToken, Bearer, TokenBasis};
pub use administration::four_eyes::RequestedStaff;
pub use administration::{CreatedStaff, NewStaff, PreparedStaff, RoleChange, StaffEnabling, UserFilter};
pub use caller::{Caller, Credential, Factor, Factors, Proof};
pub use dependent::{AccessChange, AccessChangeKind, Dependent, Dependents, Followed, Following};
pub use error::IdentityError;
pub use forgotten_password::Forgetful;
pub use import::{ImportError, ImportReport, ImportedUser};
pub use login::{BegunLogin, HalfLogin, Login, NewUser};
pub use message_token::Message;
pub use notice::{Change, Mailing};
pub use notifications::InEach;
pub use occasion::{Device, Occasion};
pub use password::Password;
pub use people::register_actions;
pub use revocations::Revoked;
pub use role::Role;
pub use scope::{Scope, Scopes};
pub use secret_hash::{SecretHash, random_token};
pub use session::{ActiveSession, EndOfSession, HeldSession, PasswordProof, REFRESH_RETRY_SECONDS, SteppedUp};
pub use tie::TIE_DAYS;
pub use token_key::{EARLIER_TOKEN_KEY_FILE, PublicKey, TOKEN_SECONDS, TokenKeyStatus, rotate_token_keys, token_keys};
pub use user::{Email, SecondFactorNeed, User, UserStatus, Username, event, find_user, is_anybody_there, usernames};

use access_token::AccessTokens;
use db::{Db, Migration, WallTime};
use password::{BreachedPasswords, Hashing, Scheme};
use revocations::Revocations;
use secrets::Secrets;
use std::path::PathBuf;
use token_key::TokenKeys;

/// The outcome of anything about identity.
pub type Result<T> = std::result::Result<T, IdentityError>;

/// The tables of people and of what they prove themselves with. They were made when this module, `factors` and `programs`
/// were one, and stay recorded under its name, `auth`, whose numbers ended with 12; a new one counts from 1 under the name of
/// its own module. Number 4 also made the first tables of `factors`.
pub const MIGRATIONS: &[Migration] = &[
    migration(1, include_str!("../migrations/0001_users_and_sessions.sql")),
    migration(2, include_str!("../migrations/0002_roles_and_proofs.sql")),
    migration(3, include_str!("../migrations/0003_mail_and_passwords.sql")),
    migration(4, include_str!("../migrations/0004_second_factors.sql")),
    Migration {
        postgres: include_str!("../migrations/0007_users_by_role.postgres.sql"),
        ..migration(7, include_str!("../migrations/0007_users_by_role.sql"))
    },
    migration(8, include_str!("../migrations/0008_devices_of_sessions.sql")),
    migration(12, include_str!("../migrations/0012_ties.sql")),
];

/// What has to be known to open the module.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder of the keys that sign access tokens; made when absent. Processes on one database share it.
    pub token_keys_folder: PathBuf,
    /// Who issues tokens: where people and programs reach this bank, `https://bank.example`. Processes on one database
    /// have the same.
    pub issuer: String,
    /// Passwords known from data breaches, as `SHA1:COUNT` lines ordered by hash; nobody may choose one of them.
    pub breached_passwords_file: Option<PathBuf>,
    /// Whether this bank sends mail.
    pub mailing: Mailing,
    /// The file of the key that encrypts secrets in the database; made when absent. Processes on one database share it.
    pub secrets_key_path: PathBuf,
}

/// The identity of everybody.
pub struct Identity {
    db: Db,
    hashing: Hashing,
    tokens: AccessTokens,
    revocations: Revocations,
    mailing: Mailing,
    secrets: Secrets,
    dependents: Dependents,
}

impl Identity {
    /// Reads the keys, or makes the first, and learns which sessions were revoked lately. Whoever keeps something that depends
    /// on how people get in has to be among the dependents.
    ///
    /// # Errors
    /// A key file or the list of breached passwords is unusable, or the database cannot be read.
    pub async fn open(db: Db, settings: Settings, dependents: Dependents, now: WallTime) -> Result<Self> {
        let keys = TokenKeys::open(&settings.token_keys_folder, now)?;
        let breached = settings.breached_passwords_file.as_deref().map(BreachedPasswords::open).transpose()?;
        let secrets = Secrets::load_or_create(&settings.secrets_key_path)?;
        let identity = Self {
            db,
            hashing: Hashing::start(breached)?,
            tokens: AccessTokens::new(keys, settings.issuer),
            revocations: Revocations::default(),
            mailing: settings.mailing,
            secrets,
            dependents,
        };
        identity.refresh_revocations(now).await?;
        identity.note_current_scheme().await?;
        identity.warn_of_costly_schemes().await?;
        Ok(identity)
    }

    /// Learns which sessions and grants other processes have ended, and forgets those that no longer matter.
    /// To be called every second.
    ///
    /// # Errors
    /// The database failed; what is known stays known, and the next call catches up.
    pub async fn refresh_revocations(&self, now: WallTime) -> Result<()> {
        let since = self.revocations.unknown_since(now);
        let sessions = session::store::revoked_since(&self.db, since).await?.into_iter().map(Revoked::from);
        let elsewhere = self.dependents.revoked_since(&self.db, since).await?;
        self.revocations.absorb(sessions.chain(elsewhere), now);
        Ok(())
    }

    /// Learns which token keys were made, and forgets those that verify nothing any more. To be called every second.
    ///
    /// # Errors
    /// A key file is unusable; what is known stays known.
    pub fn refresh_token_keys(&self, now: WallTime) -> Result<()> {
        self.tokens.keys.reload(now)
    }

    /// Writes an event for each token key that stands, once for all processes, whichever notices it first. To be called
    /// every second; mostly there is nothing to do.
    ///
    /// # Errors
    /// The database failed; the next call writes it.
    pub async fn record_token_keys(&self) -> Result<()> {
        let unrecorded = self.tokens.keys.unrecorded();
        if unrecorded.is_empty() {
            return Ok(());
        }
        let tx = self.db.begin().await?;
        let made = unrecorded.iter().map(|key| token_key::events::token_key_made(&key.key_id, key.made_at));
        outbox::append_once_in_tx(&tx, made.collect()).await?;
        tx.commit().await?;
        self.tokens.keys.note_recorded(unrecorded);
        Ok(())
    }

    /// A new access token for what the person lets somebody do. The caller has checked that it stands.
    pub fn issue_token(&self, user: &User, basis: &TokenBasis, now: WallTime) -> AccessToken {
        self.tokens.issue(user, basis, now)
    }

    /// Who one of our access tokens speaks for, and its last moment; whether what is behind it still stands is not looked at.
    ///
    /// # Errors
    /// `InvalidToken` or `ExpiredToken`.
    pub fn read_token(&self, token: &str, now: WallTime) -> Result<(Caller, WallTime)> {
        self.tokens.verify_with_end(token, now)
    }

    /// A token with which a message on a queue shows whose it is. It says so of this message only, and opens nothing.
    pub fn sign_message(&self, message: &Message<'_>) -> String {
        self.tokens.sign_message(message)
    }

    /// The key that seals what is stored to be read again: mails that are queued, too.
    pub const fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// What programs verify our tokens with: the public keys that stand, the one that signs first.
    pub fn public_keys(&self) -> Vec<PublicKey> {
        self.tokens.keys.ring().public_keys()
    }
}

impl Identity {
    /// Lets every process know with which scheme this one hashes, and learns those of others.
    async fn note_current_scheme(&self) -> Result<()> {
        let tx = self.db.begin().await?;
        import::store::insert_scheme_in_tx(&tx, &Scheme::current()).await?;
        tx.commit().await?;
        self.learn_schemes().await
    }
}

const fn migration(number: u32, sql: &'static str) -> Migration {
    Migration { module: "auth", number, sql, postgres: "", sqlite: "", append_only: &[] }
}
