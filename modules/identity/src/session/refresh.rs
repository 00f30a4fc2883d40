//! What a presented refresh token leads to: a new one, the same one again because the reply was lost, or the end of the
//! session (RFC 9700, section 4.14.2).

use super::store;
use super::{EndOfSession, OwnedSession, RefreshToken, Session};
use crate::{Identity, IdentityError, Login, Occasion, Result, SecretHash, user};
use db::WallTime;
use outbox::Actor;

/// For so long a used token leads to its successor again, if nobody has used that: the reply may have been lost, or two
/// windows of one browser were asked at once.
pub const REFRESH_RETRY_SECONDS: i64 = 10;

/// A refresh token that somebody presented, as it is stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PresentedToken {
    pub(crate) session: Session,
    pub(crate) state: TokenState,
    /// What took its place, if it was used.
    pub(crate) successor_hash: Option<[u8; 32]>,
}

/// What became of a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenState {
    /// The newest of its session.
    Unused,
    /// It was used, and what took its place as well: two steps back or more.
    Superseded,
    /// It was used, and nobody has used what took its place.
    UsedLast {
        /// When it was used first.
        at: WallTime,
    },
    /// It was never used, and another took its place. Only versions before this one did that.
    Replaced,
}

/// What a presented refresh token leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refresh {
    /// It is used up, and a new one takes its place.
    Rotate,
    /// Its reply may have been lost: its successor is given again.
    Repeat,
    /// Two people hold it, so the session ends for both.
    Revoke,
    /// Its session is over.
    Refuse,
}

impl Identity {
    /// Continues a session with a new pair of tokens; the refresh token that was presented is used up. However often it is
    /// presented within ten seconds, before its successor was used, it gets the same successor: whichever reply is kept
    /// goes on. Any later time ends the session: one of the two who hold it stole it.
    ///
    /// # Errors
    /// `InvalidRefreshToken`, `Disabled`, or the database failed.
    pub async fn refresh(&self, refresh_token: &str, occasion: impl Into<Occasion>) -> Result<Login> {
        let Occasion { now, device } = occasion.into();
        let token_hash = SecretHash::of(refresh_token);
        let tx = self.db.begin().await?;
        let presented = store::lock_token_in_tx(&tx, &token_hash).await?;
        let presented = presented.ok_or(IdentityError::InvalidRefreshToken)?;
        let session = presented.session;
        match presented.refresh(now) {
            Refresh::Refuse => return Err(IdentityError::InvalidRefreshToken),
            Refresh::Revoke => {
                tracing::warn!(session_id = %session.id, "a used refresh token was presented: the session ends");
                let ended = OwnedSession { owner: session.user_id, id: session.id };
                self.end_session(tx, ended, EndOfSession::RefreshTokenReused, Actor::ITSELF.does(now)).await?;
                return Err(IdentityError::InvalidRefreshToken);
            }
            Refresh::Rotate | Refresh::Repeat => {}
        }
        let user = user::store::find(&tx, session.user_id).await?.ok_or(IdentityError::InvalidRefreshToken)?;
        user.require_active()?;
        let successor = RefreshToken::after(refresh_token, &self.secrets);
        match presented.successor_hash {
            None => {
                store::insert_token_in_tx(&tx, &successor.hash(), session.id, now).await?;
                store::use_token_in_tx(&tx, &token_hash, &successor.hash(), now).await?;
            }
            Some(hash) if hash == successor.hash().0 => {}
            // Made by an earlier version, or with another key: what it was, nobody can tell again.
            Some(_) => return Err(IdentityError::InvalidRefreshToken),
        }
        let login = self.issue_tokens(user, &session, successor, now);
        store::set_device_in_tx(&tx, session.id, &device).await?;
        tx.commit().await?;
        Ok(login)
    }
}

impl PresentedToken {
    pub(crate) fn refresh(&self, now: WallTime) -> Refresh {
        if self.session.revoked_at.is_some() || self.session.expires_at <= now {
            return Refresh::Refuse;
        }
        match self.state {
            TokenState::Unused => Refresh::Rotate,
            TokenState::UsedLast { at } if now < at.plus_seconds(REFRESH_RETRY_SECONDS) => Refresh::Repeat,
            TokenState::UsedLast { .. } | TokenState::Superseded | TokenState::Replaced => Refresh::Revoke,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::LIFETIME_SECONDS;
    use super::*;
    use crate::Factors;
    use ids::UserId;

    const START: WallTime = WallTime::from_unix_micros(1_767_225_600_000_000);

    fn outcome(state: TokenState, seconds: i64) -> Refresh {
        let session = Session::start(UserId::generate(), Factors::PASSWORD, START);
        PresentedToken { session, state, successor_hash: None }.refresh(START.plus_seconds(seconds))
    }

    #[test]
    fn a_fresh_token_rotates_until_the_session_expires() {
        assert_eq!(outcome(TokenState::Unused, 0), Refresh::Rotate);
        assert_eq!(outcome(TokenState::Unused, LIFETIME_SECONDS - 1), Refresh::Rotate);
        assert_eq!(outcome(TokenState::Unused, LIFETIME_SECONDS), Refresh::Refuse);
    }

    #[test]
    fn the_last_used_token_may_be_tried_again_for_ten_seconds() {
        let used = TokenState::UsedLast { at: START.plus_seconds(100) };
        assert_eq!(outcome(used, 100), Refresh::Repeat);
        assert_eq!(outcome(used, 109), Refresh::Repeat);
        assert_eq!(outcome(used, 110), Refresh::Revoke);
    }

    #[test]
    fn an_older_or_replaced_token_ends_the_session_if_there_is_still_one() {
        for state in [TokenState::Superseded, TokenState::Replaced, TokenState::UsedLast { at: START }] {
            assert_eq!(outcome(state, 60), Refresh::Revoke);
            assert_eq!(outcome(state, LIFETIME_SECONDS), Refresh::Refuse);
        }
    }

    #[test]
    fn a_revoked_session_is_not_continued() {
        let session = Session::start(UserId::generate(), Factors::PASSWORD, START);
        let session = Session { revoked_at: Some(START), ..session };
        for state in [TokenState::Unused, TokenState::UsedLast { at: START }, TokenState::Superseded] {
            let presented = PresentedToken { session, state, successor_hash: None };
            assert_eq!(presented.refresh(START), Refresh::Refuse);
        }
    }
}
