//! What can go wrong with programs and what they come with. No variant carries a secret.

use db::DbError;
use identity::{IdentityError, Scope};

/// Why something was refused or failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
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
    /// About the person, or a token that is none of ours or over.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] DbError),
}
