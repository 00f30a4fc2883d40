//! The outbox: what happened and who brought it about, written in the same transaction as the effect.
//! Who listens, and how an event travels, lives in the modules and edges that consume it.

mod actor;

pub use actor::{ACTOR_COLUMNS, Act, Actor, Means};

use db::{Executor, FromRow, Migration, Result, Row, Rows, Statement, Tx, WallTime, params, statements};
use ids::{EventId, UserId};
use uuid::Uuid;

/// The tables of the outbox.
pub const MIGRATIONS: &[Migration] = &[
    migration(1, include_str!("../migrations/0001_outbox.sql")),
    migration(2, include_str!("../migrations/0002_administration.sql")),
    migration(3, include_str!("../migrations/0003_actors.sql")),
];

const fn migration(number: u32, sql: &'static str) -> Migration {
    Migration { module: "events", number, sql, postgres: "", sqlite: "", append_only: &[] }
}

/// Which audited events a list shows; an absent filter shows all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Whose kind begins so: `auth.`.
    pub kind_prefix: Option<String>,
    /// About this subject.
    pub subject_id: Option<Uuid>,
    /// Brought about by this person.
    pub actor: Option<UserId>,
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
    pub happened_at: WallTime,
    /// Who brought it about; `None`: nobody who was known, or it was written before that was kept.
    pub actor: Option<Actor>,
    /// Whether those who check are shown it.
    pub is_audited: bool,
}

macro_rules! columns {
    () => {
        "id, subject_id, kind, payload, happened_at, actor_user_id, actor_credential, actor_credential_id, \
         actor_client_id, actor_on_behalf_of_id, is_audited"
    };
}

macro_rules! audited {
    ($condition:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM events_outbox WHERE is_audited AND id < $1 ",
            "AND (CAST($2 AS TEXT) IS NULL OR substr(kind, 1, length(CAST($2 AS TEXT))) = CAST($2 AS TEXT)) ",
            $condition,
            " ORDER BY id DESC LIMIT $3"
        )
    };
}

statements! {
    INSERT_EVENTS(Id, Id, Text, Text, Time, Id, Text, Id, Id, Id, Bool) = concat!(
        "INSERT INTO events_outbox (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    );
    INSERT_NEW_EVENTS(Id, Id, Text, Text, Time, Id, Text, Id, Id, Id, Bool) = concat!(
        "INSERT INTO events_outbox (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (id) DO NOTHING"
    );
    SELECT_EVENTS = concat!("SELECT ", columns!(), " FROM events_outbox WHERE id > $1 ORDER BY id LIMIT $2");
    SELECT_AUDITED = audited!("");
    SELECT_AUDITED_OF_SUBJECT = audited!("AND subject_id = $4");
    SELECT_AUDITED_OF_ACTOR = audited!("AND actor_user_id = $4");
    SELECT_AUDITED_OF_ACTOR_AND_SUBJECT = audited!("AND actor_user_id = $4 AND subject_id = $5");
}

impl Event {
    /// A new event with an identifier of its own, for those who check to see.
    pub fn new(subject_id: Uuid, kind: &str, payload: String, act: Act) -> Self {
        Self {
            id: EventId::generate(),
            subject_id,
            kind: kind.to_owned(),
            payload,
            happened_at: act.at,
            actor: act.by,
            is_audited: true,
        }
    }

    /// The same, as one of those that are too many, and too ordinary, to be looked through.
    #[must_use]
    pub fn everyday(self) -> Self {
        Self { is_audited: false, ..self }
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
        let [user, credential, credential_id, client, on_behalf_of] = Actor::values(event.actor);
        rows.push([
            event.id.into(),
            event.subject_id.into(),
            event.kind.into(),
            event.payload.into(),
            event.happened_at.into(),
            user,
            credential,
            credential_id,
            client,
            on_behalf_of,
            // Null instead of false keeps the row out of the indexes for nothing.
            event.is_audited.then_some(true).into(),
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

/// What those who check are shown, newest first, from before a given event on.
///
/// # Errors
/// The database cannot be read.
pub async fn audited(
    on: &impl Executor,
    filter: &EventFilter,
    before: Option<EventId>,
    limit: u32,
) -> Result<Vec<Event>> {
    let before = before.unwrap_or(EventId::from_uuid(Uuid::max()));
    let kind_prefix = filter.kind_prefix.as_deref();
    match (filter.actor, filter.subject_id) {
        (None, None) => on.query_as(&SELECT_AUDITED, params![before, kind_prefix, limit]).await,
        (None, Some(subject_id)) => {
            on.query_as(&SELECT_AUDITED_OF_SUBJECT, params![before, kind_prefix, limit, subject_id]).await
        }
        (Some(actor), None) => on.query_as(&SELECT_AUDITED_OF_ACTOR, params![before, kind_prefix, limit, actor]).await,
        (Some(actor), Some(subject_id)) => {
            let parameters = params![before, kind_prefix, limit, actor, subject_id];
            on.query_as(&SELECT_AUDITED_OF_ACTOR_AND_SUBJECT, parameters).await
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
            actor: Actor::read(row, 5)?,
            is_audited: row.get::<Option<bool>>(10)?.unwrap_or(false),
        })
    }
}
