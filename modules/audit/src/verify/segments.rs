//! The sealed segments: each follows the one before, is what its leaves are, and is in the vault to the bit. What differs is told by the
//! side that was changed: the one that has no longer the hash under which the segment was sealed.

use super::seen::Seen;
use super::vault::InVault;
use super::{SEALED, UNSEALED};
use crate::segment::{ENTRIES_MAX, SEGMENTS, SealedSegment, StoredSegment, segment_key};
use crate::store::{signed, unsigned};
use db::{Executor, Result, Snapshot, params, statements};
use ledger::verify::{Finding, find};
use merkle::{Segment, sha256};
use std::collections::BTreeSet;

statements! {
    SELECT_SEGMENT_FROM -> StoredSegment =
        "SELECT {columns} FROM audit_segment WHERE first_leaf >= $1 ORDER BY first_leaf LIMIT 1";
}

pub(super) struct Segments<'a> {
    on: &'a Snapshot,
    vault: Option<&'a InVault>,
    /// The one whose leaves come now, with what of it came already; nothing: there are no more.
    open: Option<(StoredSegment, Segment)>,
    /// The names of those that were seen.
    names: BTreeSet<String>,
    is_whole: bool,
    pub(super) checked: u64,
}

impl<'a> Segments<'a> {
    pub(super) async fn open(
        on: &'a Snapshot,
        from: u64,
        vault: Option<&'a InVault>,
        findings: &mut Vec<Finding>,
    ) -> Result<Self> {
        let (names, is_whole) = (BTreeSet::new(), from == 0);
        let mut segments = Self { on, vault, open: None, names, is_whole, checked: 0 };
        let first = segments.next_from(signed(from)).await?;
        if let Some(first) = first.as_ref().filter(|first| is_whole && first.first_leaf != 0) {
            find(findings, SEALED, || format!("audit_segment {}, before which one is missing", first.first_leaf));
        }
        segments.begin(first, findings);
        Ok(segments)
    }

    /// Goes on with a segment, if it can be one.
    fn begin(&mut self, row: Option<StoredSegment>, findings: &mut Vec<Finding>) {
        let Some(row) = row else { return };
        let entries = row.last_leaf.saturating_sub(row.first_leaf).saturating_add(1);
        if (1..=signed(ENTRIES_MAX)).contains(&entries) {
            self.open = Some((row, Segment::default()));
        } else {
            find(findings, SEALED, || format!("audit_segment {}, of {entries} leaves", row.first_leaf));
        }
    }

    async fn next_from(&self, leaf: i64) -> Result<Option<StoredSegment>> {
        self.on.query_optional(&SELECT_SEGMENT_FROM, params![leaf]).await
    }

    /// Takes leaves, which follow each other.
    pub(super) async fn take(&mut self, leaves: &[Seen], findings: &mut Vec<Finding>) -> Result<()> {
        for leaf in leaves {
            let Some((row, segment)) = &mut self.open else { break };
            if signed(leaf.index) < row.first_leaf {
                continue;
            }
            // What is missing or too long has a finding of its own, and makes another segment.
            leaf.entry.as_deref().map_or(Ok(()), |entry| segment.push(entry)).unwrap_or_default();
            if signed(leaf.index) == row.last_leaf {
                self.close(findings).await?;
            }
        }
        Ok(())
    }

    /// All leaves of the segment came.
    async fn close(&mut self, findings: &mut Vec<Finding>) -> Result<()> {
        let Some((row, segment)) = self.open.take() else { return Ok(()) };
        let next = self.next_from(row.first_leaf + 1).await?;
        self.compare(&row, segment.bytes(), next.is_none(), findings);
        self.checked += 1;
        if let Some(next) = next {
            if next.first_leaf != row.last_leaf + 1 {
                find(findings, SEALED, || {
                    let (first, last) = (next.first_leaf, row.last_leaf);
                    format!("audit_segment {first}, and the one before ends with audit_leaf {last}")
                });
            }
            self.begin(Some(next), findings);
        }
        Ok(())
    }

    fn compare(&mut self, row: &StoredSegment, leaves: &[u8], is_last: bool, findings: &mut Vec<Finding>) {
        let SealedSegment { first, last, sha256: sealed } = SealedSegment::from(row);
        let key = segment_key(first, last);
        let are_sealed = sha256(leaves) == sealed;
        let length = i64::try_from(leaves.len()).unwrap_or(i64::MAX);
        if are_sealed && length != row.size_bytes {
            find(findings, SEALED, || format!("audit_segment {first}: its size_bytes is not {length}"));
        }
        let stored = self.vault.map(|vault| vault.get(&key, unsigned(row.size_bytes.max(length))));
        self.names.extend(key.strip_prefix(SEGMENTS).map(|name| name.trim_start_matches('/').to_owned()));
        match stored {
            None if are_sealed => {}
            None => find(findings, UNSEALED, || format!("audit_segment {first}, of audit_leaf {first} to {last}")),
            // It may be on its way.
            Some(Ok(None)) if is_last && are_sealed => {}
            Some(Ok(None)) => find(findings, SEALED, || format!("{key}, which is not in the vault")),
            Some(Err(reason)) => find(findings, SEALED, || format!("{key}: {reason}")),
            Some(Ok(Some(file))) => {
                let is_sealed = sha256(&file) == sealed;
                if !is_sealed {
                    find(findings, SEALED, || format!("{key}: {}", difference(&file, leaves, first)));
                }
                if !are_sealed {
                    let entry = first + u64::try_from(entry_at(&file, differs_at(&file, leaves))).unwrap_or(0);
                    let leaf = if is_sealed { format!("audit_leaf {entry}: ") } else { String::new() };
                    find(findings, UNSEALED, || format!("{leaf}audit_segment {first}, which is {key}"));
                }
            }
        }
    }

    /// Nothing is sealed behind the end, and nothing is in the vault that was not sealed.
    pub(super) async fn require_end(self, size: u64, findings: &mut Vec<Finding>) -> Result<u64> {
        let behind = match self.open.as_ref() {
            Some((row, _)) => Some(row.clone()),
            None => self.next_from(signed(size)).await?,
        };
        if let Some(row) = behind {
            let (first, last) = (row.first_leaf, row.last_leaf);
            find(findings, SEALED, || format!("audit_segment {first}: it ends with audit_leaf {last} of {size}"));
        }
        let listed = self.vault.filter(|_| self.is_whole).into_iter().flat_map(|vault| &vault.segments);
        if let Some(stray) = listed.into_iter().find(|name| !self.names.contains(*name)) {
            find(findings, SEALED, || format!("{SEGMENTS}/{stray}, which was never sealed"));
        }
        Ok(self.checked)
    }
}

fn differs_at(one: &[u8], other: &[u8]) -> usize {
    one.iter().zip(other).position(|(one, other)| one != other).unwrap_or(one.len().min(other.len()))
}

/// In which entry of a segment a byte is.
fn entry_at(segment: &[u8], offset: usize) -> usize {
    let (mut entries, mut at) = (0, 0);
    while let Some([high, low]) = segment.get(at..at + 2) {
        at += 2 + usize::from(u16::from_be_bytes([*high, *low]));
        if at > offset {
            break;
        }
        entries += 1;
    }
    entries
}

/// Where a segment is not what its leaves are: the byte, and in which leaf it is.
fn difference(file: &[u8], leaves: &[u8], first: u64) -> String {
    let at = differs_at(file, leaves);
    let leaf = first + u64::try_from(entry_at(leaves, at)).unwrap_or(0);
    if at == file.len() || at == leaves.len() {
        return format!("it has {} bytes and should have {}", file.len(), leaves.len());
    }
    format!("byte {at} is {:#04x} and should be {:#04x}, in audit_leaf {leaf}", file[at], leaves[at])
}
