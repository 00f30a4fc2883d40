//! Lists of transactions, newest first. What moved money is found by the ledger's postings, which lie by account and
//! identifier anyway; what only held it, by the transactions. So a transfer writes no index of its own for lists.
//! Identifiers rise with the time at which something was made; of an imported history that is its value date.

use super::Transaction;
use super::filter::TransactionFilter;
use super::store as transactions;
use crate::{BACK_DATED_DAYS_MAX, BOOKED_AFTER_DAYS_MAX};
use db::{BankTime, Date, Executor, Result};
use ids::{AccountId, EntryId, TransactionId};
use uuid::Uuid;

/// Part of a list, newest first.
#[derive(Clone, Copy, Debug)]
pub struct PageRequest {
    /// Only what is older than this one.
    pub before: Option<TransactionId>,
    /// At most this many.
    pub limit: u32,
}

/// A page of a list. It may be short, or empty, and still not be the last: one request looks only so far.
#[derive(Clone, Debug)]
pub struct TransactionPage {
    /// The transactions, newest first.
    pub transactions: Vec<Transaction>,
    /// What the next page comes before; `None`: there is no more.
    pub next: Option<TransactionId>,
}

/// Where a list looks.
#[derive(Clone, Copy)]
pub(crate) enum Place<'a> {
    /// On these accounts.
    Accounts(&'a [AccountId]),
    /// Among what refunds or reverses one, on these accounts or on any.
    Original(TransactionId, Option<&'a [AccountId]>),
    /// Everywhere.
    All,
}

/// Up to so many accounts are searched one by one; a customer rarely has more.
const ACCOUNTS_ONE_BY_ONE_MAX: usize = 16;
/// Identifiers that are looked at in one go when few of them pass the filter.
const ROUND_MAX: u32 = 1_000;
/// Identifiers that one request looks at before it gives what it found so far.
const LOOKED_AT_MAX: usize = 10_000;
/// An identifier was made at most so long after its transaction's own time: clocks may differ.
const LATER_SECONDS_MAX: i64 = 86_400;
/// And at most so long before the time, or the value date: holds are captured later, approvals decided.
const EARLIER_SECONDS_MAX: i64 = BOOKED_AFTER_DAYS_MAX * 86_400;

/// A page of the transactions of a place. Goes back in larger steps the
/// less passes the filter.
pub(crate) async fn list(
    on: &impl Executor,
    place: Place<'_>,
    filter: &TransactionFilter,
    page: PageRequest,
    apart_seconds: i64,
) -> Result<TransactionPage> {
    let shown = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let (mut before, oldest) = bounds(filter, page, apart_seconds);
    let mut round = place.first_round(page.limit.saturating_add(1));
    let (mut found, mut looked_at, mut is_end) = (Vec::new(), 0, before <= oldest);
    // One more than is shown tells whether there are more.
    while found.len() <= shown && looked_at < LOOKED_AT_MAX && !is_end {
        let ids = place.newest_before(on, before, round).await?;
        let filtered = transactions::filtered(on, &ids, filter).await?.into_iter().filter(|one| place.holds(one));
        found.extend(filtered.map(|one| place.seen(one)).filter(|one| filter.has_amount_of(one)));
        looked_at += ids.len();
        is_end =
            ids.len() < usize::try_from(round).unwrap_or(usize::MAX) || ids.last().is_none_or(|last| *last <= oldest);
        before = ids.last().copied().unwrap_or(before);
        round = (round * 4).min(ROUND_MAX);
    }
    let has_more = found.len() > shown;
    found.truncate(shown);
    let next = if has_more { found.last().map(|last| last.id) } else { Some(before).filter(|_| !is_end) };
    Ok(TransactionPage { transactions: found, next })
}

/// Between which identifiers the page can lie: the cursor, and the filter's times and days with room for what is late. An
/// identifier that was made at wall time (of an approval) may be as far off as the clocks ever were apart.
fn bounds(filter: &TransactionFilter, page: PageRequest, apart_seconds: i64) -> (TransactionId, TransactionId) {
    let at = |time: BankTime, seconds: i64| {
        // What was made before 1970 has an identifier of its first moment.
        let millis = time.plus_seconds(seconds).unix_micros().div_euclid(1_000).max(1);
        TransactionId::earliest_at(u64::try_from(millis).unwrap_or_default())
    };
    let midnight = |day: Date, days: i32| {
        BankTime::from_unix_micros(i64::from(day.unix_days().saturating_add(days)) * 86_400_000_000)
    };
    let newest = TransactionId::from_uuid(Uuid::max());
    // What is booked for a day that is over has an identifier of the day on which it is booked.
    let to = [filter.to, filter.value_to.map(|day| midnight(day, 1 + BACK_DATED_DAYS_MAX))];
    let to = to.into_iter().flatten().map(|to| at(to, LATER_SECONDS_MAX + apart_seconds)).min().unwrap_or(newest);
    let from = [filter.from, filter.value_from.map(|day| midnight(day, 0))];
    let earlier_seconds = EARLIER_SECONDS_MAX + apart_seconds;
    let early = |from: BankTime| from.unix_micros() > earlier_seconds * 1_000_000;
    let from = from.into_iter().flatten().filter(|from| early(*from)).map(|from| at(from, -earlier_seconds)).max();
    (page.before.unwrap_or(newest).min(to), from.unwrap_or(TransactionId::from_uuid(Uuid::nil())))
}

impl<'a> Place<'a> {
    /// Where the filter, and a list of accounts if there is one, look.
    pub(crate) const fn new(accounts: Option<&'a [AccountId]>, filter: &TransactionFilter) -> Self {
        match (filter.original, accounts) {
            (Some(original), accounts) => Self::Original(original, accounts),
            (None, Some(accounts)) => Self::Accounts(accounts),
            (None, None) => Self::All,
        }
    }

    /// How many identifiers to look at first.
    fn first_round(self, wanted: u32) -> u32 {
        match self {
            Self::Accounts(accounts) if accounts.len() > ACCOUNTS_ONE_BY_ONE_MAX => ROUND_MAX,
            _ => wanted.min(ROUND_MAX),
        }
    }

    /// The newest identifiers here before one: the last `limit` of them, each once. Fewer means that there are no more.
    async fn newest_before(self, on: &impl Executor, before: TransactionId, limit: u32) -> Result<Vec<TransactionId>> {
        match self {
            Self::Accounts(accounts) => newest_of_accounts(on, accounts, before, limit).await,
            Self::Original(original, _) => transactions::countering(on, original, before, limit).await,
            Self::All => transactions::newest_before(on, before, limit).await,
        }
    }

    /// How it looks from here.
    fn seen(self, transaction: Transaction) -> Transaction {
        match self {
            Self::Accounts(accounts) | Self::Original(_, Some(accounts)) => {
                transaction.seen_from(|side| accounts.contains(&side.account))
            }
            Self::Original(_, None) | Self::All => transaction,
        }
    }

    /// Whether what was found here belongs here.
    fn holds(self, transaction: &Transaction) -> bool {
        let parties = [transaction.source.account, transaction.destination.account];
        match self {
            Self::Original(_, Some(accounts)) => parties.iter().any(|party| accounts.contains(party)),
            _ => true,
        }
    }
}

async fn newest_of_accounts(
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
