//! What second factors leave in the outbox. The subject is the user; payloads hold identifiers, numbers and fixed words.

use crate::MfaMethod;
use ids::{PasskeyId, UserId};
use outbox::{Act, Event};

/// `auth.mfa_enabled {}`: the first second factor is there.
pub(crate) fn mfa_enabled(user_id: UserId, act: Act) -> Event {
    plain(user_id, "auth.mfa_enabled", act)
}

/// `auth.mfa_disabled {}`: the person removed the last one.
pub(crate) fn mfa_disabled(user_id: UserId, act: Act) -> Event {
    plain(user_id, "auth.mfa_disabled", act)
}

/// `auth.mfa_reset {}`: the bank removed all of them.
pub(crate) fn mfa_reset(user_id: UserId, act: Act) -> Event {
    plain(user_id, "auth.mfa_reset", act)
}

/// `auth.totp_added {}`
pub(crate) fn totp_added(user_id: UserId, act: Act) -> Event {
    plain(user_id, "auth.totp_added", act)
}

/// `auth.totp_removed {}`
pub(crate) fn totp_removed(user_id: UserId, act: Act) -> Event {
    plain(user_id, "auth.totp_removed", act)
}

/// `auth.recovery_codes_replaced {}`
pub(crate) fn recovery_codes_replaced(user_id: UserId, act: Act) -> Event {
    plain(user_id, "auth.recovery_codes_replaced", act)
}

/// `auth.recovery_code_used {"left"}`
pub(crate) fn recovery_code_used(user_id: UserId, left: i64, act: Act) -> Event {
    Event::new(user_id.uuid(), "auth.recovery_code_used", format!(r#"{{"left":{left}}}"#), act)
}

/// `auth.passkey_added {"passkeyId"}`
pub(crate) fn passkey_added(user_id: UserId, passkey_id: PasskeyId, act: Act) -> Event {
    about_passkey(user_id, "auth.passkey_added", passkey_id, act)
}

/// `auth.passkey_removed {"passkeyId"}`
pub(crate) fn passkey_removed(user_id: UserId, passkey_id: PasskeyId, act: Act) -> Event {
    about_passkey(user_id, "auth.passkey_removed", passkey_id, act)
}

/// `auth.passkey_cloned {"passkeyId"}`: its counter went backwards, so there are probably two of it.
pub(crate) fn passkey_cloned(user_id: UserId, passkey_id: PasskeyId, act: Act) -> Event {
    about_passkey(user_id, "auth.passkey_cloned", passkey_id, act)
}

/// `auth.mfa_failed {"method": "totp" | "passkey" | "recovery"}`: the password was right and the second factor wrong.
pub(crate) fn mfa_failed(user_id: UserId, method: MfaMethod, act: Act) -> Event {
    Event::new(user_id.uuid(), "auth.mfa_failed", format!(r#"{{"method":"{}"}}"#, method.word()), act)
}

fn plain(user_id: UserId, kind: &str, act: Act) -> Event {
    Event::new(user_id.uuid(), kind, "{}".to_owned(), act)
}

fn about_passkey(user_id: UserId, kind: &str, passkey_id: PasskeyId, act: Act) -> Event {
    Event::new(user_id.uuid(), kind, format!(r#"{{"passkeyId":"{passkey_id}"}}"#), act)
}
