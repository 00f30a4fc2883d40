//! The signed heads, those of the database and those that were kept elsewhere, in the order of their sizes.

use super::keys::Checking;
use super::{Given, KEPT, SIGNED};
use crate::segment::{CHECKPOINTS, checkpoint_key};
use crate::store::{self, signed, unsigned};
use db::{Executor, IfLegible, Result, Snapshot, columns, params, statements};
use ledger::verify::{Finding, find};
use merkle::{Hash, StoredHashes};
use std::collections::VecDeque;
use std::ops::Range;

/// No head is longer.
const HEAD_BYTES_MAX: u64 = 16 * 1024;

columns! {
    SeenHead { size, root as IfLegible<Hash>, note, key_number }
}

statements! {
    SELECT_HEADS_BETWEEN -> SeenHead =
        "SELECT {columns} FROM audit_checkpoint WHERE size > $1 AND size <= $2
         UNION ALL SELECT {columns} FROM audit_recent_checkpoint WHERE size > $1 AND size <= $2 ORDER BY size";
    SELECT_HEAD_BEHIND -> SeenHead =
        "SELECT {columns} FROM audit_checkpoint WHERE size > $1
         UNION ALL SELECT {columns} FROM audit_recent_checkpoint WHERE size > $1 ORDER BY size DESC LIMIT 1";
}

struct SeenHead {
    size: i64,
    root: Option<Hash>,
    note: String,
    key_number: i64,
}

/// What the log was when it had so many leaves, as somebody signed it.
pub(super) struct Mark {
    pub(super) size: u64,
    root: Hash,
    rule: &'static str,
    place: String,
}

pub(super) struct Heads<'a> {
    keys: Checking,
    kept: Vec<Mark>,
    /// What is to be told of the heads that were kept, before the walk reaches them.
    given: &'a Given,
    /// The sizes of the heads in the vault that the walk has still to reach.
    in_vault: VecDeque<u64>,
    /// Up to here the leaves are right, by any head and by one that was kept.
    last_right: u64,
    last_right_kept: u64,
    pub(super) checked: u64,
    pub(super) newest: u64,
}

impl<'a> Heads<'a> {
    pub(super) async fn open(on: &Snapshot, from: u64, given: &'a Given, findings: &mut Vec<Finding>) -> Result<Self> {
        let keys = Checking::open(on, &given.keys, findings).await?;
        let (kept, in_vault) = (Vec::new(), VecDeque::new());
        let mut heads =
            Self { keys, kept, given, in_vault, last_right: from, last_right_kept: from, checked: 0, newest: 0 };
        heads.read_kept(findings);
        heads.list_vault(from, findings);
        heads.hold_stored(on, from, findings).await?;
        Ok(heads)
    }

    fn read_kept(&mut self, findings: &mut Vec<Finding>) {
        for kept in &self.given.kept {
            match self.keys.open_any(&kept.note) {
                Some(head) => {
                    self.kept.push(Mark { size: head.size, root: head.root, rule: KEPT, place: kept.place.clone() })
                }
                None => find(findings, KEPT, || format!("{}, which no key of the log signed", kept.place)),
            }
        }
        self.kept.sort_by_key(|mark| mark.size);
    }

    /// Of those in the vault that are of before the first leaf, the newest is looked at.
    fn list_vault(&mut self, from: u64, findings: &mut Vec<Finding>) {
        let Some(vault) = &self.given.vault else { return };
        let (sizes, strays) = vault.sizes();
        if let Some(stray) = strays.first() {
            find(findings, KEPT, || format!("{CHECKPOINTS}/{stray} of the vault, which is no head"));
        }
        self.in_vault = sizes;
        let before = self.in_vault.partition_point(|size| *size <= from);
        self.in_vault.drain(..before.saturating_sub(1));
        if before > 0 {
            self.read_vault(from, findings);
        }
    }

    /// Takes out of the vault what is of so many leaves, or fewer.
    fn read_vault(&mut self, until: u64, findings: &mut Vec<Finding>) {
        while let Some(size) = self.in_vault.pop_front_if(|size| *size <= until) {
            let Some(vault) = &self.given.vault else { return };
            let key = checkpoint_key(size);
            let note = vault.get(&key, HEAD_BYTES_MAX).ok().flatten().and_then(|bytes| String::from_utf8(bytes).ok());
            let head = note.and_then(|note| self.keys.open_any(&note)).filter(|head| head.size == size);
            let place = format!("{key} of the vault");
            match head {
                Some(head) => self.kept.push(Mark { size, root: head.root, rule: KEPT, place }),
                None => find(findings, KEPT, || format!("{place}, which no key of the log signed")),
            }
        }
        self.kept.sort_by_key(|mark| mark.size);
    }

    /// Those of before the first leaf that is hashed anew are held against what is stored.
    async fn hold_stored(&mut self, on: &Snapshot, from: u64, findings: &mut Vec<Finding>) -> Result<()> {
        let before = self.kept.partition_point(|mark| mark.size <= from);
        for mark in self.kept.drain(..before).collect::<Vec<_>>() {
            let stored = store::hashes(on, StoredHashes::for_root(mark.size)).await?;
            match stored.root_at(mark.size) {
                Ok(root) => self.hold(&mark, &root, findings),
                Err(missing) => find(findings, KEPT, || format!("{}: {missing}", mark.place)),
            }
        }
        (self.last_right, self.last_right_kept) = (from, from);
        Ok(())
    }

    /// Those whose sizes are behind the beginning and up to the end, by size.
    pub(super) async fn marks(
        &mut self,
        on: &impl Executor,
        range: Range<u64>,
        findings: &mut Vec<Finding>,
    ) -> Result<Vec<Mark>> {
        let (after, until) = (signed(range.start), signed(range.end));
        let mut marks = Vec::new();
        for row in on.query_as(&SELECT_HEADS_BETWEEN, params![after, until]).await? {
            let place = format!("audit_checkpoint {}", row.size);
            let opened = self.keys.open_numbered(&row.note, row.key_number);
            match opened.filter(|head| (signed(head.size), Some(head.root)) == (row.size, row.root)) {
                Some(head) => marks.push(Mark { size: head.size, root: head.root, rule: SIGNED, place }),
                None => find(findings, SIGNED, || format!("{place}, which is not as its key signed it")),
            }
        }
        self.read_vault(range.end, findings);
        let here = self.kept.partition_point(|mark| mark.size <= range.end);
        marks.extend(self.kept.drain(..here));
        marks.sort_by_key(|mark| mark.size);
        Ok(marks)
    }

    /// Holds a head against the root that the leaves give.
    pub(super) fn hold(&mut self, mark: &Mark, root: &Hash, findings: &mut Vec<Finding>) {
        self.checked += 1;
        self.newest = self.newest.max(mark.size);
        if *root == mark.root {
            self.last_right = self.last_right.max(mark.size);
            if mark.rule == KEPT {
                self.last_right_kept = mark.size;
            }
            return;
        }
        // Whoever rewrote the log may have had the bank sign it anew: only what was kept vouches against what was kept.
        let first = if mark.rule == KEPT { self.last_right_kept } else { self.last_right };
        let last = mark.size.saturating_sub(1);
        find(findings, mark.rule, || {
            format!("{}: of audit_leaf {first} to {last} one was altered, moved or taken away", mark.place)
        });
    }

    /// A head of a longer log: the end was cut off, or an older copy was put back.
    pub(super) async fn require_none_behind(
        &mut self,
        on: &impl Executor,
        size: u64,
        findings: &mut Vec<Finding>,
    ) -> Result<()> {
        let cut = |place: &str, of: u64| format!("{place}: it is of {of} leaves, and there are {size}");
        if let Some(row) = on.query_optional(&SELECT_HEAD_BEHIND, params![signed(size)]).await? {
            find(findings, SIGNED, || cut(&format!("audit_checkpoint {}", row.size), unsigned(row.size)));
        }
        if let Some(of) = self.in_vault.back().copied() {
            self.checked += 1;
            find(findings, KEPT, || cut(&format!("{} of the vault", checkpoint_key(of)), of));
        }
        if let Some(mark) = self.kept.last() {
            self.checked += 1;
            find(findings, KEPT, || cut(&mark.place, mark.size));
        }
        Ok(())
    }
}
