//! What approvals have to know of the people who ask and decide. Who they are is known by the module of people, which
//! implements [`People`].

use db::{Result, Tx, WallTime};
use ids::UserId;
use std::pin::Pin;

/// What is awaited behind a trait object.
pub type Awaited<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// As what somebody works for the bank, so far as it matters for approvals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    /// Serves customers: asks for some things.
    Teller,
    /// Runs the bank: asks, and decides.
    Administrator,
}

/// Somebody as they are at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their identifier.
    pub id: UserId,
    /// Whether they may log in.
    pub is_active: bool,
    /// What they do for the bank; customers do nothing for it, and others nothing that matters here.
    pub duty: Option<Duty>,
}

/// Two people may be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tied {
    /// Until when, as things are now; `None`: until something is done that cannot be foreseen, such as a change of password.
    pub until: Option<WallTime>,
}

/// Who knows the people.
pub trait People: Send + Sync {
    /// Somebody, if they are there.
    ///
    /// # Errors
    /// The database failed.
    fn find(&self, id: UserId) -> Awaited<'_, Result<Option<Person>>>;

    /// Those of the people who are there, held until the caller's transaction ends, so that nothing is done to them
    /// meanwhile. Whoever holds people for one decision waits for whoever holds them for another.
    ///
    /// # Errors
    /// The database failed.
    fn lock_in_tx<'a>(&'a self, tx: &'a Tx, people: Vec<UserId>) -> Awaited<'a, Result<Vec<Person>>>;

    /// Whether two people may be one: one had a hand in the other, or somebody had a hand in both. The caller holds both.
    ///
    /// # Errors
    /// The database failed.
    fn tied_in_tx<'a>(
        &'a self,
        tx: &'a Tx,
        one: UserId,
        other: UserId,
        now: WallTime,
    ) -> Awaited<'a, Result<Option<Tied>>>;
}

impl Person {
    /// Whether they may log in and do one of these for the bank.
    pub(crate) fn does(&self, duties: &[Duty]) -> bool {
        self.is_active && self.duty.is_some_and(|duty| duties.contains(&duty))
    }
}
