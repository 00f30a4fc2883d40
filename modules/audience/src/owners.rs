//! Whose accounts are, as somebody knows it who follows what happens: what was looked up once stays right until an event says
//! that it has changed.

use crate::store;
use db::{Executor, Result};
use ids::{AccountId, UserId};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use stream::Recorded;

/// Of so many accounts the owner is remembered.
const ACCOUNTS_MAX: usize = 50_000;

/// Who owns which accounts. For one reader of the stream.
#[derive(Debug, Default)]
pub struct Owners(Mutex<Remembered>);

#[derive(Debug, Default)]
struct Remembered {
    /// Every event up to this position was seen.
    position: i64,
    whose: HashMap<AccountId, Whose>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    /// One of the bank's own.
    Bank,
    /// A customer's; of nobody yet, where it came from elsewhere.
    Customer(Option<UserId>),
}

impl Owners {
    /// Those of customers' accounts among these, as of the events.
    pub(crate) async fn of(
        &self,
        on: &impl Executor,
        accounts: BTreeSet<AccountId>,
        events: &[Recorded],
    ) -> Result<HashMap<AccountId, Option<UserId>>> {
        let unknown: Vec<AccountId> = {
            let mut remembered = self.remembered();
            remembered.forget_what_changed(events);
            accounts.iter().filter(|account| !remembered.whose.contains_key(account)).copied().collect()
        };
        let found = store::owners(on, unknown.clone()).await?;
        let mut remembered = self.remembered();
        remembered.add(unknown.into_iter().map(|account| (account, Whose::of(found.get(&account)))));
        let known = accounts.into_iter().filter_map(|account| match remembered.whose.get(&account)? {
            Whose::Bank => None,
            Whose::Customer(user) => Some((account, *user)),
        });
        Ok(known.collect())
    }

    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Remembered {
    /// Whoever missed an event, or goes back, begins anew.
    fn forget_what_changed(&mut self, events: &[Recorded]) {
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return };
        if first.position != self.position + 1 {
            self.whose.clear();
        }
        for recorded in events.iter().filter(|recorded| recorded.event.kind.starts_with("accounts.")) {
            self.whose.remove(&AccountId::from_uuid(recorded.event.subject_id));
        }
        self.position = last.position;
    }

    fn add(&mut self, found: impl ExactSizeIterator<Item = (AccountId, Whose)>) {
        if self.whose.len() + found.len() > ACCOUNTS_MAX {
            self.whose.clear();
        }
        self.whose.extend(found);
    }
}

impl Whose {
    fn of(found: Option<&Option<UserId>>) -> Self {
        found.map_or(Self::Bank, |user| Self::Customer(*user))
    }
}
