//! What can go wrong with people, passwords and tokens. No variant carries a secret.

use crate::Scope;
use crate::mfa::MfaError;
use db::DbError;
use secrets::SecretsError;
use std::path::PathBuf;

/// Why something was refused or failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
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
    /// No such person, or not their password; which of the two is not told.
    #[error("the username or the password is wrong")]
    WrongCredentials,
    /// The current password, asked for once more, is another.
    #[error("the current password is wrong")]
    WrongPassword,
    /// The person may not log in any more. Only told to who knows the password or holds a token.
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
    /// A client cannot be registered like this.
    #[error("{field} {reason}")]
    InvalidClientField {
        /// Which field.
        field: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A part of an API key is not as it must be.
    #[error("{field} {reason}")]
    InvalidApiKey {
        /// Which part.
        field: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// There is no such client, or it is another's.
    #[error("client not found")]
    UnknownClient,
    /// There is no such grant, it is another's, or it has ended.
    #[error("grant not found")]
    UnknownGrant,
    /// An API key cannot reach further than its owner.
    #[error("your role does not have the scope {}", .0.word())]
    ScopeBeyondRole(Scope),
    /// The person has as many API keys as one may have.
    #[error("there are too many API keys")]
    TooManyApiKeys,
    /// There is no such API key, or it is another's.
    #[error("API key not found")]
    UnknownApiKey,
    /// The API key was revoked or has expired.
    #[error("the API key was revoked or has expired")]
    ApiKeyEnded,
    /// The API key may not be used from where it came.
    #[error("the API key may not be used from this address")]
    AddressNotAllowed,
    /// The request is not signed as its API key asks for.
    #[error("{0}")]
    InvalidSignature(&'static str),
    /// The same signed request was there before.
    #[error("the signature was used before")]
    SignatureReplayed,
    /// The keys of the trusted issuer could not be fetched yet.
    #[error("the trusted issuer is away")]
    IssuerAway,
    /// The trusted issuer speaks of somebody who is nobody here.
    #[error("the subject is linked to nobody")]
    UnknownSubject,
    /// No issuer of identities elsewhere is trusted.
    #[error("no external issuer is trusted")]
    NoTrustedIssuer,
    /// An issuer calls nobody so.
    #[error("the subject must be 1 to 255 visible ASCII characters")]
    InvalidSubject,
    /// The subject belongs to somebody, or the person has one.
    #[error("the subject or the user is linked already")]
    AlreadyLinked,
    /// The person has no identity at the trusted issuer.
    #[error("the user is not linked")]
    NotLinked,
    /// Too many passwords wait to be hashed, or keys to be looked up: try again in a second.
    #[error("too many logins at once")]
    Busy,
    /// About second factors.
    #[error(transparent)]
    Mfa(#[from] MfaError),
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

impl From<SecretsError> for AuthError {
    fn from(error: SecretsError) -> Self {
        Self::KeyFile { path: error.path, reason: error.reason }
    }
}
