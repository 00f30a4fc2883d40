//! A tree that grows: what was stored of it is checked when it is taken up again, and it says what is to be stored of it.

use crate::frontier::Frontier;
use crate::hash::Hash;
use crate::proof::Node;
use crate::stored::{MissingHash, StoredHashes};
use crate::tile::TILE_LEVELS;

/// A tree to which leaves are added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    frontier: Frontier,
}

/// What is stored of a tree does not give the root that was stored with it: somebody changed one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeForked {
    /// The hashes give another root.
    #[error("the stored hashes of the tree with {size} leaves give another root than the one stored with them")]
    OtherRoot {
        /// How many leaves there are.
        size: u64,
    },
    /// One of them is not there.
    #[error("of the tree with {size} leaves, {missing}")]
    Missing {
        /// How many leaves there are.
        size: u64,
        /// Which.
        missing: MissingHash,
    },
}

impl Tree {
    /// The tree of the size, from the hashes that were stored of it ([`StoredHashes::for_root`] says which are needed).
    ///
    /// # Errors
    /// [`TreeForked`]: they do not give this root.
    pub fn restore(size: u64, stored: &StoredHashes, root: &Hash) -> Result<Self, TreeForked> {
        let parts = stored.frontier(size).map_err(|missing| TreeForked::Missing { size, missing })?;
        let tree = Self { frontier: Frontier::of_parts(size, parts) };
        if tree.root() == *root { Ok(tree) } else { Err(TreeForked::OtherRoot { size }) }
    }

    /// How many leaves it has.
    pub const fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// Its root.
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// Adds the leaves, in their order. What comes back is to be stored beside them: the hashes of the parts that they
    /// completed and that tiles above the leaves are made of.
    pub fn grow(&mut self, leaves: impl IntoIterator<Item = Hash>) -> Vec<(Node, Hash)> {
        let mut completed = Vec::new();
        for leaf in leaves {
            self.frontier.append_telling(leaf, &mut |node, hash| {
                if node.level > 0 && node.level.is_multiple_of(TILE_LEVELS) {
                    completed.push((node, hash));
                }
            });
        }
        completed
    }
}
