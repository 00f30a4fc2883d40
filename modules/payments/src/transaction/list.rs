//! Lists of transactions, newest first. What moved money is found by the ledger's postings, which lie by account and
//! identifier anyway; what only held it, by the transactions. So a transfer writes no index of its own for lists.

use super::store as transactions;
use super::{Transaction, TransactionStatus, TransactionType};
use ids::{AccountId, EntryId, TransactionId};
use store::{Executor, Result, Timestamp};
use uuid::Uuid;

/// Which transactions a list shows; an absent filter shows all.
#[derive(Clone, Debug, Default)]
pub struct TransactionFilter {
    /// Of this type.
    pub kind: Option<TransactionType>,
    /// In this status.
    pub status: Option<TransactionStatus>,
    /// Refunding or reversing this one.
    pub original: Option<TransactionId>,
    /// Made at or after this instant.
    pub from: Option<Timestamp>,
    /// Made before this instant.
    pub to: Option<Timestamp>,
    /// Of at least this many minor units.
    pub min_amount_minor: Option<i64>,
    /// Of at most this many minor units.
    pub max_amount_minor: Option<i64>,
}

/// Part of a list, newest first.
#[derive(Clone, Copy, Debug)]
pub struct PageRequest {
    /// Only what is older than this one.
    pub before: Option<TransactionId>,
    /// At most this many.
    pub limit: u32,
}

/// Up to so many accounts are searched one by one; a customer rarely has more.
const ACCOUNTS_ONE_BY_ONE_MAX: usize = 16;
/// Identifiers that are looked at in one go when few of them pass the filter.
const ROUND_MAX: u32 = 1_000;
/// An identifier was made at most so long before or after its transaction's own time; an import takes its time once.
const CLOCK_SECONDS_MAX: i64 = 86_400;

/// A page of the given accounts' transactions, or of all when there is no list of them.
pub(crate) async fn list(
    on: &impl Executor,
    accounts: Option<&[AccountId]>,
    filter: &TransactionFilter,
    page: PageRequest,
) -> Result<Vec<Transaction>> {
    if let Some(original) = filter.original {
        return of_original(on, original, accounts, (filter, page)).await;
    }
    match accounts {
        Some(accounts) => of_accounts(on, accounts, filter, page).await,
        None => transactions::all(on, filter, page).await,
    }
}

/// Those that refund or reverse one transaction, of the accounts. They are few.
async fn of_original(
    on: &impl Executor,
    original: TransactionId,
    accounts: Option<&[AccountId]>,
    (filter, page): (&TransactionFilter, PageRequest),
) -> Result<Vec<Transaction>> {
    let is_wanted = |transaction: &Transaction| {
        let parties = [transaction.source.account, transaction.destination.account];
        accounts.is_none_or(|accounts| parties.iter().any(|party| accounts.contains(party)))
    };
    let (mut before, oldest) = bounds(filter, page);
    let wanted = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    while found.len() < wanted && before > oldest {
        let ids = transactions::countering(on, original, before, ROUND_MAX).await?;
        let Some(last) = ids.last() else { break };
        before = *last;
        found.extend(transactions::filtered(on, &ids, filter).await?.into_iter().filter(is_wanted));
    }
    found.truncate(wanted);
    Ok(found)
}

/// Goes back through the accounts' transactions, in larger steps the less of them passes, until the page is full.
async fn of_accounts(
    on: &impl Executor,
    accounts: &[AccountId],
    filter: &TransactionFilter,
    page: PageRequest,
) -> Result<Vec<Transaction>> {
    let wanted = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let (mut before, oldest) = bounds(filter, page);
    let mut round = if accounts.len() > ACCOUNTS_ONE_BY_ONE_MAX { ROUND_MAX } else { page.limit.min(ROUND_MAX) };
    let mut found = Vec::with_capacity(wanted);
    while found.len() < wanted && before > oldest {
        let ids = newest_before(on, accounts, before, round).await?;
        found.extend(transactions::filtered(on, &ids, filter).await?);
        match ids.last() {
            Some(last) if ids.len() >= usize::try_from(round).unwrap_or(usize::MAX) => before = *last,
            _ => break,
        }
        round = (round * 4).min(ROUND_MAX);
    }
    found.truncate(wanted);
    Ok(found)
}

/// Between which identifiers the page can lie: the cursor, and the filter's times with room for clocks.
fn bounds(filter: &TransactionFilter, page: PageRequest) -> (TransactionId, TransactionId) {
    let at = |time: Timestamp, seconds: i64| {
        let millis = time.plus_seconds(seconds).unix_micros().div_euclid(1_000);
        TransactionId::earliest_at(u64::try_from(millis).unwrap_or_default())
    };
    let newest = TransactionId::from_uuid(Uuid::max());
    let before = page.before.unwrap_or(newest).min(filter.to.map_or(newest, |to| at(to, CLOCK_SECONDS_MAX)));
    let oldest = filter.from.map_or(TransactionId::from_uuid(Uuid::nil()), |from| at(from, -CLOCK_SECONDS_MAX));
    (before, oldest)
}

/// The newest of the accounts' transactions before one: the last `limit` of them, each once. Fewer means that there are
/// no more.
async fn newest_before(
    on: &impl Executor,
    accounts: &[AccountId],
    before: TransactionId,
    limit: u32,
) -> Result<Vec<TransactionId>> {
    let entry = EntryId::from_uuid(before.uuid());
    let mut ids = Vec::new();
    // Account by account, each list comes out of an index in order, however long the history is.
    let groups = if accounts.len() > ACCOUNTS_ONE_BY_ONE_MAX { accounts.len() } else { 1 };
    for group in accounts.chunks(groups) {
        // A hold that is captured meanwhile is found by the second look at the latest: it stays among what was held.
        let entries = ledger::entries_before(on, group, entry, limit).await?;
        ids.extend(entries.into_iter().map(|entry| TransactionId::from_uuid(entry.uuid())));
        ids.extend(transactions::held_before(on, group, before, limit).await?);
    }
    // A captured hold was found by its posting too, and what moved between two of the accounts on both.
    ids.sort_unstable_by(|one, other| other.cmp(one));
    ids.dedup();
    ids.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(ids)
}
