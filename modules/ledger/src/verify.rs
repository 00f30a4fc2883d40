//! Proof that the books are right. One walk over the postings, in whatever order they lie, compares each account with
//! its history and each entry with its sides; only when something is wrong, a second one names the row.

mod chart;
mod comparison;
mod naming;
mod seen;
mod walk;

pub use chart::LineSum;
pub use comparison::{Comparison, Suspects};
pub use seen::{Dates, Seen, SeenAccount, SeenEntry, SeenHold, SeenPosting, each_entry, each_row};

use db::{Db, Result, Snapshot};
use walk::Walk;

/// A rule that is broken, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static str,
    /// The first row that breaks it, in words.
    pub row: String,
}

/// What a verification saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// How many postings were walked.
    pub postings: u64,
    /// How many accounts were compared.
    pub accounts: u64,
    /// How many entries were summed.
    pub entries: u64,
    /// How many holds were added up, closed ones included.
    pub holds: u64,
    /// What each line of the chart holds.
    pub lines: Vec<LineSum>,
    /// The first bad row of each broken rule; empty when the books are right.
    pub findings: Vec<Finding>,
}

const HISTORY: &str = "an account's history has no gap and each balance follows from the one before";
const BALANCE: &str = "an account's balance and count are those of its postings";
const ACCOUNT: &str = "every posting has its account, in the account's currency";
const ENTRY: &str = "every entry has all its sides, with its dates, and they sum to zero in each currency";
const HELD: &str = "an account's held amount is the sum of its open holds";
const HOLD: &str = "a hold is open, or ended once: with a time, and with a captured part if it was captured";
const CHART: &str =
    "an account of the bank's own is its line's or has a name, and customers' accounts stand in the line of deposits";

/// Checks the whole ledger as it is at one moment; posting may go on meanwhile.
/// `on_progress` hears of each step before it starts.
///
/// # Errors
/// The database cannot be read. A broken rule is a finding, not an error.
pub async fn verify(db: &Db, on_progress: impl Fn(&str)) -> Result<VerifyReport> {
    let snapshot = db.snapshot().await?;
    Ok(verify_with(&snapshot, (), |(), _| (), on_progress).await?.0)
}

/// The same on a snapshot, with somebody looking on: each row is shown to `watch` as well, so that those who keep tables
/// under the same identifiers need no walk of their own.
///
/// # Errors
/// As [`verify`].
pub async fn verify_with<S: Send + 'static>(
    snapshot: &Snapshot,
    watcher: S,
    watch: fn(&mut S, &Seen),
    on_progress: impl Fn(&str),
) -> Result<(VerifyReport, S)> {
    let state = (Walk::new(), watcher, watch);
    let both = |(walk, watcher, watch): &mut (Walk, S, fn(&mut S, &Seen)), seen: &Seen| {
        walk.see(seen);
        watch(watcher, seen);
    };
    let (walk, watcher, _) = each_row(snapshot, state, both, on_progress).await?;
    let (mut report, suspects) = walk.finish();
    report.findings.extend(naming::name(snapshot, suspects).await?);
    report.findings.extend(crate::report::closing::verify_closed(snapshot).await?);
    Ok((report, watcher))
}

/// Keeps the first row of each broken rule.
pub fn find(findings: &mut Vec<Finding>, rule: &'static str, row: impl FnOnce() -> String) {
    if findings.iter().all(|finding| finding.rule != rule) {
        findings.push(Finding { rule, row: row() });
    }
}
