//! Sessions on the wire, as their owner sees them in a list.

use super::Text;
use super::schema;
use ::auth::ActiveSession;
use ids::SessionId;
use serde::Serialize;
use store::Timestamp;
use utoipa::ToSchema;

/// A session that goes on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ActiveSession)]
pub(crate) struct ActiveSessionReply {
    #[schema(value_type = schema::SessionIdText)]
    id: Text<SessionId>,
    #[schema(value_type = schema::Time)]
    started_at: Text<Timestamp>,
    /// When it last got tokens.
    #[schema(value_type = schema::Time)]
    last_seen_at: Text<Timestamp>,
    #[schema(value_type = schema::Time)]
    expires_at: Text<Timestamp>,
    /// Whether this request was made with it.
    current: bool,
}

impl ActiveSessionReply {
    /// The session, seen from the one that asks.
    pub(crate) fn new(session: ActiveSession, current: Option<SessionId>) -> Self {
        Self {
            id: Text(session.id),
            started_at: Text(session.started_at),
            last_seen_at: Text(session.last_seen_at),
            expires_at: Text(session.expires_at),
            current: current == Some(session.id),
        }
    }
}
