//! What a batch is decided on before the earlier ones are committed: accounts as those leave them, and how those end; and
//! accounts as this process left them last, which saves reading them. The balance's update has the last word on both.

use db::DbError;
use fraud::profile::StoredProfile;
use ids::AccountId;
use ledger::Account;
use std::collections::HashMap;
use tokio::sync::watch;

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is not known yet.
    Open,
    /// It is stored for good.
    Committed,
    /// It is not stored, or nobody knows.
    Lost,
}

/// Accounts as earlier batches leave them that are not committed yet, and what becomes of those batches.
#[derive(Debug, Default)]
pub(crate) struct Ground {
    pub(crate) presumed: HashMap<AccountId, Account>,
    /// What is remembered of their payments, as the same batches leave it, of those where that is known.
    pub(crate) profiles: HashMap<AccountId, StoredProfile>,
    pub(crate) earlier: Vec<watch::Receiver<Fate>>,
    /// Those of the presumed accounts that are as this process left them last, some time ago.
    pub(crate) remembered: Vec<AccountId>,
}

impl Ground {
    /// Whether it has become true already.
    pub(crate) fn is_firm(&self) -> bool {
        self.earlier.iter().all(|fate| *fate.borrow() == Fate::Committed)
    }

    /// Presumes nothing any more of accounts that were only remembered.
    pub(crate) fn forget_remembered(&mut self) {
        for account in self.remembered.drain(..) {
            self.presumed.remove(&account);
            self.profiles.remove(&account);
        }
    }

    /// Waits until it is true.
    ///
    /// # Errors
    /// It never will be: what was decided on it has to be decided anew.
    pub(crate) async fn hold(&self) -> Result<(), DbError> {
        for fate in &self.earlier {
            match fate.clone().wait_for(|fate| *fate != Fate::Open).await.as_deref() {
                Ok(Fate::Committed) => {}
                _ => return Err(DbError::Conflict("an earlier batch was not committed".to_owned())),
            }
        }
        Ok(())
    }
}
