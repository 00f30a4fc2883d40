//! A lane's turn with one batch: the accounts that are its own while it decides, what it leaves to later batches before it
//! is committed, and how it ended.

use crate::ground::Fate;
use crate::schedule::{Schedule, Task};
use fraud::profile::StoredProfile;
use ids::AccountId;
use ledger::Account;
use std::collections::HashSet;
use tokio::sync::watch;

/// A lane's turn with one batch. When it is dropped without an end, the batch counts as lost.
pub(crate) struct Turn<'a, T: Task> {
    at: &'a Schedule<T>,
    number: u64,
    reserved: HashSet<AccountId>,
    left: Vec<AccountId>,
    fate: watch::Sender<Fate>,
}

impl<'a, T: Task> Turn<'a, T> {
    pub(crate) fn new(at: &'a Schedule<T>, number: u64, accounts: HashSet<AccountId>) -> Self {
        Self { at, number, reserved: accounts, left: Vec::new(), fate: watch::channel(Fate::Open).0 }
    }

    /// Everything is decided: lets other lanes have the accounts, as they will be once this batch is committed. That word is
    /// for those who do not lock; the others wait in the database.
    pub(crate) fn decided(&mut self, accounts: impl Iterator<Item = (Account, Option<StoredProfile>)>) {
        if *self.fate.borrow() != Fate::Open {
            return;
        }
        let accounts: Vec<_> = accounts.collect();
        self.left = accounts.iter().map(|(account, _)| account.id).collect();
        self.at.leave(&std::mem::take(&mut self.reserved), accounts, self.number, &self.fate.subscribe());
    }

    /// Lets those know who went on from here. Only the first end counts.
    pub(crate) fn end(&mut self, fate: Fate) {
        if *self.fate.borrow() != Fate::Open {
            return;
        }
        self.fate.send_replace(fate);
        self.at.end(self.number, &self.left, &self.reserved, fate);
    }
}

impl<T: Task> Drop for Turn<'_, T> {
    fn drop(&mut self) {
        self.end(Fate::Lost);
    }
}
