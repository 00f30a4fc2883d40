//! What modules above keep for a person and what depends on how that person gets in: half-done logins, grants, API keys.
//! They are given to [`Identity`](crate::Identity) when it is opened, and follow in the transaction of the change: nobody
//! who changes a password or a role has to think of them.

use crate::revocations::Revoked;
use crate::session::EndOfSession;
use db::{Db, DbError, Tx, WallTime};
use ids::UserId;
use outbox::Act;
use std::pin::Pin;
use std::sync::Arc;

/// What a dependent does, in the words of the database.
pub type Following<'a, T> = Pin<Box<dyn Future<Output = Result<T, DbError>> + Send + 'a>>;

/// Something that changed in how a person gets in.
#[derive(Clone, Copy, Debug)]
pub struct AccessChange {
    /// The person, whose row is held.
    pub user_id: UserId,
    /// What changed.
    pub kind: AccessChangeKind,
    /// Who changed it, and when.
    pub act: Act,
}

/// In which way it changed.
#[derive(Clone, Copy, Debug)]
pub enum AccessChangeKind {
    /// There is another password: what was begun with the former one leads nowhere.
    PasswordReplaced,
    /// There is another role: what was made under the former one ends.
    RoleChanged,
    /// The sessions ended, for the reason that is given: so does what somebody granted.
    AccessEnded(EndOfSession),
}

/// What a dependent did in the transaction.
#[derive(Debug, Default)]
pub struct Followed {
    /// Credentials whose access tokens every process has to refuse from the commit on.
    pub revoked: Vec<Revoked>,
    /// How many API keys of the person go on working all the same; their owner is reminded of them.
    pub working_api_keys: i64,
}

/// Something that is kept elsewhere and depends on how a person gets in.
pub trait Dependent: Send + Sync {
    /// Does what the change asks for, in its transaction.
    fn follow_in_tx<'a>(&'a self, tx: &'a Tx, change: AccessChange) -> Following<'a, Followed>;

    /// The credentials that were revoked since an instant, by any process.
    fn revoked_since<'a>(&'a self, _db: &'a Db, _since: WallTime) -> Following<'a, Vec<Revoked>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// After the commit: what this process remembers of people may be out of date.
    fn forget(&self) {}
}

/// All that depend on people.
#[derive(Clone, Default)]
pub struct Dependents(Vec<Arc<dyn Dependent>>);

impl Dependents {
    /// These, in the order in which they follow.
    pub fn new(dependents: Vec<Arc<dyn Dependent>>) -> Self {
        Self(dependents)
    }

    /// Lets each of them follow.
    pub(crate) async fn follow_in_tx(&self, tx: &Tx, change: AccessChange) -> Result<Followed, DbError> {
        let mut all = Followed::default();
        for dependent in &self.0 {
            let Followed { revoked, working_api_keys } = dependent.follow_in_tx(tx, change).await?;
            all.revoked.extend(revoked);
            all.working_api_keys += working_api_keys;
        }
        Ok(all)
    }

    pub(crate) async fn revoked_since(&self, db: &Db, since: WallTime) -> Result<Vec<Revoked>, DbError> {
        let mut all = Vec::new();
        for dependent in &self.0 {
            all.extend(dependent.revoked_since(db, since).await?);
        }
        Ok(all)
    }

    pub(crate) fn forget(&self) {
        self.0.iter().for_each(|dependent| dependent.forget());
    }
}
