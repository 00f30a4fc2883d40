//! Naming the bad row, once the walk knows that there is one: ordered, slower statements.

use super::walk::{Dates, Suspects, dates};
use super::{ENTRY, Finding, HISTORY};
use ids::{AccountId, EntryId};
use store::{Result, Row, Snapshot, params, statements};
use uuid::Uuid;

statements! {
    READ_HISTORY =
        "SELECT sequence, amount_minor, balance_minor FROM ledger_posting WHERE account_id = $1 ORDER BY sequence";
    // Billions and the rest are summed apart: a row that was tampered with must not make the sum overflow.
    SUM_SIDES =
        "SELECT entry_id, COUNT(*), CAST(SUM(amount_minor / 1000000000) AS BIGINT),
                CAST(SUM(amount_minor % 1000000000) AS BIGINT), MIN(value_date), MIN(booked_at), MAX(value_date),
                MAX(booked_at)
         FROM ledger_posting GROUP BY entry_id, currency ORDER BY entry_id";
    READ_SIDES = "SELECT id, sides, value_date, booked_at FROM ledger_entry ORDER BY id";
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

/// What the postings of one entry say of it.
struct Sides {
    entry: Uuid,
    count: i64,
    dates: Dates,
    /// Whether all have the same dates and they sum to zero in each currency.
    agree: bool,
}

/// The first entry that is missing, lacks a side, has another date or does not sum to zero.
/// Both lists are in order: one merge.
async fn first_wrong_entry(snapshot: &Snapshot) -> Result<Option<Uuid>> {
    let sides = snapshot.fold(&SUM_SIDES, params![], Vec::new(), add_sides).await?;
    let state = (sides.into_iter().peekable(), None);
    let (mut rest, wrong) = snapshot
        .fold(&READ_SIDES, params![], state, |(rest, wrong), row: &Row| {
            let (entry, count): (Uuid, i64) = (row.get(0)?, row.get(1)?);
            while let Some(orphan) = rest.next_if(|sides: &Sides| sides.entry < entry) {
                wrong.get_or_insert(orphan.entry);
            }
            let found = rest.next_if(|sides| sides.entry == entry);
            if found.is_none_or(|sides| sides.count != count || sides.dates != dates(row, 2) || !sides.agree) {
                wrong.get_or_insert(entry);
            }
            Ok(())
        })
        .await?;
    Ok(wrong.or_else(|| rest.next().map(|orphan| orphan.entry)))
}

/// Adds the sides in one currency to those of the same entry in others.
fn add_sides(all: &mut Vec<Sides>, row: &Row) -> Result<()> {
    let (entry, count, billions, rest): (Uuid, i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
    let (first, last) = (dates(row, 4), dates(row, 6));
    let agree = first == last && i128::from(billions) * 1_000_000_000 + i128::from(rest) == 0;
    match all.last_mut().filter(|sides| sides.entry == entry) {
        Some(sides) => {
            sides.count += count;
            sides.agree &= agree && sides.dates == first;
        }
        None => all.push(Sides { entry, count, dates: first, agree }),
    }
    Ok(())
}
