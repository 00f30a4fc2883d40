//! What this module tells the outbox. The subject is the user; payloads are JSON of identifiers, usernames and fixed
//! words, none of which needs escaping. Never a password, token or e-mail address.

use crate::oauth::{Client, Grant};
use crate::user::{User, Username};
use crate::{ApiKey, SignatureAlgorithm, SignatureRefusal};
use crate::{Occasion, RoleChange};
use db::Timestamp;
use ids::{ApiKeyId, EventId, GrantId, SessionId, UserId};
use outbox::{Act, Actor, Event, Means};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// Why a session ended before its time.
#[derive(Clone, Copy)]
pub(crate) enum EndOfSession {
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

impl EndOfSession {
    const fn word(self) -> &'static str {
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

/// `auth.user_registered {"username"}`
pub(crate) fn user_registered(user: &User, act: Act) -> Event {
    about(user, "auth.user_registered", act)
}

/// `auth.staff_created {"username", "role", "by"}`
pub(crate) fn staff_created(user: &User, act: Act) -> Event {
    let detail = format!(r#""role":"{}","#, user.role.word());
    administered(user, ("auth.staff_created", &detail), act)
}

/// `auth.user_disabled {"username", "by"}`
pub(crate) fn user_disabled(user: &User, act: Act) -> Event {
    administered(user, ("auth.user_disabled", ""), act)
}

/// `auth.user_enabled {"username", "by"}`
pub(crate) fn user_enabled(user: &User, act: Act) -> Event {
    administered(user, ("auth.user_enabled", ""), act)
}

/// `auth.role_changed {"username", "role", "formerRole", "by"}`
pub(crate) fn role_changed(user: &User, change: RoleChange, act: Act) -> Event {
    let detail = format!(r#""role":"{}","formerRole":"{}","#, change.role.word(), user.role.word());
    administered(user, ("auth.role_changed", &detail), act)
}

/// `auth.sessions_ended {"username", "by"}`
pub(crate) fn sessions_ended(user: &User, act: Act) -> Event {
    administered(user, ("auth.sessions_ended", ""), act)
}

/// `auth.logged_in {"username", "sessionId", "address"?}`
pub(crate) fn logged_in(user: &User, session_id: SessionId, occasion: &Occasion) -> Event {
    let address = address_of(occasion).map(|address| format!(",{address}")).unwrap_or_default();
    let payload = format!(r#"{{"username":"{}","sessionId":"{session_id}"{address}}}"#, user.username);
    let actor = Actor::person(user.id, Means::Session(session_id));
    Event::new(user.id.uuid(), "auth.logged_in", payload, actor.does(occasion.now))
}

/// `auth.login_failed {"username"?, "address"?}`: about nobody when there is no such user, and without what was typed when it
/// cannot be a username (it may well be a password).
pub(crate) fn login_failed(user_id: Option<UserId>, username: Option<&Username>, occasion: &Occasion) -> Event {
    let username = username.map(|username| format!(r#""username":"{username}""#));
    let members: Vec<String> = username.into_iter().chain(address_of(occasion)).collect();
    let payload = format!("{{{}}}", members.join(","));
    let act = Act::of_nobody(occasion.now);
    Event::new(user_id.map_or(Uuid::nil(), UserId::uuid), "auth.login_failed", payload, act)
}

fn address_of(occasion: &Occasion) -> Option<String> {
    occasion.device.address.map(|address| format!(r#""address":"{address}""#))
}

/// `auth.logged_out {"sessionId", "reason"}` with a word of [`EndOfSession`].
pub(crate) fn logged_out(user_id: UserId, session_id: SessionId, reason: EndOfSession, act: Act) -> Event {
    let payload = format!(r#"{{"sessionId":"{session_id}","reason":"{}"}}"#, reason.word());
    Event::new(user_id.uuid(), "auth.logged_out", payload, act)
}

/// What an administrator did, or the command line, which is null.
fn administered(user: &User, (kind, detail): (&str, &str), act: Act) -> Event {
    let by = act.user().map_or_else(|| "null".to_owned(), |by| format!("\"{by}\""));
    let payload = format!(r#"{{"username":"{}",{detail}"by":{by}}}"#, user.username);
    Event::new(user.id.uuid(), kind, payload, act)
}

/// `auth.api_key_created {"apiKeyId", "scopes"}`
pub(crate) fn api_key_created(owner: UserId, key: &ApiKey, act: Act) -> Event {
    let payload = format!(r#"{{"apiKeyId":"{}","scopes":"{}"}}"#, key.id, key.scopes);
    Event::new(owner.uuid(), "auth.api_key_created", payload, act)
}

/// `auth.api_key_rotated {"apiKeyId", "overlapSeconds"}`
pub(crate) fn api_key_rotated((owner, id): (UserId, ApiKeyId), overlap_seconds: i64, act: Act) -> Event {
    let payload = format!(r#"{{"apiKeyId":"{id}","overlapSeconds":{overlap_seconds}}}"#);
    Event::new(owner.uuid(), "auth.api_key_rotated", payload, act)
}

/// `auth.api_key_revoked {"apiKeyId"}`
pub(crate) fn api_key_revoked((owner, id): (UserId, ApiKeyId), act: Act) -> Event {
    Event::new(owner.uuid(), "auth.api_key_revoked", format!(r#"{{"apiKeyId":"{id}"}}"#), act)
}

/// `auth.signer_key_set {"apiKeyId", "algorithm"}` or `auth.signer_key_removed {"apiKeyId"}`
pub(crate) fn signer_key_changed(
    (owner, id): (UserId, ApiKeyId),
    algorithm: Option<SignatureAlgorithm>,
    act: Act,
) -> Event {
    let (kind, payload) = match algorithm {
        Some(algorithm) => {
            ("auth.signer_key_set", format!(r#"{{"apiKeyId":"{id}","algorithm":"{}"}}"#, algorithm.word()))
        }
        None => ("auth.signer_key_removed", format!(r#"{{"apiKeyId":"{id}"}}"#)),
    };
    Event::new(owner.uuid(), kind, payload, act)
}

/// `auth.signature_refused {"apiKeyId", "reason", "untold", "address"?}` with a word of [`SignatureRefusal`], and how many
/// of the kind this process has not told since the last.
pub(crate) fn signature_refused(
    (owner, id): (UserId, ApiKeyId),
    (refusal, untold): (SignatureRefusal, u64),
    occasion: &Occasion,
) -> Event {
    let address = address_of(occasion).map(|address| format!(",{address}")).unwrap_or_default();
    let reason = refusal.word();
    let payload = format!(r#"{{"apiKeyId":"{id}","reason":"{reason}","untold":{untold}{address}}}"#);
    // Who sent it is just what is not known.
    Event::new(owner.uuid(), "auth.signature_refused", payload, Act::of_nobody(occasion.now))
}

/// `auth.client_registered {"clientId"}`, about its owner
pub(crate) fn client_registered(client: &Client, act: Act) -> Event {
    about_client(client, "auth.client_registered", act)
}

/// `auth.client_removed {"clientId"}`, about its owner
pub(crate) fn client_removed(client: &Client, act: Act) -> Event {
    about_client(client, "auth.client_removed", act)
}

/// `auth.grant_made {"grantId", "clientId", "scope"}`
pub(crate) fn grant_made(grant: &Grant, act: Act) -> Event {
    let Grant { id, client_id, scopes, .. } = grant;
    let payload = format!(r#"{{"grantId":"{id}","clientId":"{client_id}","scope":"{scopes}"}}"#);
    Event::new(grant.user_id.uuid(), "auth.grant_made", payload, act)
}

/// `auth.grant_ended {"grantId", "reason"}` with a word of [`EndOfGrant`].
pub(crate) fn grant_ended(user_id: UserId, grant_id: GrantId, reason: EndOfGrant, act: Act) -> Event {
    let payload = format!(r#"{{"grantId":"{grant_id}","reason":"{}"}}"#, reason.word());
    Event::new(user_id.uuid(), "auth.grant_ended", payload, act)
}

fn about_client(client: &Client, kind: &str, act: Act) -> Event {
    Event::new(client.owner_id.uuid(), kind, format!(r#"{{"clientId":"{}"}}"#, client.id), act)
}

/// `auth.signing_key_made {"keyId"}`, about nobody. Its identifier is made of the key's name and age: the same key is the
/// same event in every process.
pub(crate) fn signing_key_made(key_id: &str, made_at: Timestamp) -> Event {
    let hash = Sha256::digest(format!("auth.signing_key_made {key_id}"));
    let (millis, mut bits) = (u64::try_from(made_at.unix_micros() / 1_000).unwrap_or_default(), [0; 10]);
    bits.copy_from_slice(&hash[..10]);
    let id = EventId::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &bits).into_uuid());
    let payload = format!(r#"{{"keyId":"{key_id}"}}"#);
    Event { id, ..Event::new(Uuid::nil(), "auth.signing_key_made", payload, Actor::ITSELF.does(made_at)) }
}

/// `auth.user_imported {"username"}`
pub(crate) fn user_imported(user: &User, act: Act) -> Event {
    about(user, "auth.user_imported", act)
}

/// `auth.password_changed {"username"}`
pub(crate) fn password_changed(user: &User, act: Act) -> Event {
    about(user, "auth.password_changed", act)
}

/// `auth.password_change_failed {"username"}`: the current password was wrong.
pub(crate) fn password_change_failed(user: &User, act: Act) -> Event {
    about(user, "auth.password_change_failed", act)
}

/// `auth.password_rehashed {"username"}`: the same password, hashed in the current way.
pub(crate) fn password_rehashed(user: &User, act: Act) -> Event {
    about(user, "auth.password_rehashed", act)
}

/// `auth.password_reset_requested {"username"}`: a mail is on its way.
pub(crate) fn password_reset_requested(user: &User, act: Act) -> Event {
    about(user, "auth.password_reset_requested", act)
}

/// `auth.password_reset {"username"}`
pub(crate) fn password_reset(user: &User, act: Act) -> Event {
    about(user, "auth.password_reset", act)
}

/// `auth.identity_linked {"username", "by"}`: a trusted issuer speaks for the person from now on; `by` is null when they
/// were made at first sight.
pub(crate) fn identity_linked(user: &User, act: Act) -> Event {
    administered(user, ("auth.identity_linked", ""), act)
}

/// `auth.identity_unlinked {"username", "by"}`
pub(crate) fn identity_unlinked(user: &User, act: Act) -> Event {
    administered(user, ("auth.identity_unlinked", ""), act)
}

/// `auth.email_changed {"username"}`
pub(crate) fn email_changed(user: &User, act: Act) -> Event {
    about(user, "auth.email_changed", act)
}

/// `auth.email_verified {"username"}`
pub(crate) fn email_verified(user: &User, act: Act) -> Event {
    about(user, "auth.email_verified", act)
}

fn about(user: &User, kind: &str, act: Act) -> Event {
    Event::new(user.id.uuid(), kind, format!(r#"{{"username":"{}"}}"#, user.username), act)
}
