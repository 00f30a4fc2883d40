//! What people are told when something changes by which they, or programs of theirs, get in (ASVS 6.3.7).

use crate::Role;

/// What to do when it was somebody else.
const ALARM: &str = "If it was not you, reset your password at once and tell the bank.";

/// A mail about something that changed, without the greeting.
#[derive(Clone, Debug)]
pub struct Change {
    pub(super) kind: &'static str,
    pub(super) subject: &'static str,
    pub(super) text: String,
}

/// Passwords and roles; what changes elsewhere is worded there.
impl Change {
    pub(crate) fn password_changed(api_keys: i64) -> Self {
        let what = format!("its password was changed, and its other sessions ended.{}", remaining(api_keys));
        Self::new("password_changed", "Your password was changed", &what)
    }

    pub(crate) fn password_reset(api_keys: i64) -> Self {
        let what = format!("a new password was chosen, and all sessions ended.{}", remaining(api_keys));
        Self::new("password_reset", "Your password was reset", &what)
    }

    pub(crate) fn role_changed(role: Role) -> Self {
        let what = format!(
            "its role at the bank is {} from now on. Its sessions and API keys ended, and so did what it let programs do.",
            role.word()
        );
        Self::new("role_changed", "Your role at the bank was changed", &what)
    }
}

impl Change {
    /// About the login: what changed, and what to do when it was somebody else.
    pub fn new(kind: &'static str, subject: &'static str, what: &str) -> Self {
        Self { kind, subject, text: format!("about your login: {what}\n\n{ALARM}") }
    }

    /// In words of its own.
    pub fn in_words(kind: &'static str, subject: &'static str, text: &str) -> Self {
        Self { kind, subject, text: text.to_owned() }
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
