//! The outbox: what happened, written in the same transaction as the effect.
//! Who listens, and how an event travels, lives in the modules and edges that consume it.

use ids::EventId;
use store::{Executor, FromRow, Migration, Result, Row, Rows, Statement, Timestamp, Tx, params, statements};
use uuid::Uuid;

/// The tables of the outbox.
pub const MIGRATIONS: &[Migration] = &[
    migration(1, include_str!("../migrations/0001_outbox.sql")),
    migration(2, include_str!("../migrations/0002_administration.sql")),
];

const fn migration(number: u32, sql: &'static str) -> Migration {
    Migration { module: "events", number, sql, postgres: "", sqlite: "", append_only: &[] }
}

/// Which events besides payments a list shows; an absent filter shows all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Whose kind begins so: `auth.`.
    pub kind_prefix: Option<String>,
    /// About this subject.
    pub subject_id: Option<Uuid>,
}

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
    INSERT_NEW_EVENTS(Id, Id, Text, Text, Time) =
        "INSERT INTO events_outbox (id, subject_id, kind, payload, happened_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (id) DO NOTHING";
    SELECT_EVENTS =
        "SELECT id, subject_id, kind, payload, happened_at FROM events_outbox
         WHERE id > $1 ORDER BY id LIMIT $2";
    SELECT_ADMINISTRATION =
        "SELECT id, subject_id, kind, payload, happened_at FROM events_outbox
         WHERE substr(kind, 1, 9) <> 'payments.' AND id < $1
           AND (CAST($2 AS TEXT) IS NULL OR substr(kind, 1, length(CAST($2 AS TEXT))) = CAST($2 AS TEXT))
         ORDER BY id DESC LIMIT $3";
    SELECT_ADMINISTRATION_OF_SUBJECT =
        "SELECT id, subject_id, kind, payload, happened_at FROM events_outbox
         WHERE substr(kind, 1, 9) <> 'payments.' AND id < $1
           AND (CAST($2 AS TEXT) IS NULL OR substr(kind, 1, length(CAST($2 AS TEXT))) = CAST($2 AS TEXT))
           AND subject_id = $4
         ORDER BY id DESC LIMIT $3";
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

/// Writes those events that are not there yet: what several processes notice has one identifier, and is told once.
///
/// # Errors
/// The statement failed.
pub async fn append_once_in_tx(tx: &Tx, events: Vec<Event>) -> Result<()> {
    let (_, rows) = as_write(events);
    tx.execute_batch(&INSERT_NEW_EVENTS, rows).await.map(drop)
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

/// What happened besides payments, newest first, from before a given event on.
///
/// # Errors
/// The database cannot be read.
pub async fn administration(
    on: &impl Executor,
    filter: &EventFilter,
    before: Option<EventId>,
    limit: u32,
) -> Result<Vec<Event>> {
    let before = before.unwrap_or(EventId::from_uuid(Uuid::max()));
    let kind_prefix = filter.kind_prefix.as_deref();
    match filter.subject_id {
        None => on.query_as(&SELECT_ADMINISTRATION, params![before, kind_prefix, limit]).await,
        Some(subject_id) => {
            on.query_as(&SELECT_ADMINISTRATION_OF_SUBJECT, params![before, kind_prefix, limit, subject_id]).await
        }
    }
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
