//! What happens to people, as other files and modules write it. Never a password, token or e-mail address.

use super::User;
use ids::UserId;
use outbox::{Act, Event, Happening, event_data, events};

event_data! {
    /// The name of the person whom it happened to.
    pub struct OfUser {
        username: String,
    }
}

event_data! {
    /// What an administrator did, or the command line, which is null.
    pub struct Administered {
        username: String,
        by: Option<UserId>,
    }
}

events! {
    /// What people do with their ways in.
    pub enum PersonEvent about User for Owner {
        /// Somebody became a customer.
        UserRegistered = "auth.user_registered"(OfUser),
        /// Somebody was taken over from elsewhere.
        UserImported = "auth.user_imported"(OfUser),
        /// They showed that the address is theirs.
        EmailVerified = "auth.email_verified"(OfUser),
        /// They gave another address.
        EmailChanged = "auth.email_changed"(OfUser),
        /// Somebody asked for a new password; nobody knows who.
        PasswordResetRequested = "auth.password_reset_requested"(OfUser),
        /// A new password was set by mail.
        PasswordReset = "auth.password_reset"(OfUser),
        /// They changed their password.
        PasswordChanged = "auth.password_changed"(OfUser),
        /// The former password was wrong.
        PasswordChangeFailed = "auth.password_change_failed"(OfUser),
        /// The same password is kept in a better way.
        PasswordRehashed = "auth.password_rehashed"(OfUser),
        /// A login failed: without a person when there is none of that name, and without what was typed when it cannot be a name.
        LoginFailed = "auth.login_failed" {
            /// What was typed, where it can be a name.
            #[serde(skip_serializing_if = "Option::is_none")]
            username: Option<String>,
            /// Where it came from.
            #[serde(skip_serializing_if = "Option::is_none")]
            address: Option<String>,
        },
    }
}

/// That something happened to a person.
pub fn about(user: &User, happened: impl FnOnce(OfUser) -> PersonEvent, act: Act) -> Event {
    Event::of(user.id.uuid(), &happened(OfUser { username: user.username.to_string() }), act)
}

/// That an administrator did something to a person, or the command line.
pub fn administered<H: Happening>(user: &User, happened: impl FnOnce(Administered) -> H, act: Act) -> Event {
    let data = Administered { username: user.username.to_string(), by: act.user() };
    Event::of(user.id.uuid(), &happened(data), act)
}
