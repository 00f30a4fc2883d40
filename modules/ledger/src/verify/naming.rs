//! Naming the bad row, once the walk knows that there is one: a second, slower look.

use super::{ENTRY, Finding, HISTORY, Seen, SeenEntry, SeenPosting, Suspects, each_row};
use db::{Result, Snapshot, params, statements};
use ids::{AccountId, EntryId};
use std::collections::BTreeMap;
use uuid::Uuid;

statements! {
    READ_HISTORY -> (i64, i64, i64) =
        "SELECT sequence, amount_minor, balance_minor FROM ledger_posting WHERE account_id = $1 ORDER BY sequence";
}

/// What the walk found suspicious and cannot name further by itself.
pub(super) struct Suspicions {
    /// The first account whose history is broken somewhere.
    pub(super) history: Option<Uuid>,
    /// Where some entry lacks a side or is not balanced.
    pub(super) entries: Option<Suspects>,
}

/// The first bad row behind each suspicion.
pub(super) async fn name(snapshot: &Snapshot, suspicions: Suspicions) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    if let Some(account) = suspicions.history {
        let sequence = first_broken_link(snapshot, account).await?;
        let row = format!("posting {sequence} of account {}", AccountId::from_uuid(account));
        findings.push(Finding { rule: HISTORY, row });
    }
    if let Some(suspects) = suspicions.entries {
        let row = match first_wrong_entry(snapshot, suspects).await? {
            Some(entry) => format!("entry {}", EntryId::from_uuid(entry)),
            None => "an entry that cannot be named".to_owned(),
        };
        findings.push(Finding { rule: ENTRY, row });
    }
    Ok(findings)
}

/// Where an account's history stops following from what was before.
async fn first_broken_link(snapshot: &Snapshot, account: Uuid) -> Result<i64> {
    let state = (0_i64, 0_i64, None);
    let (last, _, broken) = snapshot
        .fold(&READ_HISTORY, params![account], state, |(last, balance, broken), (sequence, amount, after)| {
            if broken.is_none() && (sequence != *last + 1 || Some(after) != balance.checked_add(amount)) {
                *broken = Some(*last + 1);
            }
            (*last, *balance) = (sequence, after);
            Ok(())
        })
        .await?;
    Ok(broken.unwrap_or(last))
}

/// The entries and postings among which the wrong one is.
struct Gathered {
    suspects: Suspects,
    entries: BTreeMap<Uuid, (Option<SeenEntry>, Vec<SeenPosting>)>,
}

/// The first entry that is missing, lacks a side, has another date or does not sum to zero.
async fn first_wrong_entry(snapshot: &Snapshot, suspects: Suspects) -> Result<Option<Uuid>> {
    let gathered = Gathered { suspects, entries: BTreeMap::new() };
    let gathered = each_row(snapshot, gathered, gather, |_| ()).await?;
    let mut entries = gathered.entries.into_iter();
    Ok(entries.find(|(_, (entry, postings))| !is_whole(entry.as_ref(), postings)).map(|(id, _)| id))
}

fn gather(gathered: &mut Gathered, seen: &Seen) {
    match seen {
        Seen::Posting(posting) if gathered.suspects.include(posting.entry) => {
            gathered.entries.entry(posting.entry).or_default().1.push(posting.clone());
        }
        Seen::Entry(entry) if gathered.suspects.include(entry.id) => {
            gathered.entries.entry(entry.id).or_default().0 = Some(entry.clone());
        }
        _ => {}
    }
}

fn is_whole(entry: Option<&SeenEntry>, postings: &[SeenPosting]) -> bool {
    let mut sums: BTreeMap<&str, i128> = BTreeMap::new();
    for posting in postings {
        *sums.entry(&posting.currency).or_default() += i128::from(posting.amount_minor);
    }
    entry.is_some_and(|entry| {
        i64::try_from(postings.len()) == Ok(entry.sides)
            && postings.iter().all(|posting| posting.dates == entry.dates)
            && sums.values().all(|sum| *sum == 0)
    })
}
