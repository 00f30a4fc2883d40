//! Naming the transaction that differs, once the walk knows that there is one: a second look at the rows of the buckets
//! in question.

use super::legs::{Leg, WALK_LEGS};
use super::told::{Fact, HeadFact, Told, WALK_TRANSACTIONS};
use super::{COUNTERED, ENTRY, HOLD, LEGS};
use db::{Result, Snapshot, params};
use ids::TransactionId;
use ledger::verify::{Finding, Seen, Suspects, each_row, find};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What both sides say of one identifier.
#[derive(Default)]
struct Both {
    transaction: Option<Told>,
    legs: Vec<Leg>,
    books: Vec<Seen>,
}

/// The first transaction whose entry, and the first whose hold, says something else.
pub(super) async fn differing_facts(snapshot: &Snapshot, suspects: Suspects) -> Result<Vec<Finding>> {
    let gathered: (Suspects, BTreeMap<Uuid, Both>) = (suspects, BTreeMap::new());
    let gathered = each_row(snapshot, gathered, gather_books, |_| ()).await?;
    let gather = |(suspects, both): &mut (Suspects, BTreeMap<Uuid, Both>), told: Told| {
        if suspects.include(told.id) {
            let both = both.entry(told.id).or_default();
            both.transaction = Some(told);
        }
        Ok(())
    };
    let gathered = snapshot.fold(&WALK_TRANSACTIONS, params![], gathered, gather).await?;
    let gather_leg = |(suspects, both): &mut (Suspects, BTreeMap<Uuid, Both>), leg: Leg| {
        if suspects.include(leg.transaction) {
            both.entry(leg.transaction).or_default().legs.push(leg);
        }
        Ok(())
    };
    let (_, both) = snapshot.fold(&WALK_LEGS, params![], gathered, gather_leg).await?;
    let mut findings = Vec::new();
    for (id, both) in &both {
        for (rule, is_of_hold) in [(ENTRY, false), (HOLD, true)] {
            if let Some(difference) = both.difference(is_of_hold) {
                find(&mut findings, rule, || format!("{}: {difference}", TransactionId::from_uuid(*id)));
            }
        }
    }
    Ok(findings)
}

fn gather_books((suspects, both): &mut (Suspects, BTreeMap<Uuid, Both>), seen: &Seen) {
    if let Some((id, _)) = Fact::of_books(seen)
        && suspects.include(id)
    {
        both.entry(id).or_default().books.push(seen.clone());
    }
}

impl Both {
    /// How the transaction and the books differ, in words.
    fn difference(&self, is_of_hold: bool) -> Option<String> {
        let of_kind = |fact: &Fact<'_>| fact.is_of_hold() == is_of_hold;
        let told = self.transaction.iter().flat_map(Told::facts).chain(self.legs.iter().map(Leg::fact));
        let mut told: Vec<Fact<'_>> = told.filter(of_kind).collect();
        let mut booked: Vec<Fact<'_>> =
            self.books.iter().filter_map(|seen| Fact::of_books(seen).map(|(_, fact)| fact)).filter(of_kind).collect();
        told.sort_unstable();
        booked.sort_unstable();
        if told == booked {
            return None;
        }
        let what = if is_of_hold { "hold" } else { "entry" };
        Some(match (&self.transaction, told.is_empty(), booked.is_empty()) {
            (None, ..) => format!("there is an {what} but no such transaction").replace("an hold", "a hold"),
            (Some(transaction), true, _) => format!("it is {} and has an {what}", transaction.status),
            (Some(transaction), _, true) => format!("it is {} and has no {what}", transaction.status),
            _ => first_difference(&told, &booked),
        })
    }
}

/// The first fact that only one side has: amounts and accounts come before dates and texts, as people look for them.
fn first_difference(told: &[Fact<'_>], booked: &[Fact<'_>]) -> String {
    let amounts = |facts: &[Fact<'_>]| -> Vec<(Uuid, i64, i64)> {
        let of = |fact: &Fact<'_>| match *fact {
            Fact::Posting { account, amount_minor, .. } => Some((account, amount_minor, 0)),
            Fact::Hold { account, amount_minor, captured_minor, .. } => Some((account, amount_minor, captured_minor)),
            Fact::Entry { .. } => None,
        };
        facts.iter().filter_map(of).collect()
    };
    let (here, there) = (amounts(told), amounts(booked));
    let figure = |amounts: &[(Uuid, i64, i64)]| amounts.iter().map(|(_, minor, _)| minor.unsigned_abs()).max();
    match (figure(&here), figure(&there)) {
        (Some(says), Some(books)) if says != books => {
            format!("it says {says} minor units, the ledger {books}")
        }
        _ if here != there => "the ledger has other accounts, or another part was captured".to_owned(),
        _ => "the ledger has another balance, currency, status, date, type or description".to_owned(),
    }
}

/// By original, what was counted of it.
type Counted = BTreeMap<Uuid, BTreeMap<String, i128>>;

/// The first transaction that does not know what undid it, or is not known by it.
pub(super) async fn differing_counters(snapshot: &Snapshot, suspects: Suspects) -> Result<Vec<Finding>> {
    let gather = |(suspects, counted): &mut (Suspects, Counted), told: Told| {
        for undoing in told.undoings().filter(|undoing| suspects.include(undoing.original)) {
            undoing.count_exactly(counted.entry(undoing.original).or_default());
        }
        Ok(())
    };
    let state = (suspects, Counted::new());
    let (_, counted) = snapshot.fold(&WALK_TRANSACTIONS, params![], state, gather).await?;
    Ok(first_uneven(counted, COUNTERED))
}

/// The first booking that moves something else than its legs do.
pub(super) async fn differing_heads(snapshot: &Snapshot, suspects: Suspects) -> Result<Vec<Finding>> {
    let count = |counted: &mut Counted, id: Uuid, (fact, times): (HeadFact, i64)| {
        *counted.entry(id).or_default().entry(format!("{fact:?}")).or_default() += i128::from(times);
    };
    let gather = move |(suspects, counted): &mut (Suspects, Counted), told: Told| {
        if suspects.include(told.id) {
            told.head().for_each(|(fact, times)| count(counted, told.id, (fact, times.saturating_neg())));
        }
        Ok(())
    };
    let gathered = snapshot.fold(&WALK_TRANSACTIONS, params![], (suspects, Counted::new()), gather).await?;
    let gather_leg = move |(suspects, counted): &mut (Suspects, Counted), leg: Leg| {
        if suspects.include(leg.transaction) {
            leg.head().for_each(|fact| count(counted, leg.transaction, fact));
        }
        Ok(())
    };
    let (_, counted) = snapshot.fold(&WALK_LEGS, params![], gathered, gather_leg).await?;
    Ok(first_uneven(counted, LEGS))
}

/// The first row of which not as much was counted on the one side as on the other.
fn first_uneven(counted: Counted, rule: &'static str) -> Vec<Finding> {
    let wrong = counted.into_iter().find(|(_, sums)| sums.values().any(|sum| *sum != 0));
    wrong.map(|(id, _)| Finding { rule, row: TransactionId::from_uuid(id).to_string() }).into_iter().collect()
}
