//! Proof that the bank's tables agree: the ledger's own walk, customers' accounts against it, each transaction against
//! its entry and its hold, refunds and reversals against what they undo, kept answers and imported rows against transactions, and what is
//! remembered of accounts for the rules of fraud.
//!
//! Nothing is sorted and no row is kept: sets are compared by fingerprints, and only a wrong one is looked at again.

mod answers;
mod imports;
mod legs;
mod naming;
mod profiles;
mod told;

pub use answers::{Telling, UnreadableReceipt};
pub use imports::imported;

use crate::Receipt;
use accounts::verify::Register;
use answers::Answers;
use db::{Result, Snapshot, params};
use ids::TransactionId;
use imports::Imports;
use ledger::verify::{Comparison, Finding, Seen, find};
use legs::Leg;
use profiles::Paid;
use told::{Fact, Told};
use uuid::Uuid;

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

/// Reads a receipt that was kept under a key: the transactions that it names as done. How it is packed is the edge's
/// matter; of a receipt that names none, or that another packed, it says nothing.
pub type ReadReceipt = fn(&Receipt) -> std::result::Result<Vec<Telling>, UnreadableReceipt>;

pub(crate) const ENTRY: &str =
    "a transaction that settled says what its entry says, and every entry has its transaction";
pub(crate) const HOLD: &str = "a transaction that was held says what its hold says, and every hold has its transaction";
pub(crate) const COUNTERED: &str =
    "a transaction knows what reversed it and how much was refunded, and these know what they undid";
pub(crate) const LEGS: &str = "a booking with many legs moves what they move, from and to accounts that have one";
const SHAPE: &str = "a transaction has what belongs to its type and status, and nothing else";
const PARTIES: &str = "a transaction's accounts are in the ledger, hold its currency, and belong to whom it says";
const ANSWER: &str = "an answer that is kept tells of a transaction that is there, and what that one says";
const READABLE: &str = "an answer that is kept for a success can be read";

/// Checks ledger, accounts and payments as they are in one snapshot. `on_progress` hears of each step before it starts.
///
/// # Errors
/// The database cannot be read. A broken rule is a finding, not an error.
pub async fn verify(
    snapshot: &Snapshot,
    read_receipt: ReadReceipt,
    on_progress: impl Fn(&str),
) -> Result<VerifyReport> {
    let watcher = (Register::default(), Comparison::default());
    let (mut ledger, (register, books)) = ledger::verify::verify_with(snapshot, watcher, watch, &on_progress).await?;
    on_progress("comparing the accounts");
    let (register, of_accounts) = accounts::verify::verify(snapshot, register).await?;
    on_progress("reading the answers");
    let answers = Answers::collect(snapshot, read_receipt).await?;
    on_progress("comparing the transactions");
    let walk = Walk::new(register, books, answers);
    let walk = snapshot.fold(&told::WALK_TRANSACTIONS, params![], walk, Walk::row).await?;
    let mut walk = snapshot.fold(&legs::WALK_LEGS, params![], walk, Walk::leg).await?;
    walk.answers = walk.answers.look_up_the_rest(snapshot, read_receipt).await?;
    on_progress("comparing imported histories");
    let (imported, of_imports) = std::mem::take(&mut walk.imports).compare(snapshot).await?;
    on_progress("comparing what is remembered of payments");
    let of_profiles = std::mem::take(&mut walk.paid).compare(snapshot).await?;
    let (transactions, answers) = (walk.transactions, walk.answers.read() + imported);
    let mut findings = std::mem::take(&mut ledger.findings);
    findings.extend(of_accounts);
    findings.extend(walk.finish(snapshot).await?);
    findings.extend(of_imports);
    findings.extend(of_profiles);
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

/// What a side says of its account.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Party<'a> {
    holder: Option<Uuid>,
    is_own: bool,
    currency: &'a str,
}

struct Walk {
    register: Register,
    /// What the transactions say of entries and holds, less what the ledger says.
    books: Comparison,
    /// What refunds and reversals say of what they undo, less what that says of them.
    counters: Comparison,
    /// What legs say of their booking, less what it says of itself.
    heads: Comparison,
    answers: Answers,
    imports: Imports,
    paid: Paid,
    transactions: u64,
    findings: Vec<Finding>,
}

impl Walk {
    fn new(register: Register, books: Comparison, answers: Answers) -> Self {
        let (counters, heads) = (Comparison::default(), Comparison::default());
        let (imports, paid, transactions, findings) = (Imports::default(), Paid::default(), 0, Vec::new());
        Self { register, books, counters, heads, answers, imports, paid, transactions, findings }
    }

    fn row(&mut self, told: Told) -> Result<()> {
        let name = || TransactionId::from_uuid(told.id).to_string();
        self.transactions += 1;
        if !told.is_sound() {
            find(&mut self.findings, SHAPE, name);
        }
        let sides = [(told.source, told.source_holder), (told.destination, told.destination_holder)];
        let mut parties = sides.into_iter().zip(told.shows_own()).map(|((account, holder), is_own)| {
            let currency = told.currency.as_str();
            (account, Party { holder, is_own, currency })
        });
        if !parties.all(|(account, party)| self.is_registered(account, party)) {
            find(&mut self.findings, PARTIES, name);
        }
        for (fact, times) in told.head() {
            self.heads.add_times(told.id, fact, times.saturating_neg());
        }
        for fact in told.facts() {
            self.books.add(told.id, fact);
        }
        told.undoings().for_each(|undoing| undoing.count(&mut self.counters));
        self.answers.meet(&told);
        self.imports.meet(&told);
        self.paid.meet(&told);
        Ok(())
    }

    fn leg(&mut self, leg: Leg) -> Result<()> {
        let party = Party { holder: leg.holder, is_own: leg.is_own, currency: &leg.currency };
        if !self.is_registered(leg.account, party) {
            find(&mut self.findings, PARTIES, || TransactionId::from_uuid(leg.transaction).to_string());
        }
        self.books.add(leg.transaction, leg.fact());
        for (fact, times) in leg.head() {
            self.heads.add_times(leg.transaction, fact, times);
        }
        Ok(())
    }

    /// Whether the ledger's account is as a side says.
    fn is_registered(&self, account: Uuid, says: Party<'_>) -> bool {
        let Some(known) = self.register.get(account) else { return false };
        Party { holder: known.holder, is_own: known.is_own, currency: &known.currency } == says
    }

    /// Everything that was found, with the first bad row of each set that differs.
    async fn finish(mut self, snapshot: &Snapshot) -> Result<Vec<Finding>> {
        if let Some(suspects) = self.books.suspects() {
            self.findings.extend(naming::differing_facts(snapshot, suspects).await?);
        }
        if let Some(suspects) = self.counters.suspects() {
            self.findings.extend(naming::differing_counters(snapshot, suspects).await?);
        }
        if let Some(suspects) = self.heads.suspects() {
            self.findings.extend(naming::differing_heads(snapshot, suspects).await?);
        }
        self.findings.extend(self.answers.finish());
        Ok(self.findings)
    }
}
