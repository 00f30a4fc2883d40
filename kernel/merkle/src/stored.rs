//! What was stored of a tree, as tiles that were fetched: proofs are made of a few of them, however large the tree is.

use crate::frontier::root_over;
use crate::hash::Hash;
use crate::proof::{Node, consistency, inclusion, nodes_of};
use crate::tile::{TileId, node_in};
use std::collections::{BTreeMap, BTreeSet};

/// A hash that is needed was not fetched, or is not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the hash of part {index} at level {level} is not there", level = .0.level, index = .0.index)]
pub struct MissingHash(pub Node);

/// Tiles of a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredHashes(BTreeMap<TileId, Vec<Hash>>);

impl StoredHashes {
    /// The tiles that a proof of inclusion is made of; none where there is no proof.
    pub fn for_inclusion(index: u64, size: u64) -> BTreeSet<TileId> {
        tiles(nodes_of(|mut hash| drop(inclusion(index, size, &mut hash))))
    }

    /// The tiles that a proof of consistency is made of; none where there is no proof.
    pub fn for_consistency(first: u64, second: u64) -> BTreeSet<TileId> {
        tiles(nodes_of(|mut hash| drop(consistency(first, second, &mut hash))))
    }

    /// The tiles that the root of the tree of the size is made of.
    pub fn for_root(size: u64) -> BTreeSet<TileId> {
        tiles(parts_of(size))
    }

    /// Adds a tile, or as much of it as there is.
    pub fn insert(&mut self, tile: TileId, hashes: Vec<Hash>) {
        self.0.insert(tile, hashes);
    }

    /// The proof that the leaf at the index is in the tree of the size; nothing: it is not.
    ///
    /// # Errors
    /// [`MissingHash`].
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Option<Vec<Hash>>, MissingHash> {
        self.with_all(|hash| inclusion(index, size, hash))
    }

    /// The proof that the tree of the second size began as that of the first; nothing: there is none to be had.
    ///
    /// # Errors
    /// [`MissingHash`].
    pub fn consistency(&self, first: u64, second: u64) -> Result<Option<Vec<Hash>>, MissingHash> {
        self.with_all(|hash| consistency(first, second, hash))
    }

    /// The root that the tree had when it was of this size.
    ///
    /// # Errors
    /// [`MissingHash`].
    pub fn root_at(&self, size: u64) -> Result<Hash, MissingHash> {
        Ok(root_over(&self.frontier(size)?))
    }

    /// The roots of the complete parts of the tree of this size, largest first.
    pub(crate) fn frontier(&self, size: u64) -> Result<Vec<Hash>, MissingHash> {
        parts_of(size).into_iter().map(|node| self.hash(node).ok_or(MissingHash(node))).collect()
    }

    fn hash(&self, node: Node) -> Option<Hash> {
        node_in(self.0.get(&TileId::of(node))?, node)
    }

    fn with_all<T>(&self, prove: impl FnOnce(&mut dyn FnMut(Node) -> Hash) -> T) -> Result<T, MissingHash> {
        let mut missing = None;
        let proof = prove(&mut |node| {
            self.hash(node).unwrap_or_else(|| {
                missing.get_or_insert(node);
                [0; 32]
            })
        });
        missing.map_or(Ok(proof), |node| Err(MissingHash(node)))
    }
}

fn tiles(nodes: Vec<Node>) -> BTreeSet<TileId> {
    nodes.into_iter().map(TileId::of).collect()
}

/// The complete parts that a tree of the size consists of, largest first.
fn parts_of(size: u64) -> Vec<Node> {
    let levels = (0..u64::BITS).rev().filter(|level| size >> level & 1 == 1);
    // What is before a part are the larger ones: an even number of parts of its own size.
    levels.map(|level| Node { level, index: (size >> level) - 1 }).collect()
}
