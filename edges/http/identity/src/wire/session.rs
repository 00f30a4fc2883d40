//! Sessions on the wire, as their owner sees them in a list.

use db::WallTime;
use http_core::table::{Head, InTable};
use http_core::wire::Text;
use http_core::wire::schema;
use identity::ActiveSession;
use ids::SessionId;
use serde::Serialize;
use std::net::IpAddr;
use utoipa::ToSchema;

/// A session that goes on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ActiveSession)]
pub(crate) struct ActiveSessionReply {
    #[schema(value_type = schema::SessionIdText)]
    id: Text<SessionId>,
    #[schema(value_type = schema::Time)]
    started_at: Text<WallTime>,
    /// When it last got tokens.
    #[schema(value_type = schema::Time)]
    last_seen_at: Text<WallTime>,
    #[schema(value_type = schema::Time)]
    expires_at: Text<WallTime>,
    /// From where it last got tokens. Nothing proves it.
    #[schema(value_type = Option<String>, example = "203.0.113.9")]
    address: Option<IpAddr>,
    /// What the program there says of itself, in plain characters.
    #[schema(value_type = Option<String>, max_length = 200, example = "Mozilla/5.0 (X11; Linux x86_64)")]
    user_agent: Option<String>,
    /// Whether this request was made with it.
    current: bool,
}

impl InTable for ActiveSessionReply {
    const HEAD: Head = Head {
        file_name: "sessions",
        columns: &["id", "startedAt", "lastSeenAt", "expiresAt", "address", "userAgent", "current"],
    };
}

/// A page of sessions that go on, the newest first.
#[derive(ToSchema)]
#[schema(as = ActiveSessionPage, rename_all = "camelCase")]
#[expect(dead_code, reason = "it only describes")]
pub(crate) struct ActiveSessionPage<'a> {
    data: &'a [ActiveSessionReply],
    /// What to send as `cursor` for the next page; null on the last one.
    next_cursor: Option<String>,
}

impl ActiveSessionReply {
    /// The session, seen from the one that asks.
    pub(crate) fn new(session: ActiveSession, current: Option<SessionId>) -> Self {
        Self {
            id: Text(session.id),
            started_at: Text(session.started_at),
            last_seen_at: Text(session.last_seen_at),
            expires_at: Text(session.expires_at),
            address: session.device.address,
            user_agent: session.device.user_agent().map(str::to_owned),
            current: current == Some(session.id),
        }
    }
}
