//! Identity: people, passwords, sessions, access tokens. What a role may do is decided at the edge's routes;
//! whose money something is, in the modules that hold it. Each concept's file has its own part of [`Auth`].

mod administration;
mod api_key;
mod caller;
mod error;
mod events;
mod external;
mod housekeeping;
mod import;
mod login;
mod look_ups;
mod mail_token;
pub mod mfa;
mod notice;
pub mod oauth;
mod occasion;
mod password;
mod recovery;
mod revocations;
mod role;
mod scope;
mod session;
mod signature;
mod signer_key;
mod signing_key;
mod tie;
mod token;
mod user;
mod verification;

pub use administration::{CreatedStaff, EndedSessions, NewStaff, PreparedStaff, RoleChange, StaffEnabling, UserFilter};
pub use api_key::{AllowedAddresses, ApiKey, ApiKeyStatus, IssuedApiKey, KnownKey, NewApiKey, Overlap};
pub use caller::{Caller, Credential, Factor, Factors, Proof};
pub use error::AuthError;
pub use external::{ExternalIdentity, IssuerKeys, KeySetError, NewLink, Subject, TrustedIssuer, UnknownSubjects};
pub use import::{ImportError, ImportReport, ImportedUser};
pub use login::{Login, NewUser};
pub use notice::Mailing;
pub use occasion::{Device, Occasion};
pub use password::Password;
pub use recovery::Forgetful;
pub use role::Role;
pub use scope::{Scope, Scopes};
pub use session::ActiveSession;
pub use signature::{RequestSignature, SignatureRefusal};
pub use signer_key::{SignatureAlgorithm, SignerKey};
pub use signing_key::{PublicKey, SigningKeyStatus, rotate_signing_keys, signing_keys};
pub use tie::{TIE_DAYS, Tied};
pub use user::{Email, User, UserStatus, Username};

use api_key::known::KnownKeys;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use db::{Db, Migration, Timestamp};
use external::External;
use password::{BreachedPasswords, Hashing, Scheme};
use revocations::{Revocations, Revoked};
use secrets::Secrets;
use signature::Refusals;
use signing_key::SigningKeys;
use std::path::PathBuf;
use token::AccessTokens;

/// The outcome of anything about identity.
pub type Result<T> = std::result::Result<T, AuthError>;

/// The tables of people and of what they prove themselves with.
pub const MIGRATIONS: &[Migration] = &[
    migration(1, include_str!("../migrations/0001_users_and_sessions.sql")),
    migration(2, include_str!("../migrations/0002_roles_and_proofs.sql")),
    migration(3, include_str!("../migrations/0003_mail_and_passwords.sql")),
    migration(4, include_str!("../migrations/0004_second_factors.sql")),
    migration(5, include_str!("../migrations/0005_api_keys.sql")),
    migration(6, include_str!("../migrations/0006_oauth.sql")),
    Migration {
        postgres: include_str!("../migrations/0007_users_by_role.postgres.sql"),
        ..migration(7, include_str!("../migrations/0007_users_by_role.sql"))
    },
    migration(8, include_str!("../migrations/0008_devices_of_sessions.sql")),
    migration(9, include_str!("../migrations/0009_external_identities.sql")),
    migration(10, include_str!("../migrations/0010_unproved_spending.sql")),
    migration(11, include_str!("../migrations/0011_clients_of_former_roles.sql")),
    migration(12, include_str!("../migrations/0012_ties.sql")),
];

/// What has to be known to open the module.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder of the keys that sign access tokens; made when absent. Processes on one database share it.
    pub signing_keys_folder: PathBuf,
    /// Who issues tokens: where people and programs reach this bank, `https://bank.example`. Processes on one database
    /// have the same.
    pub issuer: String,
    /// Passwords known from data breaches, as `SHA1:COUNT` lines ordered by hash; nobody may choose one of them.
    pub breached_passwords_file: Option<PathBuf>,
    /// Whether this bank sends mail.
    pub mailing: Mailing,
    /// The file of the key that encrypts secrets in the database; made when absent. Processes on one database share it.
    pub secrets_key_path: PathBuf,
    /// An issuer elsewhere whose access tokens open the API too.
    pub trusted_issuer: Option<TrustedIssuer>,
}

/// The identity of everybody.
pub struct Auth {
    db: Db,
    hashing: Hashing,
    tokens: AccessTokens,
    revocations: Revocations,
    known_keys: KnownKeys,
    refusals: Refusals,
    mailing: Mailing,
    secrets: Secrets,
    external: Option<External>,
}

impl Auth {
    /// Reads the keys, or makes the first, and learns which sessions were revoked lately.
    ///
    /// # Errors
    /// A key file or the list of breached passwords is unusable, or the database cannot be read.
    pub async fn open(db: Db, settings: Settings, now: Timestamp) -> Result<Self> {
        let keys = SigningKeys::open(&settings.signing_keys_folder, now)?;
        let breached = settings.breached_passwords_file.as_deref().map(BreachedPasswords::open).transpose()?;
        let secrets = Secrets::load_or_create(&settings.secrets_key_path)?;
        let auth = Self {
            db,
            hashing: Hashing::start(breached)?,
            tokens: AccessTokens::new(keys, settings.issuer),
            revocations: Revocations::default(),
            known_keys: KnownKeys::new(),
            refusals: Refusals::default(),
            mailing: settings.mailing,
            secrets,
            external: settings.trusted_issuer.map(External::new),
        };
        auth.refresh_revocations(now).await?;
        auth.note_current_scheme().await?;
        auth.warn_of_costly_schemes().await?;
        Ok(auth)
    }

    /// Learns which sessions and grants other processes have ended, and forgets those that no longer matter.
    /// To be called every second.
    ///
    /// # Errors
    /// The database failed; what is known stays known, and the next call catches up.
    pub async fn refresh_revocations(&self, now: Timestamp) -> Result<()> {
        let since = self.revocations.unknown_since(now);
        let sessions = session::store::revoked_since(&self.db, since).await?.into_iter().map(Revoked::from);
        let grants = oauth::grant_store::revoked_since(&self.db, since).await?;
        self.revocations.absorb(sessions.chain(grants), now);
        Ok(())
    }

    /// Learns which signing keys were made, and forgets those that verify nothing any more. To be called every second.
    ///
    /// # Errors
    /// A key file is unusable; what is known stays known.
    pub fn refresh_signing_keys(&self, now: Timestamp) -> Result<()> {
        self.tokens.keys.reload(now)
    }

    /// Tells the outbox of each signing key that stands, once for all processes, whichever notices it first. To be called
    /// every second; mostly there is nothing to do.
    ///
    /// # Errors
    /// The database failed; the next call tells it.
    pub async fn tell_signing_keys(&self) -> Result<()> {
        let untold = self.tokens.keys.untold();
        if untold.is_empty() {
            return Ok(());
        }
        let tx = self.db.begin().await?;
        let told = untold.iter().map(|(key_id, made_at)| events::signing_key_made(key_id, *made_at)).collect();
        outbox::append_once_in_tx(&tx, told).await?;
        tx.commit().await?;
        self.tokens.keys.note_told(untold);
        Ok(())
    }

    /// The key that seals what is stored to be read again: mails that this module queues, too.
    pub const fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// What programs verify our tokens with: the public keys that stand, the one that signs first.
    pub fn public_keys(&self) -> Vec<PublicKey> {
        self.tokens.keys.ring().public_keys()
    }
}

impl Auth {
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

/// 32 random bytes in base64url: 256 bits that nobody guesses.
fn random_token() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    URL_SAFE_NO_PAD.encode(bytes)
}
