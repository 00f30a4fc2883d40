//! Who moves the money: customers, each with a login and with its share of the accounts.

use std::ops::Range;
use std::sync::Arc;

use crate::accounts::AccountIds;
use crate::options::Options;
use crate::session::{Session, renew_forever};
use crate::setup;

/// Everybody who takes part in a load, and all accounts of theirs.
pub(crate) struct Customers {
    accounts: Arc<AccountIds>,
    list: Vec<Customer>,
}

/// One of them.
pub(crate) struct Customer {
    /// The login.
    pub(crate) session: Arc<Session>,
    /// Which of all accounts are theirs to pay from and to read.
    pub(crate) share: Range<usize>,
}

/// The logins of a load, kept alive as long as this is there.
pub(crate) struct Logins {
    sessions: Vec<Arc<Session>>,
    renewals: tokio::task::JoinSet<()>,
}

impl Logins {
    /// Registers or logs in everybody, one after the other: passwords are slow to check, and few wait for it here.
    ///
    /// # Errors
    /// The server does not answer, or knows a name with another password.
    pub(crate) async fn open(options: &Options) -> anyhow::Result<Self> {
        let mut logins = Self { sessions: Vec::new(), renewals: tokio::task::JoinSet::new() };
        for number in 0..options.load.users {
            let session = Session::open(&options.load, number).await?;
            logins.renewals.spawn(renew_forever(Arc::clone(&session)));
            logins.sessions.push(session);
        }
        Ok(logins)
    }
}

impl Customers {
    /// Gets everybody's accounts ready.
    ///
    /// # Errors
    /// The server refuses something, or there are too few accounts.
    pub(crate) async fn prepare(logins: &Logins, options: &Options) -> anyhow::Result<Self> {
        let mut accounts = AccountIds::default();
        let mut list = Vec::new();
        let (wanted, users) = (options.load.accounts_wanted(), logins.sessions.len());
        for (number, session) in logins.sessions.iter().enumerate() {
            let start = accounts.len();
            let share = share_of(wanted, users, number);
            setup::prepare(session, &options.load, share, &mut accounts).await?;
            anyhow::ensure!(accounts.len() > start, "{} of {users} users has no account", number + 1);
            list.push(Customer { session: Arc::clone(session), share: start..accounts.len() });
        }
        anyhow::ensure!(accounts.len() >= 2, "a transfer needs two accounts, there are {}", accounts.len());
        Ok(Self { accounts: Arc::new(accounts), list })
    }

    /// The accounts of all.
    pub(crate) const fn accounts(&self) -> &Arc<AccountIds> {
        &self.accounts
    }

    /// Whose requests a connection sends.
    pub(crate) fn of_connection(&self, number: u32) -> &Customer {
        &self.list[number as usize % self.list.len()]
    }
}

/// How many of so many accounts are whose: as equal as can be.
const fn share_of(accounts: usize, users: usize, number: usize) -> usize {
    let more = if number < accounts % users { 1 } else { 0 };
    accounts / users + more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_equal_and_leave_nothing_out() {
        let shares: Vec<_> = (0..4).map(|number| share_of(10, 4, number)).collect();
        assert_eq!(shares, [3, 3, 2, 2]);
        assert_eq!(share_of(10_000, 1, 0), 10_000);
    }
}
