//! What this process remembers of API keys and of people of the trusted issuer; and what of theirs ends when a person's way
//! in changes. It is made before [`identity::Identity`], which it follows.

use crate::api_key::{self, KnownKeys};
use crate::external::{self, External, TrustedIssuer};
use crate::oauth::{self, EndOfGrant};
use db::{Db, DbError, Tx, WallTime};
use identity::{AccessChange, AccessChangeKind, Dependent, Followed, Following, Revoked};

/// What one process remembers of programs, and of whom it trusts.
pub struct Memory {
    pub(crate) known_keys: KnownKeys,
    pub(crate) external: Option<External>,
}

impl Memory {
    /// Of a process that has just started, in a bank that trusts this issuer besides itself.
    pub fn new(trusted: Option<TrustedIssuer>) -> Self {
        Self { known_keys: KnownKeys::new(), external: trusted.map(External::new) }
    }

    /// To be called when something happened to a person or to what they are linked with, after the commit.
    pub(crate) fn forget_external_people(&self) {
        if let Some(external) = &self.external {
            external.forget_people();
        }
    }
}

impl Dependent for Memory {
    fn follow_in_tx<'a>(&'a self, tx: &'a Tx, change: AccessChange) -> Following<'a, Followed> {
        Box::pin(follow_in_tx(tx, change))
    }

    fn revoked_since<'a>(&'a self, db: &'a Db, since: WallTime) -> Following<'a, Vec<Revoked>> {
        Box::pin(oauth::revoked_since(db, since))
    }

    fn forget(&self) {
        self.known_keys.forget();
        self.forget_external_people();
    }
}

async fn follow_in_tx(tx: &Tx, change: AccessChange) -> Result<Followed, DbError> {
    let AccessChange { user_id, kind, act } = change;
    match kind {
        // Programs go on: their keys are not the password.
        AccessChangeKind::PasswordReplaced => {
            let working_api_keys = api_key::count_working_in_tx(tx, user_id, act.at).await?;
            Ok(Followed { working_api_keys, ..Followed::default() })
        }
        AccessChangeKind::RoleChanged => {
            api_key::revoke_all_in_tx(tx, user_id, act).await?;
            oauth::stop_clients_in_tx(tx, user_id).await?;
            Ok(Followed::default())
        }
        AccessChangeKind::AccessEnded(reason) => {
            external::end_tokens_in_tx(tx, user_id, act.at).await?;
            let ended = oauth::end_all_in_tx(tx, user_id, EndOfGrant::WithSessions(reason), act).await?;
            let revoked = ended.into_iter().map(|grant| grant.revoked_at(act.at)).collect();
            Ok(Followed { revoked, ..Followed::default() })
        }
    }
}
