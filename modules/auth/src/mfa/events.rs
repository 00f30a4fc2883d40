//! What second factors tell the outbox. The subject is the user; payloads hold identifiers, numbers and fixed words.

use super::MfaMethod;
use crate::Factor;
use ::events::Event;
use ids::{PasskeyId, SessionId, UserId};
use store::Timestamp;

/// `auth.mfa_enabled {}`: the first second factor is there.
pub(super) fn mfa_enabled(user_id: UserId, now: Timestamp) -> Event {
    plain(user_id, "auth.mfa_enabled", now)
}

/// `auth.mfa_disabled {}`: the person removed the last one.
pub(super) fn mfa_disabled(user_id: UserId, now: Timestamp) -> Event {
    plain(user_id, "auth.mfa_disabled", now)
}

/// `auth.mfa_reset {}`: the bank removed all of them.
pub(super) fn mfa_reset(user_id: UserId, now: Timestamp) -> Event {
    plain(user_id, "auth.mfa_reset", now)
}

/// `auth.totp_added {}`
pub(super) fn totp_added(user_id: UserId, now: Timestamp) -> Event {
    plain(user_id, "auth.totp_added", now)
}

/// `auth.totp_removed {}`
pub(super) fn totp_removed(user_id: UserId, now: Timestamp) -> Event {
    plain(user_id, "auth.totp_removed", now)
}

/// `auth.recovery_codes_replaced {}`
pub(super) fn recovery_codes_replaced(user_id: UserId, now: Timestamp) -> Event {
    plain(user_id, "auth.recovery_codes_replaced", now)
}

/// `auth.recovery_code_used {"left"}`
pub(super) fn recovery_code_used(user_id: UserId, left: i64, now: Timestamp) -> Event {
    Event::new(user_id.uuid(), "auth.recovery_code_used", format!(r#"{{"left":{left}}}"#), now)
}

/// `auth.passkey_added {"passkeyId"}`
pub(super) fn passkey_added(user_id: UserId, passkey_id: PasskeyId, now: Timestamp) -> Event {
    about_passkey(user_id, "auth.passkey_added", passkey_id, now)
}

/// `auth.passkey_removed {"passkeyId"}`
pub(super) fn passkey_removed(user_id: UserId, passkey_id: PasskeyId, now: Timestamp) -> Event {
    about_passkey(user_id, "auth.passkey_removed", passkey_id, now)
}

/// `auth.passkey_cloned {"passkeyId"}`: its counter went backwards, so there are probably two of it.
pub(super) fn passkey_cloned(user_id: UserId, passkey_id: PasskeyId, now: Timestamp) -> Event {
    about_passkey(user_id, "auth.passkey_cloned", passkey_id, now)
}

/// `auth.mfa_failed {"method": "totp" | "passkey" | "recovery"}`: the password was right and the second factor wrong.
pub(super) fn mfa_failed(user_id: UserId, method: MfaMethod, now: Timestamp) -> Event {
    Event::new(user_id.uuid(), "auth.mfa_failed", format!(r#"{{"method":"{}"}}"#, method.word()), now)
}

/// `auth.stepped_up {"sessionId", "factor"}`, the factor as in the claim `amr`.
pub(super) fn stepped_up(user_id: UserId, session_id: SessionId, factor: Factor, now: Timestamp) -> Event {
    let payload = format!(r#"{{"sessionId":"{session_id}","factor":"{}"}}"#, factor.word());
    Event::new(user_id.uuid(), "auth.stepped_up", payload, now)
}

/// `auth.step_up_failed {"sessionId", "factor"}`
pub(super) fn step_up_failed(user_id: UserId, session_id: SessionId, factor: Factor, now: Timestamp) -> Event {
    let payload = format!(r#"{{"sessionId":"{session_id}","factor":"{}"}}"#, factor.word());
    Event::new(user_id.uuid(), "auth.step_up_failed", payload, now)
}

fn plain(user_id: UserId, kind: &str, now: Timestamp) -> Event {
    Event::new(user_id.uuid(), kind, "{}".to_owned(), now)
}

fn about_passkey(user_id: UserId, kind: &str, passkey_id: PasskeyId, now: Timestamp) -> Event {
    Event::new(user_id.uuid(), kind, format!(r#"{{"passkeyId":"{passkey_id}"}}"#), now)
}
