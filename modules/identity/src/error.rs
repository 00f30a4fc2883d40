//! What can go wrong with people, passwords and tokens. No variant carries a secret.

use db::DbError;
use secrets::SecretsError;
use std::path::PathBuf;

/// Why something was refused or failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// Somebody has this name already.
    #[error("this username is taken")]
    UsernameTaken,
    /// The name breaks the rule that is given.
    #[error("the username {0}")]
    InvalidUsername(&'static str),
    /// The password breaks the rule that is given.
    #[error("the password {0}")]
    WeakPassword(&'static str),
    /// This is no e-mail address.
    #[error("the e-mail address is not valid")]
    InvalidEmail,
    /// No such person, or not their password; which of the two is not said.
    #[error("the username or the password is wrong")]
    WrongCredentials,
    /// The current password, asked for once more, is another.
    #[error("the current password is wrong")]
    WrongPassword,
    /// The person may not log in any more. Only said to who knows the password or holds a token.
    #[error("this user is disabled")]
    Disabled,
    /// There is no such person.
    #[error("user not found")]
    UnknownUser,
    /// No session of this person's that goes on.
    #[error("session not found")]
    UnknownSession,
    /// A bank that nobody runs cannot be helped from inside.
    #[error("the last active administrator cannot be disabled or demoted")]
    LastAdmin,
    /// Where one administrator runs the bank alone, nothing that takes two is ever done.
    #[error("too few active administrators would be left: four eyes take two")]
    TooFewAdmins,
    /// Who works for the bank is let in by two people.
    #[error("staff is let in by two people")]
    NeedsTwoPeople,
    /// They have another role than when it was asked for.
    #[error("the user has another role by now")]
    OtherRole,
    /// Customers register themselves.
    #[error("customers register themselves")]
    NotStaff,
    /// Not an access token of ours.
    #[error("the access token is not valid")]
    InvalidToken,
    /// The access token's time is over.
    #[error("the access token has expired")]
    ExpiredToken,
    /// The session behind the access token was logged out or revoked.
    #[error("the session has ended")]
    SessionRevoked,
    /// A mailed token that is unknown, used, superseded by a newer one, or over.
    #[error("the mailed token is not valid")]
    InvalidMailToken,
    /// The person has given no address.
    #[error("there is no e-mail address")]
    NoEmail,
    /// This bank sends no mail.
    #[error("this bank sends no mail")]
    NoMail,
    /// Enough mails went out within the hour.
    #[error("too many mails within an hour")]
    TooManyMails,
    /// Unknown, used before, or its session is over.
    #[error("the refresh token is not valid")]
    InvalidRefreshToken,
    /// Too many passwords wait to be hashed, or keys to be looked up: try again in a second.
    #[error("too many logins at once")]
    Busy,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] DbError),
    /// The list of breached passwords cannot be read.
    #[error("the list of breached passwords {}: {reason}", path.display())]
    BreachedFile {
        /// Where the list is.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A key cannot be read or made, or is not kept secret.
    #[error("the key {}: {reason}", path.display())]
    KeyFile {
        /// Where the key is.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl From<SecretsError> for IdentityError {
    fn from(error: SecretsError) -> Self {
        Self::KeyFile { path: error.path, reason: error.reason }
    }
}
