//! Sessions: one login of one person, its length, and what a presented refresh token leads to.
//! Which sessions this process refuses is kept in `revocations.rs`.

pub(crate) mod store;

use crate::events::{self, EndOfSession};
use crate::{Auth, AuthError, Caller, Credential, Factors, Login, Proof, Result, User, user};
use ::store::{Timestamp, Tx};
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
    pub(crate) proof: Proof,
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

impl Auth {
    /// Continues a session with a new pair of tokens; the refresh token that was presented is used up.
    /// Presented again it ends the session: one of the two who hold it stole it (RFC 9700, section 4.14.2).
    ///
    /// # Errors
    /// `InvalidRefreshToken`, `Disabled`, or the database failed.
    pub async fn refresh(&self, refresh_token: &str, now: Timestamp) -> Result<Login> {
        let token_hash = RefreshTokenHash::of(refresh_token);
        let tx = self.db.begin().await?;
        let presented = store::lock_token_in_tx(&tx, &token_hash).await?;
        let presented = presented.ok_or(AuthError::InvalidRefreshToken)?;
        let session = presented.session;
        match presented.refresh(now) {
            Refresh::Refuse => Err(AuthError::InvalidRefreshToken),
            Refresh::Revoke => {
                tracing::warn!(session_id = %session.id, "a used refresh token was presented: the session ends");
                self.end_session(tx, (session.user_id, session.id), EndOfSession::RefreshTokenReused, now).await?;
                Err(AuthError::InvalidRefreshToken)
            }
            Refresh::Rotate => {
                let user = user::store::find(&tx, session.user_id).await?.ok_or(AuthError::InvalidRefreshToken)?;
                user.require_active()?;
                store::use_token_in_tx(&tx, &token_hash, now).await?;
                let login = self.issue_tokens_in_tx(&tx, user, &session, now).await?;
                tx.commit().await?;
                Ok(login)
            }
        }
    }

    /// Ends the caller's session, at once in this process and with the next poll in others. Again changes nothing, and
    /// so does a caller without a session.
    ///
    /// # Errors
    /// The database failed.
    pub async fn logout(&self, caller: &Caller, now: Timestamp) -> Result<()> {
        let Some(session_id) = caller.session_id() else { return Ok(()) };
        let tx = self.db.begin().await?;
        self.end_session(tx, (caller.user_id, session_id), EndOfSession::Logout, now).await
    }

    /// Who the access token (what follows `Bearer `) speaks for. No database: about a microsecond once it is cached.
    ///
    /// # Errors
    /// `InvalidToken`, `ExpiredToken` or `SessionRevoked`.
    pub fn authenticate(&self, bearer_token: &str, now: Timestamp) -> Result<Caller> {
        let caller = self.tokens.verify(bearer_token, now)?;
        match caller.credential {
            Credential::Session(id) if self.revocations.contains(id) => Err(AuthError::SessionRevoked),
            _ => Ok(caller),
        }
    }

    /// Logs somebody in who has just proved who they are. Whoever calls holds the person's row.
    pub(crate) async fn start_session_in_tx(
        &self,
        tx: &Tx,
        user: User,
        factors: Factors,
        now: Timestamp,
    ) -> Result<Login> {
        let session = Session::start(user.id, factors, now);
        store::insert_in_tx(tx, &session).await?;
        ::events::append_in_tx(tx, vec![events::logged_in(&user, session.id, now)]).await?;
        self.issue_tokens_in_tx(tx, user, &session, now).await
    }

    async fn issue_tokens_in_tx(&self, tx: &Tx, user: User, session: &Session, now: Timestamp) -> Result<Login> {
        let refresh_token = RefreshToken::generate();
        store::insert_token_in_tx(tx, &refresh_token.hash(), session.id, now).await?;
        let access_token = self.tokens.issue(&user, session, now);
        Ok(Login {
            user,
            access_token: access_token.text,
            refresh_token: refresh_token.into_text(),
            expires_in_seconds: access_token.expires_in_seconds,
        })
    }

    /// Commits the end of a session; whoever ended it first has told the outbox.
    async fn end_session(
        &self,
        tx: Tx,
        (user_id, session_id): (UserId, SessionId),
        reason: EndOfSession,
        now: Timestamp,
    ) -> Result<()> {
        if store::revoke_in_tx(&tx, session_id, now).await? {
            ::events::append_in_tx(&tx, vec![events::logged_out(user_id, session_id, reason, now)]).await?;
        }
        tx.commit().await?;
        self.revocations.insert(session_id, now);
        Ok(())
    }
}

impl Session {
    pub(crate) fn start(user_id: UserId, factors: Factors, now: Timestamp) -> Self {
        Self {
            id: SessionId::generate(),
            user_id,
            started_at: now,
            expires_at: now.plus_seconds(LIFETIME_SECONDS),
            revoked_at: None,
            proof: Proof { at: now, factors },
        }
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
        PresentedToken { session: Session::start(UserId::generate(), Factors::PASSWORD, START), used_at: None }
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
