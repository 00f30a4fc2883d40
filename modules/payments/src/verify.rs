//! Proof that the bank's tables agree: the ledger's own walk, customers' accounts against it, each transaction against
//! its entry and its hold, refunds and reversals against what they undo, and kept answers against transactions.
//!
//! Nothing is sorted and no row is kept: sets are compared by fingerprints, and only a wrong one is looked at again.

mod answers;
mod naming;
mod told;

pub use answers::{Telling, UnreadableReply};

use crate::Reply;
use accounts::verify::Register;
use answers::Answers;
use db::{Result, Row, Snapshot, params};
use ids::TransactionId;
use ledger::verify::{Comparison, Finding, Seen, find};
use told::{Fact, Told};

/// What a verification saw.
#[derive(Debug)]
pub struct VerifyReport {
    /// What the ledger says of itself.
    pub ledger: ledger::VerifyReport,
    /// How many transactions were compared.
    pub transactions: u64,
    /// How many kept answers and imported rows were looked up.
    pub answers: u64,
    /// The first bad row of each broken rule, the ledger's first; empty when all is right.
    pub findings: Vec<Finding>,
}

/// Reads an answer that was kept under a key: the transactions that it tells of. How a reply looks is the edge's matter.
pub type ReadReply = fn(&Reply) -> std::result::Result<Vec<Telling>, UnreadableReply>;

pub(crate) const ENTRY: &str =
    "a transaction that settled says what its entry says, and every entry has its transaction";
pub(crate) const HOLD: &str = "a transaction that was held says what its hold says, and every hold has its transaction";
pub(crate) const COUNTERED: &str =
    "a transaction knows what reversed it and how much was refunded, and these know what they undid";
const SHAPE: &str = "a transaction has what belongs to its type and status, and nothing else";
const PARTIES: &str = "a transaction's accounts are in the ledger, hold its currency, and belong to whom it says";
const ANSWER: &str = "an answer that is kept tells of a transaction that is there, and what that one says";
const READABLE: &str = "an answer that is kept for a success can be read";

/// Checks ledger, accounts and payments as they are in one snapshot. `on_progress` hears of each step before it starts.
///
/// # Errors
/// The database cannot be read. A broken rule is a finding, not an error.
pub async fn verify(snapshot: &Snapshot, read_reply: ReadReply, on_progress: impl Fn(&str)) -> Result<VerifyReport> {
    let watcher = (Register::default(), Comparison::default());
    let (mut ledger, (register, books)) = ledger::verify::verify_with(snapshot, watcher, watch, &on_progress).await?;
    on_progress("comparing the accounts");
    let (register, of_accounts) = accounts::verify::verify(snapshot, register).await?;
    on_progress("reading the answers");
    let answers = Answers::collect(snapshot, read_reply).await?;
    on_progress("comparing the transactions");
    let walk = Walk::new(register, books, answers);
    let mut walk = snapshot.fold(&told::WALK_TRANSACTIONS, params![], walk, Walk::row).await?;
    walk.answers = walk.answers.look_up_the_rest(snapshot, read_reply).await?;
    let (transactions, answers) = (walk.transactions, walk.answers.read());
    let mut findings = std::mem::take(&mut ledger.findings);
    findings.extend(of_accounts);
    findings.extend(walk.finish(snapshot).await?);
    Ok(VerifyReport { ledger, transactions, answers, findings })
}

/// What the ledger's walk shows is remembered, or taken away from what the transactions will say.
fn watch((register, books): &mut (Register, Comparison), seen: &Seen) {
    if let Seen::Account(account) = seen {
        register.add(account);
    } else if let Some((id, fact)) = Fact::of_books(seen) {
        books.subtract(id, fact);
    }
}

struct Walk {
    register: Register,
    /// What the transactions say of entries and holds, less what the ledger says.
    books: Comparison,
    /// What refunds and reversals say of what they undo, less what that says of them.
    counters: Comparison,
    answers: Answers,
    transactions: u64,
    findings: Vec<Finding>,
}

impl Walk {
    fn new(register: Register, books: Comparison, answers: Answers) -> Self {
        let (counters, transactions, findings) = (Comparison::default(), 0, Vec::new());
        Self { register, books, counters, answers, transactions, findings }
    }

    fn row(&mut self, row: &Row) -> Result<()> {
        let told = Told::read(row)?;
        let name = || TransactionId::from_uuid(told.id).to_string();
        self.transactions += 1;
        if !told.is_sound() {
            find(&mut self.findings, SHAPE, name);
        }
        let sides = [(told.source, told.source_holder), (told.destination, told.destination_holder)];
        let agrees = |(account, holder)| {
            let registered = self.register.get(account);
            registered.is_some_and(|known| known.holder == holder && *known.currency == *told.currency)
        };
        if !sides.into_iter().all(agrees) {
            find(&mut self.findings, PARTIES, name);
        }
        for fact in told.facts() {
            self.books.add(told.id, fact);
        }
        told.undoings().for_each(|undoing| undoing.count(&mut self.counters));
        self.answers.meet(&told);
        Ok(())
    }

    /// Everything that was found, with the first bad row of each set that differs.
    async fn finish(mut self, snapshot: &Snapshot) -> Result<Vec<Finding>> {
        if let Some(suspects) = self.books.suspects() {
            self.findings.extend(naming::differing_facts(snapshot, suspects).await?);
        }
        if let Some(suspects) = self.counters.suspects() {
            self.findings.extend(naming::differing_counters(snapshot, suspects).await?);
        }
        self.findings.extend(self.answers.finish());
        Ok(self.findings)
    }
}
