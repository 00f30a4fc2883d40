//! Published vectors, and every proof of every small tree: what is right is accepted, and nothing else is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use merkle::{
    Checkpoint, Entry, Frontier, Hash, InvalidNote, Node, Segment, SegmentError, SignerKey, TILE_WIDTH, TileId,
    VerifierKey, consistency, empty_root, inclusion, leaf_hash, node_hash, node_in, nodes_of, salted_hash,
    verify_consistency, verify_inclusion,
};
use proptest::prelude::*;
use serde_json::Value;

const EXAMPLE: &str = include_str!("vectors/florin_example.json");

fn cases(text: &str) -> Vec<Value> {
    let document: Value = serde_json::from_str(text).unwrap();
    document["cases"].as_array().unwrap().clone()
}

/// Something else than a hash where there is none.
fn hash(value: &Value) -> Option<Hash> {
    STANDARD.decode(value.as_str()?).ok()?.try_into().ok()
}

fn proof(value: &Value) -> Option<Vec<Hash>> {
    value.as_array().map_or(Some(Vec::new()), |hashes| hashes.iter().map(hash).collect())
}

fn is_included(case: &Value) -> bool {
    let (index, size) = (case["leafIdx"].as_u64().unwrap(), case["treeSize"].as_u64().unwrap());
    let given = (hash(&case["leafHash"]), proof(&case["proof"]), hash(&case["root"]));
    let (Some(leaf), Some(proof), Some(root)) = given else { return false };
    verify_inclusion(index, size, &leaf, &proof, &root)
}

fn is_consistent(case: &Value) -> bool {
    let (first, second) = (case["size1"].as_u64().unwrap(), case["size2"].as_u64().unwrap());
    let given = (hash(&case["root1"]), hash(&case["root2"]), proof(&case["proof"]));
    let (Some(one), Some(other), Some(proof)) = given else { return false };
    verify_consistency((first, &one), (second, &other), &proof)
}

#[test]
fn published_inclusion_proofs_are_judged_as_their_authors_do() {
    let cases = cases(include_str!("vectors/rfc6962_inclusion.json"));
    for case in &cases {
        assert_eq!(is_included(case), !case["wantErr"].as_bool().unwrap(), "{}", case["name"]);
    }
    assert!(cases.len() > 50);
}

#[test]
fn published_consistency_proofs_are_judged_as_their_authors_do() {
    let cases = cases(include_str!("vectors/rfc6962_consistency.json"));
    for case in &cases {
        // Two of theirs have words where the roots are.
        let has_roots = hash(&case["root1"]).is_some() && hash(&case["root2"]).is_some();
        let is_refused = case["wantErr"].as_bool().unwrap() || !has_roots;
        assert_eq!(is_consistent(case), !is_refused, "{}", case["name"]);
    }
    assert!(cases.len() > 50);
}

#[test]
fn published_roots_are_those_of_the_frontier() {
    let is_tree = |case: &Value| !case["leaves_hex"].is_null();
    for case in cases(include_str!("vectors/rfc6962_roots.json")).into_iter().filter(is_tree) {
        let mut frontier = Frontier::default();
        for leaf in case["leaves_hex"].as_array().unwrap() {
            let leaf: Vec<u8> = leaf
                .as_str()
                .unwrap()
                .as_bytes()
                .as_chunks::<2>()
                .0
                .iter()
                .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
                .collect();
            frontier.append(leaf_hash(&leaf));
        }
        let root: String = frontier.root().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(root, case["root_hex"].as_str().unwrap(), "{}", case["name"]);
    }
}

#[test]
fn published_notes_are_judged_as_their_authors_do() {
    for case in cases(include_str!("vectors/signed_notes.json")) {
        let key = VerifierKey::parse(case["vkey"].as_str().unwrap());
        let opened = key.and_then(|key| key.open(case["note"].as_str().unwrap()).map(str::to_owned));
        assert_eq!(opened.is_err(), case["wantErr"].as_bool().unwrap_or(false), "{}: {opened:?}", case["name"]);
    }
}

#[test]
fn the_worked_example_comes_out_to_the_byte() {
    let document: Value = serde_json::from_str(EXAMPLE).unwrap();
    let seed: [u8; 32] = std::array::from_fn(|at| u8::try_from(at).unwrap());
    let signer = SignerKey::new("florin.example/audit", SigningKey::from_bytes(&seed)).unwrap();
    assert_eq!(signer.verifier().text(), document["vkey"].as_str().unwrap());
    assert_eq!(signer.verifier().text(), include_str!("vectors/florin_example.vkey").trim_end());
    let (mut frontier, mut segment, mut heads) = (Frontier::default(), Segment::default(), Vec::new());
    for case in cases(EXAMPLE).iter().filter(|case| !case["entry"].is_null()) {
        let text = case["entry"].as_str().unwrap();
        let salt: [u8; 16] = STANDARD.decode(case["salt"].as_str().unwrap()).unwrap().try_into().unwrap();
        let said: Value = serde_json::from_str(text).unwrap();
        let member = |name: &str| said[name].as_str().unwrap().to_owned();
        let entry = Entry {
            id: member("id"),
            at: member("at"),
            kind: member("kind"),
            subject: member("subject"),
            payload: salted_hash(&salt, case["payload"].as_str().unwrap().as_bytes()),
        };
        assert_eq!(String::from_utf8(entry.to_bytes()).unwrap(), text);
        assert_eq!(Some(leaf_hash(text.as_bytes())), hash(&case["leafHash"]));
        assert!(is_included(case));
        frontier.append(leaf_hash(text.as_bytes()));
        segment.push(text.as_bytes()).unwrap();
        heads.push(Checkpoint {
            origin: "florin.example/audit".to_owned(),
            size: frontier.size(),
            root: frontier.root(),
        });
    }
    assert_eq!(heads.len(), 7);
    assert_eq!(segment.bytes(), include_bytes!("vectors/florin_example.segment"));
    assert_eq!(heads[6].sign(&signer), include_str!("vectors/florin_example.checkpoint"));
    for case in cases(EXAMPLE) {
        if let Some(note) = case["note"].as_str() {
            let key = VerifierKey::parse(case["vkey"].as_str().unwrap()).unwrap();
            let opened = Checkpoint::open(note, &key).unwrap();
            assert_eq!(opened, heads[usize::try_from(opened.size).unwrap() - 1]);
        } else if !case["size1"].is_null() {
            assert!(is_consistent(&case), "{}", case["name"]);
        }
    }
}

#[test]
fn a_note_that_was_touched_is_none() {
    let key = |seed| SigningKey::from_bytes(&[seed; 32]);
    let signer = SignerKey::new("bank.example/audit", key(1)).unwrap();
    let head = Checkpoint { origin: "bank.example/audit".to_owned(), size: 3, root: [7; 32] };
    let note = head.sign(&signer);
    let verifier = signer.verifier();
    assert_eq!(Checkpoint::open(&note, &verifier), Ok(head));
    let other = SignerKey::new("bank.example/audit", key(2)).unwrap().verifier();
    assert_eq!(Checkpoint::open(&note, &other), Err(InvalidNote::Unsigned));
    assert_eq!(Checkpoint::open(&note.replace("\n3\n", "\n4\n"), &verifier), Err(InvalidNote::Forged));
    for (size, root) in [("03", STANDARD.encode([7; 32])), ("+3", STANDARD.encode([7; 32])), ("3", "AAAA".to_owned())] {
        let odd = signer.sign(&format!("bank.example/audit\n{size}\n{root}\n"));
        assert_eq!(Checkpoint::open(&odd, &verifier), Err(InvalidNote::Form), "{size} {root}");
    }
    let elsewhere = signer.sign(&format!("other.example/audit\n3\n{}\n", STANDARD.encode([7; 32])));
    assert_eq!(Checkpoint::open(&elsewhere, &verifier), Err(InvalidNote::Form));
    for name in ["", "a b", "a+b", "a\tb"] {
        assert!(SignerKey::new(name, key(1)).is_none(), "{name:?}");
    }
    assert_eq!(VerifierKey::parse("bank.example/audit+00000000+AQ"), Err(InvalidNote::Key));
}

/// A tree that is kept as rows of tiles.
struct Rows {
    rows: Vec<Vec<Hash>>,
}

impl Rows {
    fn of(size: u64) -> Self {
        let mut rows: Vec<Vec<Hash>> = vec![(0..size).map(|at| leaf_hash(&at.to_be_bytes())).collect()];
        while let Some(row) = rows.last().filter(|row| row.len() >= 256) {
            let next = row.as_chunks::<256>().0.iter().map(|tile| {
                node_in(tile, Node { level: 7, index: 0 })
                    .zip(node_in(tile, Node { level: 7, index: 1 }))
                    .map(|(left, right)| node_hash(&left, &right))
                    .unwrap()
            });
            let next = next.collect();
            rows.push(next);
        }
        Self { rows }
    }

    fn hash(&self, node: Node) -> Hash {
        let TileId { level, index } = TileId::of(node);
        let row = &self.rows[level as usize];
        let first = usize::try_from(index * TILE_WIDTH).unwrap();
        let tile = &row[first..row.len().min(first + 256)];
        assert_eq!(tile.len() as u64, TileId { level, index }.width(self.rows[0].len() as u64));
        node_in(tile, node).unwrap()
    }

    fn head(&self, size: u64) -> Hash {
        let mut frontier = Frontier::default();
        self.rows[0][..usize::try_from(size).unwrap()].iter().for_each(|leaf| frontier.append(*leaf));
        frontier.root()
    }
}

#[test]
fn every_proof_of_every_small_tree_holds_and_none_of_another() {
    let tree = Rows::of(130);
    for size in 1..=130 {
        let root = tree.head(size);
        for index in 0..size {
            let proof = inclusion(index, size, &mut |node| tree.hash(node)).unwrap();
            let leaf = tree.rows[0][usize::try_from(index).unwrap()];
            assert!(verify_inclusion(index, size, &leaf, &proof, &root), "{index} in {size}");
            assert!(!verify_inclusion(index + 1, size, &leaf, &proof, &root));
            assert!(!verify_inclusion(index, size, &[0; 32], &proof, &root));
        }
        assert_eq!(inclusion(size, size, &mut |node| tree.hash(node)), None);
        for first in 1..=size {
            let proof = consistency(first, size, &mut |node| tree.hash(node)).unwrap();
            let earlier = tree.head(first);
            assert!(verify_consistency((first, &earlier), (size, &root), &proof), "{first} to {size}");
            assert!(!verify_consistency((first, &[0; 32]), (size, &root), &proof) || first == size && root == [0; 32]);
        }
        assert_eq!(consistency(size + 1, size, &mut |node| tree.hash(node)), None);
    }
    assert_eq!(Rows::of(0).head(0), empty_root());
}

#[test]
fn the_paths_of_tiles_are_those_of_the_specification() {
    let tile = |level, index| TileId { level, index };
    assert_eq!(tile(0, 1_234_067).path(256), "0/x001/x234/067");
    assert_eq!(tile(1, 5).path(17), "1/005.p/17");
    assert_eq!((tile(0, 1).width(300), tile(1, 0).width(300), tile(2, 0).width(300)), (44, 1, 0));
}

#[test]
fn a_segment_that_is_cut_says_where() {
    let mut segment = Segment::default();
    for entry in ["one", "", "three"] {
        segment.push(entry.as_bytes()).unwrap();
    }
    let bytes = segment.bytes();
    assert_eq!(Segment::entries(bytes).unwrap(), [b"one".as_slice(), b"", b"three"]);
    assert_eq!(Segment::entries(&bytes[..bytes.len() - 1]), Err(SegmentError::Cut(2)));
    assert_eq!(Segment::entries(&bytes[..1]), Err(SegmentError::Cut(0)));
    assert_eq!(segment.push(&[0; 65_536]), Err(SegmentError::TooLong));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn large_trees_are_proved_from_a_few_tiles(size in 1_u64..70_000, place in any::<prop::sample::Index>()) {
        let tree = Rows::of(size);
        let index = place.index(usize::try_from(size).unwrap()) as u64;
        let root = tree.head(size);
        let needed = nodes_of(|mut hash| drop(inclusion(index, size, &mut hash)));
        let mut tiles: Vec<TileId> = needed.into_iter().map(TileId::of).collect();
        tiles.sort_unstable();
        tiles.dedup();
        prop_assert!(tiles.len() <= 20, "{} tiles", tiles.len());
        let proof = inclusion(index, size, &mut |node| tree.hash(node)).unwrap();
        let leaf = tree.rows[0][usize::try_from(index).unwrap()];
        prop_assert!(verify_inclusion(index, size, &leaf, &proof, &root));
        if let Some(altered) = proof.first().map(|first| { let mut first = *first; first[0] ^= 1; first }) {
            let proof = [&[altered], &proof[1..]].concat();
            prop_assert!(!verify_inclusion(index, size, &leaf, &proof, &root));
        }
        let first = index + 1;
        let proof = consistency(first, size, &mut |node| tree.hash(node)).unwrap();
        prop_assert!(verify_consistency((first, &tree.head(first)), (size, &root), &proof));
    }

}

proptest! {
    #[test]
    fn a_frontier_comes_back_as_it_was_stored(size in 0_u64..2_000, cut in any::<prop::sample::Index>()) {
        let mut frontier = Frontier::default();
        (0..size).for_each(|at| frontier.append(leaf_hash(&at.to_be_bytes())));
        let bytes = frontier.to_bytes();
        prop_assert_eq!(Frontier::parse(&bytes), Some(frontier));
        prop_assert_eq!(Frontier::parse(&bytes[..cut.index(bytes.len())]), None);
    }

    #[test]
    fn nothing_that_is_no_note_is_one(text in ".{0,200}", tail in "\\PC{0,80}") {
        let key = SignerKey::new("a", SigningKey::from_bytes(&[1; 32])).unwrap().verifier();
        prop_assert!(key.open(&text).is_err());
        let note = format!("{text}\n\n\u{2014} a {tail}\n");
        prop_assert!(key.open(&note).is_err());
        prop_assert!(VerifierKey::parse(&text).is_err());
    }
}
