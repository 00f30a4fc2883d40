//! The shell around a change: lock the account, decide, store it with its events, commit.

use crate::events::Happening;
use crate::terms::Changed;
use crate::{AccountView, AccountsError, Result, store};
use db::{Db, Rows, Statement, Tx};
use ids::AccountId;
use outbox::Act;

const ATTEMPTS_MAX: usize = 4;

/// Changes one account as decided on its locked state.
pub(crate) async fn change(
    db: &Db,
    id: AccountId,
    act: Act,
    decide: impl Fn(&AccountView) -> Result<Changed> + Sync,
) -> Result<AccountView> {
    let decide = &decide;
    retrying(move || change_once(db, id, act, decide)).await
}

/// Runs the attempt again when it lost a race, a bounded number of times.
pub(crate) async fn retrying<T, Attempt>(attempt: impl Fn() -> Attempt) -> Result<T>
where
    Attempt: Future<Output = Result<T>>,
{
    for _ in 1..ATTEMPTS_MAX {
        match attempt().await {
            Err(error) if error.is_lost_race() => {}
            outcome => return outcome,
        }
    }
    attempt().await
}

async fn change_once(
    db: &Db,
    id: AccountId,
    act: Act,
    decide: &impl Fn(&AccountView) -> Result<Changed>,
) -> Result<AccountView> {
    let tx = db.begin().await?;
    let (after, writes) = decide_in_tx(&tx, id, act, decide).await?;
    if !writes.is_empty() {
        tx.write_and_commit(writes).await?;
    }
    Ok(after)
}

/// Changes one account as decided on its locked state, in the caller's transaction. Refused, it has written nothing.
pub(crate) async fn change_in_tx(
    tx: &Tx,
    id: AccountId,
    act: Act,
    decide: &(impl Fn(&AccountView) -> Result<Changed> + Sync),
) -> Result<AccountView> {
    let (after, writes) = decide_in_tx(tx, id, act, decide).await?;
    for (statement, rows) in writes {
        tx.execute_batch(statement, rows).await?;
    }
    Ok(after)
}

/// The account as it will be, and what is still to be written for it; the ledger's part is written already.
async fn decide_in_tx(
    tx: &Tx,
    id: AccountId,
    act: Act,
    decide: &impl Fn(&AccountView) -> Result<Changed>,
) -> Result<(AccountView, Vec<(&'static Statement, Rows)>)> {
    let before = lock_in_tx(tx, id).await?;
    let (mut after, happenings) = decide(&before)?;
    if happenings.is_empty() {
        return Ok((before, Vec::new()));
    }
    after.updated_at = act.at;
    if after.ledger != before.ledger {
        ledger::change_terms_in_tx(tx, &after.ledger).await?;
    }
    let events: Vec<_> = happenings.iter().map(|happening: &Happening| happening.event(&after, act)).collect();
    let writes = vec![store::as_update(&after), outbox::as_write(events)];
    Ok((after, writes))
}

/// The ledger's lock guards our row as well: nobody changes it without.
async fn lock_in_tx(tx: &Tx, id: AccountId) -> Result<AccountView> {
    let locked = ledger::lock_accounts_in_tx(tx, &[id]).await?.pop();
    let record = store::records(tx, &[id]).await?.pop();
    match (locked, record) {
        (Some(locked), Some(record)) => Ok(record.into_view(locked)),
        _ => Err(AccountsError::NotFound { account: id }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use db::DbError;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// How often an attempt is made that fails with the given error `failures` times, and how it ends.
    fn attempts(failures: usize, error: DbError) -> (usize, Result<()>) {
        let made = AtomicUsize::new(0);
        let attempt = || {
            let before = made.fetch_add(1, Ordering::Relaxed);
            std::future::ready(if before < failures { Err(error.clone().into()) } else { Ok(()) })
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let outcome = runtime.block_on(retrying(attempt));
        (made.load(Ordering::Relaxed), outcome)
    }

    #[test]
    fn a_lost_race_is_run_again() {
        assert_eq!(attempts(2, DbError::Conflict("deadlock".to_owned())), (3, Ok(())));
        assert_eq!(attempts(1, DbError::Duplicate("accounts_account_number_key".to_owned())), (2, Ok(())));
    }

    #[test]
    fn a_race_that_is_always_lost_ends() {
        let (made, outcome) = attempts(100, DbError::Conflict("deadlock".to_owned()));
        assert!(made == ATTEMPTS_MAX && outcome.is_err());
    }

    #[test]
    fn an_unknown_outcome_is_not_run_again() {
        assert_eq!(attempts(1, DbError::Unavailable("connection closed".to_owned())).0, 1);
    }
}
