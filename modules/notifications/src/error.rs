//! What can go wrong with notifications.

use db::DbError;

/// Why something was refused or failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotificationsError {
    /// Too many mails wait to be sent: the mail server has been away for long.
    #[error("too many mails wait to be sent")]
    QueueFull,
    /// It is no kind of event that is told there.
    #[error("must be a type of events that comes into the inbox")]
    NotAKind,
    /// It protects a login.
    #[error("cannot be switched off: it protects your login")]
    CannotBeSwitchedOff,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] DbError),
}
