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
    /// It is no number.
    #[error("must be a telephone number with its country, such as +49 170 1234567")]
    NotANumber,
    /// This bank sends no texts.
    #[error("this bank sends no texts")]
    NoTexts,
    /// More codes went out lately than one may ask for.
    #[error("too many codes were sent")]
    TooManyCodes,
    /// It is not the code that was sent, or no longer.
    #[error("is not the code that was sent, or it was sent too long ago")]
    WrongCode,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] DbError),
}
