//! The people as approvals see them: who works here as what, held while something is decided, and who may be whom.

use crate::administration::store::lock_active_admins_in_tx;
use crate::{Identity, Role, RoleChange, StaffEnabling, User, UserStatus, tie, user};
use approvals::{Actions, Awaited, Duty, People, Person, Tied};
use db::{Result, Tx, WallTime};
use ids::UserId;
use std::sync::Arc;

/// With what takes two people about people.
#[must_use]
pub fn register_actions(actions: Actions, identity: &Arc<Identity>) -> Actions {
    actions.with::<RoleChange>(Arc::clone(identity)).with::<StaffEnabling>(Arc::clone(identity))
}

impl People for Identity {
    fn find(&self, id: UserId) -> Awaited<'_, Result<Option<Person>>> {
        Box::pin(async move { Ok(user::store::find(&self.db, id).await?.map(Person::from)) })
    }

    /// The active administrators are held with them: so one decision waits for another.
    fn lock_in_tx<'a>(&'a self, tx: &'a Tx, mut people: Vec<UserId>) -> Awaited<'a, Result<Vec<Person>>> {
        Box::pin(async move {
            lock_active_admins_in_tx(tx).await?;
            people.sort_unstable();
            people.dedup();
            let mut found = Vec::with_capacity(people.len());
            for id in people {
                found.extend(user::store::lock_in_tx(tx, id).await?.map(Person::from));
            }
            Ok(found)
        })
    }

    fn tied_in_tx<'a>(
        &'a self,
        tx: &'a Tx,
        one: UserId,
        other: UserId,
        now: WallTime,
    ) -> Awaited<'a, Result<Option<Tied>>> {
        Box::pin(tie::tied_in_tx(tx, one, other, now))
    }
}

impl From<User> for Person {
    fn from(user: User) -> Self {
        let duty = match user.role {
            Role::Teller => Some(Duty::Teller),
            Role::Admin => Some(Duty::Administrator),
            Role::Customer | Role::Analyst | Role::Auditor => None,
        };
        Self { id: user.id, is_active: user.status == UserStatus::Active, duty }
    }
}
