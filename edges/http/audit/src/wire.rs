//! How the log is shown: hashes and bytes in base64, so that they are checked as they are.

use ::audit::{Found, KnownKey, Proof};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_core::table::{Head, InTable};
use http_core::wire::Text;
use ids::EventId;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

/// Bytes in base64.
pub(crate) fn base64(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

/// A proof that an entry is in the log. SHA-256(0x00, entry) is `leafHash`; `proof` leads from there to the root in
/// `checkpoint` (RFC 9162, 2.1.3).
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditProof)]
pub(crate) struct ProofReply {
    /// Where it is, from 0 on.
    index: u64,
    /// How many entries the log had.
    tree_size: u64,
    /// The bytes that were hashed, in base64: JSON.
    entry: String,
    /// What stands before the payload when it is hashed, in base64; null: erased, or not for you.
    salt: Option<String>,
    /// Who did it, what happened, and what the ledger booked: JSON whose SHA-256 behind the salt is in the entry.
    payload: Option<String>,
    /// In base64.
    leaf_hash: String,
    /// Hashes in base64, from the leaf upwards.
    proof: Vec<String>,
    /// The signed head: a note of C2SP tlog-checkpoint.
    checkpoint: String,
}

/// A proof that the log only grew.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsistencyProof)]
pub(crate) struct ConsistencyReply {
    pub(crate) first: u64,
    pub(crate) second: u64,
    /// Hashes in base64 (RFC 9162, 2.1.4).
    pub(crate) proof: Vec<String>,
}

/// The keys that sign heads.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditKeys)]
pub(crate) struct KeysReply {
    /// The newest first.
    data: Vec<KeyReply>,
}

/// A key that signs heads, or did.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditKey)]
pub(crate) struct KeyReply {
    /// Name, identifier and key, as C2SP signed-note has it.
    #[schema(example = "bank.example/audit+e21428a0+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4")]
    vkey: String,
    /// From this size of the log on.
    from_size: u64,
    /// Until this one; null: it still signs.
    to_size: Option<u64>,
}

/// An entry of the log.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditEntry)]
pub(crate) struct EntryReply {
    /// Where it is, from 0 on.
    index: u64,
    #[schema(value_type = String)]
    event_id: Text<EventId>,
    /// The bytes that were hashed, in base64: JSON.
    entry: String,
    /// In base64; null: erased.
    salt: Option<String>,
    /// Who did it, what happened, and what the ledger booked: JSON; null: erased.
    payload: Option<String>,
}

impl InTable for EntryReply {
    const HEAD: Head = Head { file_name: "audit-entries", columns: &["index", "eventId", "entry", "salt", "payload"] };
}

/// A page of entries, the newest first.
#[derive(ToSchema)]
#[schema(as = AuditEntryPage, rename_all = "camelCase")]
#[expect(dead_code, reason = "it only describes")]
pub(crate) struct EntryPage<'a> {
    data: &'a [EntryReply],
    /// What to send as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

/// Which entries.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it only describes")]
pub(crate) struct SearchParameters {
    /// What the kind begins with: `auth.`
    #[param(pattern = "^[a-z._]{1,64}$")]
    kind: Option<String>,
    /// The user, account, transaction or approval that it is about; `bank` for the bank as a whole.
    #[param(pattern = "^((usr|acct|txn|appr)_[0-9a-z]{26}|bank)$")]
    subject: Option<String>,
    /// The user who brought it about.
    #[param(pattern = "^usr_[0-9a-z]{26}$")]
    actor: Option<String>,
    /// Not before this day or time.
    from: Option<String>,
    /// Before this time, or until the end of this day.
    to: Option<String>,
}

impl From<Proof> for ProofReply {
    fn from(proof: Proof) -> Self {
        let Proof { index, tree_size, entry, disclosed, leaf_hash, proof, checkpoint } = proof;
        let (salt, payload) = disclosed.map(|disclosed| (base64(disclosed.salt), disclosed.payload)).unzip();
        let proof = proof.iter().map(base64).collect();
        Self { index, tree_size, entry: base64(entry), salt, payload, leaf_hash: base64(leaf_hash), proof, checkpoint }
    }
}

impl From<Vec<KnownKey>> for KeysReply {
    fn from(keys: Vec<KnownKey>) -> Self {
        let reply = |KnownKey { vkey, from_size, to_size }| KeyReply { vkey, from_size, to_size };
        Self { data: keys.into_iter().map(reply).collect() }
    }
}

impl From<Found> for EntryReply {
    fn from(found: Found) -> Self {
        let Found { index, event_id, entry, disclosed } = found;
        let (salt, payload) = disclosed.map(|disclosed| (base64(disclosed.salt), disclosed.payload)).unzip();
        Self { index, event_id: Text(event_id), entry: base64(entry), salt, payload }
    }
}
