//! What happened to somebody's login, as they are told it.

use db::WallTime;
use http_core::table::{Head, InTable};
use http_core::wire::Text;
use http_core::wire::schema;
use ids::{EventId, UserId};
use outbox::{Actor, Event, Means};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Something that happened to the caller's login, or to what gets in by it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Activity)]
pub(crate) struct ActivityReply {
    #[schema(value_type = schema::EventIdText)]
    id: Text<EventId>,
    /// What happened, in the words of events.
    #[schema(example = "auth.logged_in")]
    r#type: String,
    #[schema(value_type = schema::Time)]
    happened_at: Text<WallTime>,
    /// Who brought it about.
    by: ActivityBy,
    /// From where, where that is kept. Nothing proves it.
    #[schema(example = "203.0.113.9")]
    address: Option<String>,
    /// Why, where there is a word for it.
    #[schema(example = "REVOKED")]
    reason: Option<String>,
}

impl InTable for ActivityReply {
    const HEAD: Head =
        Head { file_name: "activity", columns: &["id", "type", "happenedAt", "by", "address", "reason"] };
}

/// A page of what happened, the newest first.
#[derive(ToSchema)]
#[schema(as = ActivityPage, rename_all = "camelCase")]
#[expect(dead_code, reason = "it only describes")]
pub(crate) struct ActivityPage<'a> {
    data: &'a [ActivityReply],
    /// What to send as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

/// Who brought something about, as far as the person has to know: they themselves, a program of theirs, the bank, or somebody
/// who was not recognised, such as the one behind a wrong password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = ActivityBy)]
pub(crate) enum ActivityBy {
    You,
    Program,
    Bank,
    Unknown,
}

/// What of an event's payload is told. Who of the bank it was is in there too, and is not.
#[derive(Default, Deserialize)]
struct Told {
    address: Option<String>,
    reason: Option<String>,
}

impl ActivityReply {
    pub(crate) fn new(event: Event, caller: UserId) -> Self {
        let Told { address, reason } = serde_json::from_str(&event.payload).unwrap_or_default();
        Self {
            id: Text(event.id),
            happened_at: Text(event.happened_at),
            by: ActivityBy::of(event.actor, caller),
            r#type: event.kind,
            address,
            reason,
        }
    }
}

impl ActivityBy {
    fn of(actor: Option<Actor>, caller: UserId) -> Self {
        let Some(Actor { user, means, .. }) = actor else { return Self::Unknown };
        match means {
            Means::Itself | Means::CommandLine => Self::Bank,
            _ if user != Some(caller) => Self::Bank,
            Means::ApiKey(_) | Means::Grant { .. } | Means::External => Self::Program,
            Means::Session(_) | Means::MailToken => Self::You,
        }
    }
}
