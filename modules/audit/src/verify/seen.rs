//! One leaf: whether it is what it has a hash of, and what it says.

use super::{HASHED, PAYLOAD, SAID};
use crate::leaves::SeenLeaf;
use crate::payload::Booked;
use ids::{AccountId, EventId, UserId};
use ledger::verify::{Finding, find};
use merkle::{Entry, Hash, leaf_hash, salted_hash};
use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

/// A leaf, as far as it can be read.
pub(super) struct Seen {
    pub(super) index: u64,
    /// Of the bytes of its entry, whatever is stored beside them.
    pub(super) hash: Hash,
    pub(super) entry: Option<Vec<u8>>,
    pub(super) event_id: Option<EventId>,
    pub(super) subject_id: Option<Uuid>,
    pub(super) said: Option<Said>,
    pub(super) payload: Option<Payload>,
}

/// What an entry says.
#[derive(Debug, Deserialize)]
pub(super) struct Said {
    v: u64,
    id: String,
    pub(super) at: String,
    pub(super) kind: String,
    subject: String,
    payload: String,
}

/// What an entry has a hash of.
#[derive(Debug, Deserialize)]
pub(super) struct Payload {
    actor: Option<SaidActor>,
    pub(super) data: Option<Box<RawValue>>,
    #[serde(default)]
    pub(super) ledger: Option<Booked>,
}

#[derive(Debug, Deserialize)]
struct SaidActor {
    user: Option<String>,
}

impl Seen {
    /// A leaf that is not there.
    pub(super) const fn missing(index: u64) -> Self {
        Self { index, hash: [0; 32], entry: None, event_id: None, subject_id: None, said: None, payload: None }
    }

    /// Reads a leaf, and finds what does not fit together in its rows.
    pub(super) fn of(leaf: SeenLeaf, findings: &mut Vec<Finding>) -> Self {
        let index = crate::store::unsigned(leaf.index);
        let place = || place(index, leaf.event_id);
        let bytes = leaf.entry.as_deref().unwrap_or_default();
        let hash = leaf_hash(bytes);
        if leaf.hash != Some(hash) {
            find(findings, HASHED, place);
        }
        let said = Said::read(bytes);
        match &said {
            None => find(findings, HASHED, || format!("{}: its entry is not written as entries are", place())),
            Some(said) => {
                if let Some(column) = said.other_column(&leaf) {
                    find(findings, SAID, || format!("{}: its {column} is not what its entry says", place()));
                }
                if !said.has_hash_of(&leaf) {
                    find(findings, PAYLOAD, || format!("audit_payload {index}, of {}", place()));
                }
            }
        }
        let payload: Option<Payload> = leaf.payload.as_deref().and_then(|text| serde_json::from_str(text).ok());
        if payload.as_ref().is_some_and(|payload| payload.user() != leaf.actor_user_id) {
            find(findings, SAID, || format!("{}: its actor_user_id is not what its payload says", place()));
        }
        let SeenLeaf { entry, event_id, subject_id, .. } = leaf;
        Self { index, hash, entry, event_id, subject_id, said, payload }
    }

    /// The row, by the name of its table.
    pub(super) fn place(&self) -> String {
        place(self.index, self.event_id)
    }

    pub(super) fn is_of(&self, kind: &str) -> bool {
        self.said.as_ref().is_some_and(|said| said.kind == kind)
    }
}

fn place(index: u64, event_id: Option<EventId>) -> String {
    event_id.map_or_else(|| format!("audit_leaf {index}"), |id| format!("audit_leaf {index} ({id})"))
}

impl Payload {
    fn user(&self) -> Option<UserId> {
        let user = self.actor.as_ref()?.user.as_deref()?;
        UserId::parse(user).ok()
    }
}

impl Said {
    /// Nothing: it is not written in the one way in which entries are.
    fn read(bytes: &[u8]) -> Option<Self> {
        let said: Self = serde_json::from_slice(bytes).ok()?;
        let Self { v, id, at, kind, subject, payload } = &said;
        let mut hash = [0; 32];
        for (byte, digits) in hash.iter_mut().zip(payload.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        }
        let (id, at, kind, subject) = (id.clone(), at.clone(), kind.clone(), subject.clone());
        let again = Entry { id, at, kind, subject, payload: hash };
        (*v == 1 && again.to_bytes() == bytes).then_some(said)
    }

    /// A column that is there for searching and says something else.
    fn other_column(&self, leaf: &SeenLeaf) -> Option<&'static str> {
        let is_same = |column: Option<String>, said: &str| column.as_deref() == Some(said);
        if !is_same(leaf.event_id.map(|id| id.to_string()), &self.id) {
            return Some("event_id");
        }
        if !is_same(leaf.kind.clone(), &self.kind) {
            return Some("kind");
        }
        if !is_same(leaf.happened_at.map(|at| at.to_string()), &self.at) {
            return Some("happened_at");
        }
        (!leaf.subject_id.is_some_and(|id| self.is_about(id))).then_some("subject_id")
    }

    /// Under whatever prefix: which one belongs to a kind was not always the same.
    fn is_about(&self, id: Uuid) -> bool {
        let subject = self.subject.as_str();
        let account = AccountId::from_uuid(id).to_string();
        let ending = |text: &str| text.split_once('_').map(|(_, ending)| ending.to_owned());
        (id.is_nil() && subject == "bank") || subject == id.to_string() || ending(subject) == ending(&account)
    }

    fn has_hash_of(&self, leaf: &SeenLeaf) -> bool {
        let salt: Option<&[u8; 16]> = leaf.salt.as_deref().and_then(|salt| salt.try_into().ok());
        let both = salt.zip(leaf.payload.as_ref());
        both.is_some_and(|(salt, payload)| {
            let hash = salted_hash(salt, payload.as_bytes());
            hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>() == self.payload
        })
    }
}
