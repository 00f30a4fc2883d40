//! What sessions leave in the outbox: who logged in, and how it ended.

use crate::{Factor, Occasion, User};
use ids::{SessionId, UserId};
use outbox::{Act, Actor, Event, Means, events};

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

events! {
    /// What happens to sessions.
    pub(super) enum SessionEvent about User for Owner {
        /// Somebody logged in.
        LoggedIn = "auth.logged_in" {
            username: String,
            session_id: SessionId,
            #[serde(skip_serializing_if = "Option::is_none")]
            address: Option<String>,
            /// Whether they came in by registering, which is no login of its own to who counts logins.
            #[serde(skip_serializing_if = "Option::is_none")]
            by_registering: Option<bool>,
        },
        /// A session ended before its time.
        LoggedOut = "auth.logged_out" { session_id: SessionId, reason: &'static str },
        /// Somebody proved again who they are; the factor is as in the claim `amr`.
        SteppedUp = "auth.stepped_up" { session_id: SessionId, factor: &'static str },
        /// That proof was wrong.
        StepUpFailed = "auth.step_up_failed" { session_id: SessionId, factor: &'static str },
    }
}

/// How a session came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entrance {
    Login,
    Registration,
}

pub(crate) fn logged_in(user: &User, session_id: SessionId, occasion: &Occasion, entrance: Entrance) -> Event {
    let happened = SessionEvent::LoggedIn {
        username: user.username.to_string(),
        session_id,
        address: occasion.address_text(),
        by_registering: (entrance == Entrance::Registration).then_some(true),
    };
    let actor = Actor::person(user.id, Means::Session(session_id));
    Event::of(user.id.uuid(), &happened, actor.does(occasion.now))
}

pub(super) fn logged_out(user_id: UserId, session_id: SessionId, reason: EndOfSession, act: Act) -> Event {
    Event::of(user_id.uuid(), &SessionEvent::LoggedOut { session_id, reason: reason.word() }, act)
}

pub(super) fn stepped_up(user_id: UserId, session_id: SessionId, factor: Factor, act: Act) -> Event {
    Event::of(user_id.uuid(), &SessionEvent::SteppedUp { session_id, factor: factor.word() }, act)
}

pub(super) fn step_up_failed(user_id: UserId, session_id: SessionId, factor: Factor, act: Act) -> Event {
    Event::of(user_id.uuid(), &SessionEvent::StepUpFailed { session_id, factor: factor.word() }, act)
}
