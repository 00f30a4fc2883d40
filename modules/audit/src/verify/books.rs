//! The log against the ledger: what settled has the entry and the postings that the log says, and no entry is without a leaf.

use super::seen::Seen;
use super::{LEDGER, LOGGED};
use crate::kinds::SETTLED;
use crate::payload::Booked;
use db::{Result, Snapshot};
use ids::{AccountId, EntryId};
use ledger::verify::{Comparison, Finding, Suspects, find};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Entries of the ledger that the log tells of.
#[derive(Default)]
pub(super) struct Books {
    logged: Vec<EntryId>,
}

impl Books {
    /// Holds what leaves say against the rows of the ledger.
    pub(super) async fn compare(&mut self, on: &Snapshot, leaves: &[Seen], findings: &mut Vec<Finding>) -> Result<()> {
        let settled: Vec<(EntryId, &Seen)> = leaves.iter().filter(|leaf| leaf.is_of(SETTLED)).filter_map(of).collect();
        if settled.is_empty() {
            return Ok(());
        }
        self.logged.extend(settled.iter().map(|(entry, _)| *entry));
        let wanted: Vec<_> = settled.iter().map(|(entry, leaf)| (*entry, accounts(leaf))).collect();
        let found = ledger::booked(on, &wanted).await?;
        let found: HashMap<EntryId, Booked> =
            found.into_iter().map(|(entry, postings)| (entry.id, Booked::of(&entry, postings))).collect();
        for (entry, leaf) in settled {
            let said = leaf.payload.as_ref().and_then(|payload| payload.ledger.as_ref());
            if let Some(difference) = difference(entry, said, found.get(&entry)) {
                find(findings, LEDGER, || format!("{}: {difference}", leaf.place()));
            }
        }
        Ok(())
    }

    /// Each entry of the ledger is one of those that leaves tell of, or of the others.
    pub(super) async fn require_logged(
        self,
        on: &Snapshot,
        others: &[EntryId],
        findings: &mut Vec<Finding>,
    ) -> Result<()> {
        let mut comparison = Comparison::default();
        let expected = self.logged.iter().chain(others);
        expected.for_each(|entry| comparison.add(entry.uuid(), ()));
        let visit = |comparison: &mut Comparison, entry: Uuid| comparison.subtract(entry, ());
        let comparison = ledger::verify::each_entry(on, comparison, visit).await?;
        let Some(suspects) = comparison.suspects() else { return Ok(()) };
        let mut counted: BTreeMap<Uuid, i64> = BTreeMap::new();
        for entry in self.logged.iter().chain(others).filter(|entry| suspects.include(entry.uuid())) {
            *counted.entry(entry.uuid()).or_default() += 1;
        }
        let visit = |(suspects, counted): &mut (Suspects, BTreeMap<Uuid, i64>), entry: Uuid| {
            if suspects.include(entry) {
                *counted.entry(entry).or_default() -= 1;
            }
        };
        let (_, counted) = ledger::verify::each_entry(on, (suspects, counted), visit).await?;
        if let Some((entry, count)) = counted.into_iter().find(|(_, count)| *count != 0) {
            let entry = EntryId::from_uuid(entry);
            find(findings, LOGGED, || match count {
                ..0 => format!("ledger_entry {entry}, of which no leaf tells"),
                _ => format!("ledger_entry {entry}, which is not there, or is told of twice"),
            });
        }
        Ok(())
    }
}

fn of(leaf: &Seen) -> Option<(EntryId, &Seen)> {
    Some((EntryId::from_uuid(leaf.subject_id?), leaf))
}

/// Where the postings are, as far as the leaf says.
fn accounts(leaf: &Seen) -> Vec<AccountId> {
    let booked = leaf.payload.as_ref().and_then(|payload| payload.ledger.as_ref());
    let postings = booked.into_iter().flat_map(|booked| &booked.postings);
    postings.filter_map(|(account, ..)| AccountId::parse(account).ok()).collect()
}

/// What the ledger says otherwise than the log, by its row.
fn difference(entry: EntryId, said: Option<&Booked>, found: Option<&Booked>) -> Option<String> {
    let (said, found) = match (said, found) {
        (None, None) => return None,
        (Some(_), None) => return Some(format!("ledger_entry {entry} is not there")),
        (None, Some(_)) => return Some(format!("ledger_entry {entry} is there, and the log says of none")),
        (Some(said), Some(found)) => (said, found),
    };
    let head = |booked: &Booked| {
        let Booked { entry, kind, value_date, booked_at, .. } = booked;
        [entry.clone(), kind.clone(), value_date.clone(), booked_at.clone()]
    };
    if let Some((said, found)) = head(said).into_iter().zip(head(found)).find(|(said, found)| said != found) {
        return Some(format!("ledger_entry {entry} says {found}, and the log {said}"));
    }
    let longest = said.postings.len().max(found.postings.len());
    let pairs = (0..longest).map(|at| (at + 1, said.postings.get(at), found.postings.get(at)));
    let (number, said, found) = pairs.into_iter().find(|(_, said, found)| said != found)?;
    let shown = |posting: Option<&(String, i64, String, String)>| {
        posting.map_or_else(
            || "none".to_owned(),
            |(account, sequence, amount, balance)| format!("{amount} to {balance} as number {sequence} of {account}"),
        )
    };
    Some(format!(
        "posting {number} of ledger_entry {entry}: ledger_posting has {}, and the log {}",
        shown(found),
        shown(said)
    ))
}
