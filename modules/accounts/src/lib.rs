//! Customers' accounts: whose they are, what they are called, and the terms they run on.
//! Money, status and limits are kept by the ledger under the same identifier; moving money is the payments' matter.

mod account;
mod changes;
mod error;
mod events;
mod hat;
mod name;
mod number;
mod opening;
mod overdraft_raise;
mod store;
mod terms;
pub mod verify;

pub use account::{AccountKind, AccountLabel, AccountView, NewAccount};
pub use error::{AccountsError, Result};
pub use hat::{Hat, PowerRefusal};
pub use name::{AccountName, InvalidName};
pub use number::{AccountNumber, InvalidAccountNumber, has_valid_check_digits};
pub use overdraft_raise::{OverdraftRaise, register_actions};
pub use terms::{AccountChange, OverdraftChange, TermsChange};

use db::{BankTime, Db, Executor, Migration, Tx};
use ids::{AccountId, UserId};
use outbox::Act;
use std::collections::HashMap;

/// The tables of the accounts.
pub const MIGRATIONS: &[Migration] = &[Migration {
    module: "accounts",
    number: 1,
    sql: include_str!("../migrations/0001_accounts.sql"),
    postgres: "",
    sqlite: "",
    append_only: &[],
}];

/// Opens an account without money, and the bank's own accounts of its currency unless they are open.
///
/// # Errors
/// The external reference is taken, the owner has as many accounts as one may have, or the database failed.
pub async fn open(db: &Db, new: NewAccount, opened_at: BankTime, act: Act) -> Result<AccountView> {
    opening::open(db, &new, opened_at, act).await
}

/// Opens many accounts, as imports do; gives them as the ledger has them, in the same order.
///
/// # Errors
/// An external reference is taken, or the database failed. The transaction can then only be rolled back;
/// after [`AccountsError::is_transient`] it may be run again.
pub async fn open_many_in_tx(
    tx: &Tx,
    new: &[NewAccount],
    opened_at: BankTime,
    act: Act,
) -> Result<Vec<ledger::Account>> {
    let opened = opening::open_many_in_tx(tx, new, opened_at, act).await?;
    Ok(opened.into_iter().map(|account| account.ledger).collect())
}

/// An account, if it is a customer's.
///
/// # Errors
/// The database failed.
pub async fn get(on: &impl Executor, id: AccountId) -> Result<Option<AccountView>> {
    let mut found = store::views(on, store::records(on, &[id]).await?).await?;
    Ok(found.pop())
}

/// Whose the accounts are and what they are called, in one read; what is no customer's account is missing.
///
/// # Errors
/// The database failed.
pub async fn labels(on: &impl Executor, ids: &[AccountId]) -> Result<HashMap<AccountId, AccountLabel>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let labels = store::records(on, ids).await?.into_iter().map(store::Record::into_label);
    Ok(labels.map(|label| (label.id, label)).collect())
}

/// A user's accounts, or everybody's for `None`, the oldest first, from behind the account `after` on.
///
/// # Errors
/// The database failed.
pub async fn list(
    on: &impl Executor,
    user_id: Option<UserId>,
    after: Option<AccountId>,
    limit: u32,
) -> Result<Vec<AccountView>> {
    store::views(on, store::page(on, user_id, after, limit).await?).await
}

/// The identifiers of a user's accounts, the oldest first.
///
/// # Errors
/// The database failed.
pub async fn ids_of_user(on: &impl Executor, user_id: UserId, limit: u32) -> Result<Vec<AccountId>> {
    store::ids_of_user(on, user_id, limit).await
}

/// Those of the account numbers that are taken, with their accounts.
///
/// # Errors
/// The database failed.
pub async fn by_numbers(on: &impl Executor, numbers: &[AccountNumber]) -> Result<HashMap<AccountNumber, AccountId>> {
    store::by_numbers(on, numbers).await
}

/// Those of the external references that have an account, with it.
///
/// # Errors
/// The database failed.
pub async fn by_external_refs(on: &impl Executor, external_refs: &[String]) -> Result<HashMap<String, AccountId>> {
    store::by_external_refs(on, external_refs).await
}

/// Renames, freezes or unfreezes an account, or lowers its overdraft limit, as whoever wears the hat may: all of it or
/// nothing. What is so already changes nothing.
///
/// # Errors
/// There is no such account, or none that they may know of; they may not do this, its state does not allow it, or the
/// database failed.
pub async fn change(db: &Db, id: AccountId, change: AccountChange, hat: Hat, act: Act) -> Result<AccountView> {
    changes::change(db, id, act, |account| terms::asked(account, &change, hat)).await
}

/// Changes the terms of an account as two people agreed, in the caller's transaction, which after a refusal is as it was.
///
/// # Errors
/// There is no such account, its state does not allow the change, or the database failed.
pub async fn change_terms_in_tx(tx: &Tx, id: AccountId, change: TermsChange, act: Act) -> Result<AccountView> {
    changes::change_in_tx(tx, id, act, &|account: &AccountView| terms::changed(account, change)).await
}

/// Gives an account that belongs to nobody to its owner, here and in the ledger, in the caller's transaction. The owner
/// that it has already changes nothing.
///
/// # Errors
/// There is no such account, it is closed or has another owner, or the database failed.
pub async fn assign_owner_in_tx(tx: &Tx, id: AccountId, user_id: UserId, act: Act) -> Result<AccountView> {
    changes::change_in_tx(tx, id, act, &|account: &AccountView| terms::owned(account, user_id)).await
}

/// Closes an account for good: its owner, or an administrator for the bank. A closed account stays as it is.
///
/// # Errors
/// There is no such account, or none that they may know of; they may not do this, it is frozen, it has money or holds, or
/// the database failed.
pub async fn close(db: &Db, id: AccountId, hat: Hat, act: Act) -> Result<AccountView> {
    changes::change(db, id, act, |account| terms::closed(account, hat)).await
}
