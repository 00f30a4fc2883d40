//! Naming the bad row, once the walk knows that there is one: ordered, slower statements.

use super::walk::Suspects;
use super::{ENTRY, Finding, HISTORY};
use ids::{AccountId, EntryId};
use store::{Result, Row, Snapshot, params, statements};
use uuid::Uuid;

statements! {
    READ_HISTORY =
        "SELECT sequence, amount_minor, balance_minor FROM ledger_posting WHERE account_id = $1 ORDER BY sequence";
    SUM_SIDES =
        "SELECT entry_id, CAST(SUM(amount_minor) AS BIGINT), COUNT(*) FROM ledger_posting
         GROUP BY entry_id, currency ORDER BY entry_id";
    READ_SIDES = "SELECT id, sides FROM ledger_entry ORDER BY id";
}

/// The first bad row behind each suspicion.
pub(super) async fn name(snapshot: &Snapshot, suspects: Suspects) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    if let Some(account) = suspects.histories.into_iter().min() {
        let sequence = first_broken_link(snapshot, account).await?;
        let row = format!("posting {sequence} of account {}", AccountId::from_uuid(account));
        findings.push(Finding { rule: HISTORY, row });
    }
    if suspects.entries {
        let row = match first_wrong_entry(snapshot).await? {
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
        .fold(&READ_HISTORY, params![account], state, |(last, balance, broken), row: &Row| {
            let (sequence, amount, after): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            if broken.is_none() && (sequence != *last + 1 || Some(after) != balance.checked_add(amount)) {
                *broken = Some(*last + 1);
            }
            (*last, *balance) = (sequence, after);
            Ok(())
        })
        .await?;
    Ok(broken.unwrap_or(last))
}

/// The first entry that is missing, lacks a side, or does not sum to zero. Both lists are in order: one merge.
async fn first_wrong_entry(snapshot: &Snapshot) -> Result<Option<Uuid>> {
    let sums = snapshot
        .fold(&SUM_SIDES, params![], Vec::new(), |sums: &mut Vec<(Uuid, i64, bool)>, row: &Row| {
            let (entry, sum, sides): (Uuid, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            match sums.last_mut().filter(|last| last.0 == entry) {
                Some(last) => (last.1, last.2) = (last.1 + sides, last.2 && sum == 0),
                None => sums.push((entry, sides, sum == 0)),
            }
            Ok(())
        })
        .await?;
    let state = (sums.into_iter().peekable(), None);
    let (mut rest, wrong) = snapshot
        .fold(&READ_SIDES, params![], state, |(sums, wrong), row: &Row| {
            let (entry, sides): (Uuid, i64) = (row.get(0)?, row.get(1)?);
            while let Some(orphan) = sums.next_if(|sum| sum.0 < entry) {
                wrong.get_or_insert(orphan.0);
            }
            let found = sums.next_if(|sum| sum.0 == entry);
            if found.is_none_or(|(_, walked, is_balanced)| walked != sides || !is_balanced) {
                wrong.get_or_insert(entry);
            }
            Ok(())
        })
        .await?;
    Ok(wrong.or_else(|| rest.next().map(|orphan| orphan.0)))
}
