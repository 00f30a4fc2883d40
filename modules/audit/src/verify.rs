//! Proof that the log is what was signed: every leaf is hashed anew, the tree is grown over all of them, and what it then is at each
//! signed head is held against that head, and against heads that were kept elsewhere. The rows that the log tells of are compared too: events
//! of the stream, entries and postings of the ledger. Of each broken rule the first row is named.

mod books;
mod following;
mod heads;
mod keys;
mod parts;
mod seen;
mod segments;
mod vault;

pub use keys::Keys;
pub use vault::{InVault, Vault};

use crate::leaves;
use crate::store::{self, unsigned};
use crate::tree;
use books::Books;
use db::{DbError, Result, Snapshot};
use following::Following;
use heads::Heads;
use ids::EntryId;
use ledger::verify::{Finding, find};
use merkle::{Hash, StoredHashes, Tree};
use seen::Seen;
use segments::Segments;
use std::ops::Range;

/// So many leaves are in memory at once.
const LEAVES_AT_ONCE: u64 = 4_096;

pub(crate) const GAPLESS: &str = "the leaves of the audit log have no gaps, and there are as many as its head says";
pub(crate) const HASHED: &str = "each entry of the audit log has the hash that stands beside it";
pub(crate) const SAID: &str = "what stands beside an entry of the audit log for searching is what it says";
pub(crate) const PAYLOAD: &str = "each entry of the audit log has the payload that it has a hash of";
pub(crate) const STREAM: &str = "the audit log has the events of the stream, in their order";
pub(crate) const LEDGER: &str = "the ledger has of settled payments what the audit log says";
pub(crate) const LOGGED: &str =
    "each entry of the ledger is in the audit log, or was imported, or is about to be logged";
pub(crate) const PARTS: &str = "the hashes that are stored of the audit log's tree are those of its leaves";
pub(crate) const HEAD: &str = "the root of the audit log is that of its leaves";
pub(crate) const SIGNED: &str = "each signed head of the audit log is that of its leaves";
pub(crate) const KEPT: &str = "the audit log began as the heads say that were kept elsewhere";
pub(crate) const SEALED: &str = "each sealed segment follows the one before, and is in the vault as it was sealed";
pub(crate) const UNSEALED: &str = "each sealed segment is that of its leaves";
pub(crate) const KEY: &str = "the audit log is signed with the bank's own key, and with those that were published";

/// A signed head that was kept where nobody who changes the database reaches it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Where it was found.
    pub place: String,
    /// The note.
    pub note: String,
}

/// What a verification is given besides the database.
#[derive(Debug, Default)]
pub struct Given {
    /// Leaves before this one are taken for what their stored hashes say.
    pub from: u64,
    /// Heads that were kept elsewhere.
    pub kept: Vec<Kept>,
    /// What is known of the keys that may sign.
    pub keys: Keys,
    /// Entries of the ledger that tell of no event: they were imported.
    pub imported: Vec<EntryId>,
    /// Where sealed segments and heads are, if there is such a place.
    pub vault: Option<InVault>,
}

/// What a verification saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditReport {
    /// How large the log is.
    pub size: u64,
    /// How many of its leaves were hashed anew.
    pub leaves: u64,
    /// How many signed heads were held against them, those kept elsewhere included.
    pub heads: u64,
    /// The size of the newest of them: what is behind it can be changed unseen still.
    pub signed: u64,
    /// How many sealed segments were compared with their leaves and, if it is given, with the vault.
    pub segments: u64,
    /// The first bad row of each broken rule; empty when the log is right.
    pub findings: Vec<Finding>,
}

/// Checks the log as it is in one snapshot. `on_progress` hears of each step before it starts.
///
/// # Errors
/// The database cannot be read. A broken rule is a finding, not an error.
pub async fn verify(snapshot: &Snapshot, given: &Given, on_progress: impl Fn(&str)) -> Result<AuditReport> {
    let head = tree::head(snapshot).await.map_err(db_error)?;
    let size = unsigned(head.size);
    let from = given.from.min(size);
    let mut walk = Walk::open(snapshot, from, given).await?;
    on_progress("hashing the audit log");
    let mut at = from;
    while at < size {
        let end = size.min(at.saturating_add(LEAVES_AT_ONCE));
        walk.page(at..end).await?;
        at = end;
    }
    walk.require_end(size, head.root).await?;
    let segments = walk.segments.require_end(size, &mut walk.findings).await?;
    on_progress("comparing the audit log with the ledger");
    let Walk { following, books, heads, mut findings, .. } = walk;
    let pending = following.pending(&mut findings).await?;
    if from == 0 {
        books.require_logged(snapshot, &[given.imported.as_slice(), &pending].concat(), &mut findings).await?;
    }
    Ok(AuditReport { size, leaves: size - from, heads: heads.checked, signed: heads.newest, segments, findings })
}

/// Reading says of what cannot be put together that the log is forked: nothing that a verification calls does.
pub(crate) fn db_error(error: crate::AuditError) -> DbError {
    match error {
        crate::AuditError::Store(error) => error,
        other => DbError::Internal(other.to_string()),
    }
}

struct Walk<'a> {
    on: &'a Snapshot,
    tree: Tree,
    heads: Heads<'a>,
    following: Following<'a>,
    segments: Segments<'a>,
    books: Books,
    findings: Vec<Finding>,
}

impl<'a> Walk<'a> {
    async fn open(on: &'a Snapshot, from: u64, given: &'a Given) -> Result<Self> {
        let mut findings = Vec::new();
        let heads = Heads::open(on, from, given, &mut findings).await?;
        let following = Following::open(on, from, &mut findings).await?;
        let segments = Segments::open(on, from, given.vault.as_ref(), &mut findings).await?;
        let tree = stored_tree(on, from, &mut findings).await?;
        Ok(Self { on, tree, heads, following, segments, books: Books::default(), findings })
    }

    async fn page(&mut self, range: Range<u64>) -> Result<()> {
        let found = leaves::leaves(self.on, range.clone()).await?;
        let mut seen = Vec::with_capacity(found.len());
        let mut found = found.into_iter().peekable();
        for index in range.clone() {
            match found.next_if(|leaf| unsigned(leaf.index) == index) {
                Some(leaf) => seen.push(Seen::of(leaf, &mut self.findings)),
                None => {
                    find(&mut self.findings, GAPLESS, || format!("audit_leaf {index}, which is missing"));
                    seen.push(Seen::missing(index));
                }
            }
        }
        self.following.compare(&seen, &mut self.findings).await?;
        self.segments.take(&seen, &mut self.findings).await?;
        self.books.compare(self.on, &seen, &mut self.findings).await?;
        let hashes: Vec<Hash> = seen.iter().map(|seen| seen.hash).collect();
        self.grow(range, &hashes).await
    }

    /// Lets the tree grow over the leaves, from one head that was signed to the next.
    async fn grow(&mut self, range: Range<u64>, hashes: &[Hash]) -> Result<()> {
        let marks = self.heads.marks(self.on, range.clone(), &mut self.findings).await?;
        let (mut rest, mut completed) = (hashes, Vec::new());
        for mark in marks {
            let until = usize::try_from(mark.size - self.tree.size()).unwrap_or(usize::MAX).min(rest.len());
            let (before, behind) = rest.split_at(until);
            completed.extend(self.tree.grow(before.iter().copied()));
            rest = behind;
            self.heads.hold(&mark, &self.tree.root(), &mut self.findings);
        }
        completed.extend(self.tree.grow(rest.iter().copied()));
        parts::compare(self.on, &completed, &mut self.findings).await
    }

    /// Nothing stands behind the end, and the end is that of the leaves.
    async fn require_end(&mut self, size: u64, root: Hash) -> Result<()> {
        if let Some(index) = leaves::first_from(self.on, size).await? {
            find(&mut self.findings, GAPLESS, || format!("audit_leaf {index}, behind the end at {size}"));
        }
        if self.tree.root() != root {
            find(&mut self.findings, HEAD, || format!("audit_head, of {size} leaves"));
        }
        parts::count(self.on, size, &mut self.findings).await?;
        self.heads.require_none_behind(self.on, size, &mut self.findings).await
    }
}

/// The tree of the leaves that are not hashed anew, from what is stored of it.
async fn stored_tree(on: &Snapshot, from: u64, findings: &mut Vec<Finding>) -> Result<Tree> {
    if from == 0 {
        return Ok(Tree::default());
    }
    let stored = store::hashes(on, StoredHashes::for_root(from)).await?;
    let restored = stored.root_at(from).ok().and_then(|root| Tree::restore(from, &stored, &root).ok());
    Ok(restored.unwrap_or_else(|| {
        find(findings, PARTS, || format!("audit_part, of the first {from} leaves"));
        let mut unknown = Tree::default();
        drop(unknown.grow((0..from).map(|_| [0; 32])));
        unknown
    }))
}
