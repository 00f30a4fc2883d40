//! The stored hashes of complete parts of the tree, against those that its leaves give.

use super::PARTS;
use crate::store::signed;
use db::{Executor, IfLegible, Result, columns, params, statements};
use ledger::verify::{Finding, find};
use merkle::{Hash, Node};
use std::collections::BTreeMap;

/// Parts are stored of this many levels, and of multiples of it.
const LEVELS: u32 = 8;

columns! {
    struct SeenPart { part_index: i64, hash: IfLegible<Hash> }
}

statements! {
    SELECT_PARTS -> SeenPart =
        "SELECT {columns} FROM audit_part WHERE level = $1 AND part_index >= $2 AND part_index <= $3";
    COUNT_PARTS -> i64 = "SELECT COUNT(*) FROM audit_part";
}

/// The parts that were completed just now.
pub(super) async fn compare(on: &impl Executor, completed: &[(Node, Hash)], findings: &mut Vec<Finding>) -> Result<()> {
    let mut by_level: BTreeMap<u32, Vec<(i64, Hash)>> = BTreeMap::new();
    for (node, hash) in completed {
        by_level.entry(node.level).or_default().push((signed(node.index), *hash));
    }
    for (level, parts) in by_level {
        let (Some((first, _)), Some((last, _))) = (parts.first(), parts.last()) else { continue };
        let stored = on.query_as(&SELECT_PARTS, params![i64::from(level), *first, *last]).await?;
        let stored: BTreeMap<i64, Option<Hash>> =
            stored.into_iter().map(|part| (part.part_index, part.hash.0)).collect();
        if let Some((index, _)) = parts.iter().find(|(index, hash)| stored.get(index) != Some(&Some(*hash))) {
            find(findings, PARTS, || format!("audit_part {index} of level {level}"));
        }
    }
    Ok(())
}

/// There are no others.
pub(super) async fn count(on: &impl Executor, size: u64, findings: &mut Vec<Finding>) -> Result<()> {
    let levels = (1..u64::BITS / LEVELS).map(|level| size >> (level * LEVELS));
    let (expected, there): (u64, i64) = (levels.sum(), on.query_one(&COUNT_PARTS, params![]).await?);
    if there != signed(expected) {
        find(findings, PARTS, || format!("audit_part has {there} rows, and {expected} belong to {size} leaves"));
    }
    Ok(())
}
