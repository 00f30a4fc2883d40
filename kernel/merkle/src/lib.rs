//! A log that cannot be rewritten unseen: a Merkle tree over what was written (RFC 9162), heads of it that are signed (C2SP
//! signed-note and tlog-checkpoint), and proofs that something is in it and that it only grew. Plain values: where the
//! hashes are kept belongs to whoever keeps a log.

mod checkpoint;
mod entry;
mod frontier;
mod hash;
mod note;
mod proof;
mod stored;
mod tile;
mod tree;

pub use checkpoint::Checkpoint;
pub use entry::{Entry, Segment, SegmentError, salted_hash};
pub use frontier::Frontier;
pub use hash::{Hash, empty_root, leaf_hash, node_hash, sha256};
pub use note::{InvalidNote, SignerKey, VerifierKey};
pub use proof::{Node, consistency, inclusion, nodes_of, proof_text, verify_consistency, verify_inclusion};
pub use stored::{MissingHash, StoredHashes};
pub use tile::{TILE_WIDTH, TileId, node_in};
pub use tree::{Tree, TreeForked};
