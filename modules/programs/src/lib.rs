//! Programs that act for people: API keys and the signatures of their requests, the authorization server of OAuth, and the
//! access tokens of a trusted issuer elsewhere. Who people are, and whether they may log in, is `identity`'s; what a program
//! may do is bounded by its scopes, and by what its owner may.

mod api_key;
mod change;
mod error;
mod external;
mod look_ups;
mod memory;
pub mod oauth;
mod program_key;
mod request_signature;

pub use api_key::{AllowedAddresses, ApiKey, ApiKeyStatus, IssuedApiKey, KnownKey, NewApiKey, Overlap, OwnedKey};
pub use error::ProgramError;
pub use external::{
    ExternalIdentity, IdentityLink, IssuerKeys, KeySetError, Subject, TrustedIssuer, UnknownSubjects, register_actions,
};
pub use memory::Memory;
pub use program_key::{ProgramKey, SignatureAlgorithm};
pub use request_signature::{RequestSignature, SignatureRefusal};

use db::{Db, Migration, WallTime};
use identity::Identity;
use request_signature::Refusals;
use std::sync::Arc;

/// The outcome of anything about programs.
pub type Result<T> = std::result::Result<T, ProgramError>;

/// The tables of programs, recorded under the name that they had with those of people; see [`identity::MIGRATIONS`].
pub const MIGRATIONS: &[Migration] = &[
    migration(5, include_str!("../migrations/0005_api_keys.sql")),
    migration(6, include_str!("../migrations/0006_oauth.sql")),
    migration(9, include_str!("../migrations/0009_external_identities.sql")),
    migration(11, include_str!("../migrations/0011_clients_of_former_roles.sql")),
    migration(13, include_str!("../migrations/0013_successors_of_grant_tokens.sql")),
];

/// At most so many times in one call some of the grants that are over are forgotten.
const PURGE_STEPS_MAX: u32 = 180;
/// A grant is remembered for so long after its end, for whoever looks into what happened.
const GRANT_KEPT_SECONDS: i64 = 24 * 60 * 60;

/// The programs of everybody.
pub struct Programs {
    db: Db,
    identity: Arc<Identity>,
    memory: Arc<Memory>,
    refusals: Refusals,
}

impl Programs {
    /// Of the people of this identity, which has the memory among its dependents.
    pub fn new(db: Db, identity: Arc<Identity>, memory: Arc<Memory>) -> Self {
        Self { db, identity, memory, refusals: Refusals::default() }
    }

    /// Forgets grants that are over, and returns the number of them. To be called every minute.
    ///
    /// # Errors
    /// The database failed; the next call goes on.
    pub async fn purge_grants(&self, now: WallTime) -> Result<u64> {
        let (mut purged, before) = (0, now.plus_seconds(-GRANT_KEPT_SECONDS));
        for _ in 0..PURGE_STEPS_MAX {
            let tx = self.db.begin().await?;
            let step = oauth::purge_in_tx(&tx, before).await?;
            tx.commit().await?;
            purged += step;
            if step < oauth::PURGE_STEP_GRANTS {
                break;
            }
        }
        Ok(purged)
    }
}

const fn migration(number: u32, sql: &'static str) -> Migration {
    Migration { module: "auth", number, sql, postgres: "", sqlite: "", append_only: &[] }
}
