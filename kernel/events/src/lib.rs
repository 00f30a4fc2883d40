//! The outbox: what happened, written in the same transaction as the effect.
//! Who listens, and how an event travels, lives in the modules and edges that consume it.

use ids::EventId;
use store::{Executor, FromRow, Migration, Result, Row, Rows, Statement, Timestamp, Tx, params, statements};
use uuid::Uuid;

/// The tables of the outbox.
pub const MIGRATIONS: &[Migration] = &[Migration {
    module: "events",
    number: 1,
    sql: include_str!("../migrations/0001_outbox.sql"),
    postgres: "",
    sqlite: "",
    append_only: &[],
}];

/// Something that happened to one subject; events of a subject keep their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Consumers recognise a repeated delivery by it.
    pub id: EventId,
    /// What it happened to: an account, a transaction, a user.
    pub subject_id: Uuid,
    /// `module.what_happened`, in the past tense.
    pub kind: String,
    /// JSON, documented with the kind.
    pub payload: String,
    /// When it happened.
    pub happened_at: Timestamp,
}

statements! {
    INSERT_EVENTS(Id, Id, Text, Text, Time) =
        "INSERT INTO events_outbox (id, subject_id, kind, payload, happened_at) VALUES ($1, $2, $3, $4, $5)";
    SELECT_EVENTS =
        "SELECT id, subject_id, kind, payload, happened_at FROM events_outbox
         WHERE id > $1 ORDER BY id LIMIT $2";
}

impl Event {
    /// A new event with an identifier of its own.
    pub fn new(subject_id: Uuid, kind: &str, payload: String, happened_at: Timestamp) -> Self {
        Self { id: EventId::generate(), subject_id, kind: kind.to_owned(), payload, happened_at }
    }
}

/// Writes events in the caller's transaction.
///
/// # Errors
/// The statement failed.
pub async fn append_in_tx(tx: &Tx, events: Vec<Event>) -> Result<()> {
    let (statement, rows) = as_write(events);
    tx.execute_batch(statement, rows).await.map(drop)
}

/// The same as a write for [`Tx::write_and_commit`].
pub fn as_write(events: Vec<Event>) -> (&'static Statement, Rows) {
    let mut rows = Rows::new();
    for event in events {
        rows.push([
            event.id.into(),
            event.subject_id.into(),
            event.kind.into(),
            event.payload.into(),
            event.happened_at.into(),
        ]);
    }
    (&INSERT_EVENTS, rows)
}

/// The events after a given one (all, from the nil identifier on), oldest first.
///
/// # Errors
/// The database cannot be read.
pub async fn after(on: &impl Executor, event_id: EventId, limit: u32) -> Result<Vec<Event>> {
    on.query_as(&SELECT_EVENTS, params![event_id, limit]).await
}

impl FromRow for Event {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: EventId::from_uuid(row.get(0)?),
            subject_id: row.get(1)?,
            kind: row.get(2)?,
            payload: row.get(3)?,
            happened_at: row.get(4)?,
        })
    }
}
