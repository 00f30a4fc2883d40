//! What somebody wants to be told, and where. What protects a login is always told.

use crate::inbox::is_kind;
use crate::{NotificationsError, Result};

db::words! {
    /// Where somebody is told.
    Channel {
        /// In the app.
        Inbox = "INBOX",
        /// By mail, for who asks for it.
        Mail = "MAIL",
        /// By text, for who asks for it and has shown a number.
        Text = "SMS",
    }
}

/// Whether somebody wants to be told of a kind somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preference {
    /// The kind of event.
    pub kind: String,
    /// Where.
    pub channel: Channel,
    /// Whether they want it.
    pub is_wanted: bool,
}

impl Preference {
    pub(super) fn require_possible(&self) -> Result<()> {
        if !is_kind(&self.kind) {
            return Err(NotificationsError::NotAKind);
        }
        let protects = ["auth.", "notifications."].iter().any(|beginning| self.kind.starts_with(beginning));
        if protects && !self.is_wanted { Err(NotificationsError::CannotBeSwitchedOff) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unwanted(kind: &str) -> Result<()> {
        Preference { kind: kind.to_owned(), channel: Channel::Inbox, is_wanted: false }.require_possible()
    }

    #[test]
    fn what_protects_a_login_cannot_be_switched_off() {
        assert_eq!(unwanted("payments.transaction_settled"), Ok(()));
        assert_eq!(unwanted("auth.password_changed"), Err(NotificationsError::CannotBeSwitchedOff));
        assert_eq!(unwanted("notifications.endpoint_created"), Err(NotificationsError::CannotBeSwitchedOff));
        assert_eq!(unwanted("auth.logged_in"), Err(NotificationsError::NotAKind));
    }
}
