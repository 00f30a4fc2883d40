//! Sessions: one login of one person, its length, and what a presented refresh token leads to.
//! Which sessions this process refuses is kept in `revocations.rs`.

pub(crate) mod store;

use ::store::Timestamp;
use ids::{SessionId, UserId};
use sha2::{Digest, Sha256};

/// A day, after which the password is asked for again (NIST SP 800-63B, section 2.2.3).
const LIFETIME_SECONDS: i64 = 24 * 60 * 60;

/// One login of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) user_id: UserId,
    pub(crate) started_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) revoked_at: Option<Timestamp>,
}

/// What continues a session once: 32 random bytes, of which only the hash is stored.
pub(crate) struct RefreshToken(String);

/// The SHA-256 of a refresh token. The token is random, so it needs no slow hash.
pub(crate) struct RefreshTokenHash(pub(crate) [u8; 32]);

/// A refresh token that somebody presented, as it is stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PresentedToken {
    pub(crate) session: Session,
    pub(crate) used_at: Option<Timestamp>,
}

/// What a presented refresh token leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refresh {
    /// It is used up, and a new one takes its place.
    Rotate,
    /// It was used before: two people hold it, so the session ends for both.
    Revoke,
    /// Its session is over.
    Refuse,
}

impl Session {
    pub(crate) fn start(user_id: UserId, now: Timestamp) -> Self {
        let expires_at = now.plus_seconds(LIFETIME_SECONDS);
        Self { id: SessionId::generate(), user_id, started_at: now, expires_at, revoked_at: None }
    }
}

impl PresentedToken {
    pub(crate) fn refresh(&self, now: Timestamp) -> Refresh {
        if self.session.revoked_at.is_some() || self.session.expires_at <= now {
            Refresh::Refuse
        } else if self.used_at.is_some() {
            Refresh::Revoke
        } else {
            Refresh::Rotate
        }
    }
}

impl RefreshToken {
    pub(crate) fn generate() -> Self {
        Self(crate::random_token())
    }

    pub(crate) fn hash(&self) -> RefreshTokenHash {
        RefreshTokenHash::of(&self.0)
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

impl RefreshTokenHash {
    pub(crate) fn of(token: &str) -> Self {
        Self(Sha256::digest(token).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_unix_micros(1_767_225_600_000_000);

    fn presented() -> PresentedToken {
        PresentedToken { session: Session::start(UserId::generate(), START), used_at: None }
    }

    #[test]
    fn a_fresh_token_rotates_until_the_session_expires() {
        assert_eq!(presented().refresh(START), Refresh::Rotate);
        assert_eq!(presented().refresh(START.plus_seconds(LIFETIME_SECONDS - 1)), Refresh::Rotate);
        assert_eq!(presented().refresh(START.plus_seconds(LIFETIME_SECONDS)), Refresh::Refuse);
    }

    #[test]
    fn a_used_token_revokes_its_session_if_there_is_still_one() {
        let used = PresentedToken { used_at: Some(START), ..presented() };
        assert_eq!(used.refresh(START), Refresh::Revoke);
        assert_eq!(used.refresh(START.plus_seconds(LIFETIME_SECONDS)), Refresh::Refuse);
    }

    #[test]
    fn a_revoked_session_is_not_continued() {
        let session = Session { revoked_at: Some(START), ..presented().session };
        assert_eq!(PresentedToken { session, ..presented() }.refresh(START), Refresh::Refuse);
    }

    #[test]
    fn refresh_tokens_are_32_random_bytes_in_base64url() {
        let (one, other) = (RefreshToken::generate().into_text(), RefreshToken::generate().into_text());
        assert_ne!(one, other);
        assert_eq!(one.len(), 43);
        assert!(one.chars().all(|character| character.is_ascii_alphanumeric() || character == '-' || character == '_'));
    }
}
