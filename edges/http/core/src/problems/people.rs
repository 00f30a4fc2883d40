//! People, their credentials and their programs: their failures as problems.

use crate::ErrorCode::{self, *};
use crate::problem::Problem;
use identity::IdentityError;
use programs::ProgramError;

/// Mails are counted by the hour.
const MAIL_WAIT_SECONDS: u32 = 60 * 60;

/// The same table where the password stands in the field `newPassword`.
pub fn about_new_password(error: IdentityError) -> Problem {
    match error {
        IdentityError::WeakPassword(reason) => Problem::invalid("newPassword", reason),
        other => other.into(),
    }
}

impl From<IdentityError> for Problem {
    fn from(error: IdentityError) -> Self {
        let problem = |code: ErrorCode, message| Self::new(code, message);
        match error {
            IdentityError::UsernameTaken => problem(UsernameTaken, "This username is taken").with("field", "username"),
            IdentityError::InvalidUsername(reason) => Self::invalid("username", reason),
            IdentityError::WeakPassword(reason) => Self::invalid("password", reason),
            IdentityError::InvalidEmail => Self::invalid("email", "must be an e-mail address"),
            IdentityError::WrongCredentials => problem(InvalidCredentials, "The username or the password is wrong"),
            IdentityError::WrongPassword => {
                problem(InvalidCredentials, "The current password is wrong").with("field", "currentPassword")
            }
            IdentityError::InvalidMailToken => {
                problem(InvalidMailToken, "The token is not valid").with("field", "token")
            }
            IdentityError::NoEmail => problem(EmailMissing, "There is no e-mail address"),
            IdentityError::NoMail => problem(MailUnavailable, "This bank sends no mail"),
            IdentityError::TooManyMails => {
                problem(TooManyMails, "Enough mails went out within the hour").retry_after(MAIL_WAIT_SECONDS)
            }
            IdentityError::Disabled => problem(UserDisabled, "This user is disabled"),
            IdentityError::UnknownUser => problem(NotFound, "User not found"),
            IdentityError::UnknownSession => problem(SessionNotFound, "Session not found").with("field", "id"),
            IdentityError::LastAdmin => {
                problem(LastAdmin, "The last active administrator cannot be disabled or demoted")
            }
            IdentityError::TooFewAdmins => {
                problem(TooFewAdmins, "Two active administrators have to be left who may decide for each other")
            }
            IdentityError::NeedsTwoPeople => problem(SecondPersonRequired, "Staff is let in by two people"),
            IdentityError::OtherRole => Self::internal(error.to_string()),
            IdentityError::NotStaff => Self::invalid("role", "must be teller, analyst, admin or auditor"),
            IdentityError::InvalidToken => problem(InvalidToken, "The access token or API key is not valid"),
            IdentityError::ExpiredToken => problem(TokenExpired, "The access token has expired"),
            IdentityError::SessionRevoked => problem(SessionEnded, "The session has ended"),
            IdentityError::InvalidRefreshToken => problem(InvalidRefreshToken, "The refresh token is not valid"),
            IdentityError::Busy => Self::unavailable("too many passwords wait to be hashed, or keys to be looked up"),
            IdentityError::Store(error) => error.into(),
            IdentityError::KeyFile { .. } | IdentityError::BreachedFile { .. } => Self::internal(error.to_string()),
        }
    }
}

impl From<ProgramError> for Problem {
    fn from(error: ProgramError) -> Self {
        let problem = |code: ErrorCode, message| Self::new(code, message);
        match error {
            ProgramError::InvalidClientField { field, reason } => Self::invalid(field, reason),
            ProgramError::UnknownClient => problem(NotFound, "Client not found").with("field", "id"),
            ProgramError::UnknownGrant => problem(NotFound, "Grant not found").with("field", "id"),
            ProgramError::InvalidApiKey { field, reason } => Self::invalid(field, reason),
            ProgramError::ScopeBeyondRole(scope) => {
                Self::invalid("scopes", "must not reach further than your role").with("scope", scope.word())
            }
            ProgramError::TooManyApiKeys => problem(ApiKeyLimitReached, "You have as many API keys as one may have"),
            ProgramError::UnknownApiKey => problem(NotFound, "API key not found"),
            ProgramError::ApiKeyEnded => problem(ApiKeyEnded, "The API key was revoked or has expired"),
            ProgramError::AddressNotAllowed => {
                problem(AddressNotAllowed, "The API key may not be used from this address")
            }
            ProgramError::InvalidSignature(reason) => {
                problem(InvalidSignature, "The request is not signed as its API key asks for").with("reason", reason)
            }
            ProgramError::SignatureReplayed => problem(SignatureReplayed, "The signature was used before"),
            ProgramError::UnknownSubject => {
                problem(InvalidToken, "The access token speaks of nobody here").with("reason", "UNKNOWN_SUBJECT")
            }
            ProgramError::IssuerAway => Self::unavailable("the keys of the trusted issuer were never fetched"),
            ProgramError::NoTrustedIssuer => problem(NoTrustedIssuer, "This bank trusts no issuer elsewhere"),
            ProgramError::InvalidSubject => Self::invalid("subject", "must be 1 to 255 visible ASCII characters"),
            ProgramError::AlreadyLinked => problem(AlreadyLinked, "The subject or the user is linked already"),
            ProgramError::NotLinked => problem(NotFound, "The user is not linked").with("field", "id"),
            ProgramError::Identity(error) => error.into(),
            ProgramError::Store(error) => error.into(),
        }
    }
}
