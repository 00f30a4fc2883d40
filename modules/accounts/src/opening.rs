//! Opening accounts, one or many: ours, the ledger's, and the event that says so, in one transaction.

use crate::changes::retrying;
use crate::events::Happening;
use crate::{AccountKind, AccountName, AccountView, AccountsError, NewAccount, Result, store};
use db::{BankTime, Db, Tx};
use ids::UserId;
use ledger::{Account, ChartCode};
use money::Currency;
use outbox::Act;
use std::collections::HashSet;

/// How many accounts go into one statement.
const BATCH_ROWS_MAX: usize = 10_000;
/// So many accounts a customer opens, closed ones among them: who keeps more books than that is another kind of customer.
const ACCOUNTS_PER_USER_MAX: u32 = 10_000;
/// So many accounts of a kind are counted to number the next one.
const COUNTED_MAX: u32 = 999;

/// Opens one account in a transaction of its own; each attempt under another identifier, and so another number.
pub(crate) async fn open(db: &Db, new: &NewAccount, opened_at: BankTime, act: Act) -> Result<AccountView> {
    retrying(move || open_once(db, new, opened_at, act)).await
}

async fn open_once(db: &Db, new: &NewAccount, opened_at: BankTime, act: Act) -> Result<AccountView> {
    let tx = db.begin().await?;
    if let Some(user) = new.user_id {
        require_room(&tx, user).await?;
    }
    let name = match (&new.name, new.user_id) {
        (None, Some(user)) => Some(next_name(&tx, user, new.kind).await?),
        (name, _) => name.clone(),
    };
    let mut opened = open_many_in_tx(&tx, &[NewAccount { name, ..new.clone() }], opened_at, act).await?;
    tx.commit().await?;
    Ok(opened.pop().expect("one account was asked for"))
}

/// Two that are opened at once may both be the last one.
async fn require_room(tx: &Tx, user: UserId) -> Result<()> {
    let accounts_max = ACCOUNTS_PER_USER_MAX;
    let is_full = store::count_of_user(tx, user, accounts_max).await? >= i64::from(accounts_max);
    if is_full { Err(AccountsError::TooMany { accounts_max }) } else { Ok(()) }
}

/// A name for the next account of its kind. Two that are opened at once may get the same: names need not differ.
async fn next_name(tx: &Tx, user: UserId, kind: AccountKind) -> Result<AccountName> {
    let alike = store::count_of_kind(tx, user, kind, COUNTED_MAX).await?;
    Ok(AccountName::of_kind(kind, alike + 1))
}

/// Opens accounts in the caller's transaction.
pub(crate) async fn open_many_in_tx(
    tx: &Tx,
    new: &[NewAccount],
    opened_at: BankTime,
    act: Act,
) -> Result<Vec<AccountView>> {
    open_own_accounts_in_tx(tx, new.iter().map(|new| new.currency), opened_at).await?;
    let opened: Vec<AccountView> = new.iter().map(|new| new.opened(opened_at, act.at)).collect();
    for batch in opened.chunks(BATCH_ROWS_MAX) {
        let in_ledger: Vec<Account> = batch.iter().map(|account| account.ledger).collect();
        ledger::open_accounts_in_tx(tx, &in_ledger).await?;
        store::insert_in_tx(tx, batch).await?;
        let events = batch.iter().map(|account| Happening::Opened.event(account, act)).collect();
        outbox::append_in_tx(tx, events).await?;
    }
    Ok(opened)
}

/// Opens the bank's own accounts of the currencies that lack one. A read costs less than writing what is there.
async fn open_own_accounts_in_tx(tx: &Tx, currencies: impl Iterator<Item = Currency>, now: BankTime) -> Result<()> {
    let mut currencies: Vec<Currency> = currencies.collect::<HashSet<_>>().into_iter().collect();
    // Two transactions that open the same currencies wait for each other in the same order.
    currencies.sort_unstable();
    let own = |currency| ChartCode::own_lines().map(move |line| line.own_account(currency));
    let wanted: Vec<_> = currencies.iter().flat_map(|currency| own(*currency)).collect();
    let found: HashSet<_> = ledger::accounts(tx, &wanted).await?.into_iter().map(|account| account.id).collect();
    for currency in currencies {
        if !own(currency).all(|account| found.contains(&account)) {
            ledger::open_own_accounts_in_tx(tx, currency, now).await?;
        }
    }
    Ok(())
}
