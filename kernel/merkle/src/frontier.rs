//! What has to be remembered of a tree to let it grow: the roots of its complete parts, largest first, one for each bit of
//! its size.

use crate::hash::{Hash, empty_root, node_hash};
use crate::proof::Node;

/// The right edge of a tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    parts: Vec<Hash>,
}

impl Frontier {
    /// How many leaves the tree has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The edge of a tree of the size whose complete parts have these roots.
    pub(crate) const fn of_parts(size: u64, parts: Vec<Hash>) -> Self {
        Self { size, parts }
    }

    /// One more leaf.
    pub fn append(&mut self, leaf: Hash) {
        self.append_telling(leaf, &mut |_, _| {});
    }

    /// One more leaf; what it completes is told, itself first.
    pub(crate) fn append_telling(&mut self, leaf: Hash, tell: &mut impl FnMut(Node, Hash)) {
        let (mut whole, mut node) = (leaf, Node { level: 0, index: self.size });
        tell(node, whole);
        // Each part of the same size is completed by it.
        while node.index & 1 == 1 {
            whole = self.parts.pop().map_or(whole, |left| node_hash(&left, &whole));
            node = Node { level: node.level + 1, index: node.index >> 1 };
            tell(node, whole);
        }
        self.parts.push(whole);
        self.size += 1;
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        root_over(&self.parts)
    }

    /// As it is stored: the size, most significant byte first, and the parts.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.size.to_be_bytes().to_vec();
        self.parts.iter().for_each(|part| bytes.extend_from_slice(part));
        bytes
    }

    /// Reads it; nothing: it is none.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (size, rest) = bytes.split_first_chunk()?;
        let size = u64::from_be_bytes(*size);
        let (parts, rest) = rest.as_chunks::<32>();
        let is_whole = rest.is_empty() && parts.len() == size.count_ones() as usize;
        is_whole.then(|| Self { size, parts: parts.to_vec() })
    }
}

/// The root over complete parts, largest first.
pub(crate) fn root_over(parts: &[Hash]) -> Hash {
    let mut parts = parts.iter().rev();
    let smallest = parts.next().copied();
    smallest.map_or_else(empty_root, |smallest| parts.fold(smallest, |right, left| node_hash(left, &right)))
}
