//! What the authorization server leaves in the outbox; the subject is the person.

use super::{Client, Grant};
use identity::EndOfSession;
use ids::{ClientId, GrantId, UserId};
use outbox::{Act, Event, events};

/// Why a grant ended before its time.
#[derive(Clone, Copy)]
pub(crate) enum EndOfGrant {
    Revoked,
    CodeReused,
    RefreshTokenReused,
    ClientRemoved,
    /// Together with the person's sessions, and for the same reason.
    WithSessions(EndOfSession),
}

impl EndOfGrant {
    const fn word(self) -> &'static str {
        match self {
            Self::Revoked => "REVOKED",
            Self::CodeReused => "CODE_REUSED",
            Self::RefreshTokenReused => "REFRESH_TOKEN_REUSED",
            Self::ClientRemoved => "CLIENT_REMOVED",
            Self::WithSessions(reason) => reason.word(),
        }
    }
}

events! {
    /// What happens to clients of the authorization server, and to what people grant them.
    enum GrantEvent about User for Owner {
        /// Its owner registered a client.
        ClientRegistered = "auth.client_registered" { client_id: ClientId },
        /// Its owner removed a client.
        ClientRemoved = "auth.client_removed" { client_id: ClientId },
        /// Somebody lets a client act for them.
        GrantMade = "auth.grant_made" { grant_id: GrantId, client_id: ClientId, scope: String },
        /// A client acts for somebody no longer.
        GrantEnded = "auth.grant_ended" { grant_id: GrantId, reason: &'static str },
    }
}

pub(super) fn client_registered(client: &Client, act: Act) -> Event {
    Event::of(client.owner_id.uuid(), &GrantEvent::ClientRegistered { client_id: client.id }, act)
}

pub(super) fn client_removed(client: &Client, act: Act) -> Event {
    Event::of(client.owner_id.uuid(), &GrantEvent::ClientRemoved { client_id: client.id }, act)
}

pub(super) fn grant_made(grant: &Grant, act: Act) -> Event {
    let (grant_id, client_id, scope) = (grant.id, grant.client_id, grant.scopes.to_string());
    Event::of(grant.user_id.uuid(), &GrantEvent::GrantMade { grant_id, client_id, scope }, act)
}

pub(super) fn grant_ended(user_id: UserId, grant_id: GrantId, reason: EndOfGrant, act: Act) -> Event {
    Event::of(user_id.uuid(), &GrantEvent::GrantEnded { grant_id, reason: reason.word() }, act)
}
