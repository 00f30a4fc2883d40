//! Who follows what happens, and what holds one of them up, as the bank's own people are shown it.

use db::WallTime;
use http_core::table::{Head, InTable};
use http_core::wire::{Text, schema};
use ids::EventId;
use serde::Serialize;
use serde_json::value::RawValue;
use stream::{Follower, HeldUp, Recorded};
use utoipa::ToSchema;

/// Somebody who does something about what happens.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EventConsumer)]
pub(crate) struct ConsumerReply {
    /// Its name.
    #[schema(example = "inbox")]
    name: String,
    /// Every event up to this position is done.
    position: i64,
    /// So many events are still to come.
    behind: i64,
    /// So many subjects wait for somebody to look into it.
    parked_subjects: i64,
}

/// Everybody who does something about what happens, by name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventConsumers)]
pub(crate) struct ConsumersReply {
    pub(crate) data: Vec<ConsumerReply>,
}

/// An event that a consumer could not take; what follows of its subject waits behind it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ParkedEvent)]
pub(crate) struct ParkedReply {
    /// Whose reader could not take it.
    consumer: String,
    /// What it happened to, as the envelope of the event has it.
    #[schema(example = "acct_01k6w3m8pq2v5x7z9b1d3f5h7k")]
    subject: String,
    /// How often it was tried since somebody looked into it last.
    tries: i64,
    /// Why the last try failed; null while it only waits.
    reason: Option<String>,
    /// When it is tried again by itself; null: when somebody says so.
    #[schema(value_type = Option<schema::Time>)]
    next_try_at: Option<Text<WallTime>>,
    /// So many later events of the subject wait behind it.
    waiting: i64,
    event: ParkedEventReply,
}

/// The event itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventOfStream)]
pub(crate) struct ParkedEventReply {
    /// Its place among all events.
    position: i64,
    #[schema(value_type = schema::EventIdText)]
    id: Text<EventId>,
    #[schema(example = "accounts.frozen")]
    r#type: String,
    /// Its place among its subject's events.
    sequence: i64,
    #[schema(value_type = schema::Time)]
    timestamp: Text<WallTime>,
    /// What happened, as its type says.
    #[schema(value_type = Object)]
    data: Box<RawValue>,
}

/// A page of what somebody has to look into, the earliest first.
#[derive(ToSchema)]
#[schema(as = ParkedEventPage, rename_all = "camelCase")]
#[expect(dead_code, reason = "it only describes")]
pub(crate) struct ParkedPage<'a> {
    data: &'a [ParkedReply],
    /// What to send as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

impl InTable for ConsumerReply {
    const HEAD: Head = Head { file_name: "consumers", columns: &["name", "position", "behind", "parkedSubjects"] };
}

impl InTable for ParkedReply {
    const HEAD: Head = Head {
        file_name: "parked-events",
        columns: &[
            "consumer",
            "subject",
            "tries",
            "reason",
            "nextTryAt",
            "waiting",
            "event.position",
            "event.id",
            "event.type",
            "event.sequence",
            "event.timestamp",
            "event.data",
        ],
    };
}

impl From<Follower> for ConsumerReply {
    fn from(follower: Follower) -> Self {
        let Follower { name, position, behind, parked_subjects } = follower;
        Self { name, position, behind, parked_subjects }
    }
}

impl From<HeldUp> for ParkedReply {
    fn from(held_up: HeldUp) -> Self {
        let HeldUp { parked, recorded, waiting } = held_up;
        Self {
            consumer: parked.subscription,
            subject: stream::subject(&recorded.event),
            tries: parked.tries,
            reason: parked.reason,
            next_try_at: parked.next_try_at.map(Text),
            waiting,
            event: recorded.into(),
        }
    }
}

impl From<Recorded> for ParkedEventReply {
    fn from(recorded: Recorded) -> Self {
        let Recorded { position, sequence, event } = recorded;
        // An event that is no JSON may be why it is parked.
        let data = RawValue::from_string(event.payload.clone()).unwrap_or_else(|_| RawValue::NULL.to_owned());
        let (id, timestamp) = (Text(event.id), Text(event.happened_at));
        Self { position, id, r#type: event.kind.clone(), sequence, timestamp, data }
    }
}
