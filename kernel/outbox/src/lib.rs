//! The outbox: what happened and who brought it about, written in the same transaction as the effect.
//! Who listens, and how an event travels, lives in the modules and edges that consume it.

mod actor;
mod kind;

pub use actor::{Act, Actor, Means};
pub use inventory;
pub use kind::{Audience, Data, Happening, KindOfEvent, Kinds, Member, Subject, Told, kinds};
pub use serde;

use db::{Executor, Migration, Result, Rows, Statement, Tx, Value, WallTime, columns, params, statements};
use ids::{EventId, UserId};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The tables of the outbox.
pub const MIGRATIONS: &[Migration] = &[
    migration(1, include_str!("../migrations/0001_outbox.sql")),
    migration(2, include_str!("../migrations/0002_administration.sql")),
    migration(3, include_str!("../migrations/0003_actors.sql")),
    Migration {
        module: "events",
        number: 4,
        sql: include_str!("../migrations/0004_numbers.sql"),
        postgres: include_str!("../migrations/0004_numbers.postgres.sql"),
        sqlite: include_str!("../migrations/0004_numbers.sqlite.sql"),
        append_only: &[],
    },
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

/// Which of its subject's events it is, as far as whoever writes it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The first: the subject begins with it.
    Opening,
    /// A later one of a subject that began with an [`Place::Opening`].
    Following,
    /// Not known: they are counted.
    Counted,
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
    /// Which of its subject's events it is.
    pub place: Place,
}

/// An event with its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Rises with every event that is written, but not all numbers are used, and a lower one may be committed later.
    pub number: i64,
    /// What happened.
    pub event: Event,
}

columns! {
    /// An event as it is stored: null instead of false keeps the row out of the indexes for nothing.
    struct Stored {
        id: EventId,
        subject_id: Uuid,
        kind: String,
        payload: String,
        happened_at: WallTime,
        actor: Option<Actor> = "actor_*",
        is_audited: Option<bool>,
        is_first: Option<bool>,
    }
}

macro_rules! audited {
    ($condition:literal) => {
        concat!(
            "SELECT {columns} FROM events_outbox WHERE is_audited AND id < $1 ",
            "AND (CAST($2 AS TEXT) IS NULL OR substr(kind, 1, length(CAST($2 AS TEXT))) = CAST($2 AS TEXT)) ",
            $condition,
            " ORDER BY id DESC LIMIT $3"
        )
    };
}

statements! {
    INSERT_EVENTS(Stored) = "INSERT INTO events_outbox ({columns}) VALUES ({values})";
    INSERT_NEW_EVENTS(Stored) =
        "INSERT INTO events_outbox ({columns}) VALUES ({values}) ON CONFLICT (id) DO NOTHING";
    SELECT_WRITTEN_AFTER -> (i64, Stored) =
        "SELECT number, {columns} FROM events_outbox WHERE number > $1 ORDER BY number LIMIT $2";
    SELECT_WRITTEN -> (i64, Stored) =
        "SELECT number, {columns} FROM events_outbox WHERE number = ANY($1) ORDER BY number";
    // One row for each number that is there.
    SELECT_HAPPENED -> (i64, WallTime) = "SELECT number, happened_at FROM events_outbox WHERE number = ANY($1)";
    COUNT_UP_TO -> i64 = "SELECT COUNT(*) FROM events_outbox WHERE number <= $1";
    DELETE_EVENTS = "DELETE FROM events_outbox WHERE number = ANY($1)";
    SELECT_NUMBER -> i64 = "SELECT number FROM events_outbox WHERE id = $1";
    SELECT_AUDITED -> Stored = audited!("");
    SELECT_AUDITED_OF_SUBJECT -> Stored = audited!("AND subject_id = $4");
    SELECT_AUDITED_OF_ACTOR -> Stored = audited!("AND actor_user_id = $4");
    SELECT_AUDITED_OF_ACTOR_AND_SUBJECT -> Stored = audited!("AND actor_user_id = $4 AND subject_id = $5");
}

impl Event {
    /// A new event of what a module says that happened, for those who check to see.
    pub fn of(subject_id: Uuid, happening: &impl Happening, act: Act) -> Self {
        let payload = serde_json::to_string(happening).expect("what happened is plain members");
        Self::new(subject_id, happening.kind(), payload, act)
    }

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
            place: Place::Counted,
        }
    }

    /// The same, in its place among its subject's events.
    #[must_use]
    pub fn placed(self, place: Place) -> Self {
        Self { place, ..self }
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
    tx.execute_rows(&INSERT_EVENTS, events.into_iter().map(Stored::from)).await.map(drop)
}

/// Writes those events that are not there yet: what several processes notice has one identifier, and is told once.
///
/// # Errors
/// The statement failed.
pub async fn append_once_in_tx(tx: &Tx, events: Vec<Event>) -> Result<()> {
    tx.execute_rows(&INSERT_NEW_EVENTS, events.into_iter().map(Stored::from)).await.map(drop)
}

/// The same as a write for [`Tx::write_and_commit`].
pub fn as_write(events: Vec<Event>) -> (&'static Statement, Rows) {
    INSERT_EVENTS.rows(events.into_iter().map(Stored::from))
}

/// The events with higher numbers than the given one (all, from 0 on), in the order of their numbers. Events with lower
/// numbers may still be committed: whoever follows what happens reads the stream.
///
/// # Errors
/// The database cannot be read.
pub async fn numbered_after(on: &impl Executor, number: i64, limit: u32) -> Result<Vec<Event>> {
    Ok(written_after(on, number, limit).await?.into_iter().map(|written| written.event).collect())
}

/// The same with their numbers.
///
/// # Errors
/// The database cannot be read.
pub async fn written_after(on: &impl Executor, number: i64, limit: u32) -> Result<Vec<Written>> {
    let found = on.query_as(&SELECT_WRITTEN_AFTER, params![number, limit]).await?;
    Ok(found.into_iter().map(Written::from).collect())
}

/// Those of the given numbers that are there, in their order.
///
/// # Errors
/// The database cannot be read.
pub async fn written(on: &impl Executor, numbers: &[i64]) -> Result<Vec<Written>> {
    let found = on.query_as(&SELECT_WRITTEN, params![Value::list(numbers.iter().copied())]).await?;
    Ok(found.into_iter().map(Written::from).collect())
}

/// The number of an event, if it is there.
///
/// # Errors
/// The database cannot be read.
pub async fn number_of(on: &impl Executor, id: EventId) -> Result<Option<i64>> {
    on.query_optional(&SELECT_NUMBER, params![id]).await
}

/// When those of the given numbers happened that are there, by number.
///
/// # Errors
/// The database cannot be read.
pub async fn happened(on: &impl Executor, numbers: &[i64]) -> Result<BTreeMap<i64, WallTime>> {
    let found = on.query_as(&SELECT_HAPPENED, params![Value::list(numbers.iter().copied())]).await?;
    Ok(found.into_iter().collect())
}

/// How many events have this number or a lower one.
///
/// # Errors
/// The database cannot be read.
pub async fn count_up_to(on: &impl Executor, number: i64) -> Result<i64> {
    Ok(on.query_optional(&COUNT_UP_TO, params![number]).await?.unwrap_or(0))
}

/// Forgets the events with these numbers. The newest has to stay, because an embedded database counts on from it.
///
/// # Errors
/// The statement failed.
pub async fn forget_in_tx(tx: &Tx, numbers: &[i64]) -> Result<()> {
    tx.execute(&DELETE_EVENTS, params![Value::list(numbers.iter().copied())]).await.map(drop)
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
    let found = match (filter.actor, filter.subject_id) {
        (None, None) => on.query_as(&SELECT_AUDITED, params![before, kind_prefix, limit]).await,
        (None, Some(subject_id)) => {
            on.query_as(&SELECT_AUDITED_OF_SUBJECT, params![before, kind_prefix, limit, subject_id]).await
        }
        (Some(actor), None) => on.query_as(&SELECT_AUDITED_OF_ACTOR, params![before, kind_prefix, limit, actor]).await,
        (Some(actor), Some(subject_id)) => {
            let parameters = params![before, kind_prefix, limit, actor, subject_id];
            on.query_as(&SELECT_AUDITED_OF_ACTOR_AND_SUBJECT, parameters).await
        }
    };
    Ok(into_events(found?))
}

fn into_events(found: Vec<Stored>) -> Vec<Event> {
    found.into_iter().map(Event::from).collect()
}

impl Place {
    const fn is_first(self) -> Option<bool> {
        match self {
            Self::Opening => Some(true),
            Self::Following => Some(false),
            Self::Counted => None,
        }
    }

    const fn of(is_first: Option<bool>) -> Self {
        match is_first {
            Some(true) => Self::Opening,
            Some(false) => Self::Following,
            None => Self::Counted,
        }
    }
}

impl From<Event> for Stored {
    fn from(event: Event) -> Self {
        let Event { id, subject_id, kind, payload, happened_at, actor, is_audited, place } = event;
        let (is_audited, is_first) = (is_audited.then_some(true), place.is_first());
        Self { id, subject_id, kind, payload, happened_at, actor, is_audited, is_first }
    }
}

impl From<Stored> for Event {
    fn from(stored: Stored) -> Self {
        let Stored { id, subject_id, kind, payload, happened_at, actor, is_audited, is_first } = stored;
        let (is_audited, place) = (is_audited.unwrap_or(false), Place::of(is_first));
        Self { id, subject_id, kind, payload, happened_at, actor, is_audited, place }
    }
}

impl From<(i64, Stored)> for Written {
    fn from(found: (i64, Stored)) -> Self {
        let (number, stored) = found;
        Self { number, event: stored.into() }
    }
}
