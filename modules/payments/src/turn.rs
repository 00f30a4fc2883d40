//! A lane's turn with one batch: the accounts that are its own while it decides, what it leaves to later batches before it
//! is committed, and how it ended.

use crate::schedule::{Schedule, Task};
use db::DbError;
use ids::AccountId;
use ledger::Account;
use std::collections::{HashMap, HashSet};
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
    pub(crate) earlier: Vec<watch::Receiver<Fate>>,
}

impl Ground {
    /// Whether it has become true already.
    pub(crate) fn is_firm(&self) -> bool {
        self.earlier.iter().all(|fate| *fate.borrow() == Fate::Committed)
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

/// See above. When it is dropped without an end, its batch counts as lost.
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
    pub(crate) fn decided(&mut self, accounts: impl Iterator<Item = Account>) {
        if *self.fate.borrow() != Fate::Open {
            return;
        }
        let accounts: Vec<Account> = accounts.collect();
        self.left = accounts.iter().map(|account| account.id).collect();
        self.at.leave(&std::mem::take(&mut self.reserved), &accounts, (self.number, &self.fate.subscribe()));
    }

    /// Tells whoever went on from here. Only the first end counts.
    pub(crate) fn end(&mut self, fate: Fate) {
        if *self.fate.borrow() != Fate::Open {
            return;
        }
        self.fate.send_replace(fate);
        self.at.end(self.number, &self.left, &self.reserved);
    }
}

impl<T: Task> Drop for Turn<'_, T> {
    fn drop(&mut self) {
        self.end(Fate::Lost);
    }
}
