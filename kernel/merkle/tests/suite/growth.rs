//! Trees that grow, are stored, and are taken up again; and what nobody should ask of them.

use merkle::{
    Hash, MissingHash, Node, StoredHashes, TILE_WIDTH, TileId, Tree, TreeForked, empty_root, leaf_hash, node_hash,
    proof_text, verify_consistency, verify_inclusion,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// What a log stores: leaves, and the parts that were completed.
#[derive(Default)]
struct Log {
    leaves: Vec<Hash>,
    parts: BTreeMap<Node, Hash>,
    tree: Tree,
}

impl Log {
    fn grow(&mut self, count: u64) {
        let from = self.leaves.len() as u64;
        let leaves: Vec<Hash> = (from..from + count).map(|at| leaf_hash(&at.to_be_bytes())).collect();
        self.parts.extend(self.tree.grow(leaves.iter().copied()));
        self.leaves.extend(leaves);
    }

    fn fetch(&self, tiles: BTreeSet<TileId>) -> StoredHashes {
        let mut stored = StoredHashes::default();
        for tile in tiles {
            let hash = |index: u64| match tile.level {
                0 => self.leaves.get(usize::try_from(index).unwrap()).copied(),
                level => self.parts.get(&Node { level: level * 8, index }).copied(),
            };
            stored.insert(tile, (tile.first()..tile.first() + TILE_WIDTH).map_while(hash).collect());
        }
        stored
    }
}

/// The definition of RFC 9162, 2.1.1, word by word.
fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(&naive_root(left), &naive_root(right))
        }
    }
}

#[test]
fn a_tree_that_grew_in_any_steps_has_the_root_of_the_definition() {
    let mut log = Log::default();
    for step in [0, 1, 1, 2, 3, 250, 255, 1, 256, 700, 65] {
        log.grow(step);
        assert_eq!(log.tree.size(), log.leaves.len() as u64);
        assert_eq!(log.tree.root(), naive_root(&log.leaves), "{} leaves", log.tree.size());
    }
    let levels: BTreeSet<u32> = log.parts.keys().map(|node| node.level).collect();
    assert_eq!((levels, log.parts.len()), (BTreeSet::from([8]), log.leaves.len() / 256));
}

#[test]
fn a_tree_of_which_something_was_changed_is_not_taken_up_again() {
    let mut log = Log::default();
    log.grow(1_300);
    let (size, root) = (log.tree.size(), log.tree.root());
    let stored = log.fetch(StoredHashes::for_root(size));
    assert_eq!(Tree::restore(size, &stored, &root), Ok(log.tree.clone()));
    assert_eq!(Tree::restore(size, &stored, &[7; 32]), Err(TreeForked::OtherRoot { size }));
    assert!(Tree::restore(size - 1, &stored, &root).is_err());
    let node = Node { level: 8, index: 2 };
    let honest = log.parts.insert(node, [7; 32]).unwrap();
    let altered = log.fetch(StoredHashes::for_root(size));
    assert_eq!(Tree::restore(size, &altered, &root), Err(TreeForked::OtherRoot { size }));
    log.parts.insert(node, honest);
    log.leaves.truncate(1_290);
    let cut = log.fetch(StoredHashes::for_root(size));
    assert!(matches!(Tree::restore(size, &cut, &root), Err(TreeForked::Missing { .. })));
    assert_eq!(Tree::restore(0, &StoredHashes::default(), &empty_root()), Ok(Tree::default()));
}

#[test]
fn a_proof_whose_hashes_are_not_there_is_refused_instead_of_made_up() {
    let mut log = Log::default();
    log.grow(300);
    assert_eq!(StoredHashes::default().inclusion(1, 2), Err(MissingHash(Node { level: 0, index: 0 })));
    assert_eq!(StoredHashes::default().root_at(1), Err(MissingHash(Node { level: 0, index: 0 })));
    assert_eq!(StoredHashes::default().inclusion(0, 1), Ok(Some(Vec::new())));
    assert_eq!(StoredHashes::default().root_at(0), Ok(empty_root()));
}

#[test]
fn hostile_sizes_and_indexes_find_nothing_and_break_nothing() {
    let none = StoredHashes::default();
    for (index, size) in [(0, 0), (1, 1), (u64::MAX, 0), (u64::MAX, u64::MAX), (5, 4)] {
        assert_eq!(none.inclusion(index, size), Ok(None), "{index} of {size}");
        assert!(StoredHashes::for_inclusion(index, size).is_empty());
        assert!(!verify_inclusion(index, size, &[0; 32], &[], &[0; 32]));
    }
    for (first, second) in [(0, 0), (0, 5), (6, 5), (u64::MAX, 1)] {
        assert_eq!(none.consistency(first, second), Ok(None), "{first} to {second}");
        assert!(!verify_consistency((first, &[0; 32]), (second, &[0; 32]), &[]));
    }
    // As large as it gets: few tiles, none of them there.
    for (index, size) in [(u64::MAX - 1, u64::MAX), (0, u64::MAX), (1 << 63, u64::MAX)] {
        assert!(StoredHashes::for_inclusion(index, size).len() <= 20);
        assert!(none.inclusion(index, size).is_err());
        assert!(!verify_inclusion(index, size, &[0; 32], &vec![[0; 32]; 70], &[0; 32]));
    }
    assert!(StoredHashes::for_root(u64::MAX).len() <= 16);
    assert!(none.consistency(1, u64::MAX).is_err() && none.root_at(u64::MAX).is_err());
    let far = TileId { level: u32::MAX, index: u64::MAX };
    assert_eq!((far.width(u64::MAX), far.first()), (0, u64::MAX));
}

#[test]
fn paths_of_tiles_are_read_in_one_way_only() {
    let tile = |level, index| TileId { level, index };
    assert_eq!(TileId::parse("0/x001/x234/067"), Some((tile(0, 1_234_067), 256)));
    assert_eq!(TileId::parse("1/005.p/17"), Some((tile(1, 5), 17)));
    assert_eq!(TileId::parse("7/000"), Some((tile(7, 0), 256)));
    for odd in [
        "",
        "/",
        "0",
        "0/",
        "0/1",
        "0/0001",
        "00/001",
        "+0/001",
        "8/000",
        "0/001/002",
        "0/x000/001",
        "0/x001",
        "x0/001",
        "0/001.p/0",
        "0/001.p/256",
        "0/001.p/017",
        "0/001.p/+1",
        "0/001.p/",
        "0/001.p/1.p/1",
        "-1/000",
        "0/../001",
        "0/x001/x234/067/",
        "0//067",
        "0/x999/x999/x999/x999/x999/x999/999",
        "0/x001/x001/x001/x001/x001/x001/x001/001",
        "entries/000",
        "0/%30",
        "0/x0１/001",
    ] {
        assert_eq!(TileId::parse(odd), None, "{odd:?}");
    }
}

#[test]
fn a_proof_as_text_has_the_lines_of_the_specification() {
    let text = proof_text(5, &[[0; 32], [255; 32]], "origin\n9\nroot\n\n\u{2014} origin sig\n");
    let expected = "c2sp.org/tlog-proof@v1\nindex 5\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\
                    //////////////////////////////////////////8=\n\norigin\n9\nroot\n\n\u{2014} origin sig\n";
    assert_eq!(text, expected);
    assert_eq!(proof_text(0, &[], "head\n"), "c2sp.org/tlog-proof@v1\nindex 0\n\nhead\n");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn proofs_from_what_is_stored_hold_at_every_size(
        total in 1_u64..3_000, at in any::<prop::sample::Index>(), then in any::<prop::sample::Index>(),
    ) {
        let mut log = Log::default();
        log.grow(total);
        let size = then.index(usize::try_from(total).unwrap()) as u64 + 1;
        let index = at.index(usize::try_from(size).unwrap()) as u64;
        let leaf = log.leaves[usize::try_from(index).unwrap()];
        let stored = log.fetch(StoredHashes::for_root(size));
        let root = stored.root_at(size).unwrap();
        prop_assert_eq!(root, naive_root(&log.leaves[..usize::try_from(size).unwrap()]));
        let proof = log.fetch(StoredHashes::for_inclusion(index, size)).inclusion(index, size).unwrap().unwrap();
        prop_assert!(verify_inclusion(index, size, &leaf, &proof, &root));
        let first = index + 1;
        let earlier = log.fetch(StoredHashes::for_root(first)).root_at(first).unwrap();
        let proof = log.fetch(StoredHashes::for_consistency(first, size)).consistency(first, size).unwrap().unwrap();
        prop_assert!(verify_consistency((first, &earlier), (size, &root), &proof));
    }
}
