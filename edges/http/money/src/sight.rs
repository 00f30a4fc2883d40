//! What a caller may see of accounts and transactions. What is not theirs looks as if it were not there.

use crate::App;
use accounts::AccountView;
use http_core::caller::Caller;
use http_core::problem::Outcome;
use http_core::problems::{account_not_found, transaction_not_found};
use ids::{AccountId, TransactionId, UserId};
use ledger::ChartCode;
use payments::Transaction;

/// The account as the ledger keeps it, in one read, if it is a customer's and the caller may see it.
pub(crate) async fn visible_in_ledger(app: &App, caller: &Caller, id: AccountId) -> Outcome<ledger::Account> {
    let found = ledger::accounts(&app.db, &[id]).await?.pop();
    let may_see = |account: &ledger::Account| {
        account.chart == ChartCode::CustomerDeposits && caller.may_see(account.holder_id.map(UserId::from_uuid))
    };
    found.filter(may_see).ok_or_else(|| account_not_found(id))
}

/// The account with its name and its balances, if the caller may see it.
pub(crate) async fn visible_account(app: &App, caller: &Caller, id: AccountId) -> Outcome<AccountView> {
    let found = accounts::get(&app.db, id).await?;
    found.filter(|account| caller.may_see(account.user_id)).ok_or_else(|| account_not_found(id))
}

/// The transaction, if the caller is on one of its sides or an administrator.
pub(crate) async fn visible_transaction(app: &App, caller: &Caller, id: TransactionId) -> Outcome<Transaction> {
    let found = app.payments.transaction(id).await?.ok_or_else(|| transaction_not_found(id))?;
    match caller.user_id() {
        _ if caller.sees_all() => Ok(found),
        user if found.concerns(user) => Ok(found.seen_from(|side| side.holder == Some(user))),
        _ => Err(transaction_not_found(id)),
    }
}
