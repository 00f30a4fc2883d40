//! What somebody wants to be told, and where. What protects a login is always told.

use crate::inbox::is_kind;
use crate::{NotificationsError, Result};

/// Where somebody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// In the app.
    Inbox,
    /// By mail, for who asks for it.
    Mail,
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

impl Channel {
    /// The word that is stored and shown.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Inbox => "INBOX",
            Self::Mail => "MAIL",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Inbox, Self::Mail].into_iter().find(|channel| channel.word() == word)
    }
}

impl Preference {
    pub(super) fn require_possible(&self) -> Result<()> {
        if !is_kind(&self.kind) {
            return Err(NotificationsError::NotAKind);
        }
        let protects = self.kind.starts_with("auth.") || self.kind.starts_with("notifications.endpoint_");
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
