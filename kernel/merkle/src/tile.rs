//! Tiles (C2SP tlog-tiles): the hashes of a tree in rows of 256, so that they are stored and fetched many at a time.

use crate::hash::{Hash, node_hash};
use crate::proof::Node;

/// How many hashes a whole tile has.
pub const TILE_WIDTH: u64 = 256;
/// How many levels of the tree one level of tiles spans.
pub(crate) const TILE_LEVELS: u32 = 8;
/// No tree has tiles above this level.
const LEVEL_MAX: u32 = 7;
/// No path has more groups of three digits behind its level.
const GROUPS_MAX: usize = 7;

/// Which tile: those of level 0 have the leaves, those of level 1 one hash for each whole tile of level 0, and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileId {
    /// The level.
    pub level: u32,
    /// Counted from the left, from 0 on.
    pub index: u64,
}

impl TileId {
    /// The tile that the hash of a part is computed from.
    pub const fn of(node: Node) -> Self {
        let Node { level, index } = node;
        Self { level: level / TILE_LEVELS, index: (index << (level % TILE_LEVELS)) / TILE_WIDTH }
    }

    /// How many hashes it has in a tree of the size.
    pub fn width(self, size: u64) -> u64 {
        let row = size.checked_shr(self.level.saturating_mul(TILE_LEVELS)).unwrap_or(0);
        row.saturating_sub(self.index.saturating_mul(TILE_WIDTH)).min(TILE_WIDTH)
    }

    /// Its path: `LEVEL/x001/x234/067`, and `.p/WIDTH` behind it while it is not whole.
    pub fn path(self, width: u64) -> String {
        let mut groups = vec![format!("{:03}", self.index % 1_000)];
        let mut rest = self.index / 1_000;
        while rest > 0 {
            groups.push(format!("x{:03}", rest % 1_000));
            rest /= 1_000;
        }
        groups.reverse();
        let partial = if width < TILE_WIDTH { format!(".p/{width}") } else { String::new() };
        format!("{}/{}{partial}", self.level, groups.join("/"))
    }

    /// Reads a path: the tile, and how many of its hashes are asked for. Nothing: it is not written as [`TileId::path`]
    /// writes it, which is the only way.
    pub fn parse(path: &str) -> Option<(Self, u64)> {
        let (whole, width) = match path.split_once(".p/") {
            Some((whole, width)) => (whole, width.parse().ok().filter(|width| (1..TILE_WIDTH).contains(width))?),
            None => (path, TILE_WIDTH),
        };
        let (level, groups) = whole.split_once('/')?;
        let level = level.parse().ok().filter(|level| *level <= LEVEL_MAX)?;
        if groups.split('/').count() > GROUPS_MAX {
            return None;
        }
        let mut index: u64 = 0;
        for group in groups.split('/') {
            let digits: u64 = group.strip_prefix('x').unwrap_or(group).parse().ok()?;
            index = index.checked_mul(1_000)?.checked_add(digits)?;
        }
        let tile = Self { level, index };
        (tile.path(width) == path).then_some((tile, width))
    }

    /// The first of its hashes, counted in its level: it begins a part of `8 * level` levels.
    pub const fn first(self) -> u64 {
        self.index.saturating_mul(TILE_WIDTH)
    }
}

/// The hash of a part, computed from its tile's hashes; nothing: the tile does not have them all yet.
pub fn node_in(tile: &[Hash], node: Node) -> Option<Hash> {
    let height = node.level % TILE_LEVELS;
    let count = 1_u64 << height;
    let first = (node.index << height) % TILE_WIDTH;
    let range = usize::try_from(first).ok()?..usize::try_from(first + count).ok()?;
    let mut row = tile.get(range)?.to_vec();
    while row.len() > 1 {
        row = row.as_chunks::<2>().0.iter().map(|[left, right]| node_hash(left, right)).collect();
    }
    row.first().copied()
}
