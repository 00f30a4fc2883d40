//! The envelope in which an event travels: to brokers, webhooks and whoever listens.

use crate::Recorded;
use ids::{AccountId, ApprovalId, TransactionId, UserId};
use outbox::{Event, Subject};
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// By kind: the subject and the version. What is not in the catalogue any more was written by an older version.
static KINDS: LazyLock<BTreeMap<&'static str, (Subject, u32)>> =
    LazyLock::new(|| outbox::kinds().into_iter().map(|(name, kind)| (name, (kind.subject, kind.version))).collect());

/// An event as others get it.
#[derive(Debug, Serialize)]
pub struct Envelope<'a> {
    /// Consumers recognise a repeated delivery by it.
    pub id: String,
    /// Its kind.
    pub r#type: &'a str,
    /// The version of its kind.
    pub version: u32,
    /// What it happened to.
    pub subject: String,
    /// Its place among its subject's events.
    pub sequence: i64,
    /// When it happened.
    pub timestamp: String,
    /// What happened.
    pub data: Option<&'a RawValue>,
}

impl<'a> Envelope<'a> {
    /// The envelope of an event with all of its data.
    pub fn of(recorded: &'a Recorded) -> Self {
        let Recorded { sequence, event, .. } = recorded;
        Self {
            id: event.id.to_string(),
            r#type: &event.kind,
            version: KINDS.get(event.kind.as_str()).map_or(1, |(_, version)| *version),
            subject: subject(event),
            sequence: *sequence,
            timestamp: event.happened_at.to_string(),
            data: serde_json::from_str(&event.payload).ok(),
        }
    }

    /// As it travels.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("an envelope is plain members")
    }
}

/// The subject with the prefix of what it is; `bank` for the bank as a whole.
pub fn subject(event: &Event) -> String {
    let id = event.subject_id;
    if id.is_nil() {
        return "bank".to_owned();
    }
    let transaction = TransactionId::from_uuid(id).to_string();
    match KINDS.get(event.kind.as_str()).map(|(subject, _)| *subject) {
        Some(Subject::User) => UserId::from_uuid(id).to_string(),
        Some(Subject::Account) => AccountId::from_uuid(id).to_string(),
        Some(Subject::Approval) => ApprovalId::from_uuid(id).to_string(),
        Some(Subject::Transaction) => transaction,
        Some(Subject::AccountOrTransaction) if event.payload.contains(&transaction) => transaction,
        Some(Subject::AccountOrTransaction) => AccountId::from_uuid(id).to_string(),
        Some(Subject::Bank) | None => id.to_string(),
    }
}
