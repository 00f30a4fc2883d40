//! What the authorization server leaves in the outbox; the subject is the person.

use super::{Client, Grant};
use identity::EndOfSession;
use ids::{GrantId, UserId};
use outbox::{Act, Event};

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

/// `auth.client_registered {"clientId"}`, about its owner
pub(super) fn client_registered(client: &Client, act: Act) -> Event {
    about_client(client, "auth.client_registered", act)
}

/// `auth.client_removed {"clientId"}`, about its owner
pub(super) fn client_removed(client: &Client, act: Act) -> Event {
    about_client(client, "auth.client_removed", act)
}

/// `auth.grant_made {"grantId", "clientId", "scope"}`
pub(super) fn grant_made(grant: &Grant, act: Act) -> Event {
    let Grant { id, client_id, scopes, .. } = grant;
    let payload = format!(r#"{{"grantId":"{id}","clientId":"{client_id}","scope":"{scopes}"}}"#);
    Event::new(grant.user_id.uuid(), "auth.grant_made", payload, act)
}

/// `auth.grant_ended {"grantId", "reason"}` with a word of [`EndOfGrant`].
pub(super) fn grant_ended(user_id: UserId, grant_id: GrantId, reason: EndOfGrant, act: Act) -> Event {
    let payload = format!(r#"{{"grantId":"{grant_id}","reason":"{}"}}"#, reason.word());
    Event::new(user_id.uuid(), "auth.grant_ended", payload, act)
}

fn about_client(client: &Client, kind: &str, act: Act) -> Event {
    Event::new(client.owner_id.uuid(), kind, format!(r#"{{"clientId":"{}"}}"#, client.id), act)
}
