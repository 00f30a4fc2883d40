//! What people are told when something changes by which they, or programs of theirs, get in (ASVS 6.3.7).

use crate::Role;

/// What to do when it was somebody else.
const ALARM: &str = "If it was not you, reset your password at once and tell the bank.";

/// A mail about something that changed, without the greeting.
pub(crate) struct Change {
    pub(super) kind: &'static str,
    pub(super) subject: &'static str,
    pub(super) text: String,
}

/// Passwords, second factors and roles.
impl Change {
    pub(crate) fn password_changed(api_keys: i64) -> Self {
        let what = format!("its password was changed, and its other sessions ended.{}", remaining(api_keys));
        Self::new("password_changed", "Your password was changed", &what)
    }

    pub(crate) fn password_reset(api_keys: i64) -> Self {
        let what = format!("a new password was chosen, and all sessions ended.{}", remaining(api_keys));
        Self::new("password_reset", "Your password was reset", &what)
    }

    pub(crate) fn app_added() -> Self {
        Self::factor("A second factor was added", "an authenticator app was added.")
    }

    pub(crate) fn app_removed() -> Self {
        Self::factor("A second factor was removed", "its authenticator app was removed.")
    }

    pub(crate) fn passkey_added(name: &str) -> Self {
        Self::factor("A second factor was added", &format!("the passkey \"{name}\" was added."))
    }

    pub(crate) fn passkey_removed() -> Self {
        Self::factor("A second factor was removed", "a passkey was removed.")
    }

    pub(crate) fn factors_reset() -> Self {
        Self::factor("Your second factors were removed", "the bank took every second factor away.")
    }

    pub(crate) fn recovery_codes_replaced() -> Self {
        let what = "new recovery codes were made; the old ones are worth nothing now.";
        Self::factor("Your recovery codes were made anew", what)
    }

    pub(crate) fn role_changed(role: Role) -> Self {
        let what = format!(
            "its role at the bank is {} from now on. Its sessions and API keys ended, and so did what it let programs do.",
            role.word()
        );
        Self::new("role_changed", "Your role at the bank was changed", &what)
    }
}

/// Programs, and what they get in with.
impl Change {
    pub(crate) fn api_key_made(name: &str) -> Self {
        Self::new("api_key_made", "An API key was made", &format!("the API key \"{name}\" was made."))
    }

    pub(crate) fn api_key_rotated(name: &str) -> Self {
        let what = format!("the API key \"{name}\" got a new secret.");
        Self::new("api_key_rotated", "An API key got a new secret", &what)
    }

    pub(crate) fn signer_key_changed(name: &str) -> Self {
        let what = format!("what requests of the API key \"{name}\"\nare signed with was changed.");
        Self::new("signer_key_changed", "What an API key signs with was changed", &what)
    }

    pub(crate) fn client_registered(name: &str) -> Self {
        let what = format!("the client \"{name}\" was registered;\nwith its secret, if it has one, it acts for you.");
        Self::new("client_registered", "A client was registered", &what)
    }

    pub(crate) fn granted(client: &str) -> Self {
        let what = format!("the program \"{client}\" was allowed\nto use your accounts.");
        Self::new("granted", "A program may use your accounts", &what)
    }
}

impl Change {
    fn factor(subject: &'static str, what: &str) -> Self {
        Self::new("second_factor_changed", subject, what)
    }

    fn new(kind: &'static str, subject: &'static str, what: &str) -> Self {
        Self { kind, subject, text: format!("about your login: {what}\n\n{ALARM}") }
    }
}

/// Programs go on: their keys are not the password.
fn remaining(api_keys: i64) -> String {
    match api_keys {
        0 => String::new(),
        1 => "\nOne API key goes on working: revoke it if you do not know it.".to_owned(),
        many => format!("\n{many} API keys go on working: revoke those that you do not know."),
    }
}
