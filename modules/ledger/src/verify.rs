//! Proof that the books are right. One walk over the postings, in whatever order they lie, compares each account with
//! its history and each entry with its sides; only when something is wrong, slower statements name the row.

mod naming;
mod walk;

use store::{Db, Result, Row, Statement, params, statements};
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
    /// The first bad row of each broken rule; empty when the books are right.
    pub findings: Vec<Finding>,
}

const HISTORY: &str = "an account's history has no gap and each balance follows from the one before";
const BALANCE: &str = "an account's balance and count are those of its postings";
const ACCOUNT: &str = "every posting has its account, in the account's currency";
const ENTRY: &str = "every entry has all its sides, with its dates, and they sum to zero in each currency";
const HELD: &str = "an account's held amount is the sum of its open holds";

statements! {
    WALK_ACCOUNTS = "SELECT id, currency, posted_minor, held_minor, sequence FROM ledger_account";
    WALK_POSTINGS =
        "SELECT account_id, sequence, entry_id, amount_minor, balance_minor, currency, value_date, booked_at
         FROM ledger_posting";
    WALK_ENTRIES = "SELECT id, sides, value_date, booked_at FROM ledger_entry";
    WALK_OPEN_HOLDS = "SELECT account_id, amount_minor FROM ledger_hold WHERE status = 'HELD'";
}

type Step = (&'static str, &'static Statement, fn(&mut Walk, &Row) -> Result<()>);

const STEPS: [Step; 4] = [
    ("reading the accounts", &WALK_ACCOUNTS, Walk::account),
    ("walking the postings", &WALK_POSTINGS, Walk::posting),
    ("summing the entries", &WALK_ENTRIES, Walk::entry),
    ("adding up the holds", &WALK_OPEN_HOLDS, Walk::open_hold),
];

/// Checks the whole ledger as it is at one moment; posting may go on meanwhile.
/// `on_progress` hears of each step before it starts.
///
/// # Errors
/// The database cannot be read. A broken rule is a finding, not an error.
pub async fn verify(db: &Db, on_progress: impl Fn(&str)) -> Result<VerifyReport> {
    let snapshot = db.snapshot().await?;
    let mut walk = Walk::new();
    for (name, statement, step) in STEPS {
        on_progress(name);
        walk = snapshot.fold(statement, params![], walk, step).await?;
    }
    on_progress("comparing");
    let (mut report, suspects) = walk.finish();
    report.findings.extend(naming::name(&snapshot, suspects).await?);
    Ok(report)
}
