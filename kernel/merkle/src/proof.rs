//! Proofs that a leaf is in a tree, and that a tree began as another one (RFC 9162, 2.1.3 and 2.1.4).

use crate::hash::{Hash, node_hash};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::ops::Range;

/// The root of a complete part of the tree: `2^level` leaves from `index * 2^level` on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node {
    /// 0: a leaf.
    pub level: u32,
    /// Counted from the left, from 0 on.
    pub index: u64,
}

/// The proof that the leaf at the index is in the tree of the size; nothing: it is not. `hash` knows the complete parts.
pub fn inclusion(index: u64, size: u64, hash: &mut (impl FnMut(Node) -> Hash + ?Sized)) -> Option<Vec<Hash>> {
    if index >= size {
        return None;
    }
    let mut proof = Vec::new();
    let mut leaves = 0..size;
    while leaves.end - leaves.start > 1 {
        let middle = leaves.start + split(&leaves);
        if index < middle {
            proof.push(whole(middle..leaves.end, hash));
            leaves.end = middle;
        } else {
            proof.push(whole(leaves.start..middle, hash));
            leaves.start = middle;
        }
    }
    proof.reverse();
    Some(proof)
}

/// The proof that the tree of the second size began as that of the first; nothing: there is none to be had.
pub fn consistency(first: u64, second: u64, hash: &mut (impl FnMut(Node) -> Hash + ?Sized)) -> Option<Vec<Hash>> {
    if first == 0 || first > second {
        return None;
    }
    let mut proof = Vec::new();
    let (mut leaves, mut is_left_edge) = (0..second, true);
    while first < leaves.end {
        let middle = leaves.start + split(&leaves);
        if first <= middle {
            proof.push(whole(middle..leaves.end, hash));
            leaves.end = middle;
        } else {
            proof.push(whole(leaves.start..middle, hash));
            leaves.start = middle;
            is_left_edge = false;
        }
    }
    // Whoever checks knows the first root already.
    if !is_left_edge {
        proof.push(whole(leaves, hash));
    }
    proof.reverse();
    Some(proof)
}

/// The complete parts whose hashes are asked for, so that they can be fetched first.
pub fn nodes_of(prove: impl FnOnce(&mut dyn FnMut(Node) -> Hash)) -> Vec<Node> {
    let mut nodes = Vec::new();
    prove(&mut |node| {
        nodes.push(node);
        [0; 32]
    });
    nodes
}

/// A proof of inclusion with its head as a text (C2SP tlog-proof) that is checked anywhere, without asking the log.
pub fn proof_text(index: u64, proof: &[Hash], checkpoint: &str) -> String {
    let hashes: String = proof.iter().map(|hash| STANDARD.encode(hash) + "\n").collect();
    format!("c2sp.org/tlog-proof@v1\nindex {index}\n{hashes}\n{checkpoint}")
}

/// Whether the proof leads from the leaf to the root.
pub fn verify_inclusion(index: u64, size: u64, leaf: &Hash, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut found) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            found = node_hash(sibling, &found);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            found = node_hash(&found, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && found == *root
}

/// A tree by its size and root.
type Head<'a> = (u64, &'a Hash);

/// Whether the proof shows that the second tree began as the first. Every tree began as the empty one, and no proof says so.
pub fn verify_consistency(earlier: Head<'_>, later: Head<'_>, proof: &[Hash]) -> bool {
    let ((first, first_root), (second, second_root)) = (earlier, later);
    if first == 0 || first > second {
        return false;
    }
    if first == second {
        return proof.is_empty() && first_root == second_root;
    }
    let mut path = proof.iter();
    let begin = if first.is_power_of_two() { Some(first_root) } else { path.next() };
    let Some(begin) = begin else { return false };
    let (mut at, mut last) = (first - 1, second - 1);
    while at & 1 == 1 {
        (at, last) = (at >> 1, last >> 1);
    }
    let (mut old, mut new) = (*begin, *begin);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            (old, new) = (node_hash(sibling, &old), node_hash(sibling, &new));
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            new = node_hash(&new, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && old == *first_root && new == *second_root
}

/// Where a tree is cut: the largest power of two that leaves something on the right.
fn split(leaves: &Range<u64>) -> u64 {
    let count = leaves.end - leaves.start;
    1 << (u64::BITS - 1 - (count - 1).leading_zeros())
}

/// The root over leaves that begin where a part begins.
fn whole(leaves: Range<u64>, hash: &mut (impl FnMut(Node) -> Hash + ?Sized)) -> Hash {
    let count = leaves.end - leaves.start;
    if count.is_power_of_two() {
        let level = count.trailing_zeros();
        return hash(Node { level, index: leaves.start >> level });
    }
    let middle = leaves.start + split(&leaves);
    let left = whole(leaves.start..middle, hash);
    let right = whole(middle..leaves.end, hash);
    node_hash(&left, &right)
}
