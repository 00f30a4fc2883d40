//! What sessions leave in the outbox: who logged in, and how it ended.

use crate::{Factor, Occasion, User};
use ids::{SessionId, UserId};
use outbox::{Act, Actor, Event, Means};

/// Why a session ended before its time.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "each is said by its word")]
pub enum EndOfSession {
    Logout,
    RefreshTokenReused,
    UserDisabled,
    Revoked,
    RoleChanged,
    EndedByStaff,
    PasswordChanged,
    PasswordReset,
    MfaEnabled,
    MfaReset,
    MfaDisabled,
    StepUpFailed,
}

impl EndOfSession {
    /// The word in events.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Logout => "LOGOUT",
            Self::RefreshTokenReused => "REFRESH_TOKEN_REUSED",
            Self::UserDisabled => "USER_DISABLED",
            Self::Revoked => "REVOKED",
            Self::RoleChanged => "ROLE_CHANGED",
            Self::EndedByStaff => "ENDED_BY_STAFF",
            Self::PasswordChanged => "PASSWORD_CHANGED",
            Self::PasswordReset => "PASSWORD_RESET",
            Self::MfaEnabled => "MFA_ENABLED",
            Self::MfaReset => "MFA_RESET",
            Self::MfaDisabled => "MFA_DISABLED",
            Self::StepUpFailed => "STEP_UP_FAILED",
        }
    }
}

/// `auth.logged_in {"username", "sessionId", "address"?}`
pub(super) fn logged_in(user: &User, session_id: SessionId, occasion: &Occasion) -> Event {
    let address = occasion.address_member().map(|address| format!(",{address}")).unwrap_or_default();
    let payload = format!(r#"{{"username":"{}","sessionId":"{session_id}"{address}}}"#, user.username);
    let actor = Actor::person(user.id, Means::Session(session_id));
    Event::new(user.id.uuid(), "auth.logged_in", payload, actor.does(occasion.now))
}

/// `auth.logged_out {"sessionId", "reason"}` with a word of [`EndOfSession`].
pub(super) fn logged_out(user_id: UserId, session_id: SessionId, reason: EndOfSession, act: Act) -> Event {
    let payload = format!(r#"{{"sessionId":"{session_id}","reason":"{}"}}"#, reason.word());
    Event::new(user_id.uuid(), "auth.logged_out", payload, act)
}

/// `auth.stepped_up {"sessionId", "factor"}`, the factor as in the claim `amr`.
pub(super) fn stepped_up(user_id: UserId, session_id: SessionId, factor: Factor, act: Act) -> Event {
    about_proof("auth.stepped_up", user_id, session_id, factor, act)
}

/// `auth.step_up_failed {"sessionId", "factor"}`
pub(super) fn step_up_failed(user_id: UserId, session_id: SessionId, factor: Factor, act: Act) -> Event {
    about_proof("auth.step_up_failed", user_id, session_id, factor, act)
}

fn about_proof(kind: &str, user_id: UserId, session_id: SessionId, factor: Factor, act: Act) -> Event {
    let payload = format!(r#"{{"sessionId":"{session_id}","factor":"{}"}}"#, factor.word());
    Event::new(user_id.uuid(), kind, payload, act)
}
